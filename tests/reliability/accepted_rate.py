"""Measures how many messages a second are accepted for good, with full durability.

The load is many shoppers at once, each waiting for its own
acknowledgement before it says the next thing.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from bot.conversation.commands import Begin, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.transcripts.records import Begun, Recorded
from bot.transcripts.store import TranscriptStore


@dataclass(frozen=True, slots=True)
class AcceptedRate:
    """What was measured.

    Attributes:
        shoppers: how many wrote at once.
        accepted: messages acknowledged.
        seconds: wall seconds for all of them.
        p50_seconds, p99_seconds: wait of one message for its acknowledgement.
    """

    shoppers: int
    accepted: int
    seconds: float
    p50_seconds: float
    p99_seconds: float

    @property
    def per_second(self) -> float:
        """Messages accepted per second."""
        return self.accepted / self.seconds


def measure_accepted_rate(
    store: TranscriptStore, *, shoppers: int = 64, messages: int = 5_000
) -> AcceptedRate:
    """Let `shoppers` conversations write `messages` in all, and time every acknowledgement.

    The conversations stay in the store; use one that may be thrown away. Each message starts the
    next one of its shopper from the acknowledgement itself, so no thread a shopper is needed.
    """
    # Conversations of their own for every measurement, so that it can be repeated on one store.
    run = secrets.token_hex(4)
    ids = [ConversationId(f"measured-{run}-{number}") for number in range(shoppers)]
    begun = [_begin(store, id) for id in ids]
    for future in begun:
        future.result()
    load = _Load(store, messages)
    started = time.perf_counter()
    for id in ids:
        load.say_next(id)
    load.finished.wait()
    seconds = time.perf_counter() - started
    if load.failure is not None:
        raise load.failure
    waits = sorted(load.waits)
    return AcceptedRate(
        shoppers=shoppers,
        accepted=len(waits),
        seconds=seconds,
        p50_seconds=waits[len(waits) // 2],
        p99_seconds=waits[len(waits) * 99 // 100],
    )


class _Load:
    """Messages under way; callbacks of the writer's thread keep it going."""

    def __init__(self, store: TranscriptStore, messages: int) -> None:
        self._store = store
        self._numbers: Iterator[int] = iter(range(messages))
        self._messages = messages
        self._lock = threading.Lock()
        self.waits: list[float] = []
        self.failure: BaseException | None = None
        self.finished = threading.Event()

    def say_next(self, conversation: ConversationId) -> None:
        with self._lock:
            number = next(self._numbers, None)
        if number is None:
            return
        started = time.perf_counter()
        says = ShopperSays(ClientId(f"{conversation}-{number}"), f"Is number {number} in stock?")
        future = self._store.submit(conversation, says)
        future.add_done_callback(lambda done: self._accepted(conversation, started, done))

    def _accepted(
        self, conversation: ConversationId, started: float, done: Future[Recorded]
    ) -> None:
        self.failure = self.failure or done.exception()
        self.waits.append(time.perf_counter() - started)
        if self.failure is not None or len(self.waits) == self._messages:
            self.finished.set()
        else:
            self.say_next(conversation)


def _begin(store: TranscriptStore, id: ConversationId) -> Future[Begun]:
    first = ShopperSays(ClientId(f"{id}-first"), "Hello")
    return store.begin(Begin(id), secrets.token_bytes(32), first)
