"""What becomes of an answer to what was written while the shopper waited for a person."""

from dataclasses import replace

import pytest

from bot.answering.answer import (
    Answer,
    Choice,
    Decision,
    Memory,
    Question,
    Source,
    Trace,
    Unwritten,
)
from bot.conversation.events import ConversationId, HandoffReason, TurnId
from bot.server.turns import CHOSE_BOT, stay_with_bot
from tests.bot.server.floor import SHOP

HANDS_OVER = Answer(
    Decision.ESCALATE, "A colleague will help.", 0.1, "en", Trace("en", rule="give_up"),
    Memory(failures=2, offered=(Choice("A", "entry:a"),)), choices=(Choice("A", "entry:a"),),
    handoff=HandoffReason.WISH,
)  # fmt: skip


@pytest.mark.parametrize("reason", [HandoffReason.WISH, HandoffReason.ANGER])
def test_who_gave_a_person_up_is_asked_what_they_need(reason):
    stays = stay_with_bot(replace(HANDS_OVER, handoff=reason), SHOP)
    assert (stays.decision, stays.text) == (Decision.ANSWER, SHOP.say("here", "en"))
    assert (stays.handoff, stays.choices, stays.source) == (None, (), Source.SAID)
    assert (stays.memory.failures, stays.memory.offered) == (0, ())
    assert stays.trace.rule == CHOSE_BOT


@pytest.mark.parametrize("reason", [HandoffReason.LOW_CONFIDENCE, HandoffReason.REPEATED_FAILURE])
def test_what_the_bot_does_not_understand_it_asks_about_and_counts_as_a_failure(reason):
    stays = stay_with_bot(replace(HANDS_OVER, handoff=reason), SHOP)
    assert (stays.decision, stays.text) == (Decision.CLARIFY, SHOP.say("not_understood", "en"))
    assert stays.memory.failures == 1


@pytest.mark.parametrize(
    "reason", [HandoffReason.INTENT, HandoffReason.SAFETY, HandoffReason.FAULT]
)
def test_what_needs_a_person_still_goes_to_people(reason):
    needs = replace(HANDS_OVER, handoff=reason)
    assert stay_with_bot(needs, SHOP) is needs


def test_an_answer_stays_what_it_is_and_what_is_to_be_written_falls_back_on_staying():
    known = replace(HANDS_OVER, decision=Decision.ANSWER, handoff=None)
    assert stay_with_bot(known, SHOP) is known
    question = Question(ConversationId("c1"), TurnId("c1.1"), ("hello?",))
    unwritten = Unwritten(question, "en", ("fee",), HANDS_OVER)
    assert stay_with_bot(unwritten, SHOP).otherwise.text == SHOP.say("here", "en")
