"""Row 55: when more shoppers ask than can be answered, as many as can be are, the rest are told.

The answerer can do a fixed number a second. Shoppers come at one to ten times that rate, each with
one question. Each must get an answer, or be told that it waits. How many are answered at
ten times the rate, and how soon the others know, is asserted in the long form, on a quiet machine.
"""

import asyncio
import random
import time
import uuid
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from tests.bot.server.floor import open_floor
from tests.reliability.node_child import WORK_SECONDS
from tests.reliability.nodes import GENEROUS, NodeProcess, running
from tests.reliability.page import Page
from tests.reliability.seeds import run_seed
from tests.reliability.stored import settle, violations

BATCH = 2
CAPACITY = BATCH / WORK_SECONDS
NARROW = {"answering_threads": 1, "answering_batch": BATCH, "waiting_turns": 16, "turn_seconds": 3}
ANSWERED = "bot_answered"
TOLD = {"bot_notice", "bot_gave_up", "handoff_requested"}


@dataclass
class Wave:
    """What became of the shoppers of one rate.

    Attributes:
        times: the rate, as a multiple of what can be answered.
        answered: how many got an answer, and within how many seconds all of them had.
        told_seconds: of each that was not answered at once: until it was told so.
    """

    times: int
    answered: int = 0
    seconds: float = 0.0
    told_seconds: list[float] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    @property
    def goodput(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


async def _come(node: NodeProcess, times: int, seconds: float, seed: int) -> Wave:
    """Let shoppers come at a rate for so long, and wait until each knows."""
    wave = Wave(times)
    count = int(CAPACITY * times * seconds)
    async with AsyncExitStack() as open_pages:
        wave.pages = [Page(node.address, random.Random(seed + n)) for n in range(count)]
        for page in wave.pages:  # the sockets are there before: what is measured is the answering
            await open_pages.enter_async_context(page.open())
        for page in wave.pages:
            await page.until(lambda page=page: page.connected)
        began = time.monotonic()

        async def ask(page: Page, after: float) -> None:
            await asyncio.sleep(max(0.0, began + after - time.monotonic()))
            asked = time.monotonic()
            await page.say("some work, please")
            await page.until(lambda: page.refused or _knows(page))
            if page.refused or ANSWERED not in _kinds(page):
                wave.told_seconds.append(time.monotonic() - asked)
            await page.until(lambda: _knows(page))  # put off, it is sent again by itself
            if ANSWERED in _kinds(page):
                wave.answered += 1
                wave.seconds = max(wave.seconds, time.monotonic() - began)

        await asyncio.gather(
            *(ask(page, seconds * number / count) for number, page in enumerate(wave.pages))
        )
        await settle(node.database_url, wave.pages)
    return wave


def _kinds(page: Page) -> set[str]:
    return {event["kind"] for event in page.shown.values()}


def _knows(page: Page) -> bool:
    """Whether the shopper has an answer, or was told to wait for a person."""
    return bool(_kinds(page) & {ANSWERED, *TOLD})


def _prove(folder, rates: list[int], seconds: float, record_property) -> tuple[list[Wave], float]:
    seed = run_seed()
    waves = []
    with running(folder, **NARROW) as node:
        for number, times in enumerate(rates):
            waves.append(asyncio.run(_come(node, times, seconds, seed + 100_000 * number)))
        for wave in waves:
            assert violations(node.database_url, wave.pages) == [], f"seed {seed}"
    for wave in waves:
        waiting = [page for page in wave.pages if ANSWERED not in _kinds(page)]
        assert all(page.stage == "waiting_for_staff" for page in waiting), "somebody was forgotten"
    best = max(wave.goodput for wave in waves)
    share = waves[-1].goodput / best
    record_property("seed", seed)
    record_property("come a second at the simple rate", CAPACITY)
    for wave in waves:
        told = max(wave.told_seconds, default=0.0)
        record_property(
            f"at {wave.times} times that",
            f"{wave.goodput:.1f} answered a second, {len(wave.told_seconds)} of {len(wave.pages)} "
            f"put off or sent to people, told within {told:.2f} s",
        )
    return waves, share


def test_row_55_at_five_times_the_load_shoppers_are_answered_or_told(
    tmp_path, record_property
) -> None:
    waves, _ = _prove(tmp_path, [1, 5], 1.5, record_property)
    assert waves[-1].told_seconds, "nothing was shed"
    assert waves[-1].answered, "nobody was answered"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_row_55_at_ten_times_the_load_four_fifths_of_the_best_are_answered(
    tmp_path, record_property
) -> None:
    waves, share = _prove(tmp_path, [1, 2, 5, 10], 5, record_property)
    assert share >= 0.8
    assert max(waves[-1].told_seconds) <= 1


async def _until_all_is_stored(desk) -> None:
    while desk.under_way:
        await asyncio.sleep(0.01)


def test_row_55_a_message_is_put_off_while_the_store_is_behind(tmp_path) -> None:
    class HeldStore:
        """Stores when it is let go."""

        def __init__(self, store) -> None:
            self.store = store
            self.held: list[tuple[Future, tuple]] = []

        def __getattr__(self, name: str):
            return getattr(self.store, name)

        def submit(self, *ask) -> Future:
            self.held.append((Future(), ask))
            return self.held[-1][0]

        def let_go(self) -> None:
            for future, ask in self.held:
                future.set_result(self.store.submit(*ask).result(20))

    async def talk(floor) -> tuple[dict, dict, dict]:
        desk = floor.node.service.desk
        held = HeldStore(desk.store)
        first, second = str(uuid.uuid4()), str(uuid.uuid4())
        async with floor.shopper() as shopper:
            await _until_all_is_stored(desk)  # a node that starts tidies up
            await shopper.ask("hello, is it in stock?")
            await _until_all_is_stored(desk)
            desk.store = held
            await shopper.send(type="say", id=first, text="and in red?")
            await shopper.send(type="say", id=second, text="and in blue?")
            refused = await shopper.until("refused")
            desk.store = held.store
            held.let_go()
            accepted = await shopper.until("accepted", id=first)
            return refused, accepted, await shopper.say("and in blue?", id=second)

    with open_floor(tmp_path, **{**GENEROUS, "waiting_to_be_stored": 1}) as floor:
        refused, accepted, again = asyncio.run(talk(floor))
    assert refused["code"] == "overload"
    assert 1 <= refused["retry_after_seconds"] <= 3
    assert refused["id"] == again["id"]
    assert accepted["seq"] < again["seq"]
