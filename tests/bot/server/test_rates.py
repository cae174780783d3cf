import pytest

from bot.errors import TooMany
from bot.server.rates import OpenCount, Rate, Window


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_burst_is_allowed_and_then_the_lasting_rate():
    clock = Clock()
    rate = Rate(per_second=1, burst=5, monotonic=clock)

    assert [rate.wait_seconds("visitor") for _ in range(5)] == [0] * 5
    assert rate.wait_seconds("visitor") == pytest.approx(1)
    clock.now += 1
    assert rate.wait_seconds("visitor") == 0
    assert rate.wait_seconds("visitor") > 0


def test_one_visitor_does_not_use_up_anothers_rate():
    rate = Rate(per_second=1, burst=1, monotonic=Clock())

    assert rate.wait_seconds("a") == 0
    assert rate.wait_seconds("b") == 0


def test_the_refusal_says_when_to_come_again():
    rate = Rate(per_second=0.5, burst=1, monotonic=Clock())
    rate.take("visitor")

    with pytest.raises(TooMany) as refusal:
        rate.take("visitor")

    assert refusal.value.retry_after_seconds == 2


@pytest.mark.parametrize("after", [0.0, 0.013, 0.055, 0.06, 0.3, 0.949, 0.951])
@pytest.mark.parametrize("rate", [1, 0.3, 30 / 60, 20, 7])
def test_who_comes_again_when_told_is_let_in(rate, after):
    clock = Clock()
    messages, tries = Rate(rate, burst=1, monotonic=clock), Window(1, 1 / rate, clock)
    messages.take("visitor")
    tries.take("visitor")
    begun = clock.now + after
    for limit in (messages, tries):
        clock.now = begun
        try:
            limit.take("visitor")
        except TooMany as refusal:
            clock.now += refusal.retry_after_seconds
            limit.take("visitor")


def test_ten_tries_in_any_fifteen_minutes_and_not_one_more():
    clock = Clock()
    tries = Window(10, 900, clock)
    taken = 0
    for _ in range(200):
        try:
            tries.take("mei")
            taken += 1
        except TooMany as refusal:
            assert refusal.retry_after_seconds <= 900
        clock.now += 4.5

    assert taken == 10


def test_a_window_may_be_forgotten():
    tries = Window(1, 900, Clock())
    tries.take("mei")
    with pytest.raises(TooMany):
        tries.take("mei")
    tries.forget("mei")
    tries.take("mei")


def test_visitors_who_have_gone_are_forgotten_and_the_others_are_not():
    clock = Clock()
    rate = Rate(per_second=1, burst=5, monotonic=clock)
    tries = Window(2, 60, clock)
    for number in range(100):
        rate.take(f"visitor {number}")
        tries.take(f"visitor {number}")
    for _ in range(5):
        rate.take("stays")
    tries.take("stays")
    tries.take("stays")
    clock.now += 4.5
    for number in range(100):
        rate.take(f"newcomer {number}")
    assert rate.kept <= 101 and rate.wait_seconds("stays") == 0
    clock.now += 60
    for number in range(100):
        tries.take(f"newcomer {number}")
    assert tries.kept <= 101


def test_only_so_many_are_open_at_once():
    sockets = OpenCount(2)

    assert [sockets.enter("a"), sockets.enter("a"), sockets.enter("a"), sockets.enter("b")] == [
        True, True, False, True,
    ]  # fmt: skip
    sockets.leave("a")
    assert sockets.enter("a")
