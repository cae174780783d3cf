"""What is understood of a message while it is still being stored."""

from dataclasses import replace

import pytest

from bot.answering.answer import Memory
from knowledge_base.entry import VersionId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher
from tests.bot.answering.test_answerer import ENTRIES, Known, OneRuleJudge, answerer, asked

QUESTION = "tell me what the delivery fee is"


def new_answerer():
    return answerer(Searcher.of(ENTRIES, HashedEncoder()), OneRuleJudge(answer_from=0.2))


@pytest.fixture
def bot():
    bot = new_answerer()
    bot.parts = replace(bot.parts, encoder=HashedEncoder())
    return bot


def told(answer):
    """An answer without how long it took."""
    trace = replace(answer.trace, seconds={}, attempts=())
    return replace(answer, trace=trace)


def test_a_foreseen_message_is_answered_the_same_and_read_once(bot):
    plain = new_answerer().answer(asked(QUESTION))
    bot.foresee(QUESTION)()
    answer = bot.answer(asked(QUESTION))
    assert told(answer) == told(plain)
    assert answer.entry_id == "delivery.cost"
    assert bot.parts.encoder.asked == 1


def test_it_serves_one_turn_and_only_the_very_words(bot):
    bot.foresee(QUESTION)()
    bot.answer(asked("can I return it"))
    bot.answer(asked(QUESTION))
    bot.answer(asked(QUESTION))
    assert bot.parts.encoder.asked == 3


def test_a_turn_of_two_messages_is_read_as_a_whole(bot):
    bot.foresee("the delivery fee")()
    answer = bot.answer(asked("what I want to know is", "the delivery fee"))
    assert bot.parts.encoder.asked == 2
    assert answer.trace.hits[0]["id"] == "delivery.cost"


def test_what_was_found_in_a_version_that_no_longer_serves_is_not_said(bot):
    bot.foresee(QUESTION)()
    entries = [replace(one, answer="Delivery is free now.") for one in ENTRIES]
    fresh = Searcher.of(entries, HashedEncoder(), VersionId("000002-new"))
    bot.parts = replace(bot.parts, knowledge=Known(fresh))
    answer = bot.answer(asked(QUESTION))
    assert answer.text == "Delivery is free now."
    assert answer.trace.versions["knowledge"] == "000002-new"


def test_what_the_conversation_says_still_counts(bot):
    bot.foresee(QUESTION)()
    answer = bot.answer(asked(QUESTION, memory=Memory(failures=1, last_entries=("return.window",))))
    assert answer.memory.last_entries == ("delivery.cost", "return.window")
    assert answer.memory.failures == 0


def test_a_fault_ahead_harms_no_turn(bot):
    class FailsOnce(HashedEncoder):
        def encode_questions(self, texts):
            if self.asked == 0:
                self.asked += 1
                raise RuntimeError("a planted fault")
            return super().encode_questions(texts)

    bot.parts = replace(bot.parts, encoder=FailsOnce())
    with pytest.raises(RuntimeError):
        bot.foresee(QUESTION)()
    assert bot.answer(asked(QUESTION)).entry_id == "delivery.cost"


def test_an_exact_question_is_not_read_ahead_and_few_messages_are_kept(bot):
    bot.foresee("How much is delivery?")()
    assert bot.parts.encoder.asked == 0
    for number in range(20):
        bot.foresee(f"what is the delivery fee to house number {number}")()
    for number in range(20):
        bot.answer(asked(f"what is the delivery fee to house number {number}"))
    assert bot.parts.encoder.asked == 20 + 12
