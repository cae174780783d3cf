"""Row 6: everybody who looks at a conversation sees the same events in the same order.

Many pages of one conversation and two people of the staff write at once, on two nodes that are two
processes over one PostgreSQL. What every page, both inboxes, an export and the database show must
be one sequence, 1 … n.
"""

import asyncio
import json
import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bot.server.floor import PASSWORD
from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.staff_page import StaffPage, staff_page
from tests.reliability.stored import settle, stored_events, violations

PAGES = 20


async def _all_write(nodes: list[NodeProcess], each: int, seed: int) -> dict[str, list[Any]]:
    """Let everybody write at once; gives everybody's sequence of (number, kind, words)."""
    chance = random.Random(seed)
    first = Page(nodes[0].address, random.Random(seed))
    async with AsyncExitStack() as open_pages:
        await open_pages.enter_async_context(first.open())
        await first.say("the first word")
        await first.until_accepted()
        conversation = str(first.conversation)
        pages = [first] + [_page_of(first, nodes[n % 2], seed + n) for n in range(1, PAGES)]
        for page in pages[1:]:
            await open_pages.enter_async_context(page.open())
        mei = await open_pages.enter_async_context(staff_page(nodes[0].origin, "mei"))
        li = await open_pages.enter_async_context(staff_page(nodes[1].origin, "li"))
        for inbox in (mei, li):
            await inbox.follow(conversation)
        await asyncio.gather(
            *(_write(page, each, chance) for page in pages),
            _claim_and_talk(mei, conversation, each),
            _take_notes(li, conversation, each),
        )
        await settle(nodes[0].database_url, pages)
        newest = len(stored_events(nodes[0].database_url, conversation))
        for inbox in (mei, li):
            await inbox.until_shown(conversation, newest)
        exported = await _export(nodes[1].origin, conversation)
        assert violations(nodes[0].database_url, pages) == []
        assert mei.broken == li.broken == []
        stored = stored_events(nodes[0].database_url, conversation)
        return {
            "stored": [event.shown for event in stored],
            "stored for staff": [(event.seq, event.kind, event.text) for event in stored],
            "exported": exported,
            "mei": [_three(mei.events[conversation][n + 1]) for n in range(newest)],
            "li": [_three(li.events[conversation][n + 1]) for n in range(newest)],
            "pages": [[_three(p.shown[n]) for n in sorted(p.shown)] for p in pages],
        }


def _page_of(first: Page, node: NodeProcess, seed: int) -> Page:
    page = Page(node.address, random.Random(seed), in_flight=2)
    page.conversation, page.token, page.epoch = first.conversation, first.token, first.epoch
    return page


def _three(event: dict[str, Any]) -> tuple[int, str, str]:
    return event["seq"], event["kind"], event.get("text", "")


async def _export(origin: str, conversation: str) -> list[tuple[int, str, str]]:
    """What an admin gets as a file."""
    async with httpx.AsyncClient(base_url=origin, timeout=30) as web:
        await web.post("/api/sign-in", json={"login": "boss", "password": PASSWORD})
        answer = await web.get("/api/conversations/export", params={"format": "jsonl"})
        assert answer.status_code == 200, answer.text
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return [_three(line) for line in lines if line["conversation"] == conversation]


async def _write(page: Page, each: int, chance: random.Random) -> None:
    for number in range(each):
        await page.say(f"{number} of a page " * chance.randrange(1, 20))
        if chance.random() < 0.5:
            await page.until_accepted()


async def _claim_and_talk(mei: StaffPage, conversation: str, each: int) -> None:
    assert (await mei.command("claim", conversation))["type"] == "done"
    for number in range(each):
        assert (await mei.say(conversation, f"Mei says {number}"))["type"] == "accepted"


async def _take_notes(li: StaffPage, conversation: str, each: int) -> None:
    for number in range(each):
        answer = await li.say(conversation, f"Li notes {number}", "note")
        assert answer["type"] == "accepted"


def _prove(folder: Path, postgres_url: str, redis_url: str, each: int, record_property) -> None:
    seed = run_seed()
    settings = {"database_url": postgres_url, "redis_url": redis_url, "bus_poll_seconds": 0.3}
    with running(folder / "a", **settings) as here, running(folder / "b", **settings) as there:
        seen = asyncio.run(_all_write([here, there], each, seed))
    assert seen["mei"] == seen["li"] == seen["exported"] == seen["stored for staff"]
    assert all(page == seen["stored"] for page in seen["pages"])
    assert len(seen["stored"]) > (PAGES + 2) * each
    record_property("seed", seed)
    record_property("pages of one conversation", PAGES)
    record_property("staff", 2)
    record_property("processes", 2)
    record_property("events", len(seen["stored"]))
    record_property("holes", 0)


@pytest.mark.services
def test_row_06_and_20_twenty_pages_and_two_staff_on_two_nodes_see_one_order(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    _prove(tmp_path, postgres_url, valkey.connection_url, 6, record_property)


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(900)
def test_row_06_and_20_a_thousand_words_of_pages_and_staff_on_two_nodes_have_one_order(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    _prove(tmp_path, postgres_url, valkey.connection_url, 60, record_property)
