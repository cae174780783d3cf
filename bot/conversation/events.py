"""What can be said of a conversation: its events, stages and ids. Imports nothing of ours.

An event is what happened, in the past tense; it is stored once, never changed, and carries the
next number of its conversation (`seq`, 1, 2, 3 … without holes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

ConversationId = NewType("ConversationId", str)
ClientId = NewType("ClientId", str)
TurnId = NewType("TurnId", str)
StaffId = NewType("StaffId", str)


class Stage(StrEnum):
    """Who holds the conversation."""

    WITH_BOT = "with_bot"
    WAITING_FOR_STAFF = "waiting_for_staff"
    WITH_STAFF = "with_staff"
    CLOSED = "closed"


class EventKind(StrEnum):
    """Every kind of event that a transcript can hold."""

    SHOPPER_SAID = "shopper_said"
    BOT_ANSWERED = "bot_answered"
    BOT_ASKED = "bot_asked"  # a clarification, or an action that needs something
    BOT_GAVE_UP = "bot_gave_up"  # said on handing over; starts the wait for staff
    BOT_NOTICE = "bot_notice"  # nobody here, queue place, something failed
    HANDOFF_REQUESTED = "handoff_requested"
    STAFF_CLAIMED = "staff_claimed"
    STAFF_SAID = "staff_said"
    STAFF_NOTED = "staff_noted"  # private: staff only
    BOT_DRAFTED = "bot_drafted"  # private: an answer that came after staff took over
    STAFF_RELEASED = "staff_released"  # back to the queue
    HANDED_BACK = "handed_back"  # back to the bot
    CLOSED = "closed"
    REOPENED = "reopened"
    STAFF_TRANSFERRED = "staff_transferred"  # from the author to a colleague
    STAFF_TOOK_OVER = "staff_took_over"  # by the author from its holder
    WENT_ON_WITH_BOT = "went_on_with_bot"  # the shopper no longer waits for a person
    MESSAGE_LEFT = "message_left"  # with contact details, to be answered later
    RATED = "rated"  # the shopper's satisfaction
    TAGGED = "tagged"  # private: tags put on or taken off
    REPLY_LATE = "reply_late"  # private: staff have not answered by the deadline


PRIVATE_KINDS = frozenset(
    {EventKind.STAFF_NOTED, EventKind.BOT_DRAFTED, EventKind.TAGGED, EventKind.REPLY_LATE}
)

FROM_THE_SHOPPER = frozenset({EventKind.SHOPPER_SAID, EventKind.MESSAGE_LEFT})
"""What waits to be read by staff."""


class TurnState(StrEnum):
    """Where a turn stands; the last three end it."""

    ASKED = "asked"
    ANSWERING = "answering"
    ANSWERED = "answered"
    HANDED_OVER = "handed_over"
    FAILED = "failed"


class HandoffReason(StrEnum):
    """Why the bot asks for a person."""

    LOW_CONFIDENCE = "low_confidence"
    WISH = "wish"
    REPEATED_FAILURE = "repeated_failure"
    ANGER = "anger"
    INTENT = "intent"
    SAFETY = "safety"
    FAULT = "fault"
    MESSAGE_LEFT = "message_left"  # not the bot: the shopper would rather be answered later


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a conversation.

    Attributes:
        kind: what happened.
        conversation: where.
        seq: 1, 2, 3 … within the conversation; 0 before it is recorded.
        at: when, UTC.
        text: what was said, empty where nothing was.
        author: "shopper", "bot", or the id of the staff member.
        client_id: the id the sender gave it; unique within the conversation. None for the bot.
        turn: the turn it belongs to, None outside a turn.
        body: further facts, JSON values only (see docs/wire.md for each kind).
    """

    kind: EventKind
    conversation: ConversationId
    at: datetime
    author: str
    text: str = ""
    seq: int = 0
    client_id: ClientId | None = None
    turn: TurnId | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
