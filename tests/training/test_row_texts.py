"""What training says about rows of real files, it says in both languages."""

import re

from bot.server.training_outcome import in_both, problems_in
from knowledge_base.entry import Entry, EntryId
from training.entry_problems import alike_answers
from training.labelled_text import empty_classes, read_labelled
from training.row_texts import ROW_TEXTS, SET_TEXTS

ROWS = (
    """our phrases,
text,label
where is it,order
where is it,refund
give it back,refund
give it back,refund
,order
thanks,
hi, there,greeting
\u200bhe\u200bllo,greeting
???,order
"""
    + "x" * 2_100
    + ",order\n"
    + "ok,a\n" * 9
    + "ok,b\nfine,b\n"
)


def test_every_problem_of_labelled_phrases_is_told_in_chinese(tmp_path):
    file = tmp_path / "intents.en.csv"
    file.write_text(ROWS, encoding="utf-8")
    labelled = read_labelled([file])
    problems = [*labelled.problems, *empty_classes(labelled, ["size"])]
    same = [Entry(EntryId(id), (id,), "Yes.", "en") for id in "ab"]
    problems += alike_answers(same)
    problems += alike_answers([*same, Entry(EntryId("c"), ("c",), "No.", "en")])

    told = [one.both for one in problems]

    assert {one.code for one in problems} == {*ROW_TEXTS, *SET_TEXTS}
    for one in told:
        assert re.search("[一-鿿]", one["zh"]), one["en"]
        assert " row " not in one["zh"] and " and " not in one["zh"], one["zh"]
    chinese = [one["zh"] for one in told]
    assert "intents.en.csv 第 7 行：意图“order”没有说法，这一行未采用。" in chinese
    assert any(
        one.startswith("“where is it”有 2 个意图（order, refund）：intents.en.csv 第 3 行、")
        and one.endswith("行。请只保留一个。")
        for one in chinese
    )
    assert any("intents.en.csv 第 20 行 等，另有 2 处。按出现" in one for one in chinese), chinese


def test_the_page_gets_both_languages_and_nothing_strange():
    both = {"en": "Row 3 is \x1b[31mred.", "zh": "第 3 行是红的。"}

    assert in_both([both, 3, None, {"en": 1}, "odd"]) == [
        {"en": "Row 3 is [31mred.", "zh": "第 3 行是红的。"}, {"en": "odd", "zh": "odd"},
    ]  # fmt: skip
    assert problems_in({"problems": "many"}) == {"problems": [], "problem_count": 0}
