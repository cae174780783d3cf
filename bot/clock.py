"""The wall clock, in UTC; whoever needs the time is given it as an argument."""

from __future__ import annotations

from datetime import UTC, datetime


def wall_clock() -> datetime:
    """Tell the time, UTC."""
    return datetime.now(UTC)
