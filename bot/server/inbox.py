"""Keeps every inbox in step: lines that change, deadlines, who is here, who is called.

Changes are gathered for a moment and read from the transcript together, so that a busy shop costs
a few reads a second and not one for each message and each inbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.answering.shop import Shop
from bot.conversation.commands import BotNotices, Command
from bot.conversation.errors import Refused
from bot.conversation.events import ConversationId, EventKind, StaffId, Stage
from bot.handoff.deadlines import Deadline, Limits, Timer, timer_of
from bot.handoff.hours import Calendar
from bot.server.audience import summary_json
from bot.server.colleagues import Colleagues
from bot.server.desk import Desk
from bot.server.known_lines import KnownLines
from bot.server.logs import log_of
from bot.server.opening_hours import OpeningHours
from bot.server.presence import Presence
from bot.server.turns import language_from
from bot.server.waiting_room import WaitingRoom
from bot.server.wire import encode
from bot.settings import Settings
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.records import Recorded, Summary

GATHER_SECONDS = 0.05
"""Changes within this time are read and sent together."""

REST = 4
"""So many times as long as the last reading took pass before the next, when that is longer: with
500 lines that change all the time their reading would otherwise take a quarter of a core."""

LONGEST_REST_SECONDS = 2.0
"""As long as a poll: what was slow because the database hung must not be slow when it is back."""

log = log_of(__name__)


class InboxListener(Protocol):
    """A staff connection, as far as the inbox knows it."""

    @property
    def staff(self) -> StaffId:
        """Whose connection it is."""
        ...

    def send(self, type: str, **fields: Any) -> None:
        """Queue one frame."""
        ...

    def tell_line(self, conversation: ConversationId, frame: str) -> None:
        """Send the newest frame about a line, or skip it for a newer one."""
        ...

    def follows(self, conversation: ConversationId) -> bool:
        """Whether the person looks at this conversation."""
        ...


@dataclass(frozen=True)
class InboxParts:
    """What the inbox works with.

    Attributes:
        others_are_known: whether it is known here who is on the other nodes.
        now: the wall clock, UTC.
    """

    desk: Desk
    presence: Presence
    colleagues: Colleagues
    hours: OpeningHours
    waiting_room: WaitingRoom
    shop: Shop
    settings: Settings
    others_are_known: Callable[[], bool]
    now: Callable[[], datetime]


class Inbox:
    """What the inboxes of this node show. Made on the running event loop.

    Attributes:
        lines_changed: called after the lines were read again.
    """

    def __init__(self, parts: InboxParts) -> None:
        self.presence = parts.presence
        self.waiting_room = parts.waiting_room
        self.colleagues = parts.colleagues
        self.lines_changed: Callable[[], None] = _nothing
        self._parts = parts
        self._desk = parts.desk
        self._limits = Limits(parts.settings.first_reply_seconds, parts.settings.next_reply_seconds)
        self._loop = asyncio.get_running_loop()
        self._listeners: set[InboxListener] = set()
        self._known = KnownLines(parts.desk)
        self._timers: dict[ConversationId, tuple[object, Calendar, Timer | None]] = {}
        self._changed: set[ConversationId] = set()
        self._flush_soon: asyncio.TimerHandle | None = None
        self._look_again: asyncio.TimerHandle | None = None
        self._flushing = False
        self._gather_seconds = GATHER_SECONDS
        self._present_told = 0
        self._stores_told = True
        self._colleagues_told: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._desk.hear(self._hear)

    async def start(self) -> None:
        """Read the inbox."""
        await self._flush()

    def close(self) -> None:
        """Stop."""
        for timer in (self._flush_soon, self._look_again):
            if timer is not None:
                timer.cancel()
        for task in self._tasks:
            task.cancel()

    # -- people ------------------------------------------------------------------------------

    def came(self, listener: InboxListener, present: bool) -> None:
        """Note an open inbox, or that its person is now willing or not, and tell everybody."""
        self.enter(listener, present)
        self.presence_changed()

    def enter(self, listener: InboxListener, present: bool) -> None:
        """Note an open inbox and tell nobody yet, so that its own welcome can come first."""
        self._listeners.add(listener)
        self.presence.came(listener.staff, listener, present)

    def went(self, listener: InboxListener) -> None:
        """Note a closed inbox."""
        self._listeners.discard(listener)
        self.presence.went(listener.staff, listener)
        self.presence_changed()

    def presence_changed(self) -> None:
        """Tell inboxes and waiting shoppers who is here, where that changed."""
        present = self.presence.present
        if present != self._present_told:
            self._present_told = present
            for listener in self._listeners:
                listener.send("presence", staff_present=present)
        self.colleagues_changed()
        self.waiting_room.tell()

    @property
    def stores(self) -> bool:
        """Whether what is said can be stored, as far as it is known on this node."""
        return not self._desk.store.refuses

    def storing_changed(self) -> None:
        """Tell inboxes whether what is said can be stored, where that changed."""
        stores = self.stores
        if stores == self._stores_told:
            return
        self._stores_told = stores
        for listener in self._listeners:
            listener.send("storing", on=stores)

    def colleagues_changed(self) -> None:
        """Tell inboxes who is here and how busy, where that changed."""
        listed = self.listed_colleagues()
        if listed == self._colleagues_told:
            return
        self._colleagues_told = listed
        for listener in self._listeners:
            listener.send("colleagues", colleagues=listed)

    def listed_colleagues(self) -> list[dict[str, Any]]:
        """List everybody who answers, with presence and load."""
        return self.colleagues.listed(self._known.lines.values())

    def is_away(self, staff: str) -> bool:
        """Whether somebody surely has no inbox open; nobody can tell where other nodes are mute."""
        return self._parts.others_are_known() and not self.presence.is_connected(staff)

    def of(self, staff: str | None) -> list[InboxListener]:
        """List the open inboxes of somebody here, or of everybody."""
        return [one for one in self._listeners if staff in (None, one.staff)]

    # -- lines -------------------------------------------------------------------------------

    def lines(self) -> list[dict[str, Any]]:
        """Give the inbox as it is now, as inboxes get it."""
        return [self.shown(line) for line in self._known.lines.values()]

    def known_lines(self) -> tuple[Summary, ...]:
        """Give the inbox as it is now, in the order of the queue."""
        return tuple(self._known.lines.values())

    def shown(self, line: Summary) -> dict[str, Any]:
        """Give one line as inboxes get it."""
        place = self.waiting_room.place_of(line.conversation)
        return summary_json(line, place, self.deadline(line))

    def deadline(self, line: Summary) -> Deadline | None:
        """Tell how the timer of a conversation stands; None when nobody waits for staff."""
        calendar = self._parts.hours.calendar
        since = (line.owed_since, line.staff_spoke)
        known = self._timers.get(line.conversation)
        if known is None or known[0] != since or known[1] is not calendar:
            timer = timer_of(
                line.owed_since,
                staff_has_spoken=line.staff_spoke,
                limits=self._limits,
                calendar=calendar,
            )
            known = (since, calendar, timer)
            if line.conversation in self._known.lines:
                self._timers[line.conversation] = known
        return None if known[2] is None else known[2].at(self._parts.now())

    def tell_again(self, conversation: ConversationId) -> None:
        """Tell every inbox a line as it is known now, for what passing time has changed of it."""
        line = self._known.lines.get(conversation)
        if line is not None:
            self._tell_line(line)

    def _tell_line(self, line: Summary) -> None:
        self._tell(line.conversation, encode("summary", summary=self.shown(line)))

    def _tell(self, conversation: ConversationId, frame: str) -> None:
        for listener in self._listeners:
            listener.tell_line(conversation, frame)

    def changed(self, conversation: ConversationId) -> None:
        """Note that a line may have changed, in a way that nobody told."""
        self._known.doubt(conversation)
        self._has_changed(conversation)

    def _has_changed(self, conversation: ConversationId) -> None:
        self._changed.add(conversation)
        if self._flush_soon is None and not self._flushing:
            self._flush_after(self._gather_seconds)

    def _flush_after(self, seconds: float) -> None:
        self._flush_soon = self._loop.call_later(seconds, lambda: self._spawn(self._flush()))

    def _hear(self, recorded: Recorded) -> None:
        state = recorded.state
        if (
            state.stage in (Stage.WAITING_FOR_STAFF, Stage.WITH_STAFF)
            or state.message_left_at is not None
            or state.id in self._known.lines
            or self._followed(state.id)
        ):
            self._known.note(recorded)
            self._has_changed(state.id)
        for event in recorded.events:
            if event.kind is EventKind.HANDOFF_REQUESTED and self.presence.present == 0:
                notice = self._nobody_here(state.language)
                self._spawn(self.submit(state.id, notice))

    def _nobody_here(self, language: str | None) -> BotNotices:
        """Tell when people answer, in the hours that are in force."""
        known = language_from(language) or "zh"
        words = self._parts.shop.texts["nobody_here"][known]
        hours = self._parts.hours.words()[known]
        return BotNotices(words.format(hours=hours), "nobody_here")

    def _followed(self, conversation: ConversationId) -> bool:
        return any(listener.follows(conversation) for listener in self._listeners)

    async def _flush(self) -> None:
        """Read what changed and tell everybody; what changes meanwhile comes next time.

        One at a time: of two readings beside each other the older could end last.
        """
        self._flush_soon, self._flushing = None, True
        began = self._loop.time()
        try:
            await self._read_and_tell()
        finally:
            self._flushing = False
            took = self._loop.time() - began
            self._gather_seconds = rest_seconds(took)
            if self._changed:
                self._flush_after(self._gather_seconds)
            elif (seconds := self._known.sure_in_seconds()) is not None:
                self._look_again_after(seconds)

    def _look_again_after(self, seconds: float) -> None:
        """Read everything once more when nothing changes any longer."""
        if self._look_again is not None:
            self._look_again.cancel()
        seconds = max(seconds, LONGEST_REST_SECONDS)  # a database that is away is not pressed
        self._look_again = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._look_again = None
        if self._flush_soon is None and not self._flushing:
            self._flush_after(0)

    async def _read_and_tell(self) -> None:
        changed, self._changed = self._changed, set()
        before = self._known.lines
        try:
            others = await self._known.refresh(changed, self._followed)
        except TranscriptsError as error:
            log.warning("inbox.unreadable", why=str(error))
            self._changed |= changed
            return
        lines = self._known.lines
        self._timers = {who: timer for who, timer in self._timers.items() if who in lines}
        moved = self.waiting_room.update(lines)
        # What another node changed is not always told, so each line is compared with its last.
        differ = {
            who
            for who, line in lines.items()
            if (was := before.get(who)) is not line and was != line
        }
        for conversation in changed | moved | differ | (before.keys() - lines.keys()):
            line = lines.get(conversation, others.get(conversation))
            if line is not None:
                self._tell_line(line)
            elif conversation in before:
                self._tell(conversation, encode("gone", conversation=conversation))
        self.waiting_room.tell()
        self.colleagues_changed()
        self.lines_changed()

    async def submit(self, conversation: ConversationId, command: Command) -> bool:
        """Have the desk itself do something; gives whether it was done."""
        try:
            await self._desk.submit(conversation, command)
        except Refused:
            return False  # somebody was quicker, here or on another node
        except TranscriptsError as error:
            log.warning("inbox.not_stored", conversation=conversation, why=str(error))
            return False
        return True

    def _spawn(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def rest_seconds(took: float) -> float:
    """Tell how long to gather changes after a reading that took so many seconds."""
    return min(max(GATHER_SECONDS, REST * took), LONGEST_REST_SECONDS)


def _nothing() -> None:
    """Tell nobody."""
