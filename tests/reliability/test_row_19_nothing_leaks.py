"""Row 19: shoppers who come, ask and go leave nothing behind in the server."""

import asyncio
import os
import random

import psutil
import pytest

from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed

AT_ONCE = 20
GROUP = 1_000
MEBIBYTE = 1_048_576


async def _come_ask_and_go(node: NodeProcess, cycles: int, seed: int) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        page = Page(node.address, random.Random(seed + number))
        async with gate, page.open():
            await page.say(f"question {number}, and only this one")
            await page.until(lambda: page.shown and page.shown[page.last_seq]["kind"] != SAID)

    for begin in range(0, cycles, GROUP):  # or the pages of all would be held to the end
        await asyncio.gather(*(one(n) for n in range(begin, min(cycles, begin + GROUP))))


SAID = "shopper_said"
POOL_FILES = 3 * 8
"""Readers of the database are opened when they are first needed, three files each."""


async def _held(node: NodeProcess, at_most: tuple[int, int] | None = None) -> tuple[int, int]:
    """Open files and tasks; waits until they are back to what they were, at most 20 seconds."""
    process = psutil.Process(node.process.pid)
    for _ in range(400):
        held = process.num_fds(), int(node.tell("tasks"))
        if at_most is None or (held[0] <= at_most[0] and held[1] <= at_most[1]):
            return held
        await asyncio.sleep(0.05)
    return held


def _prove(folder, cycles: int, warm_up: int, record_property) -> float:
    seed = run_seed()
    with running(folder) as node:

        async def live() -> tuple[tuple[int, int], tuple[int, int], int]:
            await _come_ask_and_go(node, warm_up, seed)
            await asyncio.sleep(0.5)
            before = await _held(node)
            resident = node.resident_bytes
            await _come_ask_and_go(node, cycles, seed + warm_up)
            after = await _held(node, before)
            return before, after, node.resident_bytes - resident

        before, after, grown = asyncio.run(live())
    assert after[0] <= before[0] + POOL_FILES, "open files are left"
    assert after[1] <= before[1], "tasks are left"
    record_property("seed", seed)
    record_property("cycles", cycles)
    record_property("open files before and after", f"{before[0]} and {after[0]}")
    record_property("tasks before and after", f"{before[1]} and {after[1]}")
    slope = grown / MEBIBYTE * 10_000 / cycles
    record_property("MiB more", round(grown / MEBIBYTE, 2))
    return slope


def test_row_19_three_hundred_shoppers_leave_no_file_and_no_task_behind(
    tmp_path, record_property
) -> None:
    _prove(tmp_path, 300, 60, record_property)


@pytest.mark.long
@pytest.mark.timeout(7_200)
def test_row_19_a_hundred_thousand_shoppers_leave_little_memory_behind(
    tmp_path, record_property
) -> None:
    cycles = int(os.environ.get("SHOPKEEPER_CYCLES") or 100_000)
    slope = _prove(tmp_path, cycles, cycles // 5, record_property)
    record_property("MiB for ten thousand", round(slope, 2))
    assert slope <= 5
