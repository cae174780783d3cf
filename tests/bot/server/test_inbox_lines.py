import asyncio
import json

import pytest

from bot.server.inbox import rest_seconds
from bot.server.inbox_lines import AT_ONCE, InboxLines
from bot.server.outgoing import Outgoing
from bot.settings import Settings


class ReaderThatPauses:
    """A websocket whose other end takes frames only while its gate is open."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.taken = []

    async def send_text(self, frame):
        await self.gate.wait()
        self.taken.append(json.loads(frame))

    async def close(self, code, reason):
        self.taken.append(code)


def told(tell):
    """What an inbox that pauses has got in the end, after `tell` told it its lines."""

    async def talk():
        reader, spawned = ReaderThatPauses(), []
        outgoing = Outgoing(reader, Settings(), lambda: None)
        lines = InboxLines(outgoing, lambda work: spawned.append(asyncio.ensure_future(work)))
        tell(lambda line, text: lines.tell(line, json.dumps([line, text])))
        await asyncio.sleep(0)
        reader.gate.set()
        await asyncio.gather(*spawned)
        await outgoing.drained()
        assert not outgoing.closing
        return reader.taken

    return asyncio.run(talk())


def test_two_thousand_lines_that_change_at_once_do_not_close_an_inbox_that_pauses():
    def tell(line):
        for number in range(2_000):
            line(f"c{number}", "waits")

    assert told(tell) == [[f"c{number}", "waits"] for number in range(2_000)]


def test_an_inbox_that_reads_slowly_gets_the_newest_of_each_line():
    def tell(line):
        for turn in range(50):
            for number in range(100):
                line(f"c{number}", turn)

    taken = told(tell)

    assert dict(taken) == {f"c{number}": 49 for number in range(100)}
    assert len(taken) == AT_ONCE + 100


def test_few_lines_go_out_at_once_and_in_order():
    def tell(line):
        line("a", 1)
        line("b", 1)
        line("a", 2)

    assert told(tell) == [["a", 1], ["b", 1], ["a", 2]]


@pytest.mark.parametrize(("took", "rests"), [(0.001, 0.05), (0.1, 0.4), (30.0, 2.0)])
def test_an_inbox_rests_after_slow_readings_but_never_for_long(took, rests):
    assert rest_seconds(took) == rests
