"""Rows 2, 5, 7, 26, 30: shoppers and staff talk over sockets while everything goes wrong by turns.

The node is killed, told to end, or paused; links are cut, stop carrying, or swallow all. The seed
gives the schedule; a failure tells both, and the journal of the first page that was wronged.
"""

import asyncio
import random
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import websockets

from tests.reliability.link import Link, cuts_within, link_to_port
from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.staff_page import StaffPage, staff_page
from tests.reliability.stored import ask, settle, stored_events, violations

PAGES = 6
TICK_SECONDS = 0.2
DEAD_SECONDS = 0.8
GONE = (OSError, TimeoutError, AssertionError, httpx.HTTPError, websockets.WebSocketException)
"""What a staff page may meet when its node dies: it comes again."""

TROUBLE = ("kill", "end", "pause", "cut", "stop", "swallow")


@dataclass
class Schedule:
    """What was done, in order, for a failure to tell."""

    seed: int
    done: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"seed {self.seed}: " + ", ".join(self.done)


async def _trouble(kind: str, node: NodeProcess, link: Link, chance: random.Random) -> None:
    """Make one trouble, and let it pass."""
    seconds = chance.uniform(0.1, 1.2)
    match kind:
        case "kill":
            node.kill()
            await asyncio.to_thread(node.start)
        case "end":
            node.signal(signal.SIGTERM)
            assert await asyncio.to_thread(node.wait) == 0
            await asyncio.to_thread(node.start)
        case "pause":
            node.signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
            node.signal(signal.SIGCONT)
        case "cut":
            link.cut()
        case "stop":
            link.stop()
            await asyncio.sleep(seconds)
            link.go_on()
        case "swallow":
            link.swallow()
            await asyncio.sleep(seconds)
            link.swallow(False, False)


async def _talk(page: Page, chance: random.Random, enough: asyncio.Event) -> None:
    words = ("have you 有货吗", "a person please", "which one is it", "thank you", "slow one")
    while not enough.is_set():
        if len(page.unsent) < 3:
            await page.say(f"{len(page.sent)} {chance.choice(words)}")
        await asyncio.sleep(chance.uniform(0.02, 0.2))


async def _help(
    node: NodeProcess, accepted: dict[str, tuple[str, int]], enough: asyncio.Event
) -> None:
    """Take whoever waits, say something, and give them back; come again whatever happens."""
    while not enough.is_set():
        try:
            async with asyncio.timeout(10), staff_page(node.origin) as mei:
                while not enough.is_set() and mei.close_code is None:
                    await _help_once(mei, accepted)
                    await asyncio.sleep(0.05)
        except GONE:
            await asyncio.sleep(0.1)


async def _help_once(mei: StaffPage, accepted: dict[str, tuple[str, int]]) -> None:
    for conversation, line in list(mei.summaries.items()):
        if line["stage"] not in ("waiting_for_staff", "with_staff"):
            continue
        await mei.command("claim", conversation)
        said = await mei.say(conversation, "Mei here, what is it about?")
        if said["type"] == "accepted":
            accepted[said["id"]] = conversation, said["seq"]
        await mei.command("hand_back", conversation)


async def _live(
    node: NodeProcess, troubles: int, schedule: Schedule, accepted: dict[str, tuple[str, int]]
) -> list[Page]:
    chance = random.Random(schedule.seed)
    async with AsyncExitStack() as stack:
        link, port = await stack.enter_async_context(link_to_port(node.port))
        link.cut_after = cuts_within(chance, 60_000)
        pages = [
            Page(
                lambda: node.behind(port),
                random.Random(schedule.seed + number),
                dead_seconds=DEAD_SECONDS,
                in_flight=3,
            )
            for number in range(PAGES)
        ]
        for page in pages:
            await stack.enter_async_context(page.open())
        enough = asyncio.Event()
        lives = [asyncio.create_task(_talk(page, chance, enough)) for page in pages]
        lives.append(asyncio.create_task(_help(node, accepted, enough)))
        for _ in range(troubles):
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            schedule.done.append(chance.choice(TROUBLE))
            await _trouble(schedule.done[-1], node, link, chance)
        link.cut_after = lambda: None
        enough.set()
        await asyncio.gather(*lives)
        await settle(node.database_url, pages, 120)
    return pages


def _journals(pages: list[Page]) -> list[str]:
    """What the first page that was wronged saw around that."""
    for page in pages:
        for place, line in enumerate(page.journal):
            if line.startswith("BROKEN"):
                return page.journal[max(0, place - 40) : place + 10]
    return []


def _prove(folder: Path, troubles: int, record_property) -> None:
    schedule = Schedule(run_seed())
    accepted: dict[str, tuple[str, int]] = {}
    with running(folder, tick_seconds=TICK_SECONDS, spread_seconds=0.5) as node:
        pages = asyncio.run(_live(node, troubles, schedule, accepted))
        url = node.database_url
        found = violations(url, pages)
        assert found == [], f"{schedule}\n" + "\n".join([*found, *_journals(pages)])
        for id, (conversation, seq) in accepted.items():
            stored = [
                event.seq for event in stored_events(url, conversation) if event.client_id == id
            ]
            assert stored == [seq], f"{schedule}: what staff said as {id}"
        answers = "SELECT count(*) FROM events WHERE kind = 'bot_answered' GROUP BY turn"
        assert {count for (count,) in ask(url, answers)} <= {1}, str(schedule)
        assert ask(url, "PRAGMA integrity_check") == [("ok",)]
        assert ask(url, "PRAGMA foreign_key_check") == []
    record_property("seed", schedule.seed)
    for kind in TROUBLE:
        record_property(kind, schedule.done.count(kind))
    record_property("messages of shoppers", sum(len(page.sent) for page in pages))
    record_property("messages of staff", len(accepted))
    record_property("connections", sum(page.connections for page in pages))


def test_row_02_05_07_26_and_30_six_troubles_by_turns_lose_nothing(
    tmp_path, record_property
) -> None:
    _prove(tmp_path, 6, record_property)


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_row_02_05_07_26_and_30_a_hundred_troubles_by_turns_lose_nothing(
    tmp_path, record_property
) -> None:
    _prove(tmp_path, 100, record_property)
