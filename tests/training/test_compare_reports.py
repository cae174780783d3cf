import json

import pytest

from tests.training.test_shop_figures import phrase, question
from training.compare_reports import compared, read_report
from training.refusal_texts import LabelledTextRefused


def report(right_share, texts=60, sure=0.8):
    """A report in which the first `right_share` of everything is right."""
    intents, questions = [], []
    for at in range(texts):
        right = at < right_share * texts
        intents.append(phrase("a", "a" if right else "b", sure, f"phrase {at}"))
        ranked = ["a", "b"] if right else ["b", "a"]
        outcome = "right" if right else "wrong"
        questions.append(question("a", ranked, sure, outcome, f"question {at}"))
    return {
        "encoder": "hashed 1",
        "versions": {"intents": "1"},
        "records": {"intents": intents, "questions": questions},
    }


def verdicts(found):
    return {row["figure"]: row["verdict"] for row in found["rows"]}


def test_a_clearly_better_version_is_called_better_and_its_mirror_worse():
    up, down = compared(report(0.9), report(0.5)), compared(report(0.5), report(0.9))
    assert set(verdicts(up).values()) == {"better"} and not up["is_worse"]
    assert set(verdicts(down).values()) == {"worse"} and down["is_worse"]
    accuracy = next(row for row in up["rows"] if row["figure"] == "intent_accuracy")
    assert (accuracy["ours"], accuracy["theirs"]) == (pytest.approx(0.9), pytest.approx(0.5))
    assert accuracy["difference"]["value"] == pytest.approx(0.4)


def test_the_same_version_twice_differs_by_nothing():
    found = compared(report(0.7), report(0.7))
    assert set(verdicts(found).values()) == {"even"}
    assert all(row["difference"] == {"value": 0, "low": 0, "high": 0} for row in found["rows"])


def test_pairing_tells_a_difference_that_separate_intervals_would_not():
    # Four of sixty more right, none less: each share alone is known to about ± 12 points.
    assert verdicts(compared(report(0.7), report(0.7 - 4 / 60)))["recall_at_1"] == "better"


def test_questions_in_one_report_only_are_counted_and_left_out():
    found = compared(report(0.7, 60), report(0.7, 50))
    assert found["unpaired"] == {"intents": 10, "questions": 10}
    assert {row["pairs"] for row in found["rows"]} == {50}


def test_too_few_pairs_are_not_judged():
    assert compared(report(0.9, 10), report(0.1, 10))["rows"] == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"records": {"intents": 1, "questions": []}}']
)
def test_a_file_that_is_no_report_is_refused_in_words(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(LabelledTextRefused, match="no report of this version"):
        read_report(path)


def test_a_report_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "other.json"
    path.write_text(json.dumps(report(0.5)))
    assert read_report(path) == report(0.5)
