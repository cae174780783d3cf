from datetime import UTC, datetime

import pytest

from bot.conversation.events import ConversationId, Event, EventKind, TurnId
from training.takeover_conversations import lesson_of

SHOPPER, BOT = EventKind.SHOPPER_SAID, EventKind.BOT_ANSWERED


def talk(*happened):
    """Events of (kind, text or body)."""
    return [
        Event(
            kind=kind,
            conversation=ConversationId("c1"),
            at=datetime(2026, 5, 1, tzinfo=UTC),
            author="shopper",
            text=what if isinstance(what, str) else "",
            body=what if isinstance(what, dict) else {},
            seq=seq,
            turn=TurnId(f"t{seq}") if kind is SHOPPER else None,
        )
        for seq, (kind, what) in enumerate(happened, start=1)
    ]


def marks(events, traces=None):
    return lesson_of(events, traces or {}).conversation.person


def test_where_a_colleague_took_over_a_person_was_needed():
    events = talk(
        (SHOPPER, "hello"), (BOT, "Hello!"), (SHOPPER, "my lamp hums"), (BOT, "Try it again."),
        (EventKind.STAFF_CLAIMED, {}), (EventKind.STAFF_SAID, "Let me look."), (SHOPPER, "thanks"),
    )  # fmt: skip
    assert marks(events) == (False, False, True, True)
    assert dict(lesson_of(events, {}).why) == {"took_over": 1}


def test_who_asked_for_a_person_needed_one_even_if_none_came():
    events = talk(
        (SHOPPER, "退款"), (BOT, "请看说明。"), (SHOPPER, "转人工"),
        (EventKind.HANDOFF_REQUESTED, {"reason": "wish"}),
    )  # fmt: skip
    assert marks(events) == (False, True, True)
    assert dict(lesson_of(events, {}).why) == {"wish": 1}


def test_who_went_on_with_the_bot_needed_nobody():
    events = talk(
        (SHOPPER, "退款"), (BOT, "请看说明。"), (EventKind.HANDOFF_REQUESTED, {"reason": "wish"}),
        (EventKind.WENT_ON_WITH_BOT, {}), (SHOPPER, "好的"),
    )  # fmt: skip
    assert not any(marks(events))


def test_a_handoff_that_nobody_took_says_nothing():
    events = talk((SHOPPER, "hm"), (EventKind.HANDOFF_REQUESTED, {"reason": "low_confidence"}))
    assert marks(events) == (False,)


@pytest.mark.parametrize(("score", "needed"), [(1, True), (2, True), (3, False), (5, False)])
def test_who_was_unhappy_in_the_end_needed_a_person(score, needed):
    events = talk(
        (SHOPPER, "where is it"), (BOT, "On its way."), (EventKind.RATED, {"score": score})
    )
    assert marks(events) == (needed, needed)


def test_the_answer_before_the_same_question_again_did_not_help():
    events = talk(
        (SHOPPER, "when will my refund come"), (BOT, "Refunds are easy."),
        (SHOPPER, "when will my refund come??"), (BOT, "Within three days."), (SHOPPER, "thanks"),
    )  # fmt: skip
    assert marks(events) == (False, True, False, False, False)


def test_what_the_bot_understood_is_taken_from_its_trace():
    trace = {
        "mood": "angry", "level": "very_negative", "urgency": 0.4, "intent_confidence": 0.3,
        "takeover": {"need": 0.9, "reasons": ["anger", "wish"]},
    }  # fmt: skip
    lesson = lesson_of(talk((SHOPPER, "ENOUGH"), (BOT, "Sorry.")), {TurnId("t1"): trace})
    understood = lesson.conversation.understood_at(0)
    assert (understood.mood.name, understood.wish, understood.confidence) == ("angry", True, 0.3)
    assert lesson.conversation.understood_at(1) is None


@pytest.mark.parametrize(
    "trace", [{"takeover": 3, "urgency": "x"}, {"takeover": {}, "mood": 1}, {}]
)
def test_an_old_or_odd_trace_does_no_harm(trace):
    assert marks(talk((SHOPPER, "hello")), {TurnId("t1"): trace}) == (False,)


def test_a_talk_in_which_nothing_was_said_teaches_nothing():
    assert lesson_of(talk((EventKind.CLOSED, {})), {}) is None
