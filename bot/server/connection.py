"""What both websockets share: the reading loop, refusals, ticks and the end.

    hello in time -> frames, one after the other -> the end, for whatever reason

Nothing that a client sends ends anything but its own connection.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from typing import Any, ClassVar, TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.clock import wall_clock
from bot.errors import RequestRefused
from bot.server import frames, wire
from bot.server.audience import iso
from bot.server.logs import log_of
from bot.server.metrics import Metrics
from bot.server.outgoing import Outgoing
from bot.server.rates import Window
from bot.server.refusals import refusal_of
from bot.server.transports import cut_off_of
from bot.settings import Settings
from bot.transcripts.errors import TranscriptsError

log = log_of(__name__)

F = TypeVar("F", bound=frames.Frame)


class Ended(Exception):
    """The connection must end.

    Attributes:
        code: the close code.
        refusal: what the client is told before, None for nothing.
        reason: stands beside the code.
    """

    def __init__(self, code: int, refusal: RequestRefused | None = None, reason: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.refusal = refusal
        self.reason = reason


class AlreadyTold(Exception):
    """The frame was refused and the client was told."""


class Connection(ABC):
    """Serves one accepted websocket; the two kinds say what their frames do.

    Args:
        websocket: accepted.
        settings: limits and times.
        metrics: what is counted.
    """

    who: ClassVar[str]
    known_frames: ClassVar[dict[str, type[frames.Frame]]]

    def __init__(self, websocket: WebSocket, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.outgoing = Outgoing(websocket, settings, cut_off_of(websocket.scope))
        self._websocket = websocket
        self._loop = asyncio.get_running_loop()
        self._bad_frames = Window(settings.bad_frames, 60)
        self._tasks: set[asyncio.Task[None]] = set()
        self._tick_timer: asyncio.TimerHandle | None = None

    # -- what the kinds define ---------------------------------------------------------------

    @abstractmethod
    async def greet(self, frame: frames.Frame) -> None:
        """Answer the first frame."""

    @abstractmethod
    async def take(self, frame: frames.Frame) -> None:
        """Do what a later frame asks."""

    @abstractmethod
    def take_rate(self, frame: frames.Frame) -> None:
        """Refuse a frame that comes too soon."""

    def about(self, frame: frames.Frame) -> dict[str, Any]:
        """Give the fields by which a refusal says what of; none where an id says so."""
        return {}

    @abstractmethod
    def leave(self) -> None:
        """Let go of everything; called once, at the end."""

    # -- the life of a connection ------------------------------------------------------------

    async def serve(self) -> None:
        """Serve until either side ends it."""
        self.metrics.sockets.labels(self.who).inc()
        try:
            await self._serve()
        except Ended as end:
            if end.refusal is not None:
                self.refuse(end.refusal)
            self.outgoing.close(end.code, end.reason)
        except (WebSocketDisconnect, asyncio.CancelledError):
            self.outgoing.abandon()
            raise
        except Exception:  # the edge of a connection: one broken connection, nothing else
            log.exception("connection.fault", who=self.who)
            self.outgoing.close(1011, "fault")
        finally:
            self._finish()
        await self.outgoing.wait_closed()

    async def _serve(self) -> None:
        try:
            async with asyncio.timeout(self.settings.hello_seconds):
                await self._until_greeted()
        except TimeoutError:
            raise Ended(wire.NO_HELLO) from None
        self._schedule_tick()
        while not self.outgoing.closing:
            frame = await self._read()
            if frame is not None:
                await self._answered(self._take_in_time(frame), **self.about(frame))

    async def _until_greeted(self) -> None:
        while True:
            frame = await self._read()
            if frame is not None and await self._answered(self._greet(frame)):
                return

    async def _greet(self, frame: frames.Frame) -> None:
        if getattr(frame, "type", "") != "hello":
            raise wire.FrameRefused("Say `hello` first.", "请先发送 hello。", code="hello_first")
        if getattr(frame, "protocol", 0) != wire.PROTOCOL:
            raise Ended(wire.UNSUPPORTED_PROTOCOL)
        await self.greet(frame)

    async def _read(self) -> frames.Frame | None:
        """Read and decode one frame; None for one that was refused."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        self.metrics.frames.labels(self.who).inc()
        text = message.get("text")
        raw = text if text is not None else message["bytes"]
        try:
            return wire.decode(raw, self.known_frames, self.settings)
        except wire.FrameRefused as refusal:
            self.refuse(refusal)
            self._count_bad_frame()
            return None

    async def _take_in_time(self, frame: frames.Frame) -> None:
        self.take_rate(frame)
        await self.take(frame)

    async def _answered(self, work: Awaitable[None], **about: Any) -> bool:
        """Do it; a refusal, `about` what, is told to the client and the connection lives on."""
        try:
            await work
        except AlreadyTold:
            return False
        except RequestRefused as refusal:
            self.refuse(refusal, **about)
            return False
        except TranscriptsError as error:
            self.refuse(refusal_of(error), **about)
            return False
        return True

    def _count_bad_frame(self) -> None:
        try:
            self._bad_frames.take(self)
        except RequestRefused:
            raise Ended(wire.TOO_MANY_BAD_FRAMES) from None

    def _finish(self) -> None:
        self.metrics.sockets.labels(self.who).dec()
        if self._tick_timer is not None:
            self._tick_timer.cancel()
        for task in self._tasks:
            task.cancel()
        self.leave()

    # -- for the kinds -----------------------------------------------------------------------

    def send(self, type: str, **fields: Any) -> None:
        """Queue one frame."""
        self.outgoing.send(wire.encode(type, **fields))

    def refuse(self, refusal: RequestRefused, **about: Any) -> None:
        """Tell the client what was refused and why."""
        self.metrics.refused.labels(refusal.code).inc()
        self.outgoing.send(wire.refused(refusal, **about))

    def tick(self) -> None:
        """Show that this side is alive."""
        self.send("tick", at=iso(wall_clock()))

    def lost(self) -> None:
        """End because the transcript could not be read: the client comes again and resumes."""
        self.outgoing.close(wire.SLOW_READER, "resume")

    def restarting(self, retry_after_seconds: float) -> None:
        """End because the server does; the reason says when to come again."""
        reason = json.dumps({"retry_after": retry_after_seconds})
        self.outgoing.close(wire.RESTARTING, reason)

    def must_be(self, frame: frames.Frame, kind: type[F]) -> F:
        """Narrow a frame to the kind it is."""
        assert isinstance(frame, kind)
        return frame

    def spawn(self, work: Any) -> None:
        """Run something beside the reading; it ends with the connection."""
        task = self._loop.create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Cancelled before its first step, it would be missed as work that nobody ever began.
        task.add_done_callback(lambda _: work.close())

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except TranscriptsError as error:
            log.warning("connection.side_work", who=self.who, why=str(error))

    def _schedule_tick(self) -> None:
        self._tick_timer = self._loop.call_later(self.settings.tick_seconds, self._tick_again)

    def _tick_again(self) -> None:
        if not self.outgoing.closing:
            self.tick()
            self._schedule_tick()
