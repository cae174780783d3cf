"""A circuit breaker: after too many bad calls nothing is tried for a while, then one probe.

    closed ──(bad calls)──> open ──(rest over)──> probing ──(good)──> closed
                              ^                       │
                              └────────(bad)──────────┘

Pure: the clock is handed in. Safe to use from several threads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class BreakerState(StrEnum):
    """Whether calls are let through."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """When it opens and when it tries again.

    Attributes:
        bad_calls: it opens when at least so many calls were bad …
        bad_share: … and at least this share of all calls …
        window_seconds: … within this time.
        rest_seconds: so long after opening one probe is let through.
    """

    bad_calls: int = 5
    bad_share: float = 0.5
    window_seconds: float = 30.0
    rest_seconds: float = 15.0


class Breaker:
    """Counts good and bad calls and says whether the next may be tried."""

    def __init__(self, limits: BreakerLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._calls: deque[tuple[float, bool]] = deque()
        self._opened: float | None = None
        self._probing = False
        self._lock = Lock()

    @property
    def state(self) -> BreakerState:
        """The state now."""
        with self._lock:
            if self._opened is None:
                return BreakerState.CLOSED
            return BreakerState.PROBING if self._probing else BreakerState.OPEN

    def allows(self) -> bool:
        """Whether a call may be tried; while open, True once for the probe after the rest."""
        with self._lock:
            if self._opened is None:
                return True
            if self._probing or self._clock() - self._opened < self._limits.rest_seconds:
                return False
            self._probing = True
            return True

    def record(self, good: bool) -> None:
        """Say how a call that was allowed went; slow counts as bad."""
        with self._lock:
            now = self._clock()
            if self._opened is not None:
                self._probing = False
                self._opened = None if good else now
                self._calls.clear()
                return
            self._calls.append((now, good))
            while now - self._calls[0][0] > self._limits.window_seconds:
                self._calls.popleft()
            bad = sum(not one for _, one in self._calls)
            if bad >= self._limits.bad_calls and bad >= self._limits.bad_share * len(self._calls):
                self._opened = now

    def forget(self) -> None:
        """Say that an allowed call was not made after all; a probe may be tried again."""
        with self._lock:
            self._probing = False
