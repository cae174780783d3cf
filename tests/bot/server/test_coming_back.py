"""What happens around the one reading of a page that comes back: before it, meanwhile, after it."""

import asyncio
import threading
from contextlib import contextmanager

import pytest

from bot.conversation.commands import ShopperCloses, ShopperSays
from bot.conversation.events import ClientId
from bot.server.signals import HasRead, Typing
from bot.transcripts.errors import StorageRefused
from bot.transcripts.records import STAFF_READER
from tests.bot.server.floor import Talker


class SlowStore:
    """The store of a floor, whose reading for a page that comes back waits to be released."""

    def __init__(self, floor):
        self.real = floor.node.service.desk.store
        self.read, self.release = threading.Event(), threading.Event()
        floor.node.service.desk.store = self

    def __getattr__(self, name):
        return getattr(self.real, name)

    def resume(self, *arguments):
        missed = self.real.resume(*arguments)
        self.read.set()
        assert self.release.wait(10)
        return missed

    async def until_read(self):
        assert await asyncio.to_thread(self.read.wait, 10)


@contextmanager
def away_from(floor):
    """A conversation of two events whose page is gone; gives its hello, and the slow store."""

    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("hello there, is it in stock?")
            known = {"conversation": shopper.conversation, "token": shopper.token, "last_seq": 1}
            return {"type": "hello", "protocol": 1, "epoch": shopper.epoch, **known}

    hello = asyncio.run(talk())
    slow = SlowStore(floor)
    try:
        yield hello, slow
    finally:
        slow.release.set()


async def come_back(floor, hello, slow, meanwhile, until):
    """Say hello, do something while what was missed is read, and give all frames up to one."""
    async with floor.socket("/ws/shopper") as socket:
        shopper = Talker(socket)
        await shopper.send(**hello)
        await slow.until_read()
        await meanwhile()
        slow.release.set()
        await until(shopper)
        return shopper.seen


def on_loop(floor, work):
    """Run something that does not wait on the node's loop."""

    async def run():
        work()

    return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), floor.loop))


def numbers(frames):
    """Every number that was shown, in the order of showing."""
    seqs = []
    for frame in frames:
        if frame["type"] == "events":
            seqs += [event["seq"] for event in frame["events"]]
        elif frame["type"] == "event":
            seqs.append(frame["event"]["seq"])
    return seqs


def test_what_is_recorded_while_a_page_reads_what_it_missed_is_shown_once_and_in_order(floor):
    with away_from(floor) as (hello, slow):
        desk = floor.node.service.desk

        async def it_is_closed():  # nothing follows that would uncover a gap

            async def submit():
                await desk.submit(hello["conversation"], ShopperCloses())

            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(submit(), floor.loop))

        async def until_closed(shopper):
            await shopper.until("stage", stage="closed")

        frames = asyncio.run(come_back(floor, hello, slow, it_is_closed, until_closed))

    assert numbers(frames) == [2, 3]
    welcome = next(frame for frame in frames if frame["type"] == "welcome")
    assert welcome["stage"] == "with_bot" and welcome["last_seq"] == 2


def test_signs_that_come_before_the_right_is_known_are_shown_after_the_welcome(floor):
    with away_from(floor) as (hello, slow):
        conversation, service = hello["conversation"], floor.node.service

        async def staff_read_and_type():
            store = service.desk.store.real
            store.mark_seen(conversation, STAFF_READER, 2).result(10)

            def signal():
                service.switchboard.has_read(HasRead(conversation, "shopper"), 2)
                service.switchboard.typing(Typing(conversation, "shopper", True))

            await on_loop(floor, signal)

        frames = asyncio.run(
            come_back(
                floor, hello, slow, staff_read_and_type, lambda shopper: shopper.until("typing")
            )
        )

    types = [frame["type"] for frame in frames]
    assert types[0] == "welcome" and types.count("typing") == 1
    assert [frame["up_to"] for frame in frames if frame["type"] == "read"] == [2]


def test_who_has_no_right_sees_no_sign_of_a_conversation_and_leaves_no_trace(floor):
    with away_from(floor) as (hello, slow):
        service = floor.node.service

        async def somebody_types():
            signal = Typing(hello["conversation"], "shopper", True)
            await on_loop(floor, lambda: service.switchboard.typing(signal))

        codes = []

        async def until_closed(shopper):
            codes.append(await shopper.closed())

        foreign = {**hello, "token": "somebody-elses"}
        frames = asyncio.run(come_back(floor, foreign, slow, somebody_types, until_closed))
        listened = service.switchboard.listened()

    assert codes == [4003]
    assert [frame["type"] for frame in frames] == ["refused"]
    assert listened == []


def test_a_page_that_comes_back_while_nothing_can_be_read_comes_again(floor):
    with away_from(floor) as (hello, slow):

        class Away:
            def __getattr__(self, name):
                return getattr(slow.real, name)

            def resume(self, *_):
                raise StorageRefused("It could not be read just now.")

        async def try_it():
            async with floor.socket("/ws/shopper") as socket:
                shopper = Talker(socket)
                await shopper.send(**hello)
                return await shopper.closed(), shopper.seen, socket.close_reason

        floor.node.service.desk.store = Away()
        code, frames, reason = asyncio.run(try_it())
        listened = floor.node.service.switchboard.listened()

    assert (code, frames) == (1013, [])
    assert reason == '{"retry_after": 2}'
    assert listened == []


@pytest.mark.parametrize("missing", [99, 100, 101, 250])
def test_pages_of_what_was_missed_join_without_a_gap(floor, missing):
    with away_from(floor) as (hello, slow):
        slow.release.set()
        store, conversation = slow.real, hello["conversation"]
        floor.answerer.release.set()
        before = store.state(conversation).last_seq
        said = [
            store.submit(conversation, ShopperSays(ClientId(f"m{number}"), f"message {number}"))
            for number in range(missing)
        ]
        for one in said:
            one.result(10)

        async def nothing():
            return None

        async def until_all(shopper):
            while (await shopper.until("events"))["more"]:
                pass

        back = {**hello, "last_seq": before}
        frames = asyncio.run(come_back(floor, back, slow, nothing, until_all))

    assert numbers(frames)[:missing] == list(range(before + 1, before + 1 + missing))


def test_a_page_whose_missed_events_can_be_read_in_part_only_comes_again(floor):
    with away_from(floor) as (hello, slow):
        slow.release.set()
        said = [
            slow.real.submit(hello["conversation"], ShopperSays(ClientId(f"m{number}"), "hello?"))
            for number in range(150)
        ]
        for one in said:
            one.result(10)

        def break_off(*_):
            raise StorageRefused("It could not be read just now.")

        slow.after = break_off

        async def try_it():
            async with floor.socket("/ws/shopper") as socket:
                shopper = Talker(socket)
                await shopper.send(**hello)
                return await shopper.closed(), numbers(shopper.seen)

        code, shown = asyncio.run(try_it())
        listened = floor.node.service.switchboard.listened()

    assert (code, shown) == (4208, list(range(2, 102)))
    assert listened == []
