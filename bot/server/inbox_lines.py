"""What one open inbox has yet to be told of its lines: only the newest of each.

A line is a state and no event: a newer one makes an older one worthless. So when very many change
at once (somebody takes the first of 500 who wait, and all others move up), or an inbox reads
slowly, lines wait here and not in the bounded queue of its connection, which would close it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from bot.conversation.events import ConversationId
from bot.server.outgoing import Outgoing

AT_ONCE = 64
"""Frames that may wait in the queue before lines do; a quarter of what closes a connection."""


class InboxLines:
    """Passes lines on to one connection, as fast as it takes them.

    Args:
        outgoing: the queue of the connection.
        spawn: runs the passing on beside the reading; it ends with the connection.
    """

    def __init__(self, outgoing: Outgoing, spawn: Callable[[Any], None]) -> None:
        self._outgoing = outgoing
        self._spawn = spawn
        self._untold: dict[ConversationId, str] = {}
        self._passing_on = False

    def tell(self, conversation: ConversationId, frame: str) -> None:
        """Send the newest frame about a line now, or as soon as there is room for it."""
        if not self._passing_on and self._outgoing.waiting < AT_ONCE:
            self._outgoing.send(frame)
            return
        self._untold[conversation] = frame  # keeps the place of an older one, whose turn is nearer
        if not self._passing_on:
            self._passing_on = True
            self._spawn(self._pass_on())

    async def _pass_on(self) -> None:
        try:
            while self._untold and not self._outgoing.closing:
                await self._outgoing.drained()
                for conversation in tuple(islice(self._untold, AT_ONCE)):
                    self._outgoing.send(self._untold.pop(conversation))
        finally:
            self._passing_on = False
