"""What a mood classifier and the course of a conversation change in a turn."""

from dataclasses import dataclass, field, replace

import pytest

from bot.answering.answer import Decision, Memory, Said
from bot.answering.mood import Mood
from bot.conversation.events import HandoffReason
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher
from tests.bot.answering.test_answerer import ENTRIES, OneRuleJudge, answerer, asked


@dataclass
class ScriptedMoods:
    """Judges every text alike, and remembers what it was shown."""

    mood: Mood
    version: str = "scripted"
    shown: list = field(default_factory=list)

    def judge(self, texts, vectors, words=None):
        self.shown.append((list(texts), vectors.shape))
        return [self.mood for _ in texts]


@pytest.fixture
def shop():
    return answerer(Searcher.of(ENTRIES, HashedEncoder()))


def with_moods(shop, mood):
    shop.parts = replace(shop.parts, moods=ScriptedMoods(mood))
    return shop


def test_anger_without_any_angry_word_brings_a_person_where_it_is_recognised(shop):
    text = "Is nobody there with the slightest idea of what they are doing"
    assert shop.answer(asked(text)).handoff is not HandoffReason.ANGER
    furious = with_moods(shop, Mood("angry", 4.0, 0.1, "very_negative"))
    answer = furious.answer(asked(text))
    assert (answer.decision, answer.handoff) == (Decision.ESCALATE, HandoffReason.ANGER)
    assert (answer.trace.mood, answer.trace.level) == ("angry", "very_negative")
    assert answer.trace.takeover["need"] > 0.8
    assert answer.trace.takeover["reasons"][0] == "anger"
    assert answer.trace.versions["moods"] == "scripted"


def test_the_classifier_looks_at_the_vector_that_the_turn_has_anyway(shop):
    calm = with_moods(shop, Mood("neutral", 0.0, 0.0))
    encoder = HashedEncoder()
    calm.parts = replace(calm.parts, encoder=encoder)
    calm.answer(asked("Do giraffes dream of the moon?"))
    assert calm.parts.moods.shown == [(["Do giraffes dream of the moon?"], (1, 256))]
    assert encoder.asked == 1


def test_a_published_question_needs_no_classifier(shop):
    calm = with_moods(shop, Mood("neutral", 0.0, 0.0))
    assert calm.answer(asked("How much is delivery?")).decision is Decision.ANSWER
    assert calm.parts.moods.shown == []


def test_the_trace_says_that_a_repeated_question_speaks_for_a_person(shop):
    text = "Do giraffes dream of the moon?"
    history = (Said("shopper", text), Said("bot", "Could you put it in other words?"))
    first = shop.answer(asked(text)).trace.takeover
    again = shop.answer(asked(text, history=history, memory=Memory(failures=1))).trace.takeover
    assert again["need"] > first["need"] + 0.2
    assert {"shopper_repeats", "failures"} <= set(again["reasons"])


FURIOUS = Mood("angry", 4.0, 0.1, "very_negative")


def sure_shop(shop, mood):
    shop.parts = replace(shop.parts, moods=ScriptedMoods(mood), judge=OneRuleJudge(answer_from=0.0))
    return shop


def test_a_known_answer_goes_before_anger_that_no_word_shows(shop):
    answer = sure_shop(shop, FURIOUS).answer(asked("And what would the fee for a delivery be"))
    assert (answer.decision, answer.entry_id) == (Decision.ANSWER, "delivery.cost")


@pytest.mark.parametrize(
    "text",
    [
        "You idiots, what is the fee for a delivery",
        "This is terrible, what is the fee for a delivery",
    ],
)
def test_cross_words_bring_a_person_even_where_the_answer_is_known(shop, text):
    answer = sure_shop(shop, FURIOUS).answer(asked(text))
    assert (answer.decision, answer.handoff) == (Decision.ESCALATE, HandoffReason.ANGER)


def test_anger_goes_before_an_answer_that_is_not_sure(shop):
    answer = with_moods(shop, FURIOUS).answer(asked("Do giraffes dream of the moon?"))
    assert answer.handoff is HandoffReason.ANGER
