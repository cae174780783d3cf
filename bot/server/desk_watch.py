"""Looks at the desk again and again: deadlines that pass, holders who went away, who gets whom.

Every node looks, and every decision goes through the stage table, so that two nodes that decide
alike, or differently, at the same moment do no harm: the second is refused.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.conversation.commands import ClaimerGoesAway, ReplyIsLate, StaffClaims
from bot.conversation.events import ConversationId, StaffId, Stage
from bot.handoff.away import Holding, overdue
from bot.handoff.queue import in_order
from bot.handoff.routing import Mode, Need, assign
from bot.server.colleagues import holdings
from bot.server.desk import Desk
from bot.server.inbox import Inbox
from bot.server.logs import log_of
from bot.settings import Settings
from bot.transcripts.desk import DeskStore
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.records import Summary

LOOK_SECONDS = 0.5

GIVEN_LATELY = timedelta(days=2)
"""Whose turn it is in round robin is told by the claims of this time."""

PACE_SECONDS = 10.0
"""How often the claims of the last time are read, while somebody waits."""

SETTLES_SECONDS = 5.0
"""So long a conversation that was given is not given again, until the inbox shows who has it."""

log = log_of(__name__)


class DeskWatch:
    """The timers of the desk on this node. Made on the running event loop.

    Args:
        inbox: the lines, deadlines and who is here.
        desk: runs reads.
        kept: when each person got a conversation.
        settings: patience and mode.
        now: the wall clock, UTC.
        monotonic: a clock that never jumps, for how long somebody has been away.
    """

    def __init__(
        self,
        inbox: Inbox,
        desk: Desk,
        kept: DeskStore,
        settings: Settings,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox = inbox
        self._desk = desk
        self._kept = kept
        self._settings = settings
        self._mode = Mode(settings.routing)
        self._now = now
        self._monotonic = monotonic
        self._look_now = asyncio.Event()
        self._states_told: dict[ConversationId, str] = {}
        self._away_since: dict[StaffId, datetime] = {}
        self._pace_at = self._given_at = 0.0
        self._given: Mapping[str, datetime] = {}
        self._giving: dict[ConversationId, tuple[StaffId, float]] = {}
        inbox.lines_changed = self._look_now.set

    async def run(self) -> None:
        """Look for ever, and at once when the lines have changed."""
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look_now.wait()
            except TimeoutError:
                pass
            self._look_now.clear()
            try:
                await self.look()
            except TranscriptsError as error:
                log.warning("desk.unreadable", why=str(error))
            except Exception:  # the edge of this loop: one odd line must not stop every timer
                log.exception("desk.fault")

    async def look(self) -> None:
        """Look once."""
        self._inbox.storing_changed()
        lines = self._inbox.known_lines()
        await self._watch_deadlines(lines)
        await self._give_back(lines)
        await self._read_pace()
        if self._mode is not Mode.PICK:
            await self._route(lines)

    async def _read_pace(self) -> None:
        """Read how fast shoppers were taken lately, while somebody waits."""
        room, now = self._inbox.waiting_room, self._monotonic()
        if room.is_anybody_waiting() and now >= self._pace_at:
            self._pace_at = now + PACE_SECONDS
            room.claimed_at = await self._desk.read(self._kept.recent_claims)
            room.tell()

    # -- deadlines ---------------------------------------------------------------------------

    async def _watch_deadlines(self, lines: Sequence[Summary]) -> None:
        states: dict[ConversationId, str] = {}
        for line in lines:
            deadline = self._inbox.deadline(line)
            if deadline is None or line.owed_since is None:
                continue
            states[line.conversation] = deadline.state
            before = self._states_told.get(line.conversation, "running")
            if deadline.state not in (before, "running"):
                self._inbox.tell_again(line.conversation)  # as it is now, not as it was here
            if deadline.state == "late" and not line.late_told:
                late = ReplyIsLate(line.owed_since, deadline.kind)
                await self._inbox.submit(line.conversation, late)
        self._states_told = states

    # -- holders who went away ---------------------------------------------------------------

    async def _give_back(self, lines: Sequence[Summary]) -> None:
        """Put what somebody held, who did not come back, into the queue again.

        Whose account was disabled cannot come back, so that goes at once, whatever the patience.
        """
        holders = {line.holder.id for line in lines if line.holder is not None}
        # A clock that never jumps, as moments: a change of the wall clock sends nobody away.
        steady = datetime.fromtimestamp(0, UTC) + timedelta(seconds=self._monotonic())
        self._away_since = {
            staff: self._away_since.get(staff, steady)
            for staff in holders
            if self._inbox.is_away(staff)
        }
        held = [
            Holding(line.conversation, line.holder.id, line.waiting_since)
            for line in lines
            if line.holder is not None
        ]
        patience = self._settings.staff_away_seconds
        left = {staff for staff in holders if await self._inbox.colleagues.has_left(staff)}
        orphaned = [one for one in held if one.holder in left]
        late = overdue(held, self._away_since, steady, patience)
        for one in dict.fromkeys((*orphaned, *late)):
            await self._inbox.submit(one.conversation, ClaimerGoesAway(one.holder))

    # -- routing -----------------------------------------------------------------------------

    async def _route(self, lines: Sequence[Summary]) -> None:
        """Give waiting shoppers to people, by language, skill and load; angry ones first."""
        self._forget_settled(lines)
        waiting = [
            (line.conversation, Need(line.language, line.intent))
            for line in in_order(lines)
            if line.stage is Stage.WAITING_FOR_STAFF and line.conversation not in self._giving
        ]
        if not waiting or self._inbox.presence.present == 0:
            return
        await self._read_given()
        holding = holdings(lines) + Counter(staff for staff, _ in self._giving.values())
        colleagues = self._inbox.colleagues.for_routing(holding, self._given)
        for conversation, staff in assign(waiting, colleagues, self._mode, self._now()):
            self._giving[conversation] = (staff, self._monotonic() + SETTLES_SECONDS)
            self._given = {**self._given, staff: self._now()}
            claims = StaffClaims(staff, self._inbox.colleagues.name_of(staff), routed=True)
            await self._inbox.submit(conversation, claims)

    async def _read_given(self) -> None:
        """Read whose turn it is; what this node gave meanwhile is known already."""
        if self._monotonic() >= self._given_at:
            self._given_at = self._monotonic() + PACE_SECONDS
            self._given = await self._desk.read(self._kept.last_given, self._now() - GIVEN_LATELY)

    def _forget_settled(self, lines: Sequence[Summary]) -> None:
        waiting = {line.conversation for line in lines if line.stage is Stage.WAITING_FOR_STAFF}
        now = self._monotonic()
        self._giving = {
            conversation: (staff, until)
            for conversation, (staff, until) in self._giving.items()
            if conversation in waiting and until > now
        }
