import gc
import subprocess
import sys

import pytest

from bot.server.loaded import LEAST_ENDED, Leftovers, begin_loading, end_loading


@pytest.fixture
def collector():
    thresholds, enabled = gc.get_threshold(), gc.isenabled()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    (gc.enable if enabled else gc.disable)()


def test_the_collector_rests_while_the_program_loads_and_passes_over_what_is_loaded(
    collector,
) -> None:
    frozen = gc.get_freeze_count()
    begin_loading()
    assert not gc.isenabled()
    loaded = [[number] for number in range(1_000)]
    end_loading()
    assert gc.isenabled()
    assert gc.get_freeze_count() - frozen >= len(loaded)


def test_a_server_is_imported_without_what_paints_tracebacks_which_stays_at_hand() -> None:
    """In a program of its own, because the tests have imported all of it already."""
    program = """
import sys
from bot.server.loaded import begin_loading
begin_loading()
import bot.server.serve
assert "rich" not in sys.modules
import rich.console
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_everything_is_looked_through_a_hundred_times_less_often_than_usual(collector) -> None:
    usual = gc.get_threshold()
    end_loading()
    young, middle, old = gc.get_threshold()
    assert (young, middle) == usual[:2]
    assert old >= 1_000


def test_a_ring_that_nobody_holds_any_more_is_still_found(collector) -> None:
    class Ring:
        pass

    end_loading()
    ring = Ring()
    ring.itself = ring
    del ring
    assert any(isinstance(one, Ring) for one in gc.get_objects())
    gc.collect()
    assert not any(isinstance(one, Ring) for one in gc.get_objects())


class Ring:
    def __init__(self) -> None:
        self.itself = self


def _rings() -> int:
    return sum(isinstance(one, Ring) for one in gc.get_objects())


@pytest.mark.parametrize(("still_open", "looked_at"), [(3, LEAST_ENDED), (900, 900)])
def test_what_ended_connections_leave_is_found_when_as_many_ended_as_are_open(
    collector, still_open, looked_at
) -> None:
    end_loading()
    gc.disable()
    leftovers = Leftovers()
    Ring()
    for _ in range(looked_at - 1):
        leftovers.one_more(still_open)
    assert _rings() == 1
    leftovers.one_more(still_open)
    assert _rings() == 0
