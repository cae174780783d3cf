from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.handoff.deadlines import Limits, timer_of
from bot.handoff.hours import Calendar, HoursRefused, calendar_from
from bot.handoff.hours_words import describe

DAY_SHIFT = ((time(9), time(12)), (time(13), time(18)))
SHANGHAI = Calendar(
    "Asia/Shanghai",
    {day: DAY_SHIFT for day in range(5)},
    {date(2026, 10, 1): (), date(2026, 10, 10): ((time(10), time(11)),)},
)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)  # 08:00 in Shanghai


def _at(hours: float) -> datetime:
    """A moment of that Monday, in hours of Shanghai."""
    return MONDAY + timedelta(hours=hours - 8)


def open_seconds(calendar: Calendar, since: datetime, until: datetime) -> float:
    """How long a shop is open within a time, from opening to closing."""
    total, at = timedelta(), since
    while (begin := calendar.next_opening(at)) is not None and begin < until:
        at = min(calendar.closes(begin), until)
        total += at - begin
    return total.total_seconds()


@pytest.mark.parametrize(
    ("hours", "is_open"),
    [(8.9, False), (9, True), (11.99, True), (12, False), (13, True), (18, False)],
)
def test_people_answer_within_the_spans_of_the_day(hours: float, is_open: bool) -> None:
    assert SHANGHAI.is_open(_at(hours)) is is_open


def test_the_next_opening_goes_over_lunch_night_and_weekend() -> None:
    assert SHANGHAI.next_opening(_at(10)) == _at(10)
    assert SHANGHAI.next_opening(_at(12.5)) == _at(13)
    assert SHANGHAI.next_opening(_at(18)) == _at(24 + 9)
    assert SHANGHAI.next_opening(_at(4 * 24 + 19)) == _at(7 * 24 + 9)


def test_a_holiday_is_closed_and_a_special_day_has_its_own_hours() -> None:
    holiday = datetime(2026, 10, 1, 2, tzinfo=UTC)
    assert not SHANGHAI.is_open(holiday)
    assert SHANGHAI.next_opening(holiday) == datetime(2026, 10, 2, 1, tzinfo=UTC)
    saturday = datetime(2026, 10, 10, 2, 30, tzinfo=UTC)
    assert SHANGHAI.is_open(saturday)
    assert SHANGHAI.next_opening(saturday + timedelta(hours=1)).day == 12


def test_a_shop_that_never_opens_has_no_next_opening() -> None:
    assert Calendar("UTC", {}).next_opening(MONDAY) is None
    assert Calendar("UTC", {}).after_open_seconds(MONDAY, 1) is None


def test_a_night_shift_goes_past_midnight() -> None:
    night = Calendar("UTC", {0: ((time(22), time(2)),)})
    assert night.is_open(datetime(2026, 3, 3, 1, tzinfo=UTC))
    assert not night.is_open(datetime(2026, 3, 3, 2, tzinfo=UTC))
    assert open_seconds(night, MONDAY, MONDAY + timedelta(days=2)) == 4 * 3600


def test_the_day_the_clocks_change_has_its_true_length() -> None:
    berlin = Calendar("Europe/Berlin", {6: ((time(0), time(6)),)})
    sunday = datetime(2026, 3, 28, 20, tzinfo=UTC)
    assert open_seconds(berlin, sunday, sunday + timedelta(days=1)) == 5 * 3600


def test_hours_that_the_clock_skips_in_spring_begin_and_end_when_it_does() -> None:
    """On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00, which is 01:00 UTC."""
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    day = (change - timedelta(hours=5), change + timedelta(hours=20))

    def shop(*spans) -> Calendar:
        return Calendar("Europe/Berlin", {6: spans})

    over = shop((time(2, 30), time(3, 15)))
    assert over.next_opening(day[0]) == change
    assert over.is_open(change) and open_seconds(over, *day) == 15 * 60
    until = shop((time(1), time(2, 30)))
    assert until.is_open(change - timedelta(seconds=1)) and not until.is_open(change)
    never = shop((time(2, 10), time(2, 50)))
    assert open_seconds(never, *day) == 0
    assert never.next_opening(day[0]) == datetime(2026, 4, 5, 0, 10, tzinfo=UTC)
    both = shop((time(2, 15), time(2, 45)), (time(3), time(5)))
    assert open_seconds(both, *day) == 2 * 3600
    assert both.after_open_seconds(day[0], 3600) == change + timedelta(hours=1)
    odd = Calendar("Australia/Lord_Howe", {6: ((time(2, 15), time(3)),)})  # half an hour is skipped
    assert odd.next_opening(datetime(2026, 10, 3, 12, tzinfo=UTC)) == datetime(
        2026, 10, 3, 15, 30, tzinfo=UTC
    )


def test_an_hour_that_the_clock_shows_twice_in_autumn_is_opened_once() -> None:
    """On 25 October 2026 the clocks of Berlin go from 03:00 back to 02:00, which is 01:00 UTC."""
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)
    night = Calendar("Europe/Berlin", {6: ((time(1), time(2, 30)), (time(2, 30), time(4)))})
    assert open_seconds(night, midnight, midnight + timedelta(days=1)) == 4 * 3600
    early = Calendar("Europe/Berlin", {6: ((time(1), time(2, 30)),)})
    assert open_seconds(early, midnight, midnight + timedelta(days=1)) == 90 * 60
    assert early.next_opening(midnight + timedelta(hours=3)) == midnight + timedelta(
        days=7, hours=2
    )


def test_a_night_shift_over_the_turn_of_the_year_belongs_to_the_day_it_begins() -> None:
    nights = {day: ((time(20), time(2)),) for day in range(7)}
    closed = {date(2026, 12, 31): (), date(2027, 1, 2): ()}
    shop = Calendar("Asia/Shanghai", nights, closed)
    shift = [datetime(2026, 12, 30, 12, tzinfo=UTC) + timedelta(days=day) for day in range(5)]
    assert [shop.is_open(begin + timedelta(hours=5)) for begin in shift] == [
        True, False, True, False, True,
    ]  # fmt: skip
    assert shop.next_opening(shift[1]) == shift[2]
    assert shop.after_open_seconds(shift[0], 7 * 3600) == shift[2] + timedelta(hours=1)


def test_people_stop_answering_where_no_shift_follows_at_once() -> None:
    assert SHANGHAI.closes(_at(8)) is None
    assert SHANGHAI.closes(_at(9)) == SHANGHAI.closes(_at(11.9)) == _at(12)
    shifts = Calendar(
        "UTC", {0: ((time(8), time(16)), (time(15), time(0))), 1: ((time(0), time(3)),)}
    )
    assert shifts.closes(MONDAY + timedelta(hours=9)) == MONDAY + timedelta(hours=27)
    always = Calendar("UTC", {day: ((time(0), time(0)),) for day in range(7)})
    assert always.closes(MONDAY) is None


def test_waiting_is_counted_in_opening_hours() -> None:
    assert open_seconds(SHANGHAI, _at(11.5), _at(13.5)) == 3600
    assert SHANGHAI.after_open_seconds(_at(11.5), 3600) == _at(13.5)
    assert SHANGHAI.after_open_seconds(_at(17.5), 3600) == _at(24 + 9.5)


def test_hours_are_stored_and_read_again() -> None:
    assert calendar_from(SHANGHAI.as_json()) == SHANGHAI


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"zone": "Mars/North"},
        {"zone": "../../etc/passwd"},
        {"zone": "UTC", "weekly": {"7": []}},
        {"zone": "UTC", "weekly": {"0": [["9", "25:00"]]}},
        {"zone": "UTC", "special": {"yesterday": []}},
        {"zone": "UTC", "weekly": []},
    ],
)
def test_hours_that_make_no_sense_are_refused(rules) -> None:
    with pytest.raises(HoursRefused):
        calendar_from(rules)


@pytest.mark.parametrize(
    ("passed", "spoken", "expected"),
    [
        (10, False, ("first_reply", 120, "running")),
        (96, False, ("first_reply", 120, "soon")),
        (120, False, ("first_reply", 120, "late")),
        (120, True, ("next_reply", 300, "running")),
        (300, True, ("next_reply", 300, "late")),
    ],
)
def test_the_first_and_the_next_reply_have_their_own_time(passed, spoken, expected) -> None:
    timer = timer_of(MONDAY, staff_has_spoken=spoken, limits=Limits(120, 300))
    deadline = timer.at(MONDAY + timedelta(seconds=passed))
    kind, seconds, state = expected
    assert (deadline.kind, deadline.state) == (kind, state)
    assert deadline.due_at == MONDAY + timedelta(seconds=seconds)


def test_outside_opening_hours_no_timer_runs_out() -> None:
    limits = Limits(120, 300)
    friday_night = _at(4 * 24 + 20)
    timer = timer_of(friday_night, staff_has_spoken=False, limits=limits, calendar=SHANGHAI)
    deadline = timer.at(friday_night + timedelta(days=1))
    assert (deadline.state, deadline.due_at) == ("running", _at(7 * 24 + 9) + timedelta(minutes=2))
    assert timer_of(None, staff_has_spoken=True, limits=limits) is None


@pytest.mark.parametrize("start", ["09:00+05:00", "09:00:30", "9:00", "T0900", "0900"])
def test_only_a_time_of_day_as_people_write_it_is_one(start) -> None:
    with pytest.raises(HoursRefused, match="09:00"):
        calendar_from({"zone": "UTC", "weekly": {"0": [[start, "12:00"]]}})


def test_a_day_may_end_at_twenty_four() -> None:
    calendar = calendar_from({"zone": "UTC", "weekly": {"0": [["09:00", "24:00"]]}})
    assert calendar.is_open(datetime(2026, 11, 16, 23, 59, tzinfo=UTC))
    assert not calendar.is_open(datetime(2026, 11, 17, 0, 0, tzinfo=UTC))


def test_hours_are_told_in_words_that_people_read() -> None:
    assert describe(SHANGHAI, "en") == "Monday to Friday 09:00–12:00, 13:00–18:00 (Beijing time)"
    assert describe(SHANGHAI, "zh") == "周一至周五 9:00–12:00、13:00–18:00（北京时间）"
    weekend = Calendar("UTC", {5: ((time(10), time(16)),), 2: ((time(9), time(17)),)})
    assert describe(weekend, "en") == "Wednesday 09:00–17:00, Saturday 10:00–16:00 (UTC)"
    assert describe(weekend, "zh") == "周三 9:00–17:00，周六 10:00–16:00（UTC）"


def test_a_desk_without_hours_says_so() -> None:
    closed = Calendar("UTC", {})
    assert describe(closed, "en") == "at present not at all"
    assert describe(closed, "zh") == "暂未安排"
