"""What waits to be sent on one websocket: a bounded queue, and the one task that empties it.

A reader that is slower than its conversation loses its connection, never an event: it resumes.
The task lives only while something waits, so an idle connection costs no task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.utils import ClientDisconnected

from bot.server.wire import SLOW_READER
from bot.settings import Settings

CLOSE_SECONDS = 5.0
"""How long a close frame may take before the link is cut."""


class Outgoing:
    """The outgoing half of one websocket.

    Args:
        websocket: accepted.
        settings: the limits of the queue.
        cut_off: ends the link at once, without a closing handshake.
    """

    def __init__(
        self, websocket: WebSocket, settings: Settings, cut_off: Callable[[], None]
    ) -> None:
        self._websocket = websocket
        self._settings = settings
        self._cut_off = cut_off
        # No deque and no event that waits for its use: each costs every idle visitor 700 bytes.
        self._frames: list[tuple[str, int]] = []
        self._bytes = 0
        self._sender: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None
        self._closed = False
        self._close_waited: asyncio.Event | None = None
        self._room: asyncio.Event | None = None

    @property
    def closing(self) -> bool:
        """Whether the connection is ending; nothing more is sent then."""
        return self._closing is not None

    @property
    def waiting(self) -> int:
        """How many frames wait to be sent."""
        return len(self._frames)

    def send(self, frame: str) -> None:
        """Queue one frame; a queue that is full closes the connection with 4208."""
        if self._closing is not None:
            return
        size = len(frame) if frame.isascii() else len(frame.encode("utf-8"))
        over_events = len(self._frames) >= self._settings.queue_events
        over_bytes = self._frames and self._bytes + size > self._settings.queue_bytes
        if over_events or over_bytes:
            self.close(SLOW_READER, "slow reader")
            return
        self._frames.append((frame, size))
        self._bytes += size
        if self._sender is None:
            self._sender = asyncio.create_task(self._empty())

    def close(self, code: int, reason: str = "") -> None:
        """Close after what is queued, or, for a slow reader, without it."""
        if self._closing is not None:
            return
        self._closing = (code, reason)
        if code == SLOW_READER:
            self._frames.clear()
            self._bytes = 0
        if self._sender is None:
            self._sender = asyncio.create_task(self._empty())

    def abandon(self) -> None:
        """Forget everything: the peer is gone."""
        self._closing = self._closing or (1006, "")
        self._frames.clear()
        self._be_closed()
        if self._sender is not None:
            self._sender.cancel()

    async def drained(self) -> None:
        """Wait until nothing waits, for those who would send more than the queue holds."""
        if self._sender is not None and self._closing is None:
            self._room = self._room or asyncio.Event()
            await self._room.wait()

    async def wait_closed(self) -> None:
        """Wait until the close frame is out or the link is cut."""
        if not self._closed:
            self._close_waited = asyncio.Event()
            await self._close_waited.wait()

    def _be_closed(self) -> None:
        self._closed = True
        if self._close_waited is not None:
            self._close_waited.set()

    async def _empty(self) -> None:
        try:
            while self._frames:
                frame, size = self._frames.pop(0)
                async with asyncio.timeout(self._settings.sends_stall_seconds):
                    await self._websocket.send_text(frame)
                self._bytes -= size
            if self._closing is not None:
                code, reason = self._closing
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._websocket.close(code, reason)
        except TimeoutError:
            self._closing = self._closing or (SLOW_READER, "slow reader")
            self._cut_off()
        except (WebSocketDisconnect, ClientDisconnected, RuntimeError):
            # The peer went away between two frames; the reading half is told and ends.
            self._closing = self._closing or (1006, "")
        finally:
            self._sender = None
            if self._room is not None:
                self._room.set()
                self._room = None
            if self._closing is not None:
                self._frames.clear()
                self._bytes = 0
                self._be_closed()
