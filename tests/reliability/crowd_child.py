"""Many light pages in one process, for tests whose clients must cost less than the server.

    python crowd_child.py JSON       {"port", "origin", "address", "count", "first", "questions",
                                      "stays_with_bot"}

Each page opens a socket from `address`, says `first`, and is here when that has been answered, or
been sent to people: it then has a conversation and a token. Pings are answered, everything is read.
Standard output: "here COUNT" when all are here. Standard input, one command a line, each answered
by one line of JSON (`Told`): "told" at once; "talk RATE SECONDS SEED" after so many seconds, in
which a random page says one of `questions` RATE times a second. "{now}" in a text becomes the time
of the machine's monotonic clock in nanoseconds, so that another process can tell how old it is.
Who stays with the bot goes on with it whenever a person would be called, after the seconds that it
takes to read that and to press a button.

The frames are read and written by hand: a whole websocket library for each of 15,000 pages would
keep the core busy that the server needs. The key that masks what a page sends is zero; it exists
against proxies, and there is none.
"""

import asyncio
import json
import random
import struct
import sys
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

AT_ONCE = 20
PATIENCE_SECONDS = 60
PRESSES_AFTER_SECONDS = 1.5, 4.0
BROWSER_HEADERS = """\
Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
Sec-WebSocket-Version: 13
Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits
Pragma: no-cache
Cache-Control: no-cache
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142 Safari/537.36
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: zh-CN,zh;q=0.9,en;q=0.8
""".replace("\n", "\r\n")
"""What a browser sends beside what names the server: it costs memory there."""

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
ENDS = {"bot_answered", "bot_asked", "bot_gave_up", "bot_notice", "handoff_requested"}


@dataclass
class Told:
    """What a crowd tells of its pages.

    Attributes:
        open: sockets that are open; `closed` how many ended, by code (1006 without a word).
        fewest_ticks, fewest_pings: of the page that got the fewest of them.
        refused: refusals by code, but for those of a node that was overloaded: `put_off` counts
            them, and as every page does these send the message again when they were told to.
        said: messages sent by `talk`; `unanswered` those without an end by now.
        accepted_seconds, answered_seconds: how long each took that came.
    """

    open: int = 0
    closed: dict[str, int] = field(default_factory=dict)
    fewest_ticks: int = 0
    fewest_pings: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    put_off: int = 0
    said: int = 0
    unanswered: int = 0
    accepted_seconds: list[float] = field(default_factory=list)
    answered_seconds: list[float] = field(default_factory=list)


class LightPage(asyncio.Protocol):
    """One page. `here` is done when its first words have been answered."""

    def __init__(self, crowd: "Crowd") -> None:
        self.crowd = crowd
        self.here: asyncio.Future[None] = crowd.loop.create_future()
        self.ticks = self.pings = 0
        self.accepted_since: dict[str, float] = {}
        self._unaccepted: dict[str, str] = {}
        self.answered_since: list[float] = []
        self._rest = b""
        self._upgraded = False

    # -- the socket ----------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        asked = self.crowd.asked
        transport.write(
            f"GET /ws/shopper HTTP/1.1\r\nHost: 127.0.0.1:{asked['port']}\r\n"
            f"Origin: {asked['origin']}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"{BROWSER_HEADERS}\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.open -= self._upgraded
        self.crowd.closed[1006] += 1
        if not self.here.done():
            self.here.set_exception(ConnectionError("a page's socket ended before it was here"))

    def data_received(self, read: bytes) -> None:
        self._rest += read
        if not self._upgraded:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._upgraded, self._rest = True, rest
            self.crowd.open += 1
            self.send(type="hello", protocol=1, language="en")
        while (frame := self._next_frame()) is not None:
            self._take_frame(*frame)

    def _next_frame(self) -> tuple[int, bytes] | None:
        """Cut one whole frame off what was read; the server sends each message in one."""
        rest = self._rest
        if len(rest) < 2:
            return None
        length, begin = rest[1], 2
        if length == 126 and len(rest) >= 4:
            length, begin = struct.unpack_from("!H", rest, 2)[0], 4
        elif length == 127 and len(rest) >= 10:
            length, begin = struct.unpack_from("!Q", rest, 2)[0], 10
        elif length >= 126:
            return None
        if len(rest) < begin + length:
            return None
        self._rest = rest[begin + length :]
        return rest[0] & 15, rest[begin : begin + length]

    def _take_frame(self, kind: int, content: bytes) -> None:
        if kind == PING:
            self.pings += 1
            self._write(PONG, content)
        elif kind == CLOSE:
            self.crowd.closed[struct.unpack("!H", content[:2])[0] if content else 1005] += 1
            self.crowd.closed[1006] -= 1  # the end of the link that follows is no other one
            self.transport.close()
        elif kind == TEXT:
            self._take(json.loads(content))

    def _write(self, kind: int, content: bytes) -> None:
        size = len(content)
        length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0xFE, size)
        self.transport.write(bytes([0x80 | kind]) + length + b"\0\0\0\0" + content)

    # -- what it says and hears ----------------------------------------------------------------

    def send(self, **frame: Any) -> None:
        """Send one frame."""
        self._write(TEXT, json.dumps(frame).encode())

    def say(self, text: str, chance: random.Random) -> None:
        """Say something, and note when."""
        id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        now = time.monotonic()
        self.accepted_since[id] = now
        self.answered_since.append(now)
        self._unaccepted[id] = text.replace("{now}", str(time.monotonic_ns()))
        self._say_again(id)

    def _say_again(self, id: str) -> None:
        self.send(type="say", id=id, text=self._unaccepted[id])

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.say(self.crowd.asked["first"], self.crowd.chance)
            case "accepted":
                self._unaccepted.pop(frame["id"], None)
                since = self.accepted_since.pop(frame["id"], None)
                if since is not None:
                    self.crowd.accepted.append(time.monotonic() - since)
            case "event":
                self._take_event(frame["event"]["kind"])
            case "tick":
                self.ticks += 1
            case "refused" if frame["code"] == "overload":
                self.crowd.put_off += 1
                later = frame["retry_after_seconds"]
                self.crowd.loop.call_later(later, self._say_again, frame["id"])
            case "refused":
                self.crowd.refused[frame["code"]] += 1

    def _take_event(self, kind: str) -> None:
        if kind in ENDS and self.answered_since:
            # A burst is answered once: what waited longest tells how long it took.
            self.crowd.answered.append(time.monotonic() - self.answered_since[0])
            self.answered_since.clear()
            if not self.here.done():
                self.here.set_result(None)
        if kind == "handoff_requested" and self.crowd.asked["stays_with_bot"]:
            seconds = random.uniform(*PRESSES_AFTER_SECONDS)
            self.crowd.loop.call_later(seconds, self._go_on_with_bot)

    def _go_on_with_bot(self) -> None:
        if not self.transport.is_closing():
            self.send(type="go_on_with_bot")


class Crowd:
    """All pages of this process."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.loop = asyncio.get_running_loop()
        self.chance = random.Random()
        self.pages: list[LightPage] = []
        self.open = 0
        self.closed: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()
        self.put_off = 0
        self.accepted: list[float] = []
        self.answered: list[float] = []

    async def come(self) -> None:
        """Open all sockets, a few at a time."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with gate, asyncio.timeout(PATIENCE_SECONDS):
                page = LightPage(self)
                await self.loop.create_connection(
                    lambda: page, "127.0.0.1", self.asked["port"],
                    local_addr=(self.asked["address"], 0),
                )  # fmt: skip
                await page.here
                self.pages.append(page)

        async with asyncio.TaskGroup() as coming:
            for _ in range(self.asked["count"]):
                coming.create_task(one())

    async def talk(self, rate: float, seconds: float, seed: int) -> Told:
        """Let random pages say something at a steady rate; waits for what is answered late."""
        self.accepted.clear()
        self.answered.clear()
        chance = random.Random(seed)
        began, count = time.monotonic(), int(rate * seconds)
        for number in range(count):
            await asyncio.sleep(began + number / rate - time.monotonic())
            chance.choice(self.pages).say(chance.choice(self.asked["questions"]), chance)
        end = time.monotonic() + PATIENCE_SECONDS
        while self._waiting() and time.monotonic() < end:
            await asyncio.sleep(0.05)
        told = self.told()
        told.said = count
        return told

    def _waiting(self) -> int:
        return sum(len(page.accepted_since) for page in self.pages)

    def told(self) -> Told:
        """Tell how the pages are."""
        return Told(
            open=self.open,
            closed={str(code): count for code, count in self.closed.items() if count},
            fewest_ticks=min(page.ticks for page in self.pages),
            fewest_pings=min(page.pings for page in self.pages),
            refused=dict(self.refused),
            put_off=self.put_off,
            unanswered=self._waiting(),
            accepted_seconds=self.accepted,
            answered_seconds=self.answered,
        )


async def main(asked: dict[str, Any]) -> None:
    crowd = Crowd(asked)
    await crowd.come()
    commands = asyncio.StreamReader()
    await crowd.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    _tell(f"here {len(crowd.pages)}")
    while line := await commands.readline():
        match line.decode().split():
            case ["told"]:
                _tell(json.dumps(asdict(crowd.told())))
            case ["talk", rate, seconds, seed]:
                told = await crowd.talk(float(rate), float(seconds), int(seed))
                _tell(json.dumps(asdict(told)))


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
