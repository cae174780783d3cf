import csv
import json

import pytest
from click.testing import CliRunner

from bot.shell.lazy_group import load
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
        ("text,label\na,b\n", "no column 'intent'"),
        ("text,intent\na,x\nb,x\n", "At least two intents"),
        ("", "the first row has nothing"),
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
    assert "worse on the held-out phrases" in refused.stderr
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
    told = " ".join(json.loads(ran.stdout)["problems"])
    assert "has 2 intents (order_status, refund)" in told
    assert f"row {len(rows)}: no text" in told and "'one' has one phrase only" in told
