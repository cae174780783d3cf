import random
import statistics

from bot.server.come_again import ComeAgain


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def put_off_in_each_second(count: int, seconds: int, served_from: int, **settings) -> list[int]:
    """How many of so many pages that come again are put off in each second.

    From the second `served_from` on fifty a second are served; before, nobody is.
    """
    clock, chance = Clock(), random.Random(3)
    come_again = ComeAgain(monotonic=clock, chance=chance.random, **settings)
    begin, put_off = clock.now, []
    coming = [begin + chance.random() for _ in range(count)]
    for second in range(seconds):
        end = begin + second + 1
        now = sorted(at for at in coming if at < end)
        coming = [at for at in coming if at >= end]
        refused = now[50:] if second >= served_from else now
        for clock.now in refused:
            coming.append(clock.now + come_again.seconds())
        put_off.append(len(refused))
    return put_off


def test_the_more_is_put_off_the_later_it_comes_again() -> None:
    few = put_off_in_each_second(100, 20, served_from=100)
    assert 30 < statistics.fmean(few) < 80  # each comes every two seconds
    many = put_off_in_each_second(2_500, 60, served_from=100)
    assert statistics.fmean(many[20:]) < 150 and max(many[20:]) < 450
    crowd = put_off_in_each_second(20_000, 120, served_from=200)
    assert max(crowd[40:]) < 1_200  # never more than `most` apart


def test_what_was_put_off_is_served_when_there_is_room_again() -> None:
    put_off = put_off_in_each_second(2_500, 140, served_from=30)
    assert put_off[-1] == 0
    assert put_off.index(0) < 30 + 2_500 / 50 + 45


def test_a_quiet_time_lets_the_next_one_come_soon() -> None:
    clock = Clock()
    come_again = ComeAgain(monotonic=clock, chance=lambda: 0.5)
    for _ in range(20):
        clock.now += 1
        waits = [come_again.seconds() for _ in range(1_000)]
    assert waits[-1] == 30
    clock.now += 30
    assert come_again.seconds() == 2
