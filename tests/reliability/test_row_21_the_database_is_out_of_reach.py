"""Row 21: while the network between a node and PostgreSQL is away, nothing is called accepted.

Between them stands a link that first holds every byte, and another time cuts what is there and lets
nobody through. What shoppers write meanwhile is kept by their pages, and stored once afterwards.
"""

import asyncio
import random
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.settings import Settings
from tests.reliability.link import Link, link_to_path
from tests.reliability.nodes import NodeProcess
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import ask, settle, violations

SOCKET = ".s.PGSQL.5432"


async def _partition(
    node: NodeProcess, link: Link, real_url: str, times: int, seconds: float, seed: int
) -> tuple[list[Page], list[float], int]:
    """Give the pages, the seconds each recovery took, and what was accepted unstored."""
    pages = [Page(node.address, random.Random(seed + number)) for number in range(6)]
    back, wrongly = [], 0
    async with AsyncExitStack() as open_pages:
        for page in pages:
            await open_pages.enter_async_context(page.open())
            await page.say("hello, I have a question")
        await settle(node.database_url, pages)
        for number in range(times):
            link.stop()
            if number % 2:
                link.cut()
            for page in pages:
                await page.say(f"is the database there? {number}")
            await asyncio.sleep(seconds)
            accepted = {id for page in pages for id in page.accepted}
            wrongly += len(accepted - await asyncio.to_thread(_stored_ids, real_url))
            link.go_on()
            began = time.monotonic()
            for page in pages:
                await page.until_accepted(60)
            back.append(time.monotonic() - began)
        await settle(node.database_url, pages)
    return pages, back, wrongly


def _stored_ids(url: str) -> set[str]:
    """What the database has, asked without the link."""
    return {row[0] for row in ask(url, "SELECT client_id FROM events WHERE client_id IS NOT NULL")}


async def _live(
    folder: Path, postgres_url: str, times: int, seconds: float, seed: int
) -> tuple[list[Page], list[float], int]:
    real = parse_qs(urlsplit(postgres_url).query)["host"][0]
    with tempfile.TemporaryDirectory(prefix="link-") as near:  # the name of a socket must be short
        async with link_to_path(Path(real) / SOCKET, Path(near) / SOCKET) as link:
            through = postgres_url.replace(real, near)
            # With the turn's time as shipped: what is lost with the link is found when it is over.
            shipped = Settings().turn_seconds
            node = NodeProcess(folder / "node", database_url=through, turn_seconds=shipped)
            await asyncio.to_thread(node.start)
            try:
                return await _partition(node, link, postgres_url, times, seconds, seed)
            finally:
                link.go_on()
                await asyncio.to_thread(node.kill)


def _prove(folder, postgres_url: str, times: int, seconds: float, record_property) -> list[float]:
    seed = run_seed()
    pages, back, wrongly = asyncio.run(_live(folder, postgres_url, times, seconds, seed))
    assert wrongly == 0, f"seed {seed}: accepted, and not in the database"
    assert violations(postgres_url, pages) == [], f"seed {seed}"
    record_property("seed", seed)
    record_property("partitions", times)
    record_property("seconds each", seconds)
    record_property("accepted meanwhile and not stored", wrongly)
    record_property("longest recovery in seconds", round(max(back), 2))
    return back


@pytest.mark.services
def test_row_21_nothing_is_accepted_while_the_database_is_out_of_reach(
    tmp_path, postgres_url, record_property
) -> None:
    _prove(tmp_path, postgres_url, 2, 1.0, record_property)


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(600)
def test_row_21_six_partitions_of_ten_seconds_are_recovered_from_in_ten_seconds(
    tmp_path, postgres_url, record_property
) -> None:
    assert max(_prove(tmp_path, postgres_url, 6, 10.0, record_property)) <= 10
