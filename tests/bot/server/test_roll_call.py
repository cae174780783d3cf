"""Who of the staff is here while the bus is away: the roll call in the database tells."""

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest

from bot.server.attendance import FORGET_SECONDS
from bot.server.presence import REPEAT_SECONDS, Presence
from bot.server.roll_call import ROUNDS, STRIKE_SECONDS, RollCaller
from bot.transcripts.errors import StorageRefused
from bot.transcripts.roll_call import NodeStaff


class Clock:
    moment = 1_000.0

    def __call__(self):
        return self.moment


class Rows:
    """A roll call in memory, which may be out of reach."""

    def __init__(self):
        self.rows = {}
        self.away = False

    def answer(self, node, beat, staff):
        return self._stored(lambda: self.rows.update({node: NodeStaff(node, beat, dict(staff))}))

    def answers(self):
        return tuple(self.rows.values())

    def strike(self, nodes):
        return self._stored(lambda: [self.rows.pop(node, None) for node in nodes])

    def _stored(self, work):
        done = Future()
        if self.away:
            done.set_exception(StorageRefused("The database is away."))
        else:
            work()
            done.set_result(None)
        return done


class ShortDesk:
    """Waits for nothing: what it is asked is there at once."""

    async def wait(self, stored):
        return stored.result()

    async def read(self, read):
        return read()


@dataclass
class Nodes:
    """Nodes that hear each other on a bus as long as it is there, and share a roll call."""

    clock: Clock = field(default_factory=Clock)
    rows: Rows = field(default_factory=Rows)
    bus: bool = False
    presences: dict = field(default_factory=dict)
    callers: dict = field(default_factory=dict)

    def start(self, node):
        def announce(line):
            for name, presence in self.presences.items():
                if self.bus and name != node:
                    presence.heard(line)

        presence = self.presences[node] = Presence(node, announce, self.clock)
        self.callers[node] = RollCaller(
            node, ShortDesk(), self.rows, presence, lambda: None, self.clock
        )
        return presence

    def kill(self, node):
        del self.presences[node], self.callers[node]

    def live(self, seconds):
        """Let every node repeat and answer every ten seconds."""
        for _ in range(int(seconds / REPEAT_SECONDS)):
            self.clock.moment += REPEAT_SECONDS
            for presence in self.presences.values():
                presence.repeat()
            for caller in self.callers.values():
                asyncio.run(caller.call())


@pytest.fixture
def nodes():
    return Nodes()


@pytest.mark.parametrize("bus", [True, False])
def test_who_is_there_stays_known_however_long_the_bus_is_away(nodes, bus):
    here, there = nodes.start("n1"), nodes.start("n2")
    nodes.bus = bus
    there.came("li", "desk", True)
    nodes.live(60)
    nodes.bus = False
    seen = []
    for _ in range(360):
        nodes.live(10)
        seen.append(here.word_for("li"))

    assert set(seen) == {"present"}


def test_who_comes_changes_or_leaves_while_the_bus_is_away_is_known_soon(nodes):
    here, there = nodes.start("n1"), nodes.start("n2")
    nodes.bus = True
    there.came("li", "desk", True)
    nodes.live(30)
    nodes.bus = False
    nodes.live(30)
    there.came("mei", "phone", True)
    there.came("li", "desk", False)
    nodes.live(20)
    assert [here.word_for(one) for one in ("li", "mei")] == ["connected", "present"]
    there.went("li", "desk")
    nodes.live(20)
    assert [here.word_for(one) for one in ("li", "mei")] == ["gone", "present"]
    assert there.word_for("mei") == "present"


def test_nobody_is_shown_for_ever_whose_node_died_while_the_bus_was_away(nodes):
    here, there = nodes.start("n1"), nodes.start("n2")
    there.came("li", "desk", True)
    nodes.live(60)
    assert here.is_connected("li")
    nodes.kill("n2")
    nodes.live(FORGET_SECONDS + 2 * REPEAT_SECONDS)
    assert not here.is_connected("li")
    assert "n2" in nodes.rows.rows
    nodes.live(STRIKE_SECONDS + 2 * REPEAT_SECONDS)
    assert list(nodes.rows.rows) == ["n1"]


def test_a_node_that_starts_does_not_take_the_row_of_a_dead_one_for_people(nodes):
    nodes.rows.answer("dead", 7, {"li": True})
    here = nodes.start("n1")
    nodes.live(60)
    assert not here.is_connected("li")


def test_as_long_as_the_bus_tells_of_a_node_its_row_which_is_older_does_not_count(nodes):
    here, there = nodes.start("n1"), nodes.start("n2")
    nodes.bus = True
    there.came("li", "desk", True)
    nodes.live(30)
    there.went("li", "desk")
    nodes.rows.answer("n2", 99, {"li": True})
    asyncio.run(nodes.callers["n1"].call())
    assert not here.is_connected("li")


def test_a_node_knows_who_is_away_only_while_it_can_read_the_roll(nodes):
    nodes.start("n1")
    caller = nodes.callers["n1"]
    assert not caller.is_fresh
    nodes.live((ROUNDS - 1) * REPEAT_SECONDS)
    assert not caller.is_fresh
    nodes.live(REPEAT_SECONDS)
    assert caller.is_fresh
    nodes.rows.away = True
    for _ in range(3):
        nodes.clock.moment += REPEAT_SECONDS
        with pytest.raises(StorageRefused):
            asyncio.run(caller.call())
    assert not caller.is_fresh
    nodes.rows.away = False
    nodes.live(REPEAT_SECONDS)
    assert caller.is_fresh


def test_a_node_that_ends_takes_itself_off_the_roll(nodes):
    nodes.start("n1")
    nodes.live(20)
    asyncio.run(nodes.callers["n1"].leave())
    assert nodes.rows.rows == {}
