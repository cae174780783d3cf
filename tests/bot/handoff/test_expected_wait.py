from datetime import UTC, datetime, timedelta

import pytest

from bot.handoff.expected_wait import Pace, expected_wait, pace_of

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def _claims(*minutes_ago: float) -> Pace | None:
    return pace_of([NOW - timedelta(minutes=minutes) for minutes in minutes_ago], NOW)


def test_the_wait_is_a_range_from_the_gaps_between_claims_times_the_place() -> None:
    steady = _claims(1, 3, 5, 7, 9, 11)
    first = expected_wait(1, steady, NOW, staff_present=2)
    third = expected_wait(3, steady, NOW, staff_present=2)
    assert (first.from_seconds, first.to_seconds) == (120, 120)
    assert (third.from_seconds, third.to_seconds) == (360, 360)


def test_uneven_gaps_give_an_honest_range() -> None:
    wait = expected_wait(1, _claims(0, 1, 3, 6, 10, 15), NOW, staff_present=1)
    assert (wait.from_seconds, wait.to_seconds) == (120, 240)


def test_a_desk_that_has_stopped_taking_anybody_promises_more() -> None:
    busy, stopped = _claims(1, 2, 3, 4, 5), _claims(60, 61, 62, 63, 64)
    assert expected_wait(1, busy, NOW, staff_present=1).to_seconds == 60
    assert expected_wait(1, stopped, NOW, staff_present=1).to_seconds == 3600


@pytest.mark.parametrize(
    ("place", "claims", "present"),
    [(1, (1, 2, 3, 4), 2), (1, (1, 2, 3, 4, 5), 0), (0, (1, 2, 3, 4, 5), 1), (1, (130, 131), 1)],
)
def test_nothing_is_said_where_nothing_honest_can_be_said(place, claims, present) -> None:
    assert expected_wait(place, _claims(*claims), NOW, staff_present=present) is None


def test_a_wait_that_may_last_beyond_closing_time_is_not_told() -> None:
    steady, closes_at = _claims(1, 3, 5, 7, 9, 11), NOW + timedelta(minutes=5)
    waits = [
        expected_wait(place, steady, NOW, staff_present=2, closes_at=closes_at)
        for place in (1, 2, 3)
    ]
    assert [wait and wait.to_seconds for wait in waits] == [120, 240, None]
