import asyncio
import gc
import weakref
from concurrent.futures import Future

import pytest

from bot.server.desk import Desk
from bot.transcripts.errors import StoreClosed


class Kept:
    """What a store gave back."""


@pytest.fixture
def no_collector():
    gc.disable()
    yield
    gc.enable()


def test_what_was_stored_is_let_go_without_a_look_through_all_memory(no_collector):
    async def store_one():
        desk = Desk(None)
        stored = Future()
        waiting = asyncio.ensure_future(desk.wait(stored))
        await asyncio.sleep(0)
        kept = Kept()
        watched = weakref.ref(stored), weakref.ref(kept)
        stored.set_result(kept)
        assert await waiting is kept
        assert desk.under_way == 0
        desk.close()
        return watched

    assert [one() for one in asyncio.run(store_one())] == [None, None]


def test_what_could_not_be_stored_is_told_to_who_waits():
    async def store_one():
        desk = Desk(None)
        stored = Future()
        waiting = asyncio.ensure_future(desk.wait(stored))
        await asyncio.sleep(0)
        stored.set_exception(OSError("the disk is full"))
        with pytest.raises(OSError, match="full"):
            await waiting
        desk.close()

    asyncio.run(store_one())


def test_who_reads_while_the_node_ends_is_told_so():
    async def read_late():
        desk = Desk(None)
        desk.close()
        with pytest.raises(StoreClosed):
            await desk.read(list)

    asyncio.run(read_late())
