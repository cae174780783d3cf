from datetime import UTC, datetime

from bot.handoff.weeks import week_bounds


def test_weeks_begin_on_monday_where_the_shop_is():
    sunday_night = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # Monday already in Shanghai

    assert week_bounds(sunday_night, "Asia/Shanghai", 2) == [
        datetime(2026, 11, 15, 16, tzinfo=UTC),
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 29, 16, tzinfo=UTC),
    ]
    assert week_bounds(sunday_night, "UTC", 1) == [
        datetime(2026, 11, 16, tzinfo=UTC),
        datetime(2026, 11, 23, tzinfo=UTC),
    ]


def test_a_week_in_which_the_clocks_change_has_an_hour_more():
    begin, end = week_bounds(datetime(2026, 10, 22, tzinfo=UTC), "Europe/Berlin", 1)

    assert (end - begin).total_seconds() == (7 * 24 + 1) * 3_600
