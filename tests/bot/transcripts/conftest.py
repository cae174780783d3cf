"""The same store over SQLite and a real PostgreSQL, with a clock that tests move."""

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.conversation.commands import Begin, BotAnswers, BotSpeech, Command, ShopperSays, TakeTurn
from bot.conversation.events import ClientId, ConversationId
from bot.transcripts.open import open_transcripts
from bot.transcripts.records import Begun, Recorded
from bot.transcripts.store import Transcripts

PATIENCE = 20
"""Seconds that a test waits for a future; only a broken store needs them."""


@dataclass
class Clock:
    """Stands still until it is moved."""

    moment: datetime = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> datetime:
        self.moment += timedelta(seconds=seconds)
        return self.moment


@dataclass
class Shop:
    """An opened store with short words for what tests do all the time."""

    transcripts: Transcripts
    clock: Clock
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def begin(self, text: str = "hello", id: str | None = None, language: str = "en") -> Begun:
        number = next(self.numbers)
        conversation = ConversationId(id or f"c{number}")
        first = ShopperSays(ClientId(f"first-{conversation}"), text)
        token = hashlib.sha256(conversation.encode()).digest()
        begin = Begin(conversation, language, {"title": "Tea", "url": "https://shop.example/tea"})
        return self.transcripts.store.begin(begin, token, first).result(PATIENCE)

    def do(self, conversation: str, command: Command) -> Recorded:
        future = self.transcripts.store.submit(ConversationId(conversation), command)
        return future.result(PATIENCE)

    def say(self, conversation: str, text: str, id: str | None = None) -> Recorded:
        client_id = ClientId(id or f"m{next(self.numbers)}")
        return self.do(conversation, ShopperSays(client_id, text))

    def take(self, conversation: str) -> Recorded:
        state = self.transcripts.store.state(ConversationId(conversation))
        return self.do(conversation, TakeTurn(state.open_turns[0].ticket))

    def answer(self, conversation: str, text: str = "Yes.", **facts) -> Recorded:
        ticket = self.take(conversation).turns[0].ticket
        return self.do(conversation, BotAnswers(ticket, BotSpeech(text, "en", **facts)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/shop.sqlite3"


@pytest.fixture
def open_shop(clock: Clock) -> Iterator[Callable[[str], Shop]]:
    """Opens stores, and closes them after the test."""
    opened: list[Transcripts] = []

    def open_one(url: str) -> Shop:
        transcripts = open_transcripts(url, now=clock)
        opened.append(transcripts)
        return Shop(transcripts, clock)

    yield open_one
    for transcripts in opened:
        transcripts.close()


@pytest.fixture
def shop(url: str, open_shop: Callable[[str], Shop]) -> Shop:
    return open_shop(url)


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    return tmp_path / "shop.sqlite3"


@pytest.fixture
def sqlite_shop(sqlite_path: Path, open_shop: Callable[[str], Shop]) -> Shop:
    """For what only SQLite has."""
    return open_shop(f"sqlite:///{sqlite_path}")


@pytest.fixture
def url_of_sqlite(sqlite_path: Path) -> str:
    return f"sqlite:///{sqlite_path}"
