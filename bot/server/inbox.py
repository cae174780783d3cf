"""Keeps every inbox in step: lines that change, places in the queue, who is here, who went away.

Changes are gathered for a moment and read from the transcript together, so that a busy shop costs
a few reads a second and not one for each message and each inbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

from bot.answering.shop import Shop
from bot.conversation.commands import BotNotices, ClaimerGoesAway
from bot.conversation.errors import Refused
from bot.conversation.events import ConversationId, EventKind, StaffId, Stage
from bot.handoff.queue import places
from bot.server.audience import summary_json
from bot.server.desk import Desk
from bot.server.logs import log_of
from bot.server.presence import REPEAT_SECONDS, Presence
from bot.server.switchboard import Switchboard
from bot.server.turns import language_from
from bot.settings import Settings
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.store import Recorded, Summary

GATHER_SECONDS = 0.05
"""Changes within this time are read and sent together."""

INBOX_LINES = 500

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

    def follows(self, conversation: ConversationId) -> bool:
        """Whether the person looks at this conversation."""
        ...


class Inbox:
    """What the inboxes of this node show. Made on the running event loop.

    Args:
        desk: reads and stores.
        switchboard: carries queue places to shoppers.
        presence: who is here.
        shop: the text for when nobody is.
        settings: when a holder counts as gone.
    """

    def __init__(
        self,
        desk: Desk,
        switchboard: Switchboard,
        presence: Presence,
        shop: Shop,
        settings: Settings,
    ) -> None:
        self._desk = desk
        self._switchboard = switchboard
        self.presence = presence
        self._shop = shop
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._listeners: set[InboxListener] = set()
        self._changed: set[ConversationId] = set()
        self._lines: dict[ConversationId, Summary] = {}
        self._places: dict[ConversationId, int] = {}
        self._told: dict[ConversationId, tuple[int, int, int]] = {}
        self._flush_soon: asyncio.TimerHandle | None = None
        self._present_told = 0
        self._away: dict[StaffId, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        desk.hear(self._hear)

    async def start(self) -> None:
        """Read the inbox, and wait for holders who are not here."""
        await self._flush()
        for holder in {line.holder.id for line in self._lines.values() if line.holder}:
            if not self.presence.is_connected(holder):
                self._wait_for(holder)
        self._spawn(self._repeat_presence())

    def close(self) -> None:
        """Stop."""
        for timer in (*self._away.values(), self._flush_soon):
            if timer is not None:
                timer.cancel()
        for task in self._tasks:
            task.cancel()

    # -- people ------------------------------------------------------------------------------

    def came(self, listener: InboxListener, present: bool) -> None:
        """Note an open inbox, or that its person is now willing or not."""
        self._listeners.add(listener)
        self.presence.came(listener.staff, listener, present)
        timer = self._away.pop(listener.staff, None)
        if timer is not None:
            timer.cancel()
        self.presence_changed()

    def went(self, listener: InboxListener) -> None:
        """Note a closed inbox; who closes the last one has a while to come back."""
        self._listeners.discard(listener)
        self.presence.went(listener.staff, listener)
        if not self.presence.is_connected(listener.staff):
            self._wait_for(listener.staff)
        self.presence_changed()

    def presence_changed(self) -> None:
        """Tell inboxes and waiting shoppers how many are here, when that changed."""
        present = self.presence.present
        if present == self._present_told:
            return
        self._present_told = present
        for listener in self._listeners:
            listener.send("presence", staff_present=present)
        self._tell_places()

    def _wait_for(self, staff: StaffId) -> None:
        old = self._away.pop(staff, None)
        if old is not None:
            old.cancel()
        seconds = self._settings.staff_away_seconds
        self._away[staff] = self._loop.call_later(
            seconds, lambda: self._spawn(self._give_back(staff))
        )

    async def _give_back(self, staff: StaffId) -> None:
        """Put what somebody held, who did not come back, into the queue again."""
        self._away.pop(staff, None)
        if self.presence.is_connected(staff):
            return
        for line in await self._desk.read(self._desk.store.inbox, INBOX_LINES):
            if line.holder is not None and line.holder.id == staff:
                await self._submit(line.conversation, ClaimerGoesAway(staff))

    async def _repeat_presence(self) -> None:
        while True:
            await asyncio.sleep(REPEAT_SECONDS)
            self.presence.repeat()
            self.presence_changed()

    # -- lines -------------------------------------------------------------------------------

    def lines(self) -> list[dict[str, Any]]:
        """Give the inbox as it is now."""
        return [self._line(line) for line in self._lines.values()]

    def place_of(self, conversation: ConversationId) -> dict[str, int] | None:
        """Give the fields of `queue` for one shopper, None when they do not wait."""
        place = self._places.get(conversation)
        if place is None:
            return None
        return {
            "place": place,
            "waiting": len(self._places),
            "staff_present": self.presence.present,
        }

    def changed(self, conversation: ConversationId) -> None:
        """Note that a line may have changed."""
        self._changed.add(conversation)
        if self._flush_soon is None:
            self._flush_soon = self._loop.call_later(
                GATHER_SECONDS, lambda: self._spawn(self._flush())
            )

    def _hear(self, recorded: Recorded) -> None:
        state = recorded.state
        if not recorded.events:
            return
        if (
            state.stage in (Stage.WAITING_FOR_STAFF, Stage.WITH_STAFF)
            or state.id in self._lines
            or self._followed(state.id)
        ):
            self.changed(state.id)
        for event in recorded.events:
            if event.kind is EventKind.HANDOFF_REQUESTED and self.presence.present == 0:
                words = self._shop.say("nobody_here", language_from(state.language) or "zh")
                self._spawn(self._submit(state.id, BotNotices(words, "nobody_here")))

    def _followed(self, conversation: ConversationId) -> bool:
        return any(listener.follows(conversation) for listener in self._listeners)

    async def _flush(self) -> None:
        """Read what changed and tell everybody; what changes meanwhile comes next time."""
        self._flush_soon = None
        changed, self._changed = self._changed, set()
        try:
            inbox, others = await self._desk.read(self._read, changed)
        except TranscriptsError as error:
            log.warning("inbox.unreadable", why=str(error))
            for conversation in changed:
                self.changed(conversation)
            return
        before, listed = self._places, set(self._lines)
        self._lines = {line.conversation: line for line in inbox}
        self._places = places(inbox)
        moved = {who for who, place in self._places.items() if before.get(who) != place}
        for conversation in changed | moved:
            line = self._lines.get(conversation)
            if line is None and (conversation in listed or self._followed(conversation)):
                line = others.get(conversation)
            if line is not None:
                self._tell_staff(line)
        self._tell_places()

    def _read(
        self, changed: Iterable[ConversationId]
    ) -> tuple[tuple[Summary, ...], dict[ConversationId, Summary]]:
        inbox = self._desk.store.inbox(INBOX_LINES)
        known = {line.conversation for line in inbox}
        read = (self._desk.store.summary(one) for one in changed if one not in known)
        return inbox, {line.conversation: line for line in read if line is not None}

    def _tell_staff(self, line: Summary) -> None:
        shown = self._line(line)
        for listener in self._listeners:
            listener.send("summary", summary=shown)

    def _tell_places(self) -> None:
        """Tell waiting shoppers their place, when anything about it changed."""
        told: dict[ConversationId, tuple[int, int, int]] = {}
        for conversation, place in self._places.items():
            facts = (place, len(self._places), self.presence.present)
            told[conversation] = facts
            if self._told.get(conversation) != facts:
                fields = self.place_of(conversation) or {}
                frame = {"type": "queue", **fields}
                self._switchboard.signal_here(conversation, "shopper", frame)
        self._told = told

    def _line(self, line: Summary) -> dict[str, Any]:
        return summary_json(line, self._places.get(line.conversation))

    async def _submit(
        self, conversation: ConversationId, command: BotNotices | ClaimerGoesAway
    ) -> None:
        try:
            await self._desk.submit(conversation, command)
        except (Refused, TranscriptsError) as error:
            log.warning("inbox.not_stored", conversation=conversation, why=str(error))

    def _spawn(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
