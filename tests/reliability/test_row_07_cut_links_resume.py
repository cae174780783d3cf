"""Row 7: a link that is cut at any byte costs nobody a message, and shows nobody one twice."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.reliability.link import cuts_within, link_to_port
from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations

PAGES = 8
MOST_BYTES = 9_000
"""A connection carries about 3 KB until it has resumed, so some are cut before and some after."""


async def _talk_over_cut_links(node: NodeProcess, cuts: int, seed: int) -> list[Page]:
    """Talk until there were so many cuts, then heal the links and let everybody end in peace."""
    chance = random.Random(seed)
    async with link_to_port(node.port) as (link, port):
        link.cut_after = cuts_within(chance, MOST_BYTES)
        pages = [
            Page(lambda: node.behind(port), random.Random(seed + number), in_flight=3)
            for number in range(PAGES)
        ]
        lives = [asyncio.create_task(page.live()) for page in pages]
        while link.cuts < cuts:
            page = chance.choice(pages)
            if len(page.unsent) < 4:
                await page.say(f"{len(page.sent)} " + "在吗 there " * chance.randrange(40))
            else:
                await asyncio.sleep(0.002)
        link.cut_after = lambda: None
        for page in pages:
            await page.say("the last word")
        await settle(node.database_url, pages)
        for page in pages:
            await page.leave()
        await asyncio.gather(*lives)
    return pages


def _prove(folder: Path, cuts: int, record_property) -> list[float]:
    seed = run_seed()
    with running(folder) as node:
        pages = asyncio.run(_talk_over_cut_links(node, cuts, seed))
        assert violations(node.database_url, pages) == [], f"seed {seed}"
    assert all(set(page.accepted) == set(page.sent) for page in pages)
    away = sorted(seconds for page in pages for seconds in page.away_seconds)
    record_property("seed", seed)
    record_property("cuts", cuts)
    record_property("messages", sum(len(page.sent) for page in pages))
    record_property("missing", 0)
    record_property("shown twice", 0)
    record_property("p95 seconds until everything missed is there", round(p95(away), 3))
    return away


def p95(ordered: list[float]) -> float:
    return ordered[len(ordered) * 95 // 100]


def test_row_07_two_hundred_cuts_at_any_byte_lose_and_repeat_nothing(
    tmp_path, record_property
) -> None:
    assert len(_prove(tmp_path, 200, record_property)) > 100


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_07_five_thousand_cuts_at_any_byte_lose_and_repeat_nothing(
    tmp_path, record_property
) -> None:
    assert p95(_prove(tmp_path, 5_000, record_property)) <= 2
