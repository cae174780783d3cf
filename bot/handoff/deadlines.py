"""By when staff should answer, counted in opening hours: first reply and next reply. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.handoff.hours import Calendar

SOON_SHARE = 0.8
"""From this share of the time on a deadline is shown as near."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of opening hours within which staff should answer."""

    first_reply_seconds: float
    next_reply_seconds: float


@dataclass(frozen=True, slots=True)
class Deadline:
    """One running timer.

    Attributes:
        due_at: UTC; None when the desk does not open soon.
        state: "running", "soon" (four fifths have passed) or "late".
    """

    kind: Literal["first_reply", "next_reply"]
    due_at: datetime | None
    state: Literal["running", "soon", "late"]


def deadline_of(
    waiting_since: datetime | None,
    *,
    staff_has_spoken: bool,
    limits: Limits,
    now: datetime,
    calendar: Calendar | None = None,
) -> Deadline | None:
    """Give the timer of one conversation; None while nobody waits for a word of the staff.

    Args:
        waiting_since: since when the shopper waits for a person's word.
        staff_has_spoken: whether a person said something in this conversation before.
        calendar: opening hours; None counts day and night.
    """
    if waiting_since is None:
        return None
    seconds = limits.next_reply_seconds if staff_has_spoken else limits.first_reply_seconds
    if calendar is None:
        due_at: datetime | None = waiting_since + timedelta(seconds=seconds)
        passed = (now - waiting_since).total_seconds()
    else:
        due_at = calendar.after_open_seconds(waiting_since, seconds)
        passed = calendar.open_seconds(waiting_since, now)
    kind: Literal["first_reply", "next_reply"] = "next_reply" if staff_has_spoken else "first_reply"
    if passed >= seconds:
        return Deadline(kind, due_at, "late")
    return Deadline(kind, due_at, "soon" if passed >= SOON_SHARE * seconds else "running")
