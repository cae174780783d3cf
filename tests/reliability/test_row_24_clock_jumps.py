"""Row 24: whoever sets the clock of the machine, order, answers and limits stay as they were.

The wall clock of the node goes a day ahead and a day back while shoppers talk. Nothing may be out
of order, nobody may be left without an answer, nobody is locked out, and no limit is lifted.
"""

import asyncio
import random

import pytest

from tests.reliability.nodes import NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.staff_page import staff_page
from tests.reliability.stored import ask, settle, stored_events, violations

DAY = 86_400
JUMPS = [DAY, 0, -DAY, 3_600, -3_600, 1, 0]
"""Seconds from the true time, one after the other: a day, a change of season, a leap second."""

BURST = 5
SECONDS_A_MESSAGE = 120
"""Long enough that no slow machine gets another message meanwhile."""

MOVES = {"moved_clock": True, "tick_seconds": 0.2}


async def _talk_while_it_jumps(node: NodeProcess, pages: list[Page]) -> None:
    lives = [asyncio.create_task(page.live()) for page in pages]
    for page in pages:
        await page.say("hello, what time is it?")
    for seconds in JUMPS:
        for page in pages:  # some of it is being answered when the clock jumps
            await page.say(f"slow question at {seconds}")
        assert node.tell(f"clock {seconds}") == "moved"
        for page in pages:
            await page.say(f"and now it is {seconds} later")
        await settle(node.database_url, pages)
    for page in pages:
        await page.leave()
    await asyncio.gather(*lives)


def test_row_24_talks_go_on_in_order_whatever_the_clock_does(tmp_path, record_property) -> None:
    seed = run_seed()
    with running(tmp_path, **MOVES) as node:
        pages = [Page(node.address, random.Random(seed + number)) for number in range(4)]
        asyncio.run(_talk_while_it_jumps(node, pages))
        url = node.database_url
        assert violations(url, pages) == [], f"seed {seed}"
        assert ask(url, "SELECT count(*) FROM turns WHERE ended_at < asked_at") == [(0,)]
        answered = ask(url, "SELECT count(*) FROM events WHERE kind = 'bot_answered' GROUP BY turn")
        assert {count for (count,) in answered} == {1}
        kinds = [e.kind for page in pages for e in stored_events(url, page.conversation)]
    assert set(kinds) == {"shopper_said", "bot_answered"}
    record_property("seed", seed)
    record_property("jumps", len(JUMPS))
    record_property("events", len(kinds))


@pytest.mark.parametrize("seconds", [DAY, -DAY])
def test_row_24_a_limit_is_neither_lifted_nor_made_endless_by_a_jump(seconds, tmp_path) -> None:
    async def flood(node: NodeProcess) -> Page:
        page = Page(node.address)
        async with page.open():
            for number in range(BURST):
                await page.say(f"question {number}")
            await page.until_accepted()
            assert page.refused == []
            assert node.tell(f"clock {seconds}") == "moved"
            await page.say("one too many")
            await page.until(lambda: page.refused or not page.unsent)
        return page

    rate = {"messages_burst": BURST, "messages_per_second": 1 / SECONDS_A_MESSAGE}
    with running(tmp_path, **MOVES, **rate) as node:
        page = asyncio.run(flood(node))
    assert page.refused[:1] == ["rate_limited"], "the limit was lifted"
    assert page.retry_after[0] <= SECONDS_A_MESSAGE, "the limit became endless"


def test_row_24_a_person_can_sign_in_and_answer_after_the_clock_was_set(tmp_path) -> None:
    async def help_out(node: NodeProcess) -> str:
        page = Page(node.address)
        async with page.open():
            await page.say("a person please")
            await page.until(lambda: page.stage == "waiting_for_staff")
            for seconds in (-DAY, DAY):
                assert node.tell(f"clock {seconds}") == "moved"
                async with staff_page(node.origin) as mei:
                    conversation = str(page.conversation)
                    await mei.until(lambda: str(page.conversation) in mei.summaries)
                    assert mei.summaries[conversation]["stage"] in (
                        "waiting_for_staff",
                        "with_staff",
                    )
                    await mei.command("claim", conversation)
                    said = await mei.say(conversation, f"I am here at {seconds}")
                    assert said["type"] == "accepted"
                    await page.until_shown(said["seq"])
            assert violations(node.database_url, [page]) == []
            return page.texts()[-1]

    with running(tmp_path, **MOVES) as node:
        assert asyncio.run(help_out(node)) == f"I am here at {DAY}"


@pytest.mark.long
@pytest.mark.services
def test_row_24_and_30_a_node_whose_clock_is_behind_answers_what_a_dead_node_left(
    tmp_path, postgres_url, valkey
) -> None:
    async def die_in_the_middle(dies: NodeProcess, behind: NodeProcess) -> None:
        place = [dies]
        page = Page(lambda: place[0].address())
        async with page.open():
            await page.say("hello, I have a question")
            await settle(postgres_url, [page])
            await page.say("a slow question, please think about it")
            await page.until_accepted()
            place[0] = behind
            await asyncio.to_thread(dies.kill)
            await settle(postgres_url, [page], 20)

    settings = {"database_url": postgres_url, "redis_url": valkey.connection_url, "turn_seconds": 2}
    with (
        running(tmp_path / "a", **settings) as dies,
        running(tmp_path / "b", **settings, moved_clock=True) as behind,
    ):
        assert behind.tell(f"clock {-DAY}") == "moved"
        asyncio.run(die_in_the_middle(dies, behind))
