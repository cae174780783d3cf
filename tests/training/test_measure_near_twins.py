import sys

import pytest

from knowledge_base.hashed_encoder import HashedEncoder
from training.measure_near_twins import Outcome, ask, draw, figures_of, main, phrases_by_intent

KNOWN = {f"intent{at}": [f"phrase {at} {way}" for way in "abcdefghij"] for at in range(12)}
ASKED = {f"intent{at}": [f"question {at} {way}" for way in "abcde"] for at in range(13)}


def test_a_sixth_of_the_entries_is_left_out_and_asked_for_all_the_same():
    drawn = draw(KNOWN, ASKED, phrasings=8, most=3, seed=1)
    assert len(drawn.entries) == 10 and {len(one.questions) for one in drawn.entries} == {8}
    assert len(drawn.asked) == 3 * 12, "an intent that is known to one file alone is not asked"
    there = {str(one.id) for one in drawn.entries}
    for text, wanted in drawn.asked:
        intent = f"intent{text.split()[1]}"
        assert wanted == (intent if intent in there else "")


def test_another_seed_draws_others_and_the_same_one_the_same():
    assert draw(KNOWN, ASKED, 8, 3, seed=1) == draw(KNOWN, ASKED, 8, 3, seed=1)
    assert draw(KNOWN, ASKED, 8, 3, seed=1) != draw(KNOWN, ASKED, 8, 3, seed=2)


def test_every_question_is_asked_and_none_that_is_left_out_is_right():
    drawn = draw(KNOWN, ASKED, phrasings=4, most=2, seed=1)
    outcomes = ask(drawn, HashedEncoder())
    assert [one.covered for one in outcomes] == [bool(wanted) for _, wanted in drawn.asked]
    assert not any(one.right for one in outcomes if not one.covered)
    assert all(0.0 <= one.confidence <= 1.0 for one in outcomes)


def test_only_what_is_answered_counts_as_wrong():
    outcomes = [
        Outcome(covered=True, right=True, answered=True, confidence=0.9),
        Outcome(covered=False, right=False, answered=True, confidence=0.9),
        Outcome(covered=True, right=False, answered=False, confidence=0.1),
    ]
    figures = figures_of(outcomes)
    assert (figures["questions"], figures["answered"]) == (3, 2)
    assert figures["wrong"]["low"] < figures["wrong"]["value"] == 0.5 < figures["wrong"]["high"]
    assert figures["covered_answered_right"] == 0.5
    assert figures_of(outcomes[2:])["wrong"]["value"] is None


def test_phrases_of_no_intent_are_not_entries(tmp_path):
    path = tmp_path / "asked.csv"
    path.write_text("text,intent\nwhere is it,track\nhow many moons,oos\nsend it back,return\n")
    assert phrases_by_intent(path) == {"track": ["where is it"], "return": ["send it back"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [("text,intent\nwhere is it,track\n", "At least 6 intents"), ("a,b\n1,2\n", "intent")],
)
def test_files_that_cannot_be_used_are_told_in_words(tmp_path, monkeypatch, text, words):
    path = tmp_path / "some.csv"
    path.write_text(text)
    monkeypatch.setattr(sys, "argv", ["measure", "--known", str(path), "--asked", str(path)])
    with pytest.raises(SystemExit, match=words):
        main()
