"""Row 17: a steady load is accepted, answered and shown to staff, and nothing piles up.

Most pages ask the shop's questions, the bot answers, and they go on with it when it would call a
person (else it would have less and less to do); some have a person, whose inbox tells how old each
word is when it comes. The pages live in processes of their own. The long form has the real answerer
and asserts times, so it wants a quiet machine; the environment sets its size:

    SHOPKEEPER_LOAD_PAGES=2000 SHOPKEEPER_LOAD_RATE=300 SHOPKEEPER_LOAD_SECONDS=600

`SHOPKEEPER_LOAD_REWORDED` is the share of questions that no entry has word for word (0.5): for each
of them the encoders run, and how many of those a second there can be is what the machine decides.
"""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.settings import load_settings
from bot.shell.bench_process import SHARED, questions_of
from tests.reliability.crowd_child import Told
from tests.reliability.crowds import CrowdProcess, crowds, told_by
from tests.reliability.nodes import NodeProcess, running
from tests.reliability.seeds import run_seed
from tests.reliability.staff_page import StaffPage, staff_page
from tests.reliability.stored import ask, open_turns

HELD = 50  # as many as one inbox may follow
HELD_SHARE = 0.1
ACCEPTED_P99, DELIVERED_P99 = 0.1, 0.25
ASKED_FOR_PERSON = "I want to talk to a person"
NANOSECONDS = 1e9


@dataclass(eq=False)
class WatchingStaffPage(StaffPage):
    """An inbox that notes how old each word of a shopper is when it comes."""

    delivered_seconds: list[float] = field(default_factory=list)

    def _show(self, conversation: str, event: dict[str, Any]) -> None:
        super()._show(conversation, event)
        if event["kind"] == "shopper_said":
            age = time.monotonic_ns() - int(event["text"].split()[0])
            self.delivered_seconds.append(age / NANOSECONDS)


@asynccontextmanager
async def _holding(node: NodeProcess, held: CrowdProcess):
    """A person who has all pages of a crowd and sees what they say."""
    async with staff_page(node.origin, kind=WatchingStaffPage) as mei:
        await mei.until(lambda: len(mei.summaries) == held.count)
        waiting = [line["conversation"] for line in mei.summaries.values()]
        for conversation in waiting:
            assert (await mei.command("claim", conversation))["type"] == "done"
            await mei.follow(conversation)
        yield mei


async def _load(
    node: NodeProcess,
    asking: Sequence[CrowdProcess],
    held: Sequence[CrowdProcess],
    rate: float,
    seconds: float,
    seed: int,
) -> tuple[list[Told], list[float]]:
    """Let everybody talk; gives what the askers and the held ones tell, and the inbox's ages."""
    async with _holding(node, held[0]) as mei:
        loads = [(asking, (1 - HELD_SHARE) / len(asking)), (held, HELD_SHARE)]
        told = await asyncio.gather(
            *(
                asyncio.to_thread(told_by, some, f"talk {rate * share} {seconds} {seed + number}")
                for number, (some, share) in enumerate(loads)
            )
        )
        for one, some in zip(told, (asking, held), strict=True):
            count = sum(crowd.count for crowd in some)
            assert (one.open, one.closed, one.refused, one.unanswered) == (count, {}, {}, 0)
        await mei.until(lambda: len(mei.delivered_seconds) >= told[1].said)
        assert mei.broken == []
        async with asyncio.timeout(60):
            while await asyncio.to_thread(open_turns, node.database_url):
                await asyncio.sleep(0.05)
        return list(told), mei.delivered_seconds


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]


def _prove(
    node: NodeProcess,
    pages: list[int],
    questions: list[str],
    rate: float,
    seconds: float,
    record_property,
) -> tuple[float, float]:
    """Run the load; asserts that nothing was refused or lost. Gives both p99."""
    seed = run_seed()
    first, talk = [questions[0]] * len(pages), [questions] * len(pages)
    with (
        crowds(node, pages, first, talk, stay_with_bot=True) as asking,
        crowds(node, [HELD], [ASKED_FOR_PERSON], [["{now} is it red?"]], len(pages)) as held,
    ):
        told, delivered = asyncio.run(_load(node, asking, held, rate, seconds, seed))
    said = sum(one.said for one in told)
    stored = ask(node.database_url, "SELECT count(*) FROM events WHERE kind = 'shopper_said'")
    assert stored == [(sum(pages) + HELD + said,)], f"seed {seed}"
    accepted = [took for one in told for took in one.accepted_seconds]
    answered = told[0].answered_seconds
    record_property("seed", seed)
    record_property("sockets", sum(pages) + HELD)
    record_property("messages", said)
    record_property("messages a second", rate)
    record_property("seconds", seconds)
    record_property("put off and sent again", sum(one.put_off for one in told))
    record_property("p99 ms until accepted", round(1000 * _p99(accepted), 1))
    record_property("p99 ms until shown to staff", round(1000 * _p99(delivered), 1))
    record_property("p99 ms until answered", round(1000 * _p99(answered), 1))
    record_property("errors", 0)
    return _p99(accepted), _p99(delivered)


def test_row_17_a_steady_load_is_accepted_answered_and_shown_to_staff(
    tmp_path, record_property
) -> None:
    questions = [f"is number {number} in stock, please?" for number in range(20)]
    with running(tmp_path) as node:
        _prove(node, [40, 40], questions, 40, 3, record_property)


@pytest.mark.long
@pytest.mark.weights
@pytest.mark.timeout(3_600)
def test_row_17_two_thousand_pages_are_accepted_within_a_tenth_of_a_second(
    tmp_path, state_folder, request, record_property
) -> None:
    state = state_folder
    if not (state / "intents").exists() or not (state / "knowledge").exists():
        state = request.getfixturevalue("prepared_state")
    pages = int(os.environ.get("SHOPKEEPER_LOAD_PAGES") or 2_000)
    rate = float(os.environ.get("SHOPKEEPER_LOAD_RATE") or 300)
    seconds = float(os.environ.get("SHOPKEEPER_LOAD_SECONDS") or 600)
    share = float(os.environ.get("SHOPKEEPER_LOAD_REWORDED") or 0.5)
    questions = _questions(state, share)
    record_property("questions in other words than an entry's", f"{share:.0%}")
    for made in SHARED:
        if (state / made).exists():
            (tmp_path / made).symlink_to((state / made).absolute())
    with running(tmp_path, real_answers=True, generator="off", burst_seconds=0.7) as node:
        accepted, delivered = _prove(
            node, [pages // 2] * 2, questions, rate, seconds, record_property
        )
    assert accepted <= ACCEPTED_P99
    assert delivered <= DELIVERED_P99


def _questions(state: Path, reworded_share: float) -> list[str]:
    """A thousand questions, so many of them in words that no entry has."""
    reworded, exact = questions_of(load_settings(None, {}, state_folder=state))
    chance = random.Random(7)
    count = round(1_000 * reworded_share)
    return chance.choices(reworded, k=count) + chance.choices(exact, k=1_000 - count)
