"""Row 16: what a visitor costs who has a conversation, leaves the chat open, and says nothing.

The pages live in processes of their own and come from several addresses. Each begins a conversation
and is then idle: from there on it answers pings and reads ticks. `SHOPKEEPER_IDLE_SECONDS` sets how
long the long form holds them (600).
"""

import os
import resource
import time
from contextlib import ExitStack

import psutil
import pytest

from tests.reliability.crowds import crowds, told_by
from tests.reliability.nodes import NodeProcess, running

BYTES_EACH = 32_000
SHARE_OF_A_CORE = 0.25
FILES_FOR_THE_REST = 500
FIRST_ONES = 100
WORDS = "hello, is it in stock?"


def _cpu_seconds(node: NodeProcess) -> float:
    times = psutil.Process(node.process.pid).cpu_times()
    return times.user + times.system


def _hold(node: NodeProcess, counts: list[int], seconds: float, record_property) -> float:
    """Hold crowds for so long; asserts memory and that nobody was lost. Gives the share of a core.

    The first ones stay, so that nobody after them lives in memory that they have left.
    """
    with crowds(node, [FIRST_ONES], [WORDS]) as first, ExitStack() as later:
        before = node.resident_bytes
        here = first + later.enter_context(crowds(node, counts, [WORDS] * len(counts), begin=1))
        each = (node.resident_bytes - before) / sum(counts)
        record_property("idle visitors", sum(counts))
        record_property("bytes each", round(each))
        earlier, spent, began = told_by(here), _cpu_seconds(node), time.monotonic()
        time.sleep(seconds)
        share = (_cpu_seconds(node) - spent) / (time.monotonic() - began)
        told = told_by(here)
        grown = (node.resident_bytes - before) / sum(counts)
    assert (told.open, told.closed, told.refused) == (sum(counts) + FIRST_ONES, {}, {})
    assert each <= BYTES_EACH
    assert grown <= BYTES_EACH
    ticks = told.fewest_ticks - earlier.fewest_ticks
    pings = told.fewest_pings - earlier.fewest_pings
    if seconds:
        record_property("seconds idle", round(seconds))
        record_property("bytes each at the end", round(grown))
        record_property("ticks of who got the fewest", ticks)
        record_property("pings of who got the fewest", pings)
        record_property("percent of a core", round(100 * share, 1))
    return share


def test_row_16_five_hundred_idle_visitors_cost_at_most_32_kilobytes_each(
    tmp_path, record_property
) -> None:
    with running(tmp_path) as node:
        _hold(node, [250, 250], 0, record_property)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_row_16_fifteen_thousand_idle_visitors_cost_a_quarter_of_a_core(
    tmp_path, record_property
) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 15_000 + FILES_FOR_THE_REST:
        pytest.skip(f"a process may open {most} files here; raise the limit (ulimit -Hn 65536)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the node inherits it
    seconds = float(os.environ.get("SHOPKEEPER_IDLE_SECONDS") or 600)
    with running(tmp_path) as node:
        share = _hold(node, [3_750] * 4, seconds, record_property)
    assert share <= SHARE_OF_A_CORE
