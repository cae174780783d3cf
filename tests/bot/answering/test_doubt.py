import json
from dataclasses import replace

import numpy as np
import pytest

from bot.answering.calibration import Calibration
from bot.answering.doubt import (
    EXACT_CONFIDENCE,
    INPUTS,
    OUTCOMES,
    Doubt,
    Surroundings,
    Thresholds,
    Verdict,
    inputs_of,
    joined,
)
from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentGuess, NearestExample
from knowledge_base.entry import Entry, EntryId, Hit, SearchResult, VersionId
from knowledge_base.errors import ModelFolderRefused

AROUND = Surroundings(middle=0.4, spread=0.1, familiarity=0.9, familiarity_spread=0.02)
LIMITS = Thresholds(answer=0.8, clarify=0.5, write=0.3, intent=0.7)


def hit(score, name="a", exact=False, **more):
    entry = Entry(EntryId(name), ("q",), "answer", "en")
    return Hit(entry, "q", score, score, 1.0, exact=exact, likeness=score, **more)


def found(*scores, familiarity=0.9, exact=False):
    hits = tuple(hit(score, f"e{at}", exact) for at, score in enumerate(scores))
    return SearchResult(hits, VersionId("1"), "hashed", {}, familiarity)


def guess(confidence=0.5, outside=0.1):
    likely = (("pay", 0.7), ("ship", 0.3))
    return IntentGuess("pay", confidence, "ship", 0.1, outside, likely=likely)


@pytest.fixture
def doubt():
    weights = np.zeros((len(INPUTS), len(OUTCOMES)))
    weights[INPUTS.index("likeness")] = (0.0, 1.0, 1.5)
    weights[INPUTS.index("outside")] = (-1.0, 0.0, 0.0)
    calibration = Calibration(
        np.zeros(len(INPUTS)), np.ones(len(INPUTS)), weights, np.array([7.0, 0.0, 0.5])
    )
    return Doubt({"all": calibration}, {"all": LIMITS}, {"all": AROUND}, {"fitted_on": "a test"})


def test_a_published_question_is_answered_without_any_model(doubt):
    judged = doubt.judge(found(1.0, exact=True), None, "en")
    assert (judged.verdict, judged.confidence) == (Verdict.ANSWER, EXACT_CONFIDENCE)


def test_nothing_found_goes_to_a_person(doubt):
    assert doubt.judge(found(), None, "en").verdict is Verdict.ESCALATE


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ((0.9, 0.3), Verdict.ANSWER),
        ((0.42, 0.41), Verdict.CLARIFY),
        ((0.42,), Verdict.WRITE),  # one hit leaves nothing to choose from
        ((0.36, 0.3), Verdict.WRITE),
        ((0.1, 0.05), Verdict.ESCALATE),
    ],
)
def test_the_surer_the_hit_the_more_is_dared(doubt, scores, verdict):
    assert doubt.judge(found(*scores), None, "en").verdict is verdict


def test_an_intent_out_of_scope_lowers_the_confidence(doubt):
    inside = doubt.judge(found(0.5, 0.2), guess(outside=0.5), "en").confidence
    assert doubt.judge(found(0.5, 0.2), guess(outside=0.95), "en").confidence < inside


@pytest.mark.parametrize(
    ("intent", "similarity", "verdict"),
    [
        (OUT_OF_SCOPE, 0.7, Verdict.CLARIFY),
        (OUT_OF_SCOPE, 0.4, Verdict.ANSWER),
        ("pay", 0.7, Verdict.ANSWER),
    ],
)
def test_a_question_like_one_that_the_shop_calls_strange_is_asked_back(
    doubt, intent, similarity, verdict
):
    nearest = NearestExample("what is the exchange rate of the euro", intent, similarity)
    told = replace(guess(), nearest=(nearest,))
    assert doubt.judge(found(0.9, 0.3), told, "en").verdict is verdict
    assert doubt.judge(found(1.0, exact=True), told, "en").verdict is Verdict.ANSWER


def test_one_of_three_is_never_less_likely_than_the_first(doubt):
    for score in np.linspace(0, 1, 20):
        judged = doubt.judge(found(float(score), 0.1), guess(), "zh")
        assert 0 <= judged.confidence <= judged.among_first <= 1


def test_what_is_asked_elsewhere_is_as_unlikely_right_as_it_is_unlikely_asked_of_this_shop():
    chances = joined(np.array([[1.0, 0.8, 0.9], [0.1, 0.8, 0.9], [0.5, 0.8, 0.6]]))
    np.testing.assert_allclose(chances, [[0.8, 0.9], [0.08, 0.09], [0.4, 0.4]])


def test_inputs_count_in_the_distances_of_the_knowledge_base():
    inputs = dict(zip(INPUTS, inputs_of(found(0.6, 0.5, 0.3), None, AROUND), strict=True))
    assert inputs["likeness"] == pytest.approx(2.0)
    assert inputs["gap"] == pytest.approx(1.0)
    assert inputs["gap_to_third"] == pytest.approx(3.0)
    assert inputs["familiarity"] == pytest.approx(0.0)
    assert np.isnan(inputs["outside"])


def test_a_learnt_chance_and_the_share_of_words_are_looked_at():
    known = hit(0.5, chance=0.9, words=0.75, evidence=1.5, told=-1.25)
    sure = SearchResult((known,), VersionId("1"), "hashed", {}, 0.9)
    inputs = dict(zip(INPUTS, inputs_of(sure, None, AROUND), strict=True))
    assert inputs["chance"] == pytest.approx(np.log(9))
    assert inputs["words"] == 0.75 and inputs["evidence"] == 1.5
    assert inputs["told"] == -1.25
    unknown = SearchResult((replace(known, told=None),), VersionId("1"), "hashed", {}, 0.9)
    assert np.isnan(inputs_of(unknown, None, AROUND)[INPUTS.index("told")])


def test_an_entry_that_is_asked_for_with_the_same_intents_agrees_with_the_question():
    agreeing, strange = {"pay": 0.9, "ship": 0.1}, {"refund": 1.0}
    at = INPUTS.index("agreement")
    inputs = [inputs_of(found(0.5), guess(), AROUND, one)[at] for one in (agreeing, strange, None)]
    assert inputs[0] == pytest.approx(np.log(0.001 + 0.7 * 0.9 + 0.3 * 0.1))
    assert inputs[1] == pytest.approx(np.log(0.001))
    assert np.isnan(inputs[2]), "an entry published since doubt was fitted"


def test_an_intent_that_the_entry_is_not_asked_for_with_lowers_the_confidence(doubt):
    doubt.calibrations["all"].weights[INPUTS.index("agreement")] = (0.0, 0.5, 0.5)
    doubt.leanings = {"en e0": {"pay": 1.0}, "en e1": {"refund": 1.0}}
    same = doubt.judge(found(0.6, 0.3), guess(), "en")
    other = doubt.judge(SearchResult((hit(0.6, "e1"), hit(0.3)), VersionId("1"), "", {}, 0.9),
                        guess(), "en")  # fmt: skip
    assert other.confidence < same.confidence


def test_what_is_unknown_is_left_out_of_the_trace(doubt):
    judged = doubt.judge(found(0.6, 0.5, familiarity=None), None, "en")
    assert set(judged.inputs) == {"likeness", "gap", "gap_to_third", "words", "evidence"}
    assert json.dumps(judged.inputs, allow_nan=False)


def test_each_language_has_its_own_thresholds_where_it_has_any(doubt):
    doubt.chosen["zh"] = replace(LIMITS, answer=0.995, intent=0.4)
    assert doubt.thresholds("zh")["answer"] == 0.995
    assert doubt.thresholds("en") == {"answer": 0.8, "clarify": 0.5, "write": 0.3, "intent": 0.7}
    assert doubt.judge(found(0.9, 0.3), None, "zh").verdict is not Verdict.ANSWER
    assert doubt.sure_of_intent(guess(0.5), "zh") and not doubt.sure_of_intent(guess(0.5), "en")


def test_what_is_loaded_judges_as_what_was_saved(doubt, tmp_path):
    doubt.leanings = {"en e0": {"pay": 0.5}}
    doubt.save(tmp_path / "doubt", "digest")
    loaded = Doubt.load(tmp_path / "doubt", "digest")
    result = found(0.5, 0.45)
    assert loaded.judge(result, guess(), "en") == doubt.judge(result, guess(), "en")
    assert loaded.facts == {"fitted_on": "a test"} and loaded.version
    assert loaded.leanings == doubt.leanings


@pytest.mark.parametrize("harm", ["missing", "altered", "another encoder"])
def test_a_spoiled_or_foreign_folder_is_refused_and_the_repair_is_named(doubt, tmp_path, harm):
    folder = tmp_path / "doubt"
    if harm != "missing":
        doubt.save(folder, "digest")
    if harm == "altered":
        (folder / "doubt.json").write_text("{}")
    with pytest.raises(ModelFolderRefused, match="shopkeeper train"):
        Doubt.load(folder, "other" if harm == "another encoder" else "digest")


def test_the_shipped_numbers_judge_sensibly():
    shipped = Doubt.shipped()
    for language in ("zh", "en"):
        around = shipped.surroundings[language]
        near = found(around.middle + 6 * around.spread, around.middle, around.middle)
        far = found(around.middle - around.spread, around.middle - around.spread)
        assert shipped.judge(near, None, language).verdict is Verdict.ANSWER
        assert shipped.judge(far, None, language).verdict is not Verdict.ANSWER
    assert shipped.version == "shipped"
