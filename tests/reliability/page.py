"""A shopper's page as docs/wire.md wants it: it remembers, comes again, resumes, and keeps watch.

Written from the wire's rules alone, without a line of the widget or the server. It keeps what it
was shown by number, what it sent and what was accepted, and writes down in `broken` every rule that
the server breaks: a number twice, a number left out, an acknowledgement that contradicts another.
"""

import asyncio
import json
import os
import random
import time
import uuid
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

PATIENCE = float(os.environ.get("SHOPKEEPER_PATIENCE") or 30)
"""Seconds that a page waits for what must come; more on a machine that others keep busy."""

AGAIN = ("rate_limited", "storage", "overload", "too_many_unaccepted")
"""Refusals after which the same message is simply sent again."""

UNREACHABLE = (
    OSError,
    EOFError,
    TimeoutError,
    websockets.InvalidHandshake,
    websockets.InvalidMessage,
    websockets.ConnectionClosed,
)

Address = Callable[[], tuple[str, str]]
"""Where to connect next: address of the socket, and the origin to name."""


@dataclass(eq=False)
class Page:
    """One page of one conversation.

    Attributes:
        where: asked before each connection.
        chance: decides when it comes again, and makes ids; no two pages may have the same.
        seconds_apart: the longest wait before it comes again, without a hint of the server.
        dead_seconds: it takes the link for dead when nothing came for so long; None never.
        in_flight: messages sent before the first of them is accepted.
        shown: what is on the screen, by number.
        unsent: id and text of what is not accepted yet, in order.
        accepted: number by id.
        broken: rules of the wire that the server broke.
        refused, retry_after: code of each refusal, and when to try again (0: nothing was said).
        closes: code and `retry_after` of each end that the server announced; 1006 for the others.
        resumed: how often everything that was missed had come.
        away_seconds: how long each absence lasted, from the loss to the last missed event.
    """

    where: Address
    chance: random.Random = field(default_factory=random.SystemRandom)
    seconds_apart: float = 0.05
    dead_seconds: float | None = None
    in_flight: int = 1
    conversation: str | None = None
    token: str | None = None
    epoch: str | None = None
    last_seq: int = 0
    stage: str = "with_bot"
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    unsent: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    closes: list[tuple[int, float | None]] = field(default_factory=list)
    away_seconds: list[float] = field(default_factory=list)
    started_over: int = 0
    resumed: int = 0
    connections: int = 0
    connected: bool = False
    refused: list[str] = field(default_factory=list)
    retry_after: list[float] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    leaving: bool = False

    def __post_init__(self) -> None:
        self._changed = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._under_way: set[str] = set()
        self._sending = asyncio.Lock()
        self._lost_at: float | None = None
        self._first_shown = True
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what a test does ----------------------------------------------------------------------

    @asynccontextmanager
    async def open(self):
        """Live until the block ends."""
        life = asyncio.create_task(self.live())
        try:
            yield self
        finally:
            await self.leave()
            await life

    async def say(self, text: str) -> str:
        """Write something; it is sent now or when there is a link. Gives its id."""
        id = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        self.sent[id] = self.unsent[id] = text
        self.journal.append(f"sent {id}")
        await self._send_unsent()
        return id

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something holds of this page."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"still not so after {seconds} s: {self.told()}") from None

    async def until_accepted(self, seconds: float = PATIENCE) -> None:
        """Wait until nothing is unsent."""
        await self.until(lambda: not self.unsent, seconds)

    async def until_shown(self, seq: int, seconds: float = PATIENCE) -> None:
        """Wait until everything up to a number is shown."""
        await self.until(lambda: self.last_seq >= seq, seconds)

    async def send(self, **frame: Any) -> None:
        """Send any frame, now."""
        assert self._socket is not None
        await self._socket.send(json.dumps(frame))

    async def leave(self) -> None:
        """Go for good."""
        self.leaving = True
        self._changed.set()
        if self._socket is not None:
            await self._socket.close()

    def told(self) -> str:
        """The last lines of the journal, for a failure."""
        return f"{self.conversation} at {self.last_seq}: " + "; ".join(self.journal[-12:])

    def texts(self) -> list[str]:
        """The words on the screen, in order."""
        return [self.shown[seq]["text"] for seq in sorted(self.shown) if self.shown[seq]["text"]]

    # -- connections ---------------------------------------------------------------------------

    async def live(self) -> None:
        """Come again until it leaves."""
        while not self.leaving:
            wait = self.chance.uniform(0, self.seconds_apart)
            try:
                await self._connect()
            except websockets.ConnectionClosed as end:
                wait = self._ended(end, wait)
            except UNREACHABLE as error:
                self.journal.append(f"unreachable {type(error).__name__}")
            self._disconnected()
            if not self.leaving:
                await asyncio.sleep(wait)

    async def _connect(self) -> None:
        url, origin = self.where()
        async with websockets.connect(
            url,
            origin=websockets.Origin(origin),
            compression=None,
            ping_interval=None,
            open_timeout=self.dead_seconds or 10,
            close_timeout=0.2,
            max_size=None,
        ) as socket:
            self._socket = socket
            self._first_shown = True
            await self._hello(socket)
            while not self.leaving:
                try:
                    async with asyncio.timeout(self.dead_seconds):
                        frame = json.loads(await socket.recv())
                except TimeoutError:
                    self.journal.append("the link is dead")
                    socket.transport.abort()
                    return
                await self._take(frame)
                self._changed.set()

    async def _hello(self, socket: ClientConnection) -> None:
        hello: dict[str, Any] = {"type": "hello", "protocol": 1, "language": "en"}
        if self.conversation is not None:
            hello |= {"conversation": self.conversation, "token": self.token}
            hello |= {"epoch": self.epoch, "last_seq": self.last_seq}
        self.journal.append(f"hello {self.last_seq}")
        await socket.send(json.dumps(hello))

    def _ended(self, end: websockets.ConnectionClosed, wait: float) -> float:
        if self.leaving:
            return wait
        code, hint = 1006, None
        if end.rcvd is not None:
            code = end.rcvd.code
            if end.rcvd.reason.startswith("{"):
                hint = json.loads(end.rcvd.reason).get("retry_after")
        self.closes.append((code, hint))
        self.journal.append(f"closed {code}")
        if 4000 <= code <= 4099:
            self.leaving = True
        return wait if hint is None else hint

    def _disconnected(self) -> None:
        if self.connected or self._lost_at is None:
            self._lost_at = time.monotonic()
        self.connected = False
        self._socket = None
        self._under_way.clear()
        self._changed.set()

    # -- frames --------------------------------------------------------------------------------

    async def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self._welcomed(frame)
                if self.conversation is None:
                    self._resumed()
                await self._send_unsent()
            case "begun":
                self.conversation, self.token = frame["conversation"], frame["token"]
                self.last_seq = 0
            case "accepted":
                self._accepted(frame)
                await self._send_unsent()
            case "refused":
                self._refused(frame)
            case _:
                self._take_news(frame)

    def _take_news(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "event":
                self._show(frame["event"])
            case "events":
                for event in frame["events"]:
                    self._show(event)
                if not frame["more"]:
                    self._resumed()
            case "start_over":
                self._start_over(frame)
            case "older":
                self._older(frame)
            case "stage":
                self.stage = frame["stage"]

    def _welcomed(self, frame: dict[str, Any]) -> None:
        self.connections += 1
        self.connected = True
        if self.conversation is None:
            self.epoch = frame["epoch"]
        self.stage = frame["stage"] or self.stage

    def _resumed(self) -> None:
        """Everything that was missed is here."""
        self.resumed += 1
        if self._lost_at is not None:
            self.away_seconds.append(time.monotonic() - self._lost_at)
            self._lost_at = None

    def _show(self, event: dict[str, Any]) -> None:
        seq = event["seq"]
        self.journal.append(f"event {seq}")
        if seq <= self.last_seq:
            self._break(f"event {seq} was shown twice")
        elif seq != self.last_seq + 1:
            self._break(f"event {seq} came after {self.last_seq}")
        self.last_seq = max(self.last_seq, seq)
        self.shown[seq] = event
        if event.get("client_id") in self.unsent:  # kept, though its acknowledgement was lost
            self._settle(event["client_id"], seq)

    def _accepted(self, frame: dict[str, Any]) -> None:
        id, seq = frame["id"], frame["seq"]
        self.journal.append(f"accepted {id} {seq}")
        if self.accepted.get(id, seq) != seq:
            self._break(f"{id} was accepted as {self.accepted[id]}, then as {seq}")
        if seq == self.last_seq + 1:
            self._show(
                {
                    "seq": seq,
                    "kind": "shopper_said",
                    "at": frame["at"],
                    "author": {"role": "shopper"},
                    "text": self.sent[id],
                    "client_id": id,
                }
            )
        elif seq > self.last_seq:
            self._break(f"{id} was accepted as {seq} when {self.last_seq} was the newest shown")
        self._settle(id, seq)

    def _settle(self, id: str, seq: int) -> None:
        self.accepted[id] = seq
        self.unsent.pop(id, None)
        self._under_way.discard(id)

    def _start_over(self, frame: dict[str, Any]) -> None:
        self.journal.append(f"start_over {frame['first_seq']}-{frame['last_seq']}")
        self.started_over += 1
        self.epoch, self.stage, self.last_seq = frame["epoch"], frame["stage"], frame["last_seq"]
        self.shown = {event["seq"]: event for event in frame["events"]}
        if frame["events"]:
            seqs = [event["seq"] for event in frame["events"]]
            if seqs != list(range(frame["first_seq"], frame["last_seq"] + 1)):
                self._break(f"start_over with {seqs[0]} … {seqs[-1]} said otherwise")
        for event in frame["events"]:
            if event.get("client_id") in self.unsent:
                self._settle(event["client_id"], event["seq"])
        self._resumed()

    def _older(self, frame: dict[str, Any]) -> None:
        seqs = [event["seq"] for event in frame["events"]]
        if seqs and seqs[-1] != frame["before"] - 1:
            self._break(f"older than {frame['before']} ended with {seqs[-1]}")
        self.shown = {event["seq"]: event for event in frame["events"]} | self.shown

    def _refused(self, frame: dict[str, Any]) -> None:
        self.refused.append(frame["code"])
        self.retry_after.append(frame.get("retry_after_seconds") or 0.0)
        self.journal.append(f"refused {frame['code']} {frame.get('retry_after_seconds', '')}")
        if frame["code"] in AGAIN and frame.get("id"):
            self._under_way.discard(frame["id"])
            self._later(frame.get("retry_after_seconds") or 0.1)
        elif frame["code"] != "not_yours":
            self._break(f"refused: {frame}")

    def _later(self, seconds: float) -> None:
        async def again() -> None:
            await asyncio.sleep(seconds)
            await self._send_unsent()

        task = asyncio.create_task(again())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_unsent(self) -> None:
        """Send what waits, oldest first, never more than may be under way."""
        async with self._sending:  # one at a time, or a message could be sent twice
            for id, text in list(self.unsent.items()):
                # Only the first message begins a conversation; the others wait for its name.
                room = self.in_flight if self.conversation else 1
                if not self.connected or self._socket is None or len(self._under_way) >= room:
                    return
                if id in self._under_way or id not in self.unsent:
                    continue
                self._under_way.add(id)
                try:
                    await self._socket.send(json.dumps({"type": "say", "id": id, "text": text}))
                except websockets.ConnectionClosed:
                    return

    def _break(self, rule: str) -> None:
        self.journal.append(f"BROKEN {rule}")
        self.broken.append(rule)
