"""Row 25: a process that is paused (SIGSTOP) and wakes up later does no harm.

A node is paused in the middle of an answer; its shopper goes to the other node, where a person
takes over. When the node wakes up its answer is too late and must stay unsaid.
"""

import asyncio
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.staff_page import StaffPage, staff_page
from tests.reliability.stored import ask, settle, stored_events, violations

FAST = {"tick_seconds": 0.2, "bus_poll_seconds": 0.3}
DEAD_SECONDS = 0.7
PAUSES = [5, 5, 5, 8, 13, 21, 34, 60]
BOT_WORDS = {"bot_answered", "bot_asked", "bot_gave_up"}


async def _take_over_while_paused(
    paused: NodeProcess, awake: NodeProcess, pauses: Sequence[float], seed: int
) -> list[Page]:
    pages = []
    async with staff_page(awake.origin) as mei:
        for number, seconds in enumerate(pauses):
            place = [paused]
            page = Page(
                lambda place=place: place[0].address(),
                random.Random(seed + number),
                dead_seconds=DEAD_SECONDS,
            )
            pages.append(page)
            async with page.open():
                await page.say("hello, I have a question")
                await settle(paused.database_url, [page])
                await page.say("please ponder about this")
                await _until_answering(paused, page)
                paused.signal(signal.SIGSTOP)
                place[0] = awake
                waking = asyncio.create_task(_wake_up(paused, seconds))
                await _claim(mei, page, seconds)
                await waking
                await _until_kept_as_draft(paused, page)
                await settle(paused.database_url, [page])
    return pages


async def _until_answering(node: NodeProcess, page: Page) -> None:
    query = "SELECT count(*) FROM turns WHERE conversation = ? AND state = 'answering'"
    async with asyncio.timeout(20):
        while (await asyncio.to_thread(ask, node.database_url, query, page.conversation)) != [(1,)]:
            await asyncio.sleep(0.01)


async def _until_kept_as_draft(node: NodeProcess, page: Page) -> None:
    async with asyncio.timeout(30):
        while "bot_drafted" not in {
            event.kind
            for event in await asyncio.to_thread(
                stored_events, node.database_url, page.conversation
            )
        }:
            await asyncio.sleep(0.02)


async def _wake_up(node: NodeProcess, seconds: float) -> None:
    await asyncio.sleep(seconds)
    node.signal(signal.SIGCONT)


async def _claim(mei: StaffPage, page: Page, seconds: float) -> None:
    """Take it over and say something; a node paused in a transaction may hold it for a while."""
    conversation = str(page.conversation)
    async with asyncio.timeout(seconds + 60):
        while (await mei.command("claim", conversation))["type"] != "done":
            await asyncio.sleep(0.1)
        while (await mei.say(conversation, "Mei here, I help you"))["type"] != "accepted":
            await asyncio.sleep(0.1)


def _prove(folder: Path, postgres_url, redis_url, pauses: Sequence[float], record_property) -> None:
    seed = run_seed()
    settings = {"database_url": postgres_url, "redis_url": redis_url, **FAST}
    with running(folder / "a", **settings) as paused, running(folder / "b", **settings) as awake:
        pages = asyncio.run(_take_over_while_paused(paused, awake, pauses, seed))
        assert violations(postgres_url, pages) == [], f"seed {seed}"
        for page in pages:
            kinds = [event.kind for event in stored_events(postgres_url, page.conversation)]
            after = kinds[kinds.index("staff_claimed") :]
            assert not BOT_WORDS.intersection(after), f"seed {seed}: {kinds}"
    record_property("seed", seed)
    record_property("pauses", len(pauses))
    record_property("seconds each", f"{min(pauses):g} to {max(pauses):g}")
    record_property("late answers kept as drafts", len(pauses))
    record_property("split answers", 0)


@pytest.mark.services
def test_row_25_and_31_a_node_that_wakes_up_late_does_not_speak_beside_a_person(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    _prove(tmp_path, postgres_url, valkey.connection_url, [1.0, 1.5], record_property)


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(900)
def test_row_25_and_31_pauses_of_five_to_sixty_seconds_make_no_split_answer(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    _prove(tmp_path, postgres_url, valkey.connection_url, PAUSES, record_property)


def _resume(folder: Path, pauses: Sequence[float], record_property) -> None:
    seed = run_seed()

    async def talk(node: NodeProcess, pages: list[Page]) -> None:
        lives = [asyncio.create_task(page.live()) for page in pages]
        for round, seconds in enumerate(pauses):
            for page in pages:
                await page.say(f"question {round}, one of many")
            node.signal(signal.SIGSTOP)
            for page in pages:
                await page.say(f"are you there? {round}")
            await _wake_up(node, seconds)
            await settle(node.database_url, pages)
        for page in pages:
            await page.leave()
        await asyncio.gather(*lives)

    with running(folder, **FAST) as node:
        pages = [
            Page(node.address, random.Random(seed + number), dead_seconds=DEAD_SECONDS)
            for number in range(8)
        ]
        asyncio.run(talk(node, pages))
        assert violations(node.database_url, pages) == [], f"seed {seed}"
    record_property("seed", seed)
    record_property("pauses", len(pauses))
    record_property("seconds each", f"{min(pauses):g} to {max(pauses):g}")
    record_property("links given up meanwhile", sum(page.connections - 1 for page in pages))


def test_row_25_pages_of_a_node_that_was_paused_resume_without_loss(
    tmp_path, record_property
) -> None:
    _resume(tmp_path, [1.2, 1.2, 1.2], record_property)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_25_pages_of_a_node_that_was_paused_for_up_to_a_minute_resume_without_loss(
    tmp_path, record_property
) -> None:
    _resume(tmp_path, PAUSES, record_property)
