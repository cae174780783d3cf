from datetime import UTC, datetime

from bot.conversation.events import ConversationId, Event, EventKind, TurnId
from bot.handoff.packet import Tried, given_up_in, make_packet

NINE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TRACE = {
    "language": "en",
    "intent": "order_status",
    "intent_confidence": 0.42,
    "mood": "negative",
    "attempts": [
        {"attempt": "known", "outcome": "doubtful", "entry": "ship-3", "score": 0.61},
        {"attempt": "written", "outcome": "not grounded", "seconds": 1.2},
    ],
}


def _talk(*said: tuple[EventKind, str, dict]) -> list[Event]:
    return [
        Event(
            kind=kind,
            conversation=ConversationId("c1"),
            at=NINE,
            author="shopper",
            text=text,
            seq=seq,
            turn=TurnId("c1.2") if kind is EventKind.BOT_GAVE_UP else None,
            body=body,
        )
        for seq, (kind, text, body) in enumerate(said, start=1)
    ]


def test_the_packet_says_what_was_asked_what_was_tried_and_why() -> None:
    talk = _talk(
        (EventKind.SHOPPER_SAID, "do you ship to Macau?", {}),
        (EventKind.BOT_ANSWERED, "Yes.", {}),
        (EventKind.SHOPPER_SAID, "where is A1001", {}),
        (EventKind.BOT_ASKED, "Which phone number?", {}),
        (EventKind.SHOPPER_SAID, "forget it", {}),
        (EventKind.BOT_GAVE_UP, "A colleague will help.", {}),
        (EventKind.HANDOFF_REQUESTED, "", {"reason": "low_confidence"}),
        (EventKind.SHOPPER_SAID, "hello?", {}),
    )
    packet = make_packet(talk, {TurnId("c1.2"): TRACE}, order="A1001")
    assert packet.asked == ("where is A1001", "forget it")
    assert packet.tried == (
        Tried("known", "doubtful", "ship-3", 0.61),
        Tried("written", "not grounded"),
    )
    assert packet.as_json() == {
        "asked": ["where is A1001", "forget it"],
        "language": "en",
        "intent": "order_status",
        "intent_confidence": 0.42,
        "mood": "negative",
        "reason": "low_confidence",
        "tried": [
            {"attempt": "known", "outcome": "doubtful", "entry": "ship-3", "score": 0.61},
            {"attempt": "written", "outcome": "not grounded"},
        ],
        "order": "A1001",
        "at": "2026-03-01T09:00:00+00:00",
    }


def test_only_the_trace_of_the_turn_that_was_given_up_is_wanted() -> None:
    asked = (EventKind.SHOPPER_SAID, "where is A1001", {})
    given_up = (EventKind.BOT_GAVE_UP, "A colleague will help.", {})
    handed_over = (EventKind.HANDOFF_REQUESTED, "", {"reason": "low_confidence"})
    assert given_up_in(_talk(asked, given_up, handed_over, asked)) == 2
    assert given_up_in(_talk(asked, given_up)) is None
    settled = (EventKind.HANDED_BACK, "", {})
    assert given_up_in(_talk(given_up, settled, asked, handed_over)) is None


def test_a_shopper_who_pressed_the_button_at_once_has_a_packet_without_attempts() -> None:
    talk = _talk(
        (EventKind.SHOPPER_SAID, "a person please", {}),
        (EventKind.HANDOFF_REQUESTED, "", {"reason": "wish", "mood": "neutral"}),
    )
    packet = make_packet(talk, {})
    assert packet.as_json() == {
        "asked": ["a person please"],
        "mood": "neutral",
        "reason": "wish",
        "tried": [],
        "at": "2026-03-01T09:00:00+00:00",
    }


def test_an_earlier_handoff_that_was_handed_back_is_not_in_the_packet() -> None:
    talk = _talk(
        (EventKind.SHOPPER_SAID, "old", {}),
        (EventKind.BOT_GAVE_UP, "…", {}),
        (EventKind.HANDOFF_REQUESTED, "", {"reason": "anger"}),
        (EventKind.HANDED_BACK, "", {}),
        (EventKind.SHOPPER_SAID, "new", {}),
        (EventKind.HANDOFF_REQUESTED, "", {"reason": "wish"}),
    )
    packet = make_packet(talk, {TurnId("c1.2"): TRACE})
    assert (packet.asked, packet.reason, packet.tried) == (("new",), "wish", ())


def test_without_a_handoff_there_is_no_packet() -> None:
    assert make_packet(_talk((EventKind.SHOPPER_SAID, "hi", {})), {}) is None


def test_a_trace_of_another_shape_does_no_harm() -> None:
    talk = _talk(
        (EventKind.SHOPPER_SAID, "hi", {}),
        (EventKind.BOT_GAVE_UP, "…", {}),
        (EventKind.HANDOFF_REQUESTED, "", {"reason": "fault"}),
    )
    odd = {"attempts": ["x", {"attempt": 3, "score": True}], "intent_confidence": "high"}
    packet = make_packet(talk, {TurnId("c1.2"): odd})
    assert packet.tried == (Tried("3", ""),)
    assert packet.intent_confidence is None


def test_the_packet_tells_what_in_the_course_of_the_talk_speaks_for_a_person() -> None:
    talk = _talk(
        (EventKind.SHOPPER_SAID, "where is it", {}),
        (EventKind.BOT_GAVE_UP, "A colleague will help.", {}),
        (EventKind.HANDOFF_REQUESTED, "", {"reason": "low_confidence"}),
    )
    opinion = {"need": 0.7, "reasons": ["shopper_repeats", "doubt"]}
    told = make_packet(talk, {TurnId("c1.2"): {**TRACE, "takeover": opinion}})
    assert told.as_json()["why"] == ["shopper_repeats", "doubt"]
    for odd in ({}, {"reasons": "doubt"}, {"reasons": []}, "doubt", None):
        packet = make_packet(talk, {TurnId("c1.2"): {**TRACE, "takeover": odd}})
        assert "why" not in packet.as_json()
