"""Row 15: when a node dies, everybody comes back at about the same moment, and it stands that.

Pages come again with full jitter, as the widget does. All must have resumed with what they missed,
how long each took from its attempt is noted, and what each costs the database is counted.
"""

import asyncio
import random
import resource
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations

STATEMENTS = 1
"""Sent to the database for one page that comes back."""

OWN_STATEMENTS, OWN_A_SECOND = 60, 2
"""What a node sends for itself, however many come back: when it starts, and as long as it lasts,
since it looks for turns that were left behind and reads its accounts again (40 in all, seen)."""

AT_ONCE = 50
"""Pages that come at the same moment at the beginning, when no storm is meant."""

FILES = 12_000
"""Open at most, in the process of the pages as in that of the node: sockets."""


class TimedPage(Page):
    """A page that notes how long each attempt took that led to its having resumed."""

    took_seconds: float = 0.0
    _began_at: float = 0.0

    async def _connect(self) -> None:
        self._began_at = time.monotonic()
        await super()._connect()

    def _resumed(self) -> None:
        self.took_seconds = time.monotonic() - self._began_at
        super()._resumed()


async def _two_storms(node: NodeProcess, pages: list[TimedPage], seen: dict[str, float]) -> None:
    """Kill the node twice: when everybody is quiet, and when everybody has something to say."""
    async with AsyncExitStack() as open_pages:
        for number, page in enumerate(pages):
            await open_pages.enter_async_context(page.open())
            await page.say("hello, is it in stock?")
            if number % AT_ONCE == AT_ONCE - 1:
                await page.until_accepted(120)
        await settle(node.database_url, pages, 300)
        seen |= await _kill_and_wait(node, pages)
        node.kill()
        for page in pages:
            await page.say("are you still there?")
        await asyncio.to_thread(node.start)
        await settle(node.database_url, pages, 300)
        seen["seconds, 99 of 100, when all speak"] = _ninety_nine_of_hundred(pages)


async def _kill_and_wait(node: NodeProcess, pages: Sequence[TimedPage]) -> dict[str, float]:
    """Kill and start again; gives what the storm took and cost."""
    before = [page.resumed for page in pages]
    began = time.monotonic()
    node.kill()
    await asyncio.to_thread(node.start)
    up_after = time.monotonic() - began
    for page, times in zip(pages, before, strict=True):
        await page.until(lambda page=page, times=times: page.resumed > times, 120)
    took = time.monotonic() - began
    statements = int(node.tell("reads"))
    return {
        "seconds until the node was up": round(up_after, 2),
        "seconds until all had resumed": round(took, 2),
        "seconds from attempt to resumed, 99 of 100": _ninety_nine_of_hundred(pages),
        "statements": statements,
    }


def _ninety_nine_of_hundred(pages: Sequence[TimedPage]) -> float:
    took = sorted(page.took_seconds for page in pages)
    return round(took[int(len(took) * 0.99)], 2)


def _prove(folder, count: int, apart: float, record_property, **settings: str) -> dict[str, float]:
    seed = run_seed()
    seen: dict[str, float] = {}
    with running(folder, **settings) as node:
        pages = [
            TimedPage(node.address, random.Random(seed + number), seconds_apart=apart)
            for number in range(count)
        ]
        asyncio.run(_two_storms(node, pages, seen))
        assert violations(node.database_url, pages) == [], f"seed {seed}"
    record_property("seed", seed)
    record_property("pages", count)
    record_property("jitter seconds", apart)
    for name, value in seen.items():
        record_property(name, value)
    own = OWN_STATEMENTS + OWN_A_SECOND * seen["seconds until all had resumed"]
    assert seen["statements"] <= count * STATEMENTS + own
    return seen


def test_row_15_and_02_a_hundred_pages_are_back_after_a_kill(tmp_path, record_property) -> None:
    _prove(tmp_path, 100, 1, record_property)


@pytest.mark.services
def test_row_15_and_02_a_hundred_pages_are_back_after_a_kill_with_postgresql(
    tmp_path, postgres_url, record_property
) -> None:
    _prove(tmp_path, 100, 1, record_property, database_url=postgres_url)


@pytest.fixture
def many_files():
    """As many open files as there may be; the node inherits it."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < FILES:
        pytest.skip(f"this machine lets a process open {most} files, {FILES} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_row_15_and_02_five_thousand_pages_are_back_within_thirty_seconds_of_a_kill(
    tmp_path, many_files, record_property
) -> None:
    seen = _prove(tmp_path, 5_000, 10, record_property)
    assert seen["seconds until all had resumed"] <= 30
    assert seen["seconds from attempt to resumed, 99 of 100"] <= 3
