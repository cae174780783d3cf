"""A staff member's page as docs/wire.md wants it: it follows conversations and gives commands."""

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets

from tests.bot.server.floor import PASSWORD

PATIENCE = 30


@dataclass(eq=False)
class StaffPage:
    """One open inbox.

    Attributes:
        events: of each followed conversation, by number.
        newest: the last number shown of each.
        summaries: the newest line of each conversation in the inbox.
        broken: rules of the wire that the server broke.
    """

    socket: Any
    me: dict[str, Any] = field(default_factory=dict)
    events: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    opened: dict[str, dict[str, Any]] = field(default_factory=dict)
    summaries: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    close_code: int | None = None

    def __post_init__(self) -> None:
        self._changed = asyncio.Event()

    async def follow(self, conversation: str, last_seq: int | None = None) -> dict[str, Any]:
        """Open a conversation, from a number on; gives the `opened` frame."""
        self.opened.pop(conversation, None)
        self.newest[conversation] = last_seq or 0
        facts = {} if last_seq is None else {"last_seq": last_seq}
        await self.send(type="open", conversation=conversation, **facts)
        await self.until(lambda: conversation in self.opened)
        return self.opened[conversation]

    async def command(self, type: str, conversation: str, **facts: Any) -> dict[str, Any]:
        """Give a command; gives the `done` or `refused` frame."""
        before = len(self.answers)
        await self.send(type=type, conversation=conversation, **facts)
        return await self._answer(before, lambda frame: frame.get("what") == type)

    async def say(self, conversation: str, text: str, type: str = "say") -> dict[str, Any]:
        """Write to the shopper, or a note; gives the `accepted` or `refused` frame."""
        id = str(uuid.uuid4())
        before = len(self.answers)
        await self.send(type=type, conversation=conversation, id=id, text=text)
        return await self._answer(before, lambda frame: frame.get("id") == id)

    async def _answer(self, before: int, mine: Any) -> dict[str, Any]:
        await self.until(lambda: any(mine(frame) for frame in self.answers[before:]))
        return next(frame for frame in self.answers[before:] if mine(frame))

    async def until_shown(self, conversation: str, seq: int) -> None:
        """Wait until everything up to a number is shown."""
        await self.until(lambda: self.newest[conversation] >= seq)

    async def until(self, true: Any, seconds: float = PATIENCE) -> None:
        """Wait until something holds of this page."""
        async with asyncio.timeout(seconds):
            while not true():
                assert self.close_code is None, f"closed with {self.close_code}"
                self._changed.clear()
                await self._changed.wait()

    async def send(self, **frame: Any) -> None:
        """Send any frame."""
        await self.socket.send(json.dumps(frame))

    async def read(self) -> None:
        """Take frames until the socket ends."""
        try:
            while True:
                self._take(json.loads(await self.socket.recv()))
                self._changed.set()
        except websockets.ConnectionClosed as end:
            self.close_code = end.rcvd.code if end.rcvd else 1006
            self._changed.set()

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.me = frame["me"]
                self.summaries = {line["conversation"]: line for line in frame["inbox"]}
            case "summary":
                self.summaries[frame["summary"]["conversation"]] = frame["summary"]
            case "opened":
                self._opened(frame)
            case "event":
                self._show(frame["conversation"], frame["event"])
            case "done" | "accepted" | "refused":
                self.answers.append(frame)

    def _opened(self, frame: dict[str, Any]) -> None:
        conversation = frame["conversation"]
        shown = self.events.setdefault(conversation, {})
        seqs = [event["seq"] for event in frame["events"]]
        if seqs and seqs[0] != self.newest[conversation] + 1:
            shown.clear()  # `first_seq` says so: older ones come by `more`
        for event in frame["events"]:
            shown[event["seq"]] = event
        if seqs:
            self.newest[conversation] = seqs[-1]
        self.opened[conversation] = frame

    def _show(self, conversation: str, event: dict[str, Any]) -> None:
        seq, newest = event["seq"], self.newest[conversation]
        if seq != newest + 1:
            self.broken.append(f"event {seq} of {conversation} came after {newest}")
        self.newest[conversation] = max(seq, newest)
        self.events[conversation][seq] = event


@asynccontextmanager
async def staff_page(origin: str, login: str = "mei", kind: type[StaffPage] = StaffPage):
    """Sign in at a node and open the inbox.

    Args:
        origin: "http://127.0.0.1:PORT" of the node.
        login: "mei" or "li".
        kind: of the page that is made.
    """
    async with httpx.AsyncClient(base_url=origin, timeout=20) as web:
        answer = await web.post("/api/sign-in", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
        address = origin.replace("http", "ws", 1) + "/ws/staff"
        async with websockets.connect(
            address,
            origin=websockets.Origin(origin),
            compression=None,
            ping_interval=None,
            max_size=None,
            additional_headers={"Cookie": cookie},
        ) as socket:
            page = kind(socket)
            page.web = web  # type: ignore[attr-defined]
            reading = asyncio.create_task(page.read())
            await page.send(type="hello", protocol=1, csrf=answer.json()["csrf"])
            await page.until(lambda: page.me)
            try:
                yield page
            finally:
                await socket.close()
                await reading
