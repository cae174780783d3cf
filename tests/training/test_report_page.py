import json
import re
from html.parser import HTMLParser

import pytest

from bot.answering import attempts
from tests.training.test_compare_reports import report as records_report
from tests.training.test_shop_figures import phrase, question
from training.compare_reports import compared
from training.pictures import reliability_picture, risk_picture
from training.refusal_texts import LabelledTextRefused
from training.report import write_report
from training.report_page import report_page
from training.report_words import WORDS, step_words
from training.shop_figures import (
    intent_figures_of,
    question_figures_of,
    slowest_steps,
    worst_questions,
)

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def small_report(text="where is my parcel"):
    phrases = [phrase("refund", "refund", 0.9, text), phrase("price", "refund", 0.6, text)]
    phrases += [phrase("out_of_scope", "price", 0.1, text)]
    questions = [
        question("a", ["a"], 0.9, "right", text),
        question("b", [text, "b"], 0.8, "wrong", text),
        question("", ["a"], 0.3, "person", text),
    ]
    limits = {"promised_wrong": 0.05, "answer": 0.7, "intent": 0.7}
    return {
        "shop": {"en": text, "zh": text},
        "encoder": text,
        "versions": {"intents": "1", "thresholds": ""},
        "thresholds": {"all": limits},
        "intents": {"en": intent_figures_of(phrases, 0.7)},
        "questions": {"zh": question_figures_of(questions, 0.7)},
        "worst": {"zh": worst_questions(questions)},
        "steps": {"turns": 1, "slowest": slowest_steps([{text: 0.004}])},
        "training": {
            "doubted_labels": [
                {"file": text, "row": 3, "text": text, "label": text, "probably": text}
            ]
        },
        "comparison": compared(records_report(0.9), records_report(0.5)),
        "records": {"intents": phrases, "questions": questions},
    }


class Elements(HTMLParser):
    """Every element of a page, and that each is closed."""

    def __init__(self, page):
        super().__init__()
        self.names, self.attributes, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += [(tag, *one) for one in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += [(tag, *one) for one in attrs]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_pictures_and_tables_and_nothing_that_runs_or_loads(language):
    page = Elements(report_page(small_report(), language))
    assert page.open == []
    assert page.names.count("svg") == 4 and page.names.count("table") >= 7
    assert not {"script", "img", "link", "iframe", "object", "foreignobject"} & set(page.names)
    for _, name, value in page.attributes:
        assert not name.startswith("on") and name != "src"
        if name == "href":
            assert value.startswith("#")
    assert not re.search(r"https?:|url\((?!#)|@import", report_page(small_report(), language))


def test_every_text_of_a_file_is_escaped():
    page = report_page(small_report(NASTY), "en")
    assert "<script>alert" not in page and "<img" not in page
    assert "script" not in Elements(page).names
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_speaks_the_language_it_is_asked_in():
    assert "顾客得到什么" in report_page(small_report(), "zh")
    assert "What shoppers get" in report_page(small_report(), "en")
    assert all(en.strip() and zh.strip() for en, zh in WORDS.values())


def test_every_step_of_a_turn_is_named_in_both_languages():
    order = [*attempts.WITHOUT_MODELS, *attempts.WITH_MODELS]
    for step in ("whole_turn", "encode", "intent", "search", *(one.__name__ for one in order)):
        assert re.search("[一-鿿]", step_words("zh", step)), step
        assert "_" not in step_words("en", step) and step_words("en", step).isascii(), step


def test_the_figures_on_the_page_are_those_of_the_report():
    page = report_page(small_report(), "en")
    assert "50.0 % <small>(1.3 %–98.7 %)</small>" in page  # one of two answers is wrong
    assert "of_them" not in page and "not proven" in page
    assert '<span class="badge better">better</span>' in page


def test_a_picture_names_its_parts_for_itself_alone():
    bars = [{"low": 0.0, "high": 0.5, "claimed": 0.3, "right": 0.2, "share": 1.0}]
    points = [{"coverage": 1.0, "risk": 0.2, "low": 0.1, "high": 0.3}]
    one = reliability_picture(bars, "one") + risk_picture(points, "two", promised=0.05)
    ids = re.findall(r'\bid="([^"]+)"', one)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', one)) <= set(ids)
    assert "currentColor" in one and "DejaVu" not in one


def test_the_same_figures_draw_the_same_picture():
    points = [{"coverage": 1.0, "risk": 0.2, "low": 0.1, "high": 0.3}]
    drawn = {risk_picture(points, "risk", promised=0.05, shipped=points[0]) for _ in range(2)}
    assert len(drawn) == 1


def test_reports_are_written_whole_or_not_at_all(tmp_path):
    write_report(tmp_path / "r.json", small_report())
    assert json.loads((tmp_path / "r.json").read_text())["steps"]["turns"] == 1
    write_report(tmp_path / "r.html", small_report(), "zh")
    assert (tmp_path / "r.html").read_text().startswith('<!doctype html>\n<html lang="zh-CN">')
    with pytest.raises(LabelledTextRefused, match=r"a \.json or a \.html file"):
        write_report(tmp_path / "r.pdf", small_report())
    with pytest.raises(LabelledTextRefused, match="cannot be written"):
        write_report(tmp_path / "missing" / "r.html", small_report())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["r.html", "r.json"]
