"""Finds the turns that a crash, or another node, left behind, so that no shopper waits for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.conversation.conversation import Turn
from bot.conversation.events import TurnId
from bot.server.desk import Desk
from bot.server.logs import log_of
from bot.settings import Settings
from bot.transcripts.errors import TranscriptsError

SWEEP_SECONDS = 5.0
"""How often such turns are looked for."""

OVERDUE_AFTER_SECONDS = 2.0
"""So long after its whole time a turn counts as left behind: its own node had ended it by then."""

log = log_of(__name__)


class LeftTurns:
    """Looks through the open turns again and again.

    Args:
        desk: reads them.
        settings: how long a turn may take, and whether there are other nodes.
        now: the wall clock, UTC.
        resume: takes up a turn, given with how often it had been taken, unless somebody is at it.
    """

    def __init__(
        self,
        desk: Desk,
        settings: Settings,
        now: Callable[[], datetime],
        resume: Callable[[TurnId, int], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._turn_seconds = settings.turn_seconds
        self._alone = not settings.redis_url
        self._now = now
        self._resume = resume
        self._known_since: dict[TurnId, float] = {}

    async def sweep(self) -> None:
        """Have all turns taken up that were open at the start, later those that are overdue."""
        first = True
        while True:
            try:
                # A read that never comes back, its link being dead, must not end all sweeping.
                async with asyncio.timeout(self._turn_seconds):
                    await self._look(first)
            except TranscriptsError as error:
                log.warning("turns.unreadable", why=str(error))
            except TimeoutError:
                log.warning("turns.unreadable", why="the database does not answer")
            first = False
            await asyncio.sleep(SWEEP_SECONDS)

    async def _look(self, first: bool) -> None:
        turns = await self._desk.read(self._desk.store.open_turns)
        now = time.monotonic()
        self._known_since = {turn.id: self._known_since.get(turn.id, now) for turn in turns}
        for turn in turns:
            if (first and self._alone) or self._is_overdue(turn):
                await self._resume(turn.id, turn.attempt)

    def _is_overdue(self, turn: Turn) -> bool:
        # By either clock: this node's wall clock may be a day behind that of the one that died.
        limit = self._turn_seconds + OVERDUE_AFTER_SECONDS
        asked_for = (self._now() - turn.asked_at).total_seconds()
        return asked_for > limit or time.monotonic() - self._known_since[turn.id] > limit
