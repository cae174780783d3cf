"""Row 23: on a disk whose syncs take half a second, talks are slower and no link is given up."""

import asyncio
import random
import time
from contextlib import AsyncExitStack

from tests.bot.server.floor import Floor, open_floor
from tests.reliability.nodes import GENEROUS
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations
from tests.reliability.watched_disk import OK, Disk, plugged_in

SYNC_SECONDS = 0.5
PAGES = 12


async def _talk(floor: Floor, url: str, seed: int) -> tuple[list[Page], list[float]]:
    """Give the pages, and the seconds that each acknowledgement took."""
    where = f"{floor.url}/ws/shopper", floor.origin
    pages = [
        Page(lambda: where, random.Random(seed + number), dead_seconds=20 * SYNC_SECONDS)
        for number in range(PAGES)
    ]
    took: list[float] = []

    async def ask(page: Page) -> None:
        for number in range(3):
            began = time.monotonic()
            await page.say(f"question {number}, how slow is it?")
            await page.until_accepted()
            took.append(time.monotonic() - began)

    async with AsyncExitStack() as open_pages:
        for page in pages:
            await open_pages.enter_async_context(page.open())
            await page.until(lambda page=page: page.connected)
        await asyncio.gather(*(ask(page) for page in pages))
        await settle(url, pages)
    return pages, sorted(took)


def test_row_23_syncs_of_half_a_second_cost_time_and_no_link(tmp_path, record_property) -> None:
    seed = run_seed()
    url = f"sqlite:///{tmp_path}/shopkeeper.sqlite3"
    slow = [False]

    def fault(kind: str) -> int:
        if slow[0] and kind == "sync":
            time.sleep(SYNC_SECONDS)
        return OK

    with (
        plugged_in(Disk(remembers=False, fault=fault)),
        open_floor(tmp_path, **GENEROUS, ping_seconds=2, tick_seconds=0.5) as floor,
    ):
        slow[0] = True
        pages, took = asyncio.run(_talk(floor, url, seed))
        slow[0] = False
    assert violations(url, pages) == [], f"seed {seed}"
    assert took[0] >= SYNC_SECONDS / 2, "the disk was not slow"
    assert [page.connections for page in pages] == [1] * PAGES, "a link was given up"
    record_property("seed", seed)
    record_property("seconds a sync", SYNC_SECONDS)
    record_property("messages", len(took))
    record_property("p99 seconds until accepted", round(took[len(took) * 99 // 100], 2))
    record_property("links given up", 0)
