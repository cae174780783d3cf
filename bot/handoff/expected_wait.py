"""How long a waiting shopper may expect to wait, from how fast staff took others lately. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import quantiles

ENOUGH_CLAIMS = 5
"""With fewer claims lately nothing honest can be said, and nothing is said."""

LATELY = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """A range, in seconds: half of the gaps between claims lately fit into it."""

    from_seconds: float
    to_seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast shoppers were taken lately, from which the wait of every place is told.

    Attributes:
        short_seconds, long_seconds: between two claims; half of the gaps lie between these.
        newest: when the last one was taken, UTC.
    """

    short_seconds: float
    long_seconds: float
    newest: datetime


def pace_of(claimed_at: Sequence[datetime], now: datetime) -> Pace | None:
    """Tell how fast shoppers were taken lately; None where too few were.

    Args:
        claimed_at: when waiting conversations were taken, any order, UTC.
    """
    recent = sorted(at for at in claimed_at if now - LATELY <= at <= now)
    if len(recent) < ENOUGH_CLAIMS:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(recent)]
    short, _, long = quantiles(gaps, n=4, method="inclusive")
    return Pace(short, long, recent[-1])


def expected_wait(
    place: int,
    pace: Pace | None,
    now: datetime,
    *,
    staff_present: int,
    closes_at: datetime | None = None,
) -> ExpectedWait | None:
    """Tell how long the shopper at a place may wait; None when it cannot be told honestly.

    Args:
        place: place in the queue, from 1.
        pace: see `pace_of`; the same for all places, and found once for all of them.
        staff_present: people present; with nobody here there is no honest figure.
        closes_at: when people stop answering; who may wait longer than that may wait until they
            answer again, so there is no honest figure either. None where they go on.

    The range reaches at least to the time since the newest claim, so that a desk that has stopped
    taking anybody promises less and less.
    """
    if staff_present <= 0 or place < 1 or pace is None:
        return None
    longest = max(place * pace.long_seconds, (now - pace.newest).total_seconds())
    if closes_at is not None and now + timedelta(seconds=longest) > closes_at:
        return None
    return ExpectedWait(place * pace.short_seconds, longest)
