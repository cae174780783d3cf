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


def expected_wait(
    place: int,
    claimed_at: Sequence[datetime],
    now: datetime,
    *,
    staff_present: int,
    closes_at: datetime | None = None,
) -> ExpectedWait | None:
    """Tell how long the shopper at a place may wait; None when it cannot be told honestly.

    Args:
        place: place in the queue, from 1.
        claimed_at: when waiting conversations were taken lately, any order, UTC.
        staff_present: people present; with nobody here there is no honest figure.
        closes_at: when people stop answering; who may wait longer than that may wait until they
            answer again, so there is no honest figure either. None where they go on.

    The range reaches at least to the time since the newest claim, so that a desk that has stopped
    taking anybody promises less and less.
    """
    recent = sorted(at for at in claimed_at if now - LATELY <= at <= now)
    if staff_present <= 0 or place < 1 or len(recent) < ENOUGH_CLAIMS:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(recent)]
    low, _, high = quantiles(gaps, n=4, method="inclusive")
    quiet = (now - recent[-1]).total_seconds()
    longest = max(place * high, quiet)
    if closes_at is not None and now + timedelta(seconds=longest) > closes_at:
        return None
    return ExpectedWait(place * low, longest)
