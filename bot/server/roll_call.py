"""Tells the other nodes who is here through the database too, so that a bus may be away for long.

Each node answers the roll call every few seconds: a number that rises, and who is with it. A node
whose number stands still says nothing, whatever its row holds, so a node that was killed is
forgotten as one that fell silent on the bus. No clock of another machine is trusted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bot.server.desk import Desk
from bot.server.logs import log_of
from bot.server.presence import REPEAT_SECONDS, Presence
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.roll_call import RollCall

STRIKE_SECONDS = 600.0
"""A row whose number stood still for so long is of a node that is gone."""

LEAVE_SECONDS = 2.0

ROUNDS = 3
"""After so many every node that is alive has answered anew, and who has not is not there."""

FRESH_SECONDS = 3 * REPEAT_SECONDS
"""What was read no longer ago tells who is away, even without a bus."""

log = log_of(__name__)


class RollCaller:
    """One node's part in the roll call.

    Args:
        node: the name of this node, as in the lines of presence.
        desk: runs what waits for the database.
        rows: the roll call.
        presence: who is here, on this node; learns who is on the others.
        changed: called when who is here may have changed.
        monotonic: the clock, in seconds.
    """

    def __init__(
        self,
        node: str,
        desk: Desk,
        rows: RollCall,
        presence: Presence,
        changed: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._node = node
        self._desk = desk
        self._rows = rows
        self._presence = presence
        self._changed = changed
        self._monotonic = monotonic
        self._beat = 0
        self._beats: dict[str, tuple[int, float]] = {}
        self._rounds = 0
        self._read_at = 0.0

    @property
    def is_fresh(self) -> bool:
        """Whether it is known from here who is on the other nodes."""
        return self._rounds >= ROUNDS and self._monotonic() - self._read_at < FRESH_SECONDS

    async def repeat(self, seconds: float = REPEAT_SECONDS) -> None:
        """Answer and read, for ever."""
        while True:
            try:
                await self.call()
            except TranscriptsError as error:
                log.warning("roll_call.away", why=str(error))
            await asyncio.sleep(seconds)

    async def call(self) -> None:
        """Answer once, and read what the others answered."""
        self._beat += 1
        await self._desk.wait(self._rows.answer(self._node, self._beat, self._presence.here()))
        answers = await self._desk.read(self._rows.answers)
        now = self._monotonic()
        for one in answers:
            beat, since = self._beats.get(one.node, (one.beat, now))
            moved = one.beat != beat
            self._beats[one.node] = one.beat, now if moved else since
            if moved and one.node != self._node:
                self._presence.read(one.node, one.staff)
        self._read_at, self._rounds = now, self._rounds + 1
        self._changed()
        await self._strike({one.node for one in answers}, now)

    async def leave(self) -> None:
        """Take this node off the roll; it ends. Not worth a wait: its number stands still now."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._desk.wait(self._rows.strike([self._node]))
        except (TranscriptsError, TimeoutError) as error:
            log.warning("roll_call.away", why=str(error))

    async def _strike(self, there: set[str], now: float) -> None:
        """Forget rows that are gone, and take those off that stood still for long."""
        self._beats = {node: known for node, known in self._beats.items() if node in there}
        still = [
            node
            for node, (_, since) in self._beats.items()
            if node != self._node and now - since > STRIKE_SECONDS
        ]
        if still:
            await self._desk.wait(self._rows.strike(still))
