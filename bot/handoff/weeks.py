"""Weeks of a shop, from Monday to Sunday in its own time zone, and what its turns came to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class TurnCounts:
    """What the bot's turns of a stretch of time came to.

    Attributes:
        answered: answered at once, small talk and actions included.
        asked: asked back what was meant, or for what an action needs.
        handed_over: given to a person.
    """

    answered: int = 0
    asked: int = 0
    handed_over: int = 0


def week_bounds(now: datetime, zone: str, weeks: int) -> list[datetime]:
    """When the last weeks began, and last when the one that goes on will have ended; UTC.

    Args:
        zone: name of the time zone, as "Asia/Shanghai".
    """
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    monday = today - timedelta(days=today.weekday())
    days = (monday + timedelta(weeks=1 - back) for back in reversed(range(weeks + 1)))
    return [datetime.combine(day, time(), local).astimezone(UTC) for day in days]
