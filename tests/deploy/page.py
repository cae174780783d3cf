"""A shopper's page that reconnects, with a journal of its own; and a colleague's inbox."""

import asyncio
import json
import uuid
from contextlib import asynccontextmanager

import websockets

from tests.bot.server.floor import Talker
from tests.deploy.deployment import node_of

RESTARTING = 1012
COME_AGAIN = (RESTARTING, 1013, 1006, 1001)


class Page:
    """Does what the widget does: resends what was not accepted, resumes from what it has shown.

    Attributes:
        shown: every event in the order of its coming: (seq, kind, text).
        faults: what a shopper would have seen wrong: a hole, a repeat, a partial start.
        closings: with which codes links ended.
        nodes: where the links led.
    """

    def __init__(self, deployment, address):
        self._deployment = deployment
        self._address = address
        self._socket = None
        self._reading = None
        self._news = asyncio.Condition()
        self.conversation = self.token = self.epoch = None
        self.last_seq = 0
        self.unsent = {}
        self.accepted = {}
        self.shown = []
        self.faults = []
        self.closings = []
        self.refusals = []
        self.nodes = []
        self.queue = None
        self._tasks = set()

    async def connect(self, off=None):
        """Open a link, to whatever node, or to another than the one named."""
        while True:
            try:
                await self._connect(off)
                return
            except (OSError, websockets.InvalidHandshake, websockets.ConnectionClosed):
                await asyncio.sleep(0.05)  # nobody is there for a moment

    async def _connect(self, off):
        self._socket = await self._deployment.socket_off(off, "/ws/shopper", self._address)
        self.nodes.append(node_of(self._socket))
        hello = {"type": "hello", "protocol": 1, "language": "en"}
        if self.conversation:
            hello |= {
                "conversation": self.conversation, "token": self.token,
                "epoch": self.epoch, "last_seq": self.last_seq,
            }  # fmt: skip
        await self._socket.send(json.dumps(hello))
        self._reading = asyncio.create_task(self._read(self._socket))
        for id, text in tuple(self.unsent.items()):
            await self._send(type="say", id=id, text=text)

    async def drop(self):
        """Lose the link without a word."""
        self._socket.transport.abort()
        await self._reading

    async def come_again_when_told(self):
        """Reconnect whenever the server ends the link, at once rather than after its pause."""
        while True:
            await self._reading
            await self.connect()

    async def say(self, text):
        """Write something; it is kept until it is accepted. Gives its id."""
        id = str(uuid.uuid4())
        self.unsent[id] = text
        await self._send(type="say", id=id, text=text)
        return id

    async def until(self, look, what, seconds=20):
        """Wait until something is so; the page reconnects by itself meanwhile."""
        try:
            async with asyncio.timeout(seconds), self._news:
                while not look():
                    await self._news.wait()
        except TimeoutError:
            seen = f"{self.shown[-3:]} {self.refusals} {self.closings} {len(self.nodes)} links"
            raise AssertionError(f"{what} did not come; {seen}") from None

    async def until_accepted(self, id, seconds=20):
        await self.until(lambda: id in self.accepted, f"acceptance of {id}", seconds)

    async def until_answered(self, count, seconds=20):
        await self.until(lambda: self.answers() >= count, f"answer {count}", seconds)

    async def until_shown(self, kind, text=None, seconds=20):
        await self.until(
            lambda: any(k == kind and text in (None, t) for _, k, t in self.shown),
            f"{kind} {text}", seconds,
        )  # fmt: skip

    def answers(self):
        """How often the bot or a colleague spoke."""
        return sum(kind in ("bot_answered", "bot_asked") for _, kind, _ in self.shown)

    async def close(self):
        await self._socket.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _send(self, **frame):
        try:
            await self._socket.send(json.dumps(frame))
        except websockets.ConnectionClosed:
            return  # it is resent on the next link

    async def _read(self, socket):
        try:
            async for text in socket:
                async with self._news:
                    self._take(json.loads(text))
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            pass  # without a word; otherwise the loop above simply ends
        self.closings.append(socket.close_code or 1006)
        async with self._news:
            self._news.notify_all()

    def _take(self, frame):
        match frame["type"]:
            case "welcome":
                self.epoch = frame["epoch"]
            case "begun":
                self.conversation, self.token = frame["conversation"], frame["token"]
            case "accepted":
                self._take_accepted(frame)
            case "event":
                self._show_event(frame["event"])
            case "events":
                for event in frame["events"]:
                    self._show_event(event)
            case "start_over":
                self.faults.append("the page had to start over")
            case "queue":
                self.queue = frame
            case "refused":
                self.refusals.append(frame["code"])
                if "retry_after_seconds" in frame and frame.get("id") in self.unsent:
                    self._say_again(frame["id"], frame["retry_after_seconds"])

    def _take_accepted(self, frame):
        text = self.unsent.pop(frame["id"], None)
        earlier = self.accepted.setdefault(frame["id"], frame["seq"])
        if earlier != frame["seq"]:
            self.faults.append(f"{frame['id']} accepted as {earlier} and {frame['seq']}")
        if frame["seq"] > self.last_seq:
            self._show(frame["seq"], "shopper_said", text)

    def _say_again(self, id, seconds):
        """It was too soon: the widget waits as long as it was told."""
        loop = asyncio.get_running_loop()

        def again():
            if id in self.unsent:
                task = loop.create_task(self._send(type="say", id=id, text=self.unsent[id]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        loop.call_later(seconds, again)

    def _show_event(self, event):
        self._show(event["seq"], event["kind"], event.get("text"))

    def _show(self, seq, kind, text):
        if seq != self.last_seq + 1:
            self.faults.append(f"{seq} came after {self.last_seq}")
        self.last_seq = max(seq, self.last_seq)
        self.shown.append((seq, kind, text))


@asynccontextmanager
async def page(deployment, address, off=None):
    """A page with its first link, off a node if one is named."""
    shopper = Page(deployment, address)
    await shopper.connect(off)
    try:
        yield shopper
    finally:
        await shopper.close()


@asynccontextmanager
async def inbox(deployment, login, address, off=None):
    """A colleague's inbox through the proxy, signed in as a browser does, off the node named."""
    password = deployment.passwords[login]
    async with deployment.web(address) as web:
        answer = await web.post("/api/sign-in", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
        socket = await deployment.socket_off(
            off, "/ws/staff", address, additional_headers={"Cookie": cookie}
        )
        async with socket:
            person = Talker(socket)
            await person.send(type="hello", protocol=1, csrf=answer.json()["csrf"])
            person.welcome = await person.until("welcome")
            person.web, person.csrf, person.cookie = web, answer.json()["csrf"], cookie
            yield person
