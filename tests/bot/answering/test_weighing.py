import json
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from bot.answering.answer import Choice, Memory, Question, Said
from bot.answering.doubt import Judgement, Verdict
from bot.answering.intent_classifier import IntentGuess
from bot.answering.language import TurnLanguage
from bot.answering.parts import Reading, Turn
from bot.answering.weighing import (
    INPUTS,
    FittedWeigher,
    Readings,
    candidates_of,
    shipped_weigher,
    weigh,
)
from knowledge_base.entry import Entry, EntryId, Hit, SearchResult

ENGRAVING = Entry(
    EntryId("engraving"),
    ("Can you engrave a knife?",),
    "Knives can be engraved for ¥30, with up to 12 letters.",
    "en",
    category="gifts",
)
WRAPPING = Entry(
    EntryId("wrapping"), ("Can you wrap it?",), "Yes, for ¥15 a knife.", "en", category="gifts"
)
DELIVERY = Entry(
    EntryId("delivery"), ("How long is delivery?",), "Two to four days.", "en", category="delivery"
)


@dataclass
class Judged:
    """A judge that is as sure of an entry as it is told."""

    sure: dict[str, float] = field(default_factory=dict)
    version: str = "judged"

    def judge(self, result, guess, language):
        return Judgement(Verdict.CLARIFY, self.sure.get(result.hits[0].entry.id, 0.1), 0.5)

    def thresholds(self, language):
        return {"clarify": 0.5, "write": 0.3}

    def sure_of_intent(self, guess, language):
        return False


@dataclass
class Scripted:
    """A weigher that gives the chances it was told."""

    of: dict[str, float]
    answer_from: float = 0.7

    def chances(self, turn, candidates):
        return [self.of.get(one.hit.entry.id, 0.05) for one in candidates]


def reading(*entries):
    hits = tuple(Hit(one, one.questions[0], 1.0, 1.0, 1.0, False) for one in entries)
    return Reading(SearchResult(hits, "v1", "none", {}), None)


def turn_of(text, outside=0.1):
    history = (Said("shopper", "can you engrave a knife"), Said("bot", ENGRAVING.answer))
    memory = Memory(last_entries=(ENGRAVING.id,))
    alone = reading(DELIVERY, ENGRAVING)
    return Turn(
        question=Question("c", "t", (text,), history=history, memory=memory),
        language=TurnLanguage("en", False, False),
        entities=(),
        text=text,
        asked=text,
        last=ENGRAVING,
        topic=ENGRAVING,
        guess=IntentGuess("any", 0.5, None, 0.0, outside),
        result=alone.result,
        found_alone=alone.result,
        judgement=Judgement(Verdict.CLARIFY, 0.4, 0.6),
    )


READINGS = Readings(
    reading(DELIVERY, ENGRAVING), reading(WRAPPING, ENGRAVING), reading(ENGRAVING, WRAPPING)
)


def inputs_of(turn, entry, judge=None):
    found = candidates_of(turn, READINGS, judge or Judged())
    one = next(one for one in found if one.hit.entry == entry)
    return dict(zip(INPUTS, one.inputs, strict=True))


def test_what_every_reading_found_is_weighed_once():
    found = candidates_of(turn_of("how long"), READINGS, Judged())
    assert [one.hit.entry.id for one in found] == ["delivery", "engraving", "wrapping"]


def test_an_entry_about_the_opposite_is_not_weighed_unless_nothing_else_is_found():
    sealed = Entry(
        EntryId("sealed"), ("an unopened bag", "it was not opened"), "Send it back.", "en"
    )
    opened = turn_of("and if it's opened?")
    both = Readings(reading(sealed, DELIVERY), reading(sealed))
    alone = Readings(reading(sealed), reading(sealed))
    assert [one.hit.entry.id for one in candidates_of(opened, both, Judged())] == ["delivery"]
    assert [one.hit.entry.id for one in candidates_of(opened, alone, Judged())] == ["sealed"]


def test_what_speaks_for_an_entry_is_seen():
    inputs = inputs_of(turn_of("and the wrapping, how much?"), WRAPPING)
    assert inputs["same_category"] == 1.0
    assert inputs["told_last"] == 0.0
    assert (
        inputs["topic"] == 0.5
    )  # of two, and half a word that is always there: it speaks of a knife, and not of engraving
    assert inputs["tells_kind"] == 1.0
    assert inputs["alone"] == -4.0  # by itself the message did not find it


def test_what_was_just_told_is_known_and_whether_it_lacks_what_is_asked():
    inputs = inputs_of(turn_of("how long"), ENGRAVING)
    assert inputs["told_last"] == 1.0
    assert inputs["lacks"] == 1.0


def test_what_is_on_offer_and_whether_anything_was_answered_is_known():
    turn = turn_of("the wrapping")
    offered = (Choice("Can you wrap it?", "entry:wrapping"), Choice("None of these", "none"))
    turn.last, turn.question = None, replace(turn.question, memory=Memory(offered=offered))
    assert inputs_of(turn, WRAPPING)["on_offer"] == 1.0
    assert inputs_of(turn, WRAPPING)["unanswered"] == 1.0
    assert inputs_of(turn, DELIVERY)["on_offer"] == 0.0
    assert inputs_of(turn_of("x"), DELIVERY)["unanswered"] == 0.0


def test_where_nothing_was_learnt_from_the_entries_their_chance_is_unknown():
    assert np.isnan(inputs_of(turn_of("x"), WRAPPING)["chance"])


def test_at_most_one_entry_is_meant():
    candidates = candidates_of(turn_of("wrap?"), READINGS, Judged({"wrapping": 0.9}))
    chances = shipped_weigher().chances(turn_of("wrap?"), candidates)
    assert 0.0 < sum(chances) < 1.0


def test_the_likeliest_entry_is_said():
    turn = turn_of("wrap?")
    weigh(turn, READINGS, Judged(), Scripted({"wrapping": 0.8}))
    assert turn.hits[0].entry == WRAPPING
    assert turn.judgement.verdict is Verdict.ANSWER
    assert turn.still is None


def test_where_that_is_what_was_just_said_the_part_that_tells_it_is():
    turn = turn_of("how many letters")
    weigh(turn, READINGS, Judged(), Scripted({"engraving": 0.8}))
    assert turn.still == 0.8


@pytest.mark.parametrize(
    ("chance", "verdict"), [(0.6, Verdict.CLARIFY), (0.3, Verdict.WRITE), (0.1, Verdict.ESCALATE)]
)
def test_what_is_less_likely_is_asked_back_or_left_to_others(chance, verdict):
    turn = turn_of("wrap?")
    turn.still = 0.9
    turn.judgement = Judgement(Verdict.ANSWER, 0.9, 0.9)
    weigh(turn, READINGS, Judged(), Scripted({"wrapping": chance}))
    assert (turn.judgement.verdict, turn.still) == (verdict, None)


def test_a_question_that_the_rules_would_ask_back_is_not_given_up():
    turn = turn_of("how long is it to Macau?")
    weigh(turn, READINGS, Judged(), Scripted({"wrapping": 0.2}))
    assert turn.judgement.verdict is Verdict.CLARIFY
    assert turn.hits[0].entry == DELIVERY


def test_what_is_foreign_to_the_shop_is_asked_back():
    strange = IntentGuess("any", 0.1, None, 0.0, 0.9)
    alone, behind = (
        replace(one, guess=strange) for one in (READINGS.alone, READINGS.behind_message)
    )
    turn = turn_of("wrap?", outside=0.9)
    weigh(turn, Readings(alone, behind), Judged(), Scripted({"wrapping": 0.8}))
    assert turn.judgement.verdict is Verdict.CLARIFY


def test_half_a_question_that_is_foreign_by_itself_is_not_behind_what_was_said_before():
    strange, known = (IntentGuess("any", 0.1, None, 0.0, outside) for outside in (0.9, 0.1))
    alone = replace(READINGS.alone, guess=strange)
    behind = replace(READINGS.behind_message, guess=known)
    turn = turn_of("wrap?", outside=0.9)
    weigh(turn, Readings(alone, behind), Judged(), Scripted({"wrapping": 0.8}))
    assert turn.judgement.verdict is Verdict.ANSWER


def test_where_nothing_was_found_nothing_changes():
    turn = turn_of("wrap?")
    weigh(turn, Readings(reading(), reading()), Judged(), Scripted({}))
    assert turn.judgement == Judgement(Verdict.CLARIFY, 0.4, 0.6)


def test_the_shipped_weights_prefer_what_the_readings_agree_on():
    turn = turn_of("wrap?")
    sure = Judged({"wrapping": 0.95, "engraving": 0.2})
    weigh(turn, READINGS, sure, shipped_weigher())
    assert turn.hits[0].entry == WRAPPING


def test_weights_of_other_inputs_are_refused():
    with pytest.raises(ValueError, match="other inputs"):
        FittedWeigher.from_json({"inputs": ["alone"], "answer_from": 0.5})


def test_weights_that_were_written_are_read_again():
    written = json.loads(json.dumps(shipped_weigher().as_json({"talks": 2})))
    read = FittedWeigher.from_json(written)
    assert read.of(np.eye(len(INPUTS))) == pytest.approx(shipped_weigher().of(np.eye(len(INPUTS))))
    with pytest.raises(ValueError, match="finite"):
        FittedWeigher.from_json({**written, "weights": [float("nan")] * len(INPUTS)})


@pytest.mark.parametrize(
    ("words", "leaning", "enough"),
    [(3.0, False, 0.95), (3.0, True, float("inf")), (6.0, False, 0.88), (8.4, True, 0.88)],
)
def test_a_longer_message_need_be_less_sure_to_stand_alone(words, leaning, enough):
    assert shipped_weigher().enough_alone(words, leaning=leaning) == enough
