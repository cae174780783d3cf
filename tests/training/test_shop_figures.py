import numpy as np
import pytest

from bot.answering.answer import Answer, Choice, Decision, Memory, Source, Trace
from training.shop_figures import (
    answered_figures,
    confusions,
    curves_of,
    intent_figures_of,
    outcome_of,
    question_figures_of,
    risk_points,
    slowest_steps,
    worst_questions,
)


def answered(decision, source=None, entry=None, choices=()):
    trace = Trace(language="en")
    return Answer(
        decision, "…", 0.8, "en", trace, Memory(), source=source, entry_id=entry, choices=choices
    )


def phrase(wanted, predicted, confidence, text="t"):
    return {
        "text": text,
        "language": "en",
        "wanted": wanted,
        "predicted": predicted,
        "confidence": confidence,
        "right": wanted == predicted,
    }


def question(wanted, ranked, confidence, outcome, text="q"):
    return {
        "text": text,
        "language": "zh",
        "wanted": wanted,
        "ranked": ranked,
        "confidence": confidence,
        "right": bool(wanted) and ranked[:1] == [wanted],
        "outcome": outcome,
        "entry": ranked[0] if outcome in ("right", "wrong") else "",
        "rule": "known_answer",
        "answer_confidence": confidence,
    }


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (answered(Decision.ANSWER, Source.KNOWN, "a"), "right"),
        (answered(Decision.ANSWER, Source.KNOWN, "b"), "wrong"),
        (answered(Decision.ANSWER, Source.ACTION), "otherwise"),
        (answered(Decision.CLARIFY, Source.SAID, choices=(Choice("A", "entry:a"),)), "offered"),
        (answered(Decision.CLARIFY, Source.SAID, choices=(Choice("B", "entry:b"),)), "asked"),
        (answered(Decision.ESCALATE), "person"),
    ],
)
def test_what_a_shopper_got_is_told_from_the_answer(answer, outcome):
    assert outcome_of("a", answer) == outcome


def test_a_known_answer_where_no_entry_answers_is_wrong():
    assert outcome_of("", answered(Decision.ANSWER, Source.KNOWN, "a")) == "wrong"


def test_shares_are_counted_over_the_right_questions():
    records = [
        question("a", ["a"], 0.9, "right"),
        question("b", ["a", "b"], 0.8, "wrong"),
        question("c", ["c"], 0.5, "offered"),
        question("", ["a"], 0.4, "wrong"),
        question("", ["a"], 0.2, "person"),
    ]
    figures = answered_figures(records)
    assert figures["outcomes_of_covered"]["right"] == 1
    assert figures["outcomes_of_covered"]["offered"] == 1
    assert figures["outcomes_of_not_covered"]["wrong"] == 1
    assert figures["answered"] == 3
    assert figures["wrong_among_answered"]["value"] == pytest.approx(2 / 3)
    everything = question_figures_of(records, bar=0.85)
    assert everything["recall_at_1"]["value"] == pytest.approx(2 / 3)
    assert everything["mrr"]["value"] == pytest.approx((1 + 0.5 + 1) / 3)
    assert everything["at_the_bar"]["coverage"] == pytest.approx(0.2)
    assert everything["at_the_bar"]["risk"] == 0.0


def test_refusing_is_counted_apart_for_phrases_in_and_out_of_scope():
    records = [
        phrase("refund", "refund", 0.9),
        phrase("refund", "price", 0.3),
        phrase("out_of_scope", "price", 0.2),
        phrase("out_of_scope", "refund", 0.8),
    ]
    figures = intent_figures_of(records, bar=0.7)
    assert figures["accuracy"]["value"] == 0.5
    assert figures["in_scope_refused"] == 0.5
    assert figures["out_of_scope_recall"]["value"] == 0.5
    assert figures["confusions"] == [
        {"intent": "refund", "taken_for": "price", "times": 1, "example": "t"}
    ]


def test_confusions_name_the_surest_example_and_the_most_frequent_first():
    records = [
        phrase("a", "b", 0.2, "weak"),
        phrase("a", "b", 0.7, "sure"),
        phrase("c", "a", 0.9, "once"),
        phrase("c", "c", 0.9),
        phrase("out_of_scope", "a", 0.9),
    ]
    found = confusions(records)
    assert [(one["intent"], one["taken_for"], one["times"]) for one in found] == [
        ("a", "b", 2),
        ("c", "a", 1),
    ]
    assert found[0]["example"] == "sure"


def test_the_worst_questions_are_the_wrong_answers_given_then_what_was_surely_misread():
    records = [
        question("a", ["b"], 0.5, "wrong", "asked and answered wrong"),
        question("a", ["b"], 0.9, "person", "sure but not said"),
        question("a", ["a"], 0.9, "right", "fine"),
    ]
    assert [one["text"] for one in worst_questions(records)] == [
        "asked and answered wrong",
        "sure but not said",
    ]


def test_the_risk_curve_ends_with_everything_answered():
    right = np.array([True] * 8 + [False] * 2)
    sure = np.linspace(1, 0.1, 10)
    points = risk_points(right, sure)
    assert points[0]["risk"] == 0 and points[-1]["coverage"] == 1.0
    assert points[-1]["risk"] == pytest.approx(0.2)
    assert all(point["low"] <= point["risk"] <= point["high"] for point in points)
    assert curves_of(right, sure, bar=0.95)["at_the_bar"]["coverage"] == pytest.approx(0.1)


def test_a_bar_that_nothing_reaches_answers_nothing():
    at = curves_of(np.array([True]), np.array([0.4]), bar=1.01)["at_the_bar"]
    assert (at["coverage"], at["risk"]) == (0.0, 0.0)
    assert (at["low"], at["high"]) == (0.0, 1.0)


def test_the_slowest_step_comes_first():
    turns = [{"encode": 0.004, "search": 0.001}, {"encode": 0.006}]
    first, second = slowest_steps(turns)
    assert (first["step"], first["turns"], second["step"]) == ("encode", 2, "search")
    assert first["p50_ms"] == pytest.approx(5.0)
