"""Row 16: what one visitor costs who has the chat open and says nothing."""

import asyncio
import resource

import pytest

from bot.shell.bench_load import hold, let_go
from tests.reliability.nodes import NodeProcess, running

KIBIBYTE = 1_024
OTHER_FILES = 200


async def _measure(node: NodeProcess, sockets: int) -> tuple[float, float]:
    """Give the bytes a socket, and the share of a core that holding them all took."""
    import psutil

    url, origin = node.address()
    await let_go(await hold(url, origin, 200))  # what the first ones bring about is there
    before = node.resident_bytes
    held = await hold(url, origin, sockets)
    per_socket = (node.resident_bytes - before) / sockets
    process = psutil.Process(node.process.pid)
    process.cpu_percent()
    await asyncio.sleep(50)  # two ticks of everybody, and their pings
    cpu = process.cpu_percent()
    await let_go(held)
    return per_socket, cpu


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_16_idle_visitors_cost_at_most_32_kib_each(tmp_path, record_property) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    sockets = min(15_000, most - OTHER_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with running(tmp_path) as node:
        per_socket, cpu = asyncio.run(_measure(node, sockets))
    record_property("idle sockets", sockets)
    record_property("KiB each", round(per_socket / KIBIBYTE, 1))
    record_property("percent of a core for ticks and pings", round(cpu, 1))
    assert per_socket <= 32 * KIBIBYTE
