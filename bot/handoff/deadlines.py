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


Kind = Literal["first_reply", "next_reply"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """How one running timer stands at a moment.

    Attributes:
        due_at: UTC; None when the desk does not open soon.
        state: "running", "soon" (four fifths have passed) or "late".
    """

    kind: Kind
    due_at: datetime | None
    state: Literal["running", "soon", "late"]


@dataclass(frozen=True, slots=True)
class Timer:
    """One running timer: two moments, so that looking at it costs a comparison.

    Attributes:
        soon_at, due_at: UTC; None when the desk does not open soon.
    """

    kind: Kind
    soon_at: datetime | None
    due_at: datetime | None

    def at(self, now: datetime) -> Deadline:
        """Tell how it stands."""
        if self.due_at is not None and now >= self.due_at:
            return Deadline(self.kind, self.due_at, "late")
        soon = self.soon_at is not None and now >= self.soon_at
        return Deadline(self.kind, self.due_at, "soon" if soon else "running")


def timer_of(
    waiting_since: datetime | None,
    *,
    staff_has_spoken: bool,
    limits: Limits,
    calendar: Calendar | None = None,
) -> Timer | None:
    """Start the timer of one conversation; None while nobody waits for a word of the staff.

    Args:
        waiting_since: since when the shopper waits for a person's word.
        staff_has_spoken: whether a person said something since the conversation was handed over.
        calendar: opening hours; None counts day and night.
    """
    if waiting_since is None:
        return None
    kind: Kind = "next_reply" if staff_has_spoken else "first_reply"
    seconds = limits.next_reply_seconds if staff_has_spoken else limits.first_reply_seconds
    if calendar is None:
        soon = timedelta(seconds=seconds * SOON_SHARE)
        return Timer(kind, waiting_since + soon, waiting_since + timedelta(seconds=seconds))
    soon_at = calendar.after_open_seconds(waiting_since, seconds * SOON_SHARE)
    return Timer(kind, soon_at, calendar.after_open_seconds(waiting_since, seconds))
