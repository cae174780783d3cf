"""What the rest of the bot may ask of the transcripts: conversations, and the doors beside them.

Writing returns a future that resolves only after the commit is durable; reading is synchronous and
sees everything committed before it began. Nothing here knows SQL; `bot.transcripts.open` opens the
real store. Every method, here and behind each door, may be called from any thread, none of them
from an event loop without a worker thread between (reading waits for the disk).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.conversation.commands import Begin, Command, FirstWords
from bot.conversation.conversation import ConversationState, Turn
from bot.conversation.events import ConversationId, Event, Stage, TurnId
from bot.transcripts.records import (
    Begun,
    ComesBack,
    Counts,
    Found,
    Missed,
    ReadMarks,
    Recorded,
    ReplayLimits,
    Summary,
    TurnContext,
    View,
)

if TYPE_CHECKING:
    from bot.transcripts.accounts import StaffAccounts
    from bot.transcripts.audit import AuditLog
    from bot.transcripts.desk import DeskStore
    from bot.transcripts.figures import Figures
    from bot.transcripts.finding import Finding
    from bot.transcripts.mentions import Mentions
    from bot.transcripts.outbox import Outbox
    from bot.transcripts.retention import Retention
    from bot.transcripts.roll_call import RollCall
    from bot.transcripts.widget_scripts import WidgetScripts


class TranscriptStore(Protocol):
    """Keeps conversations. The only truth; sockets and buses are wake-ups.

    Attributes:
        epoch: names this history. It changes when a backup is restored, and then a client's
            `last_seq` means nothing any more (`start_over`).
        only_writer: whether conversations change through this process alone (SQLite), but for tools
            beside the server: then what it records is all that happens.
        refuses: the disk or the database refused just now, or of late and has stored nothing since.
    """

    @property
    def epoch(self) -> str:
        """See above."""
        ...

    @property
    def only_writer(self) -> bool:
        """See above."""
        ...

    @property
    def refuses(self) -> bool:
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

    def gather(self, seconds: float) -> None:
        """From now on let those who submit at once wait so long for others, to share a commit.

        Who submits alone never waits. 0, as at the start: nobody does.
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

    def until_handoff(self, conversation: ConversationId, limit: int = 100) -> tuple[Event, ...]:
        """The newest `handoff_requested` and what went before it, `limit` events in rising order.

        Empty where nobody was asked to take over.
        """
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
        self, conversation: ConversationId, of: int | None = None
    ) -> Mapping[TurnId, Mapping[str, Any]]:
        """Why the bot said what it said, by turn. Staff only.

        Args:
            of: number of the only event of interest: a long talk has megabytes of them.
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

    def summaries(self, conversations: Collection[ConversationId]) -> dict[ConversationId, Summary]:
        """The lines of those of the conversations that exist, read in one moment."""
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
class Transcripts:
    """An opened database: its doors to one writer.

    Attributes:
        store: conversations themselves.
        facts: which database this is, for the log and for metrics; no address, no secret.
    """

    store: TranscriptStore
    accounts: StaffAccounts
    audit: AuditLog
    outbox: Outbox
    retention: Retention
    desk: DeskStore
    finding: Finding
    figures: Figures
    mentions: Mentions
    widgets: WidgetScripts
    roll_call: RollCall
    facts: Mapping[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Store what was submitted, then close."""
        self.store.close()
