"""What is read from the transcripts, and what writing to them gives: plain records, no SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.conversation import ConversationState, Holder, Turn
from bot.conversation.events import ConversationId, Event, HandoffReason, Stage

SHOPPER_READER = "shopper"
"""The name under which the shopper's own read mark is kept."""

STAFF_READER = "staff"
"""The name under which the furthest read mark of any member of the staff is kept."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A command that is stored for good.

    Attributes:
        state: the conversation after it.
        events: the new events, in order; on a repeat, the one stored before.
        turns: turns that are new or changed, each with its ticket.
        repeated: the same client id had been stored before; nothing new was written.
    """

    state: ConversationState
    events: tuple[Event, ...] = ()
    turns: tuple[Turn, ...] = ()
    repeated: bool = False

    @property
    def said(self) -> Event:
        """The event with the sender's own client id: its `seq` and `at` are acknowledged.

        Raises:
            ValueError: the command was not a message.
        """
        for event in self.events:
            if event.client_id is not None:
                return event
        raise ValueError("this command made no message with a client id")


@dataclass(frozen=True, slots=True)
class Begun:
    """A conversation that came to be together with its first message.

    Attributes:
        recorded: the first message, as stored.
        repeated: the same first message had begun it before; the new token opens that one.
    """

    recorded: Recorded
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A conversation and some of its events, read in one snapshot.

    Attributes:
        state: the conversation; `state.last_seq` belongs to the same moment as the events.
        events: in rising order of seq.
    """

    state: ConversationState
    events: tuple[Event, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing newer than the last of these events was there."""
        newest = self.events[-1].seq if self.events else 0
        return newest >= self.state.last_seq


@dataclass(frozen=True, slots=True)
class ComesBack:
    """What a page that comes back says of itself.

    Attributes:
        token_digest: SHA-256 of the token that it was given.
        last_seq: it shows everything up to this number; None when it shows another history.
    """

    token_digest: bytes
    last_seq: int | None


@dataclass(frozen=True, slots=True)
class ReplayLimits:
    """How much is sent to a page that comes back.

    Attributes:
        replay: who missed more events than this starts over.
        page: events read at once, of those that are replayed.
        start_over: events that who starts over gets.
    """

    replay: int = 300
    page: int = 100
    start_over: int = 100


@dataclass(frozen=True, slots=True)
class Missed:
    """What a page that comes back has missed, read in one snapshot.

    Attributes:
        view: the conversation; with the events after what the page shows, a page of them at most,
            or with the newest when it starts over.
        starts_over: it shows another history, more than there is, or misses too much.
        staff_read: how far staff have read, 0 for nothing.
    """

    view: View
    starts_over: bool
    staff_read: int


@dataclass(frozen=True, slots=True)
class TurnContext:
    """One turn with everything that answering it needs, read in one snapshot.

    Attributes:
        turn: the turn, with its ticket.
        texts: the shopper's messages of the turn, oldest first.
        history: the public events before it, oldest first, at most as many as asked for, each
            without its `body`.
        state: the conversation (memory, failures, language).
        chose_bot: whether the shopper wrote all of it while waiting for a person, and then chose
            to go on with the bot.
    """

    turn: Turn
    texts: tuple[str, ...]
    history: tuple[Event, ...]
    state: ConversationState
    chose_bot: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the inbox.

    Attributes:
        unread: messages of the shopper that no member of the staff has seen.
        left_message: whether a message that the shopper left waits for an answer, in any stage.
        message_left_at: since when; None when none waits.
        tags: the staff's own words for it.
        score: satisfaction from 1 to 5, None when not said.
        staff_spoke: whether a person said something since it was handed over.
        late_told: whether it was said that staff are late with this very wait.
    """

    conversation: ConversationId
    stage: Stage
    language: str | None
    holder: Holder | None
    waiting_since: datetime | None
    last_at: datetime
    last_text: str
    last_seq: int
    unread: int
    reason: HandoffReason | None
    intent: str | None
    mood: str
    order: str | None = None
    tags: tuple[str, ...] = ()
    score: int | None = None
    staff_spoke: bool = False
    late_told: bool = False
    message_left_at: datetime | None = None

    @classmethod
    def of(cls, state: ConversationState, unread: int) -> Summary:
        """Make the line of a conversation whose state is known."""
        return cls(
            conversation=state.id,
            stage=state.stage,
            language=state.language,
            holder=state.holder,
            waiting_since=state.waiting_since,
            last_at=state.last_at,
            last_text=state.last_text,
            last_seq=state.last_seq,
            unread=unread,
            reason=state.reason,
            intent=state.intent,
            mood=state.mood,
            order=state.order,
            tags=state.tags,
            score=state.score,
            staff_spoke=state.staff_spoke,
            message_left_at=state.message_left_at,
            late_told=state.late_since is not None and state.late_since == state.owed_since,
        )

    @property
    def owed_since(self) -> datetime | None:
        """Since when a person owes a word: to a shopper who waits, or to a message left."""
        return self.waiting_since or self.message_left_at

    @property
    def left_message(self) -> bool:
        """See above."""
        return self.message_left_at is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A message that a search found, newest first."""

    event: Event
    stage: Stage


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures for metrics and `/readyz`."""

    conversations: Mapping[Stage, int]
    events: int
    open_turns: int
    outbox_waiting: int


@dataclass(frozen=True, slots=True)
class ReadMarks:
    """How far each side has read (seq), 0 when nothing."""

    shopper: int = 0
    staff: int = 0
