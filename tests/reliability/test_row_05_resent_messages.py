"""Row 5: a message sent again and again, anywhere, is stored once and accepted under one number.

Each conversation has three pages, on two nodes that are two processes over one PostgreSQL. Every
message goes out one to five times at the same moment, over whichever of the three chance picks.
"""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, stored_events, violations

TALKS = 6
MOST_TIMES = 5


async def _begin(nodes: list[NodeProcess], stack: AsyncExitStack, seed: int) -> list[Page]:
    """One conversation with a page on the first node, one on the second, and one more."""
    first = Page(nodes[0].address, random.Random(seed))
    await stack.enter_async_context(first.open())
    await first.say("hello, I have a question")
    await first.until_accepted()
    pages = [first]
    for number in (1, 2):
        page = Page(nodes[number % 2].address, random.Random(seed + number))
        page.conversation, page.token, page.epoch = first.conversation, first.token, first.epoch
        await stack.enter_async_context(page.open())
        await page.until(lambda page=page: page.resumed)
        pages.append(page)
    return pages


async def _send_again_and_again(pages: list[Page], count: int, chance: random.Random) -> int:
    """Send so many messages, one after the other; gives how many frames that took."""
    frames = 0
    for number in range(count):
        id = f"{chance.getrandbits(128):032x}"
        id = "-".join((id[:8], id[8:12], f"4{id[13:16]}", f"8{id[17:20]}", id[20:]))
        through = chance.choices(pages, k=chance.randint(1, MOST_TIMES))
        for page in through:
            page.sent[id] = page.unsent[id] = f"message {number} 还有货吗"
        # Not by `say`: a page that behaves sends nothing twice on one link.
        await asyncio.gather(
            *(page.send(type="say", id=id, text=page.sent[id]) for page in through)
        )
        for page in set(through):
            await page.until(lambda page=page, id=id: id in page.accepted)
        frames += len(through)
    return frames


async def _talk(nodes: list[NodeProcess], ids: int, seed: int) -> tuple[list[list[Page]], int]:
    async with AsyncExitStack() as stack:
        talks = [await _begin(nodes, stack, seed + 10 * talk) for talk in range(TALKS)]
        frames = await asyncio.gather(
            *(
                # Not the seed of a page: both would make the same ids, for different words.
                _send_again_and_again(pages, ids // TALKS, random.Random(f"{seed} {number}"))
                for number, pages in enumerate(talks)
            )
        )
        await settle(nodes[0].database_url, [page for pages in talks for page in pages], 120)
    return talks, sum(frames)


def _prove(folder: Path, postgres_url: str, redis_url: str, ids: int, record_property) -> None:
    seed = run_seed()
    settings = {"database_url": postgres_url, "redis_url": redis_url, "bus_poll_seconds": 0.5}
    with running(folder / "a", **settings) as here, running(folder / "b", **settings) as there:
        talks, frames = asyncio.run(_talk([here, there], ids, seed))
        assert violations(postgres_url, [p for pages in talks for p in pages]) == [], f"seed {seed}"
        for pages in talks:
            said = {
                event.client_id: event.seq
                for event in stored_events(postgres_url, pages[0].conversation)
                if event.client_id is not None
            }
            assert set(said) == {id for page in pages for id in page.sent}
            for page in pages:
                assert page.accepted == {id: said[id] for id in page.sent}
    record_property("seed", seed)
    record_property("ids", ids)
    record_property("frames", frames)
    record_property("sockets of each conversation", 3)
    record_property("processes", 2)
    record_property("doubled", 0)
    record_property("accepted under two numbers", 0)


@pytest.mark.services
def test_row_05_three_hundred_messages_sent_up_to_five_times_are_stored_once(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    _prove(tmp_path, postgres_url, valkey.connection_url, 300, record_property)


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(1_800)
def test_row_05_ten_thousand_messages_sent_up_to_five_times_are_stored_once(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    _prove(tmp_path, postgres_url, valkey.connection_url, 10_002, record_property)
