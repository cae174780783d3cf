"""The records of one conversation: its state, its turns, and what a command comes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.conversation.commands import Ticket
from bot.conversation.events import (
    ConversationId,
    Event,
    HandoffReason,
    StaffId,
    Stage,
    TurnId,
    TurnState,
)

SHOPPER = "shopper"
BOT = "bot"


@dataclass(frozen=True, slots=True)
class Holder:
    """The person who holds a conversation."""

    id: StaffId
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One or more messages of the shopper that the bot answers together.

    Attributes:
        id: "<conversation>.<number>".
        number: 1, 2, 3 … within the conversation.
        state: see `TurnState`.
        attempt: how often it was taken by a worker.
        claim_epoch: the conversation's claim epoch when it was asked.
        first_seq: number of the oldest message that it answers. One asked when the bot got the
            conversation back begins before it, at what was said to people and not answered. None
            for turns of before this was kept.
        choice: value of the last quick reply pressed in it, if it was one that had been offered.
        asked_at, ended_at: UTC; `ended_at` is None while it is open.
    """

    id: TurnId
    number: int
    state: TurnState
    attempt: int
    claim_epoch: int
    asked_at: datetime
    choice: str | None = None
    ended_at: datetime | None = None
    first_seq: int | None = None

    @property
    def ticket(self) -> Ticket:
        """The right to take this turn (while asked) or to answer it (while answering)."""
        return Ticket(self.id, self.attempt, self.claim_epoch)


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Everything that deciding the next command needs.

    Attributes:
        last_seq: number of the newest event, 0 when there is none.
        language: of the newest bot answer, before it of the widget; None when unknown.
        holder: the person who holds it; set exactly in the stage with_staff.
        claim_epoch: raised by every change of owner.
        waiting_since: since when the shopper waits for a person's word, None when for none.
        failures: turns in a row that the bot did not answer; 0 after a person had it.
        memory: the answerer's memory as it gave it; JSON values.
        offered: values of the quick replies of the newest bot message.
        reason, mood, intent, order: why and with what it was handed over, for the inbox.
        turn_count: number of the newest turn.
        open_turns: turns that have not ended, oldest first; at most one is being answered.
        last_text: start of the newest public message that tells something.
        contact: how to reach a shopper who left a message, e.g. {"email": …}; empty otherwise.
        tags: the staff's own words for it, sorted.
        score: the shopper's newest satisfaction, 1 to 5; None when never said.
        staff_spoke: whether a person said something since the conversation was handed over.
        message_left_at: since when a message that the shopper left waits for an answer; stays while
            the shopper goes on with the bot or ends the conversation. None when none waits.
        unanswered_from: number of the oldest message, said to people or open when they got the
            conversation, that neither they nor the bot have answered; None when there is none. The
            bot answers from there on when it gets the conversation back.
        late_since: the `owed_since` for which it was said that staff are late; None for none.
    """

    id: ConversationId
    stage: Stage
    created_at: datetime
    last_at: datetime
    last_seq: int = 0
    language: str | None = None
    holder: Holder | None = None
    claim_epoch: int = 0
    waiting_since: datetime | None = None
    failures: int = 0
    memory: Mapping[str, Any] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    reason: HandoffReason | None = None
    mood: str = "neutral"
    intent: str | None = None
    order: str | None = None
    turn_count: int = 0
    open_turns: tuple[Turn, ...] = ()
    last_text: str = ""
    page: Mapping[str, str] = field(default_factory=dict)
    closed_at: datetime | None = None
    contact: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    score: int | None = None
    staff_spoke: bool = False
    message_left_at: datetime | None = None
    late_since: datetime | None = None
    unanswered_from: int | None = None

    @property
    def owed_since(self) -> datetime | None:
        """Since when a person owes a word: to a shopper who waits, or to a message left."""
        return self.waiting_since or self.message_left_at


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """Something that must leave the house once this is stored (notification, webhook, e-mail).

    Attributes:
        kind: "waiting" (a shopper waits for a person), "message_left", "transferred", "taken_over",
            "mentioned", "rated", "closed", "reply_late".
        key: idempotency key, unique for all time.
        payload: JSON values; ids and facts, never what was said.
    """

    kind: str
    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command comes to. All of it is stored in one transaction, or none.

    Attributes:
        state: the state after it.
        events: new events, numbered.
        turns: turns that are new or changed.
        outbox: what must leave the house.
        trace: why the bot said it, with the turn it belongs to.
    """

    state: ConversationState
    events: tuple[Event, ...] = ()
    turns: tuple[Turn, ...] = ()
    outbox: tuple[OutboxItem, ...] = ()
    trace: tuple[TurnId, Mapping[str, Any]] | None = None
