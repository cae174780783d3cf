"""When people answer: opening hours by weekday and holiday in the shop's own time zone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LOOK_AHEAD_DAYS = 60
"""A shop that does not open within two months is said to have no next opening."""

CLOSING_DAYS = 2
"""A shop that stays open for so long is said not to close: nobody waits that long."""

Span = tuple[time, time]
"""From and until, local time; until at or before from means on the next day."""


class HoursRefused(ValueError):
    """Opening hours that make no sense; its text says which."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours of one desk.

    Attributes:
        zone: name of the time zone, as "Asia/Shanghai".
        weekly: weekday (0 is Monday) -> spans; a day that is missing is closed.
        special: dates with spans of their own; an empty tuple is a holiday.
    """

    zone: str
    weekly: Mapping[int, tuple[Span, ...]]
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether people answer at this moment."""
        return any(begin <= at < end for begin, end in self._spans(at, days=0))

    def next_opening(self, at: datetime) -> datetime | None:
        """When people answer next (UTC); `at` itself when they do now; None when not soon."""
        for begin, end in self._spans(at, days=LOOK_AHEAD_DAYS):
            if end > at:
                return max(begin, at)
        return None

    def closes(self, at: datetime) -> datetime | None:
        """When people who answer now stop (UTC); None when nobody does, or not within two days."""
        end: datetime | None = None
        for begin, until in self._spans(at, days=CLOSING_DAYS):
            if begin <= (end or at) < until:
                end = until
        return end if end is not None and end - at < timedelta(days=CLOSING_DAYS) else None

    def after_open_seconds(self, since: datetime, seconds: float) -> datetime | None:
        """When so many seconds of opening hours will have passed; None when not soon."""
        left = timedelta(seconds=seconds)
        last = since
        for begin, end in self._spans(since, days=LOOK_AHEAD_DAYS):
            begin = max(begin, last)
            if end <= begin:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
            last = end
        return None

    def _spans(self, around: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Spans from the day before a moment on, in UTC, in rising order of their beginning."""
        zone = ZoneInfo(self.zone)
        today = around.astimezone(zone).date()
        for offset in range(-1, days + 2):
            day = today + timedelta(days=offset)
            for start, stop in sorted(self.special.get(day, self.weekly.get(day.weekday(), ()))):
                until = day if stop > start else day + timedelta(days=1)
                begin, end = _moment(day, start, zone), _moment(until, stop, zone)
                if begin < end:  # a clock change may skip all of it
                    yield begin, end

    def as_json(self) -> dict[str, Any]:
        """Write it as it is stored."""
        return {
            "zone": self.zone,
            "weekly": {str(day): _write(spans) for day, spans in sorted(self.weekly.items())},
            "special": {day.isoformat(): _write(spans) for day, spans in self.special.items()},
        }


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When a clock shows a time (UTC): the first time in autumn, when it shows some twice.

    One that a clock change in spring skips comes at the moment of the change, as the clock then
    passes it. So what comes later on a clock never comes earlier in truth.
    """
    local = datetime.combine(day, clock, zone)
    at = local.astimezone(UTC)
    before, after = local.utcoffset(), at.astimezone(zone).utcoffset()
    assert before is not None and after is not None
    if before == after:
        return at
    earlier, second = at - (after - before), timedelta(seconds=1)
    while at - earlier > second:
        middle = earlier + (at - earlier) // second // 2 * second
        if middle.astimezone(zone).utcoffset() == after:
            at = middle
        else:
            earlier = middle
    return at


def calendar_from(rules: Mapping[str, Any]) -> Calendar:
    """Read what `Calendar.as_json` wrote, or what an admin typed.

    Raises:
        HoursRefused: an unknown zone, weekday, date or time.
    """
    try:
        zone = str(rules["zone"])
        ZoneInfo(zone)
        weekly = {int(day): _read(spans) for day, spans in rules.get("weekly", {}).items()}
        special = {
            date.fromisoformat(day): _read(spans) for day, spans in rules.get("special", {}).items()
        }
    except (KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise HoursRefused(f"These opening hours cannot be read: {error}.") from error
    if not set(weekly) <= set(range(7)):
        raise HoursRefused("Weekdays are numbered from 0 (Monday) to 6 (Sunday).")
    return Calendar(zone, weekly, special)


def _read(spans: Any) -> tuple[Span, ...]:
    read = []
    for start, stop in spans:
        read.append((_time(start), _time("00:00" if stop == "24:00" else stop)))
    return tuple(sorted(read))


def _time(text: str) -> time:
    """Read a time of day. Anything else that ISO 8601 knows would be stored as another time."""
    if not re.fullmatch(r"\d\d:\d\d", text):
        raise ValueError(f"{text!r} is no time; write it as 09:00")
    return time.fromisoformat(text)


def _write(spans: tuple[Span, ...]) -> list[list[str]]:
    return [[start.isoformat("minutes"), stop.isoformat("minutes")] for start, stop in spans]
