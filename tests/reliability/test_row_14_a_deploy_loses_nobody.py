"""Row 14: a node that is told to end (SIGTERM) under load tells everybody when to come again.

Pages talk all the time. Each must hear 1012 with its own moment to come again; the node must end in
time and by itself; and after the next start nothing is lost and nobody is left without an answer.
"""

import asyncio
import os
import random
import signal
import time
from contextlib import AsyncExitStack

import pytest

from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations

RESTARTING = 1012
EXIT_SECONDS = 30


async def _deploy(
    node: NodeProcess, pages: list[Page], times: int, pause: float, chance: random.Random
) -> list[float]:
    """End and start the node under load, several times; gives the seconds that each end took."""
    took = []
    async with AsyncExitStack() as open_pages:
        for page in pages:
            await open_pages.enter_async_context(page.open())
        enough = asyncio.Event()
        talks = [asyncio.create_task(_talk(page, pause, chance, enough)) for page in pages]
        for _ in range(times):
            for page in pages:
                await page.until(lambda page=page: page.connected and page.conversation)
            await asyncio.sleep(chance.uniform(0.1, 0.5))  # the load goes on meanwhile
            began = time.monotonic()
            node.signal(signal.SIGTERM)
            assert await asyncio.to_thread(node.wait) == 0
            took.append(time.monotonic() - began)
            await asyncio.to_thread(node.start)
        enough.set()
        await asyncio.gather(*talks)
        await settle(node.database_url, pages)
    return took


async def _talk(page: Page, pause: float, chance: random.Random, enough: asyncio.Event) -> None:
    """Write every `pause` seconds, some of it slow to answer, whether the node is there or not."""
    while not enough.is_set():
        slow = "slow " if chance.random() < 0.05 else ""
        if len(page.unsent) < 3:
            await page.say(f"{slow}question {len(page.sent)} 有货吗")
        await asyncio.sleep(chance.uniform(0, 2 * pause))


def _prove(
    folder, count: int, times: int, spread: float, record_property, a_second: float = 0
) -> list[float]:
    """Prove it with so many pages, that together say `a_second` messages, or each six a second."""
    seed = run_seed()
    chance = random.Random(seed)
    with running(folder, spread_seconds=spread, exit_seconds=EXIT_SECONDS) as node:
        pages = [Page(node.address, random.Random(seed + number)) for number in range(count)]
        took = asyncio.run(_deploy(node, pages, times, count / (a_second or 6 * count), chance))
        assert violations(node.database_url, pages) == [], f"seed {seed}"
    hints = [hint for page in pages for code, hint in page.closes]
    assert {code for page in pages for code, _ in page.closes} == {RESTARTING}
    assert None not in hints
    assert all(len(page.closes) >= times for page in pages), "somebody was not told"
    assert max(hints) - min(hints) >= 0.8 * spread
    record_property("seed", seed)
    record_property("pages", count)
    record_property("ends", times)
    record_property("messages", sum(len(page.sent) for page in pages))
    record_property("told to come again", len(hints))
    record_property("spread seconds", round(max(hints) - min(hints), 2))
    record_property("longest end in seconds", round(max(took), 2))
    record_property("lost", 0)
    record_property("unanswered", 0)
    return took


def test_row_14_and_30_thirty_pages_survive_a_deploy_under_load(tmp_path, record_property) -> None:
    _prove(tmp_path, 30, 1, 2, record_property)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_14_and_30_two_hundred_pages_survive_five_deploys_under_load(
    tmp_path, record_property
) -> None:
    assert max(_prove(tmp_path, 200, 5, 10, record_property)) <= EXIT_SECONDS


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_row_14_and_30_two_thousand_pages_survive_twenty_deploys_under_load(
    tmp_path, record_property
) -> None:
    count = int(os.environ.get("SHOPKEEPER_DEPLOY_PAGES") or 2_000)
    times = int(os.environ.get("SHOPKEEPER_DEPLOYS") or 20)
    assert max(_prove(tmp_path, count, times, 10, record_property, 200)) <= EXIT_SECONDS
