"""How many processes are to answer, from how many batches are under way and since when."""

from bot.answering.answering_demand import (
    FORGOTTEN_SECONDS,
    NEED_SECONDS,
    PAUSES_SECONDS,
    QUIET_SECONDS,
    Demand,
    Losses,
)

START = 5_000.0
A_BIT = NEED_SECONDS / 10


def test_one_batch_at_a_time_never_asks_for_a_second_process() -> None:
    demand = Demand(2)
    for second in range(1_000):
        demand.under_way(second % 2, START + second)
    assert demand.wanted(START + 1_000) == 1
    assert demand.lasts(START + 1_000) is None


def test_batches_that_are_under_way_together_for_long_ask_for_as_many_as_there_may_be() -> None:
    demand = Demand(3)
    demand.under_way(3, START)
    assert demand.wanted(START + NEED_SECONDS - A_BIT) == 1
    assert demand.wanted(START + NEED_SECONDS + A_BIT) == 3
    assert Demand(1).wanted(START) == 1
    two = Demand(2)
    two.under_way(9, START)
    assert two.wanted(START + 100) == 2


def test_now_and_then_two_at_once_is_no_need_and_two_most_of_the_time_is() -> None:
    for together, apart, wanted in ((3 * A_BIT, 4 * A_BIT, 1), (4 * A_BIT, 3 * A_BIT, 2)):
        demand, now = Demand(2), START
        for _ in range(20):
            demand.under_way(2, now)
            demand.under_way(1, now + together)
            now += together + apart
        assert demand.wanted(now) == wanted


def test_a_process_stays_for_a_while_after_it_was_needed_and_goes_level_by_level() -> None:
    demand = Demand(3)
    demand.under_way(3, START)
    demand.under_way(2, START + 10)
    demand.under_way(0, START + 20)
    quiet = START + 10 + QUIET_SECONDS
    assert [demand.wanted(at) for at in (quiet - 1, quiet, quiet + 9, quiet + 10)] == [3, 2, 2, 1]
    assert demand.lasts(quiet + 10) is None


def test_how_long_it_lasts_is_told_so_that_nobody_has_to_look_meanwhile() -> None:
    demand = Demand(2)
    demand.under_way(2, START)
    demand.under_way(0, START + 1)
    assert demand.lasts(START + 11) == QUIET_SECONDS - 10


def test_lost_processes_are_replaced_later_and_later() -> None:
    losses, now = Losses(), START
    assert losses.pause(now) == 0
    for pause in (*PAUSES_SECONDS, PAUSES_SECONDS[-1]):
        losses.one_more(now)
        assert losses.pause(now) == pause
        now += pause
        assert losses.pause(now) == 0
    assert losses.count == len(PAUSES_SECONDS) + 1


def test_what_was_lost_long_ago_delays_nothing() -> None:
    losses = Losses()
    for _ in range(5):
        losses.one_more(START)
    assert losses.pause(START + 1) > 100
    losses.one_more(START + FORGOTTEN_SECONDS)
    assert losses.pause(START + FORGOTTEN_SECONDS) == PAUSES_SECONDS[0]
