import csv
import json
import shutil

import pytest
from click.testing import CliRunner

from bot.shell.lazy_group import load
from tests.conftest import ROOT
from tests.training.test_choose_thresholds import COLOURS, TOPICS
from tests.training.test_train_intent_classifier import shop_phrases


@pytest.fixture(autouse=True)
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_ENCODER", "hashed")
    monkeypatch.setenv("SHOPKEEPER_GENERATOR", "off")
    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(tmp_path / "state"))
    return tmp_path


def write(path, heading, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return str(path)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(name, *arguments):
    return CliRunner().invoke(load(name), list(arguments))


@pytest.fixture
def corpus(tmp_path):
    rows = [
        (f"{topic}.{colour}", f"{question} {colour}", f"About {topic} {colour}.")
        for topic, questions in TOPICS.items()
        for colour in COLOURS
        for question in questions
    ]
    return write(tmp_path / "faq.csv", ("id", "question", "answer"), rows)


@pytest.fixture
def intents(tmp_path):
    return write(tmp_path / "train.csv", ("text", "intent"), shop_phrases())


def test_intents_are_trained_guessed_and_written_row_by_row(intents, tmp_path):
    asked = [("refund my teapot", "refund"), ("", "price"), ("写诗", "out_of_scope")]
    test = write(tmp_path / "test.csv", ("text", "intent"), asked)
    out = tmp_path / "out.csv"
    ran = run(
        "evaluate",
        "intents",
        "--train",
        intents,
        "--test",
        test,
        "--predictions",
        str(out),
        "--json",
    )
    assert ran.exit_code == 0, ran.output
    rows = read(out)
    assert list(rows[0]) == ["text", "intent", "predicted", "confidence"]
    assert [(row["text"], row["intent"]) for row in rows] == asked
    assert rows[0]["predicted"] == "refund"
    assert float(rows[0]["confidence"]) > float(rows[2]["confidence"])
    summary = json.loads(ran.stdout)
    bar = summary["at_the_bar"]
    assert 0 <= bar["low"] <= bar["wrong"] <= bar["high"] <= 1 and 0 <= bar["answered"] <= 1
    assert summary["second_encoder"] == "none"
    assert summary["names_learnt"] == 0 and summary["fine_tuned"] == {}
    assert summary["in_scope"] == 2 and 0 <= summary["calibration_error"] <= 1


def test_retrieval_ranks_and_says_how_sure_it_is(corpus, tmp_path):
    asked = [
        ("What does delivery cost RED?", "cost.red"),
        ("a refund in blue please", "refund.blue"),
        ("how many moons has jupiter", ""),
    ]
    queries = write(tmp_path / "q.csv", ("text", "id"), asked)
    out = tmp_path / "out.csv"
    ran = run(
        "evaluate", "retrieval", "--corpus", corpus, "--queries", queries, "--predictions", str(out)
    )
    assert ran.exit_code == 0, ran.output
    rows = read(out)
    assert list(rows[0]) == ["text", "id", "confidence", *(f"rank{n}" for n in range(1, 11))]
    assert rows[0]["rank1"] == "cost.red" and float(rows[0]["confidence"]) > 0.9
    assert rows[1]["rank1"] == "refund.blue"
    assert float(rows[2]["confidence"]) < 0.5
    assert "recall at 1" in ran.stdout


def test_retrieval_reads_a_question_as_a_conversation_does(corpus, tmp_path):
    asked = [
        ("Hello, what does delivrey cost red?", "cost.red"),
        ("how many moons has jupiter", ""),
    ]
    queries = write(tmp_path / "q.csv", ("text", "id"), asked)
    out = tmp_path / "out.csv"
    ran = run(
        "evaluate", "retrieval", "--corpus", corpus, "--queries", queries,
        "--predictions", str(out), "--json",
    )  # fmt: skip
    assert json.loads(ran.stdout)["exact"] == 1  # nothing but a greeting and a slip
    assert read(out)[0]["text"] == asked[0][0] and read(out)[0]["rank1"] == "cost.red"


def test_a_question_with_several_right_entries_counts_once_and_any_of_them_is_right(
    corpus, tmp_path
):
    asked = [
        {"query": "What does delivery cost RED?", "relevant": ["cost.blue", "cost.red"]},
        {"query": "a refund in blue please", "relevant": ["refund.blue"]},
        {"query": "how many moons has jupiter", "relevant": []},
    ]
    queries = tmp_path / "q.jsonl"
    queries.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    out = tmp_path / "out.csv"
    given = ["--corpus", corpus, "--predictions", str(out), "--json"]
    searched = json.loads(run("evaluate", "retrieval", *given, "--queries", str(queries)).stdout)
    assert [row["id"] for row in read(out)] == ["cost.blue", "cost.red", "refund.blue", ""]
    counts = [searched[name] for name in ("questions", "covered", "with_several_right", "exact")]
    assert counts == [3, 2, 1, 1]
    assert searched["recall_at_1"]["value"] == searched["mrr"] == 1.0
    answered = json.loads(
        run("evaluate", "answers", *given, "--questions", str(queries), "--no-writer").stdout
    )
    assert (answered["questions"], answered["covered"]) == (3, 2)
    assert answered["known_answers_wrong"]["value"] == 0.0


def test_answers_come_from_the_real_answerer(corpus, intents, tmp_path):
    asked = [("what does delivery cost red", "cost.red"), ("how many moons has jupiter", "")]
    questions = write(tmp_path / "q.csv", ("text", "id"), asked)
    out = tmp_path / "out.csv"
    ran = run(
        "evaluate", "answers", "--corpus", corpus, "--questions", questions, "--train", intents,
        "--predictions", str(out), "--json",
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    known, strange = read(out)
    assert list(known) == ["text", "decision", "source", "id", "confidence", "reply"]
    assert (known["decision"], known["source"], known["id"]) == ("answer", "known", "cost.red")
    assert known["reply"] == "About cost red."
    assert strange["decision"] in ("clarify", "escalate") and strange["source"] == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("text,mark\na,b\n", "no column 'intent'"),
        ("text,intent\na,x\nb,x\n", "At least two intents"),
        ("", "The file is empty"),
        ("[" * 90_000, f"the first row has {'[' * 200} …. It must name"),
    ],
)
def test_a_bad_training_file_ends_with_2_and_says_what_to_do(intents, tmp_path, content, told):
    bad = tmp_path / "bad.csv"
    bad.write_text(content)
    ran = run(
        "evaluate", "intents", "--train", str(bad), "--test", intents,
        "--predictions", str(tmp_path / "out.csv"),
    )  # fmt: skip
    assert ran.exit_code == 2
    assert told in ran.stderr
    assert not (tmp_path / "out.csv").exists()


def test_training_keeps_both_models_and_refuses_a_worse_one(intents, corpus, tmp_path):
    held_out = write(tmp_path / "held.csv", ("text", "intent"), shop_phrases())
    given = ["--intents", intents, "--entries", corpus, "--held-out", held_out, "--json"]
    first = run("train", *given)
    assert first.exit_code == 0, first.output
    state = tmp_path / "state"
    assert (state / "intents" / "manifest.json").exists()
    assert (state / "doubt" / "manifest.json").exists()
    before = (state / "intents" / "manifest.json").read_bytes()

    names = sorted({intent for _, intent in shop_phrases()})
    wrong = [(text, names[names.index(intent) - 1]) for text, intent in shop_phrases()]
    given[1] = write(tmp_path / "wrong.csv", ("text", "intent"), wrong)
    refused = run("train", *given)
    assert refused.exit_code == 1
    assert "worse on phrases that neither has learnt" in refused.stderr
    assert json.loads(refused.stdout)["comparison"]["is_worse"] is True
    assert (state / "intents" / "manifest.json").read_bytes() == before

    assert run("train", *given, "--force").exit_code == 0
    assert (state / "intents" / "manifest.json").read_bytes() != before


def test_odd_rows_are_named_while_training(corpus, tmp_path):
    rows = [
        *shop_phrases(),
        ("where is my kettle order", "refund"),
        ("", "refund"),
        ("lonely", "one"),
    ]
    odd = write(tmp_path / "odd.csv", ("text", "intent"), rows)
    ran = run("train", "--intents", odd, "--entries", corpus, "--json")
    assert ran.exit_code == 0, ran.output
    told = " ".join(one["en"] for one in json.loads(ran.stdout)["problems"])
    assert "has 2 intents (order_status, refund)" in told
    assert f"row {len(rows)}: no text" in told and "'one' has one phrase only" in told


@pytest.fixture
def whole_shop(tmp_path, monkeypatch, corpus, intents):
    """A small shop folder: the demo shop's texts and orders, phrases and entries of its own."""
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "demo_shop", folder, ignore=shutil.ignore_patterns("*.csv", "*.jsonl"))
    shutil.copy(corpus, folder / "entries.en.csv")
    shutil.copy(intents, folder / "intents.en.csv")
    held_out = folder / "held_out"
    held_out.mkdir(exist_ok=True)
    phrases = [*shop_phrases()[::3], ("how many moons has jupiter", "out_of_scope")]
    asked = [
        (f"{questions[0]} {colour} please", f"{topic}.{colour}")
        for topic, questions in TOPICS.items()
        for colour in COLOURS[:3]
    ]
    write(held_out / "intents.en.csv", ("text", "intent"), phrases)
    write(
        held_out / "questions.en.csv", ("text", "id"), [*asked, ("how many moons has jupiter", "")]
    )
    monkeypatch.setenv("SHOPKEEPER_SHOP_FOLDER", str(folder))
    return folder


def test_a_shop_is_measured_shown_and_compared_with_itself(whole_shop, tmp_path):
    first, page = tmp_path / "first.json", tmp_path / "page.html"
    ran = run("evaluate", "shop", "--report", str(first))
    assert ran.exit_code == 0, ran.output
    report = json.loads(first.read_text())
    own = report["questions"]["en"]
    assert own["questions"] == len(report["records"]["questions"]) == own["covered"] + 1
    assert own["recall_at_1"]["value"] > 0.9 and own["risk_coverage"][-1]["coverage"] == 1
    assert report["intents"]["en"]["out_of_scope_recall"]["value"] in (0.0, 1.0)
    assert {"encode", "search", "whole_turn"} <= {one["step"] for one in report["steps"]["slowest"]}

    again = run(
        "evaluate", "shop", "--report", str(page), "--compare", str(first), "--language", "zh"
    )
    assert again.exit_code == 0, again.output
    assert "intent accuracy (en): +0.0000 (+0.0000 to +0.0000), even" in again.output
    assert "与另一版本相比" in page.read_text()

    assert run("train", "--json").exit_code == 0
    trained = run("evaluate", "shop", "--compare", str(tmp_path / "state"), "--json")
    assert trained.exit_code == 0, trained.output
    assert json.loads(trained.stdout)["comparison"]["is_worse"] is False


def test_what_cannot_be_compared_with_or_written_is_told_before_training(whole_shop, tmp_path):
    for arguments, told in [
        (("--report", "r.pdf"), "a .json or a .html file"),
        (("--compare", str(whole_shop / "shop.toml")), "no report of this version"),
        (("--compare", str(tmp_path / "nowhere")), "Or name a report"),
    ]:
        ran = run("evaluate", "shop", *arguments)
        assert ran.exit_code == 2
        assert told in ran.stderr


def test_a_shop_without_held_out_files_is_told_to_make_some(whole_shop):
    shutil.rmtree(whole_shop / "held_out")
    ran = run("evaluate", "shop")
    assert ran.exit_code == 2
    assert "held_out needs questions.csv (text,id)" in ran.stderr


def test_a_shop_with_held_out_questions_alone_is_measured_by_them(whole_shop, tmp_path):
    (whole_shop / "held_out" / "intents.en.csv").unlink()
    for old in (whole_shop / "held_out").glob("*.zh.csv"):
        old.unlink()
    page = tmp_path / "page.html"
    ran = run("evaluate", "shop", "--report", str(page), "--json")
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["intents"] == {} and report["questions"]["en"]["recall_at_1"]["value"] > 0.9
    shown = page.read_text()
    assert "Known answers" in shown and "phrases" not in shown.split("</header>")[0]
    assert "Intents taken for another" not in shown


def test_training_takes_a_better_model_without_being_forced(intents, corpus, tmp_path):
    names = sorted({intent for _, intent in shop_phrases()})
    wrong = [(text, names[names.index(intent) - 1]) for text, intent in shop_phrases()]
    held_out = write(tmp_path / "held.csv", ("text", "intent"), shop_phrases())
    given = ["--entries", corpus, "--held-out", held_out, "--json"]
    poor = write(tmp_path / "wrong.csv", ("text", "intent"), wrong)
    assert run("train", "--intents", poor, *given).exit_code == 0
    before = (tmp_path / "state" / "intents" / "manifest.json").read_bytes()
    better = run("train", "--intents", intents, *given)
    assert better.exit_code == 0, better.output
    comparison = json.loads(better.stdout)["comparison"]
    assert comparison["is_worse"] is False and comparison["accuracy"]["low"] > 0
    assert (tmp_path / "state" / "intents" / "manifest.json").read_bytes() != before
