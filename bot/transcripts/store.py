"""What the rest of the bot may ask of the transcripts: the contract and its records.

Writing returns a future that resolves only after the commit is durable; reading is synchronous and
sees everything committed before it began. Nothing here knows SQL; `bot.transcripts.open` opens the
real store. Every method may be called from any thread, none of them from an event loop without a
worker thread between (reading waits for the disk).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.conversation.commands import Begin, Command, FirstWords
from bot.conversation.conversation import ConversationState, Holder, Turn
from bot.conversation.events import ConversationId, Event, HandoffReason, StaffId, Stage, TurnId
from bot.handoff.canned import CannedReply
from bot.handoff.hours import Calendar

if TYPE_CHECKING:
    from bot.transcripts.figures import SqlFigures
    from bot.transcripts.finding import SqlFinding

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
    """

    turn: Turn
    texts: tuple[str, ...]
    history: tuple[Event, ...]
    state: ConversationState


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


class TranscriptStore(Protocol):
    """Keeps conversations. The only truth; sockets and buses are wake-ups.

    Attributes:
        epoch: names this history. It changes when a backup is restored, and then a client's
            `last_seq` means nothing any more (`start_over`).
    """

    @property
    def epoch(self) -> str:
        """See above."""
        ...

    def begin(self, begin: Begin, token_digest: bytes, first: FirstWords) -> Future[Begun]:
        """Store a new conversation, the digest of its token, and its first message, at once.

        If the very same first message (client id and text) began a conversation before whose
        `begun` frame may have been lost, that one gets the new token instead of a twin.
        The future raises as that of `submit`.
        """
        ...

    def submit(self, conversation: ConversationId, command: Command) -> Future[Recorded]:
        """Apply a command and store what it comes to. Resolved only after the durable commit.

        The future raises:
            Refused: the core does not allow it; nothing was stored.
            UnknownConversation: there is none.
            StorageRefused: the disk or the database refused; nothing was stored; send it again.
            StoreClosed: the store is closed.
        """
        ...

    def mark_seen(self, conversation: ConversationId, reader: str, up_to: int) -> Future[int]:
        """Move a read mark forward (never back, never beyond the newest event); gives its place.

        `reader` is `SHOPPER_READER` or `STAFF_READER`.
        """
        ...

    def resume(
        self, conversation: ConversationId, page: ComesBack, limits: ReplayLimits
    ) -> Missed | None:
        """Read what a page that comes back has missed, by one statement.

        None when there is no such conversation or the token does not open it; never told apart.
        """
        ...

    def state(self, conversation: ConversationId) -> ConversationState | None:
        """Read the state; None when there is no such conversation."""
        ...

    def after(self, conversation: ConversationId, seq: int, limit: int = 300) -> View:
        """Read the state, and the first `limit` events after `seq`. Raises UnknownConversation."""
        ...

    def newest(self, conversation: ConversationId, limit: int = 100) -> View:
        """Read the state, and the newest `limit` events. Raises UnknownConversation."""
        ...

    def before(self, conversation: ConversationId, seq: int, limit: int = 100) -> View:
        """Read the state, and the last `limit` events before `seq`. Raises UnknownConversation."""
        ...

    def turns(self, turns: Sequence[TurnId], history: int = 12) -> tuple[TurnContext | None, ...]:
        """Turns with their messages and what was said before, in the order asked for.

        None stands where there is no such turn.
        """
        ...

    def open_turns(self) -> tuple[Turn, ...]:
        """All turns that have not ended, oldest first: to be taken, resumed or failed at start."""
        ...

    def traces(
        self, conversation: ConversationId, since: int = 0
    ) -> Mapping[TurnId, Mapping[str, Any]]:
        """Why the bot said what it said, by turn. Staff only.

        Args:
            since: number of the first event of interest: a long talk has megabytes of them.
        """
        ...

    def read_marks(self, conversation: ConversationId) -> ReadMarks:
        """How far both sides have read."""
        ...

    def inbox(self, limit: int = 500) -> tuple[Summary, ...]:
        """List what waits for staff or is with staff, and messages left that nobody answered.

        Who waits comes before who is held, angry first, then the longest wait. Of more than the
        limit those are left out who wait the shortest, and what is held and was quiet the longest;
        neither takes more than its half of the other.
        """
        ...

    def summary(self, conversation: ConversationId) -> Summary | None:
        """One line of the inbox, for any stage."""
        ...

    def recent(self, limit: int = 100, stage: Stage | None = None) -> tuple[Summary, ...]:
        """Conversations of any (or one) stage, newest word first."""
        ...

    def search(self, text: str, limit: int = 50) -> tuple[Found, ...]:
        """Messages that contain the text (case of Latin letters ignored), newest first."""
        ...

    def counts(self) -> Counts:
        """Figures for metrics."""
        ...

    def check(self) -> tuple[str, ...]:
        """List what is wrong with the database; empty when it is sound. Slow."""
        ...

    def backup(self, to: Path) -> None:
        """Copy the running SQLite database to a new file, and check the copy.

        Raises:
            StorageRefused: the copy failed or is not sound; nothing is left at `to`.
            StoreNotSafe: the database is PostgreSQL (use its own tools).
        """
        ...

    def close(self) -> None:
        """Store what was submitted, then close. Afterwards futures raise StoreClosed."""
        ...


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """One person who may sign in.

    Attributes:
        id: random, never reused.
        login: unique, compared without case.
        name: shown to shoppers and colleagues.
        roles: "staff", "admin".
    """

    id: str
    login: str
    name: str
    roles: frozenset[str]
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that is still good."""

    account: StaffAccount
    csrf: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class StaffAccounts(Protocol):
    """Who may sign in, and who has. Knows hashes and digests, never a password or a cookie."""

    def add(
        self, login: str, name: str, password_hash: str, roles: frozenset[str]
    ) -> Future[StaffAccount]:
        """Store a new account. The future raises LoginTaken when the login exists."""
        ...

    def all(self) -> tuple[StaffAccount, ...]:
        """Every account, by login."""
        ...

    def get(self, staff_id: str) -> StaffAccount | None:
        """One account by id."""
        ...

    def by_login(self, login: str) -> tuple[StaffAccount, str] | None:
        """Find an account (disabled ones too) with its password hash."""
        ...

    def set_password(self, staff_id: str, password_hash: str) -> Future[None]:
        """Replace the hash, and revoke every session of the account."""
        ...

    def set_roles(self, staff_id: str, roles: frozenset[str]) -> Future[None]:
        """Replace the roles, and revoke every session of the account."""
        ...

    def set_disabled(self, staff_id: str, disabled: bool) -> Future[None]:
        """Disable (revoking every session) or enable."""
        ...

    def open_session(
        self, digest: bytes, staff_id: str, csrf: str, expires_at: datetime
    ) -> Future[None]:
        """Store a sign-in under the SHA-256 digest of its cookie."""
        ...

    def session(self, digest: bytes) -> Session | None:
        """Find a sign-in; None when unknown, expired, revoked, or the account is disabled."""
        ...

    def touch_session(self, digest: bytes) -> Future[None]:
        """Remember that it was used now."""
        ...

    def revoke_session(self, digest: bytes) -> Future[None]:
        """End one sign-in."""
        ...

    def revoke_sessions_of(self, staff_id: str) -> Future[None]:
        """End every sign-in of one account."""
        ...

    def forget_expired_sessions(self) -> Future[int]:
        """Delete sign-ins that are over; gives how many."""
        ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One privileged act. Each row's digest covers the row before it."""

    number: int
    at: datetime
    who: str
    act: str
    about: str
    details: Mapping[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class AuditWanted:
    """Which rows; what is None or empty chooses nothing out.

    Attributes:
        text: in what it was about, or in its details; the case of Latin letters is ignored.
        since, until: UTC; `until` itself is not in it.
    """

    who: str | None = None
    act: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditLog(Protocol):
    """Who did what. Append-only and chained by hashes, so a change of any row shows."""

    def append(
        self, who: str, act: str, about: str = "", details: Mapping[str, Any] | None = None
    ) -> Future[AuditRow]:
        """Add a row."""
        ...

    def rows(
        self, before: int | None = None, limit: int = 100, wanted: AuditWanted | None = None
    ) -> tuple[AuditRow, ...]:
        """Rows that are wanted, newest first."""
        ...

    def known(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Whoever did anything, and every kind of act that was done; each in order."""
        ...

    def first_broken(self) -> int | None:
        """Find the first row that was altered, moved or follows a gap; None when all hold."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something stored that must still leave the house.

    Attributes:
        attempts: how often it was taken, this time included.
        delivered_to: channels that have it already.
        failed_at: when it was put aside as a dead letter, None while it is tried.
        last_error: why it failed the last time; empty when it never did.
    """

    id: int
    conversation: ConversationId
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    delivered_to: tuple[str, ...] = ()
    failed_at: datetime | None = None
    last_error: str = ""


class Outbox(Protocol):
    """What must leave the house: at least once, in order within a conversation."""

    def take(self, limit: int, lease_seconds: float) -> Future[tuple[OutboxRow, ...]]:
        """Lease items that are due, at most the oldest undelivered one of each conversation."""
        ...

    def delivered(self, item: int) -> Future[None]:
        """Note that every receiver has it."""
        ...

    def postpone(
        self, item: int, seconds: float, why: str = "", delivered_to: tuple[str, ...] = ()
    ) -> Future[None]:
        """Try again later, because it failed; `delivered_to` names the channels that have it."""
        ...

    def give_up(self, item: int, why: str, delivered_to: tuple[str, ...] = ()) -> Future[None]:
        """Put it aside as a dead letter, so that the conversation's next item can go."""
        ...

    def dead_letters(self, limit: int = 100) -> tuple[OutboxRow, ...]:
        """What was given up, newest first."""
        ...

    def revive(self, item: int) -> Future[bool]:
        """Try a dead letter again from the beginning; False when it is none."""
        ...


@dataclass(frozen=True, slots=True)
class Expired:
    """What was too old and is gone."""

    conversations: int = 0
    traces: int = 0
    notifications: int = 0


@dataclass(frozen=True, slots=True)
class KeptDays:
    """How many days what is kept; 0: conversations for ever, the rest as long as those.

    A conversation is over when it has ended, and when its shopper left it with the bot.
    """

    closed: int = 0
    traces: int = 0
    delivered: int = 0


class Retention(Protocol):
    """What is forgotten: by age, and on demand so that no byte of it stays."""

    def expire(self, kept: KeptDays) -> Future[Expired]:
        """Delete what is older than that, a limited part at a time.

        Call it again while it finds something. A conversation in which somebody waits for people,
        or talks to one, never expires.
        """
        ...

    def would_expire(self, kept: KeptDays) -> Expired:
        """Count what `expire` would delete now, called until it finds nothing."""
        ...

    def kept_days(self) -> KeptDays | None:
        """How long what is kept, as an admin set it; None when nobody did."""
        ...

    def set_kept_days(self, kept: KeptDays, by: str) -> Future[None]:
        """Store how long what is kept."""
        ...

    def drop_kept_days(self) -> Future[bool]:
        """Forget what an admin set; False when nobody had."""
        ...

    def erase(self, conversations: Sequence[ConversationId]) -> Future[int]:
        """Delete conversations with all that belongs to them, and wipe what the files held.

        Resolved only when no byte of them is left in the database and its log; gives how many
        there were. With PostgreSQL the rows are gone and their space is given back, but its own
        log and its backups are the operator's. Backups made before hold them still.

        The future raises NotWiped when the wiping could not be finished; the conversations are
        deleted then, and `must_wipe` says so until it is, also after a kill.
        """
        ...

    def clock_ahead_seconds(self) -> float:
        """How far this node's clock is ahead of the one that all nodes share; 0 where it is it."""
        ...

    def must_wipe(self) -> bool:
        """Whether something was erased whose bytes the files may still hold."""
        ...

    def wipe(self) -> Future[None]:
        """Write the files anew, so that nothing is left of what was erased. Raises NotWiped."""
        ...

    def conversations_of(self, text: str) -> tuple[ConversationId, ...]:
        """Find every conversation in which a person's words or contact details hold this text."""
        ...


@dataclass(frozen=True, slots=True)
class StaffSkills:
    """What routing knows of a person, beside their presence; see `bot.handoff.routing`."""

    staff: str
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    capacity: int | None = None


class DeskStore(Protocol):
    """What the desk keeps: canned replies, opening hours, skills; and how fast it was lately."""

    def canned_replies(self) -> tuple[CannedReply, ...]:
        """Every canned reply, by shortcut."""
        ...

    def keep_canned_reply(self, reply: CannedReply, by: str) -> Future[None]:
        """Store a new or changed reply.

        The future raises ShortcutTaken when another reply has the shortcut; `CannedRefused` is
        raised at once when it could not be used.
        """
        ...

    def drop_canned_reply(self, id: str) -> Future[bool]:
        """Delete a reply; False when there was none."""
        ...

    def calendar(self, name: str) -> Calendar | None:
        """Opening hours by name; None when nobody set them."""
        ...

    def keep_calendar(self, name: str, calendar: Calendar, by: str) -> Future[None]:
        """Store opening hours."""
        ...

    def drop_calendar(self, name: str) -> Future[bool]:
        """Forget opening hours; False when nobody had set them."""
        ...

    def skills(self) -> tuple[StaffSkills, ...]:
        """What is known of every person for whom something was set."""
        ...

    def keep_skills(self, skills: StaffSkills) -> Future[None]:
        """Store what routing knows of a person. The future raises UnknownAccount."""
        ...

    def recent_claims(self, limit: int = 50) -> tuple[datetime, ...]:
        """When conversations were claimed, newest first; for the expected wait."""
        ...

    def last_given(self, since: datetime) -> Mapping[str, datetime]:
        """When each person got a conversation the last time (claimed or given), if since then."""
        ...


@dataclass(frozen=True, slots=True)
class Mention:
    """A note that calls somebody, who has not seen it."""

    conversation: ConversationId
    seq: int
    at: datetime
    by: StaffId
    by_name: str
    text: str


class Mentions(Protocol):
    """Whom notes call, and what of it they have seen."""

    def unseen(self, staff: str, limit: int) -> tuple[Mention, ...]:
        """Notes that call somebody and were not seen, newest first."""
        ...

    def see(
        self, staff: str, conversation: ConversationId | None = None, up_to: int | None = None
    ) -> Future[int]:
        """Count what calls somebody as seen: in one conversation, up to a number, or all.

        Gives how many were not before.
        """
        ...


class WidgetScripts(Protocol):
    """Every script of the widget that was served; some page may have pinned it."""

    def keep(self, version: str, content: bytes) -> Future[bool]:
        """Keep a script under its version; False when it was kept before."""
        ...

    def get(self, version: str) -> bytes | None:
        """Give a script; None when it is not kept."""
        ...


@dataclass(frozen=True, slots=True)
class NodeStaff:
    """What one node answered in the roll call.

    Attributes:
        node: its name; a node that starts again has another.
        beat: rises with each answer, so that one who reads it twice knows whether it is alive.
        staff: ids of those who are connected to it, and whether they are present.
    """

    node: str
    beat: int
    staff: Mapping[str, bool]


class RollCall(Protocol):
    """Who of the staff is with which node. Freshness only: it holds while no bus tells better."""

    def answer(self, node: str, beat: int, staff: Mapping[str, bool]) -> Future[None]:
        """Put down who is with a node, in the place of what it answered before."""
        ...

    def answers(self) -> tuple[NodeStaff, ...]:
        """What every node answered last, dead ones too."""
        ...

    def strike(self, nodes: Sequence[str]) -> Future[None]:
        """Take nodes off the roll."""
        ...


@dataclass(frozen=True, slots=True)
class Transcripts:
    """An opened database: its doors to one writer."""

    store: TranscriptStore
    accounts: StaffAccounts
    audit: AuditLog
    outbox: Outbox
    retention: Retention
    desk: DeskStore
    finding: SqlFinding
    figures: SqlFigures
    mentions: Mentions
    widgets: WidgetScripts
    roll_call: RollCall
    facts: Mapping[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Store what was submitted, then close."""
        self.store.close()
