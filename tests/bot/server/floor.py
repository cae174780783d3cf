import asyncio
import json
import threading
import uuid
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import websockets
from argon2 import PasswordHasher

from bot.answering.answer import Answer, Choice, Decision, Source, Trace
from bot.answering.shop import Shop
from bot.bus.in_process import InProcessBus
from bot.clock import wall_clock
from bot.conversation.events import HandoffReason
from bot.server.listening import open_socket
from bot.server.passwords import PasswordChecks
from bot.server.serve import Node
from bot.server.service import Parts
from bot.settings import load_settings
from bot.transcripts.open import open_transcripts

ROOT = Path(__file__).parents[3]
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PATIENCE_SECONDS = 60.0  # a busy machine is slow, not wrong
PASSWORD = "a-password-for-tests"
SHOP = Shop.load(ROOT / "demo_shop")


class ScriptedAnswerer:
    """Answers by a script, remembers what it was asked, and can be held back.

    "person" hands over, "which" asks back, "hold" waits until `release`; anything else is echoed.
    """

    def __init__(self):
        self.history = []
        self.held = threading.Event()
        self.release = threading.Event()

    def answer(self, question):
        return self.answer_batch([question])[0]

    def answer_batch(self, questions):
        self.history.extend(questions)
        return [self._answer(question) for question in questions]

    def foresee(self, text):
        return lambda: None

    def write(self, unwritten):
        return unwritten.otherwise

    def _answer(self, question):
        if "hold" in question.text:
            self.held.set()
            assert self.release.wait(PATIENCE_SECONDS)
        said = replace(question.memory, language="en")
        trace = Trace("en", intent="echo", intent_confidence=0.9, rule="script")
        if "person" in question.text or question.choice == "person":
            return Answer(
                Decision.ESCALATE, "A colleague will help.", 0.1, "en", trace, said,
                source=Source.SAID, handoff=HandoffReason.WISH,
            )  # fmt: skip
        if "which" in question.text:
            choices = (Choice("The red one", "entry:red"), Choice("The blue one", "entry:blue"))
            return Answer(
                Decision.CLARIFY, "Which one?", 0.5, "en", trace, replace(said, offered=choices),
                source=Source.SAID, choices=choices,
            )  # fmt: skip
        return Answer(
            Decision.ANSWER, f"You said: {question.text[:200]}", 0.9, "en", trace, said,
            source=Source.KNOWN, entry_id="echo",
        )  # fmt: skip


@dataclass
class Floor:
    """A running node and the ways to come to it."""

    node: Node
    parts: Parts
    answerer: ScriptedAnswerer
    loop: asyncio.AbstractEventLoop
    passwords: dict = field(default_factory=dict)

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.node.port}"

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.node.port}"

    @asynccontextmanager
    async def socket(self, path, **options):
        options = {"origin": self.origin, "compression": None, **options}
        async with websockets.connect(f"{self.url}{path}", **options) as socket:
            yield socket

    @asynccontextmanager
    async def shopper(self, **hello):
        async with self.socket("/ws/shopper") as socket:
            yield await Shopper(socket).say_hello(**hello)

    @asynccontextmanager
    async def staff(self, login="mei"):
        async with self.web() as web:
            csrf = await sign_in(web, login)
            cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
            # An inbox reads all the time, also where a test looks at none of it.
            reads = {"additional_headers": {"Cookie": cookie}, "max_queue": None}
            async with self.socket("/ws/staff", **reads) as socket:
                person = Talker(socket)
                await person.send(type="hello", protocol=1, csrf=csrf)
                person.welcome = await person.until("welcome")
                person.web, person.csrf = web, csrf
                yield person

    @asynccontextmanager
    async def web(self):
        async with httpx.AsyncClient(base_url=self.origin, timeout=PATIENCE_SECONDS) as client:
            yield client

    def on_loop(self, work):
        """Run a coroutine on the node's own event loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_SECONDS)


async def sign_in(web, login):
    answer = await web.post("/api/sign-in", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return answer.json()["csrf"]


class Talker:
    """One end of a socket: sends frames, waits for frames, keeps what came."""

    def __init__(self, socket):
        self.socket = socket
        self.seen = []

    async def send(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def next(self, seconds=PATIENCE_SECONDS):
        async with asyncio.timeout(seconds):
            frame = json.loads(await self.socket.recv())
        self.seen.append(frame)
        return frame

    async def until(self, type, seconds=PATIENCE_SECONDS, **facts):
        """Read up to such a frame, which comes within so many seconds."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.next(seconds)
                if frame["type"] == type and all(frame.get(k) == v for k, v in facts.items()):
                    return frame

    async def until_event(self, kind, **facts):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame = await self.until("event", **facts)
                if frame["event"]["kind"] == kind:
                    return frame["event"]

    async def closed(self, seconds=PATIENCE_SECONDS):
        """Read to the end, which comes within so many seconds; gives the close code."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self.next(seconds)
        except websockets.ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006


class Shopper(Talker):
    """A shopper's page."""

    conversation = token = epoch = None

    async def say_hello(self, **hello):
        await self.send(type="hello", protocol=1, **{"language": "en", **hello})
        self.welcome = await self.until("welcome")
        self.epoch = self.welcome["epoch"]
        self.conversation = self.welcome["conversation"]
        return self

    async def say(self, text, id=None, **more):
        id = id or str(uuid.uuid4())
        await self.send(type="say", id=id, text=text, **more)
        frame = await self.until_one_of("begun", "accepted", "refused")
        if frame["type"] == "begun":
            self.conversation, self.token = frame["conversation"], frame["token"]
            frame = await self.until_one_of("accepted", "refused")
        assert frame["id"] == id
        return frame

    async def until_one_of(self, *types):
        while True:
            frame = await self.next()
            if frame["type"] in types:
                return frame

    async def ask(self, text):
        """Say something and wait for the bot's words."""
        await self.say(text)
        while True:
            event = (await self.until("event"))["event"]
            if event["author"]["role"] == "bot" and event["kind"] != "handoff_requested":
                return event


USUAL = {
    "port": 0,
    "messages_burst": 1000,
    "messages_per_minute": 1000,
    "sign_in_tries_per_address": 1000,
    "requests_burst": 10_000,
    "handshakes_burst": 10_000,
    "conversations_burst": 10_000,
    "burst_seconds": 0.05,
    "drain_seconds": 2,
    "spread_seconds": 1,
}
"""Settings for tests that are about neither limits nor waits: wide ones, and short ones."""


@contextmanager
def open_floor(
    folder,
    *,
    shop=SHOP,
    answerer=None,
    bus=None,
    checks=None,
    now=None,
    knowledge=None,
    shared=None,
    training=None,
    shell=None,
    mines=True,
    outbox=None,
    **settings,
):
    """A node with the real store and a scripted answerer, on a free port.

    `outbox` makes a worker for the outbox that is kept; the other parts are those of `Parts`. What
    else is given is a setting.
    """
    folders = {"state_folder": folder, "pages_folder": folder / "pages"}
    settings = load_settings(None, {}, **{**USUAL, **folders, **settings})
    database = settings.database_url or f"sqlite:///{folder}/shopkeeper.sqlite3"
    now, answerer = now or wall_clock, answerer or ScriptedAnswerer()
    parts = Parts(
        settings=settings,
        shop=shop,
        transcripts=open_transcripts(database, now=now),
        bus=bus or InProcessBus(),
        answerer=answerer,
        knowledge=knowledge,
        shared=shared,
        training=training,
        checks=checks or PasswordChecks(2, CHEAP),
        now=now,
    )
    if shell is not None:
        parts = replace(parts, shell=shell, mines=mines)
    if outbox is not None:
        parts = replace(parts, outbox=outbox(parts.transcripts.outbox))
    add_accounts(parts)
    with serving(parts) as (node, loop):
        try:
            yield Floor(node, parts, answerer, loop)
        finally:
            if isinstance(answerer, ScriptedAnswerer):
                answerer.release.set()


@contextmanager
def serving(parts):
    """A node that serves in a thread of its own, with that thread's event loop, until the end."""
    started, faults = threading.Event(), []
    loop = asyncio.new_event_loop()

    def run():
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(node.serve())
        except BaseException as fault:
            faults.append(fault)
            raise
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            started.set()

    node = Node(parts, open_socket(parts.settings), lambda node: started.set())
    thread = threading.Thread(target=run, name="node")
    thread.start()
    assert started.wait(PATIENCE_SECONDS)
    assert not faults, faults
    try:
        yield node, loop
    finally:
        node.should_exit = True
        thread.join(40)
        assert not thread.is_alive()


def add_accounts(parts):
    roles = {"mei": {"staff"}, "li": {"staff"}, "boss": {"admin"}}
    for login, owned in roles.items():
        if parts.transcripts.accounts.by_login(login) is None:
            parts.transcripts.accounts.add(
                login, login.title(), CHEAP.hash(PASSWORD), frozenset(owned)
            ).result(PATIENCE_SECONDS)
