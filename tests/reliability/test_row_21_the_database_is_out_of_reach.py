"""Row 21: while the network between a node and PostgreSQL is away, nothing is called accepted.

Between them stands a link that first holds every byte, and another time cuts what is there and lets
nobody through. What shoppers write meanwhile is kept by their pages, and stored once afterwards.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.settings import Settings
from tests.reliability.link import Link, link_to_path, link_to_port
from tests.reliability.nodes import NodeProcess
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import ask, settle, violations

SOCKET = ".s.PGSQL.5432"


@dataclass
class Seen:
    """What the partitions came to.

    Attributes:
        pages: every page that was there.
        recovered: seconds of each recovery, until all that was said meanwhile was accepted.
        accepted: messages that were called accepted while the database was away.
    """

    pages: list[Page] = field(default_factory=list)
    recovered: list[float] = field(default_factory=list)
    accepted: int = 0


async def _partition(
    node: NodeProcess, link: Link, real_url: str, lengths: Sequence[float], seed: int
) -> Seen:
    """Part the node from its database, again and again.

    Some pages stay, some lose their own link meanwhile and come back to a node that cannot read,
    and with each partition somebody comes for the first time.
    """
    seen = Seen()
    async with AsyncExitStack() as open_pages, link_to_port(node.port) as (shaky, port):

        async def come(through: int | None = None) -> Page:
            where = node.address if through is None else lambda: node.behind(through)
            page = Page(where, random.Random(seed + len(seen.pages)), seconds_apart=1.0)
            seen.pages.append(page)
            await open_pages.enter_async_context(page.open())
            return page

        for number in range(6):
            page = await come(port if number % 3 == 2 else None)
            await page.say("hello, I have a question")
        await settle(node.database_url, seen.pages)
        for number, seconds in enumerate(lengths):
            link.stop()
            if number % 2:
                link.cut()
            said = [await page.say(f"is the database there? {number}") for page in seen.pages]
            said.append(await (await come()).say("hello, I am new here"))
            await asyncio.sleep(seconds / 2)
            shaky.cut()
            await asyncio.sleep(seconds / 2)
            seen.accepted += sum(id in page.accepted for page in seen.pages for id in said)
            unstored = {id for page in seen.pages for id in page.accepted}
            unstored -= await asyncio.to_thread(_stored_ids, real_url)
            seen.accepted += len(unstored)
            link.go_on()
            began = time.monotonic()
            for page in seen.pages:
                await page.until_accepted(60)
            seen.recovered.append(time.monotonic() - began)
        await settle(node.database_url, seen.pages)
    return seen


def _stored_ids(url: str) -> set[str]:
    """What the database has, asked without the link."""
    return {row[0] for row in ask(url, "SELECT client_id FROM events WHERE client_id IS NOT NULL")}


async def _live(folder: Path, postgres_url: str, lengths: Sequence[float], seed: int) -> Seen:
    real = parse_qs(urlsplit(postgres_url).query)["host"][0]
    with tempfile.TemporaryDirectory(prefix="link-") as near:  # the name of a socket must be short
        async with link_to_path(Path(real) / SOCKET, Path(near) / SOCKET) as link:
            through = postgres_url.replace(real, near)
            # With the turn's time as shipped: what is lost with the link is found when it is over.
            shipped = Settings().turn_seconds
            node = NodeProcess(folder / "node", database_url=through, turn_seconds=shipped)
            await asyncio.to_thread(node.start)
            try:
                return await _partition(node, link, postgres_url, lengths, seed)
            finally:
                link.go_on()
                await asyncio.to_thread(node.kill)


def _prove(folder, postgres_url: str, seed: int, lengths: Sequence[float], record_property) -> Seen:
    seen = asyncio.run(_live(folder, postgres_url, lengths, seed))
    record_property("seed", seed)
    record_property("partitions", len(lengths))
    record_property("seconds each", ", ".join(f"{seconds:.0f}" for seconds in lengths))
    record_property("accepted meanwhile", seen.accepted)
    record_property("messages", sum(len(page.sent) for page in seen.pages))
    record_property("longest recovery in seconds", round(max(seen.recovered), 2))
    assert seen.accepted == 0, f"seed {seed}: accepted while the database was away"
    assert violations(postgres_url, seen.pages) == [], f"seed {seed}"
    return seen


@pytest.mark.services
def test_row_21_nothing_is_accepted_while_the_database_is_out_of_reach(
    tmp_path, postgres_url, record_property
) -> None:
    _prove(tmp_path, postgres_url, run_seed(), [1.0, 1.0], record_property)


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(900)
def test_row_21_partitions_of_five_to_thirty_seconds_are_recovered_from_in_ten_seconds(
    tmp_path, postgres_url, record_property
) -> None:
    seed = run_seed()
    chance = random.Random(seed)
    lengths = [5.0, 30.0, 30.0, *(chance.uniform(5, 30) for _ in range(5))]
    seen = _prove(tmp_path, postgres_url, seed, lengths, record_property)
    assert max(seen.recovered) <= 10
