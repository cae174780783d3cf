"""Row 13: a page that does not read harms only itself: it is closed, and comes back for the rest.

Readers and pages that stopped reading look at one conversation in which somebody writes long texts
as fast as they are stored. The server must keep a bounded part for each, and serve the others. In
the longest form a thousand more pages talk to the bot in a process of their own, before and beside
it, and what they wait for `accepted` is compared: while everybody reads what is written, and while
two hundred have stopped.
"""

import asyncio
import math
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from tests.bot.server.floor import open_floor
from tests.reliability.crowds import CrowdProcess, crowds, told_by
from tests.reliability.link import link_to_port
from tests.reliability.nodes import GENEROUS, NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.staff_page import staff_page
from tests.reliability.stored import settle, violations

SLOW = 4208
WORDS = "x" * 3_900
RECEIVE_BUFFER = 4_096
MOST_UNSENT = 6
MEBIBYTE = 1_048_576
OTHERS, A_SECOND, SECONDS = 1_000, 20, 20
MOST_FOR_A_STALLED_ONE = 2.5 * MEBIBYTE
"""1 MiB of the queue, what its strings cost beside that, and the buffer below it."""


async def _write_past_them(
    node: NodeProcess,
    stalled: int,
    reading: int,
    messages: int,
    seed: int,
    seen: dict[str, float],
    beside: Sequence[CrowdProcess],
) -> tuple[list[Page], list[Page]]:
    """Write; gives the pages that stalled and the ones that read on."""
    writer = Page(node.address, random.Random(seed), in_flight=3)
    async with (
        link_to_port(node.port, RECEIVE_BUFFER) as (link, port),
        AsyncExitStack() as open_pages,
    ):
        await open_pages.enter_async_context(writer.open())
        await writer.say("hello, a person please")
        await writer.until_accepted()
        mei = await open_pages.enter_async_context(staff_page(node.origin))
        await mei.command("claim", str(writer.conversation))  # so that the bot stays silent
        slow = [_page_of(writer, node.behind(port), seed + n) for n in range(1, stalled + 1)]
        others = [_page_of(writer, node.address(), seed - n) for n in range(1, reading)]
        for page in (*slow, *others):
            await open_pages.enter_async_context(page.open())
            await page.until(lambda page=page: page.resumed)
        if beside:
            await _write_beside(writer, 0, beside, "while all read", seen)
            await settle(node.database_url, [writer, *others, *slow])
        link.stop()
        before = node.resident_bytes
        await _write_beside(writer, messages, beside, "while some do not", seen)
        await settle(node.database_url, [writer, *others])
        seen["MiB more in the server"] = round((node.resident_bytes - before) / MEBIBYTE, 1)
        link.go_on()
        await settle(node.database_url, slow)
    return slow, [writer, *others]


async def _write_beside(
    writer: Page, least: int, beside: Sequence[CrowdProcess], when: str, seen: dict[str, float]
) -> None:
    """Write so many texts, and on until the others have talked."""
    began, written = time.monotonic(), 0
    talking = asyncio.create_task(_talk_beside(beside))
    while written < least or not talking.done():
        await writer.say(f"{written} {WORDS}")
        await writer.until(lambda: len(writer.unsent) < MOST_UNSENT)
        written += 1
    seen[f"messages a second {when}"] = round(written / (time.monotonic() - began), 1)
    if beside:
        seen[f"p99 ms of the others {when}"] = await talking


async def _talk_beside(crowd: Sequence[CrowdProcess]) -> float:
    """Let others talk to the bot for a while; gives their p99 milliseconds until accepted."""
    if not crowd:
        return math.nan
    told = await asyncio.to_thread(told_by, crowd, f"talk {A_SECOND} {SECONDS} 1")
    assert (told.open, told.closed, told.refused, told.unanswered) == (OTHERS, {}, {}, 0)
    return round(1000 * sorted(told.accepted_seconds)[told.said * 99 // 100], 1)


def _page_of(first: Page, where: tuple[str, str], seed: int) -> Page:
    page = Page(lambda: where, random.Random(seed))
    page.conversation, page.token, page.epoch = first.conversation, first.token, first.epoch
    return page


def _prove(
    folder, stalled: int, reading: int, messages: int, record_property, beside: int = 0
) -> dict[str, float]:
    seed = run_seed()
    seen: dict[str, float] = {}
    counts = [beside] if beside else []
    with (
        running(folder, sends_stall_seconds=120, ping_seconds=600) as node,
        crowds(node, counts, ["is it in stock?"], [["and in red?", "and in blue?"]]) as crowd,
    ):
        slow, others = asyncio.run(
            _write_past_them(node, stalled, reading, messages, seed, seen, crowd)
        )
        assert violations(node.database_url, [*slow, *others]) == [], f"seed {seed}"
    assert all(SLOW in [code for code, _ in page.closes] for page in slow)
    assert not any(page.closes for page in others)
    assert seen["MiB more in the server"] * MEBIBYTE <= 40 * MEBIBYTE + (
        stalled * MOST_FOR_A_STALLED_ONE
    )
    record_property("seed", seed)
    record_property("stalled", stalled)
    record_property("reading", reading)
    record_property("bytes sent to each", messages * len(WORDS))
    for name, value in seen.items():
        record_property(name, value)
    return seen


def test_row_13_ten_stalled_readers_are_closed_and_come_back_for_the_rest(
    tmp_path, record_property
) -> None:
    _prove(tmp_path, 10, 4, 600, record_property)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_13_fifty_stalled_readers_cost_a_bounded_part_each(tmp_path, record_property) -> None:
    _prove(tmp_path, 50, 20, 2_000, record_property)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_row_13_two_hundred_stalled_readers_do_not_hold_up_a_thousand_others(
    tmp_path, record_property
) -> None:
    seen = _prove(tmp_path, 200, 2, 1_000, record_property, OTHERS)
    record_property("others", OTHERS)
    all_read = seen["p99 ms of the others while all read"]
    assert seen["p99 ms of the others while some do not"] <= 2 * all_read, "others were held up"


def test_row_13_a_page_that_never_reads_again_is_cut_off(tmp_path) -> None:
    async def stall(floor) -> None:
        where = f"ws://127.0.0.1:{floor.node.port}/ws/shopper", floor.origin
        writer = Page(lambda: where, in_flight=3)
        async with (
            link_to_port(floor.node.port, RECEIVE_BUFFER) as (link, port),
            writer.open(),
        ):
            await writer.say("hello, is somebody there?")
            await writer.until_accepted()
            behind = f"ws://127.0.0.1:{port}/ws/shopper", floor.origin
            slow = _page_of(writer, behind, 5)
            async with slow.open():
                await slow.until(lambda: slow.resumed)
                link.stop()
                number = 0
                async with asyncio.timeout(30):
                    while len(floor.node.service.connections) > 1:
                        number += 1
                        await writer.say(f"{number} {WORDS}")
                        await writer.until_accepted()

    with open_floor(tmp_path, **GENEROUS, sends_stall_seconds=0.3, ping_seconds=600) as floor:
        asyncio.run(stall(floor))
