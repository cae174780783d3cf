"""Row 15: when a node dies, everybody comes back at about the same moment, and it stands that.

Pages come again with full jitter, as the widget does. All must have resumed with what they missed,
and what each costs the database is counted.
"""

import asyncio
import random
import time
from contextlib import AsyncExitStack

import pytest

from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations

MOST_STATEMENTS = 20
"""Sent to the database for one page that comes back: 15, beginnings of transactions included, and
what the node looks after meanwhile. One snapshot for all of it would do with five."""


async def _two_storms(node: NodeProcess, pages: list[Page], seen: dict[str, float]) -> None:
    """Kill the node twice: when everybody is quiet, and when everybody has something to say."""
    async with AsyncExitStack() as open_pages:
        for page in pages:
            await open_pages.enter_async_context(page.open())
            await page.say("hello, is it in stock?")
        await settle(node.database_url, pages)
        seen["seconds until all had resumed"], statements = await _kill_and_wait(node, pages)
        seen["statements for a page that comes back"] = round(statements / len(pages), 1)
        node.kill()
        for page in pages:
            await page.say("are you still there?")
        await asyncio.to_thread(node.start)
        await settle(node.database_url, pages, 120)


async def _kill_and_wait(node: NodeProcess, pages: list[Page]) -> tuple[float, int]:
    """Kill and start; gives the seconds until all were back, and the statements that it cost."""
    before = [page.resumed for page in pages]
    node.kill()
    await asyncio.to_thread(node.start)
    began = time.monotonic()
    at_first = int(node.tell("reads"))
    for page, times in zip(pages, before, strict=True):
        await page.until(lambda page=page, times=times: page.resumed > times, 120)
    return round(time.monotonic() - began, 2), int(node.tell("reads")) - at_first


def _prove(folder, count: int, apart: float, record_property) -> dict[str, float]:
    seed = run_seed()
    seen: dict[str, float] = {}
    with running(folder) as node:
        pages = [
            Page(node.address, random.Random(seed + number), seconds_apart=apart)
            for number in range(count)
        ]
        asyncio.run(_two_storms(node, pages, seen))
        assert violations(node.database_url, pages) == [], f"seed {seed}"
    record_property("seed", seed)
    record_property("pages", count)
    record_property("jitter seconds", apart)
    for name, value in seen.items():
        record_property(name, value)
    return seen


def test_row_15_and_02_a_hundred_pages_are_back_after_a_kill(tmp_path, record_property) -> None:
    seen = _prove(tmp_path, 100, 1, record_property)
    assert seen["statements for a page that comes back"] <= MOST_STATEMENTS


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_15_and_02_a_thousand_pages_are_back_after_a_kill_within_thirty_seconds(
    tmp_path, record_property
) -> None:
    seen = _prove(tmp_path, 1_000, 10, record_property)
    assert seen["seconds until all had resumed"] <= 30
