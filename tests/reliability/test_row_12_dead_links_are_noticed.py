"""Row 12: a link on which everything vanishes, ends included, is noticed by both sides.

The server frees what it held, and the page comes again by itself with what it had to say. The short
form beats faster than a real server does; the long one waits for the real times.
"""

import asyncio
import random
import time
from contextlib import AsyncExitStack

import pytest

from bot.settings import load_settings
from tests.bot.server.floor import Floor, open_floor
from tests.reliability.link import link_to_port
from tests.reliability.nodes import GENEROUS
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations

FAST = {"ping_seconds": 0.3, "tick_seconds": 0.2}
WAYS = {"both": (True, True), "to the server": (True, False), "to the page": (False, True)}


async def _lose_and_come_back(
    floor: Floor, url: str, count: int, way: tuple[bool, bool], dead_seconds: float, seed: int
) -> tuple[list[Page], float, list[float]]:
    """Give the pages, the seconds until the server held none, and each page's until it was back."""
    async with link_to_port(floor.node.port) as (link, port), AsyncExitStack() as open_pages:
        pages = [
            Page(
                lambda: (f"ws://127.0.0.1:{port}/ws/shopper", floor.origin),
                random.Random(seed + number),
                dead_seconds=dead_seconds,
            )
            for number in range(count)
        ]
        for page in pages:
            await open_pages.enter_async_context(page.open())
            await page.say("hello, is somebody there?")
        await settle(url, pages)
        held = set(floor.node.service.connections)
        link.swallow(*way)
        began = time.monotonic()
        for page in pages:
            await page.say("can you hear me?")
        async with asyncio.timeout(60 + 10 * dead_seconds):
            while held & floor.node.service.connections:
                await asyncio.sleep(0.02)
        freed = time.monotonic() - began
        link.swallow(False, False)
        for page in pages:
            await page.until(lambda page=page: page.connected and not page.unsent, 120)
        await settle(url, pages)
    return pages, freed, [page.away_seconds[-1] for page in pages]


def _prove(floor, folder, count, way, dead_seconds, record_property) -> tuple[float, list[float]]:
    seed = run_seed()
    url = f"sqlite:///{folder}/shopkeeper.sqlite3"
    pages, freed, back = asyncio.run(
        _lose_and_come_back(floor, url, count, WAYS[way], dead_seconds, seed)
    )
    assert violations(url, pages) == [], f"seed {seed}"
    record_property("seed", seed)
    record_property("dead links", count)
    record_property("seconds until the server was free of them", round(freed, 2))
    record_property("seconds until the last page was back", round(max(back), 2))
    return freed, back


@pytest.mark.parametrize("way", WAYS)
def test_row_12_ten_links_that_swallow_everything_are_noticed_by_both_sides(
    way, tmp_path, record_property
) -> None:
    with open_floor(tmp_path, **GENEROUS, **FAST) as floor:
        _prove(floor, tmp_path, 10, way, 0.5, record_property)


def test_row_12_the_server_itself_beats_often_enough() -> None:
    settings = load_settings(None, {})
    assert 2 * settings.ping_seconds + 5 <= 45
    assert 2 * settings.tick_seconds + 10 <= 60


@pytest.mark.long
@pytest.mark.timeout(600)
def test_row_12_two_hundred_dead_links_are_noticed_in_time(tmp_path, record_property) -> None:
    with open_floor(tmp_path, **GENEROUS) as floor:
        freed, back = _prove(floor, tmp_path, 200, "both", 50, record_property)
    assert freed <= 45
    assert max(back) <= 60
