"""Rates: how often one visitor, address or account may do something.

Token buckets on a monotonic clock, so that a jump of the wall clock neither locks anybody out nor
opens a door. Kept in memory, per node; a key is forgotten when it has nothing to say any more, and
the oldest one when there are too many.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from bot.errors import TooMany

KEYS_KEPT = 50_000
"""Buckets of one limit; an attacker with more addresses than this gains a burst per address."""


ROUNDING = 1e-6
"""What a bucket may lack of a whole one: sums of floats are never quite what was waited for."""

FORGOTTEN_AT_ONCE = 2
"""Keys looked at with each use; more than one, so that they go faster than they come."""


class Rate:
    """A lasting rate with a burst, for any number of keys.

    Args:
        per_second: how many a second in the long run.
        burst: how many at once after a silence.
        monotonic: the clock, in seconds.
    """

    def __init__(
        self,
        per_second: float,
        burst: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = max(per_second, 1e-9)
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    @property
    def kept(self) -> int:
        """How many keys are remembered."""
        return len(self._buckets)

    def wait_seconds(self, key: Hashable) -> float:
        """Take one and return 0, or take none and return the seconds until there is one."""
        now = self._monotonic()
        tokens, since = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._per_second)
        enough = tokens >= 1 - ROUNDING
        self._buckets[key] = (max(0.0, tokens - 1) if enough else tokens, now)
        wait = 0.0 if enough else (1 - tokens) / self._per_second
        self._forget_the_oldest(now)
        return wait

    def _forget_the_oldest(self, now: float) -> None:
        """Forget buckets that are full again, which say no more than none, or are too many."""
        for _ in range(FORGOTTEN_AT_ONCE):
            key, (tokens, since) = next(iter(self._buckets.items()))
            full = tokens + (now - since) * self._per_second >= self._burst
            if not full and len(self._buckets) <= KEYS_KEPT:
                return
            del self._buckets[key]
            if not self._buckets:
                return

    def take(self, key: Hashable) -> None:
        """Take one.

        Raises:
            TooMany: with the seconds after which to come again.
        """
        refuse_when(self.wait_seconds(key))


def refuse_when(wait_seconds: float) -> None:
    """Raise `TooMany` when there is something to wait for."""
    if wait_seconds <= 0:
        return
    # Rounded up: who comes when told must not be sent away again.
    seconds = max(0.1, math.ceil(round(wait_seconds, 6) * 10) / 10)
    raise TooMany(
        f"That was too fast; try again in {seconds:g} seconds.",
        f"太快了，请 {seconds:g} 秒后再试。",
        retry_after_seconds=seconds,
    )


class Window:
    """An exact count in every stretch of time, for what is rare and dear (tries of a password).

    Args:
        count: how many are allowed within `seconds`.
        seconds: length of the stretch.
        monotonic: the clock, in seconds.
    """

    def __init__(
        self,
        count: int,
        seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._seconds = seconds
        self._monotonic = monotonic
        self._times: OrderedDict[Hashable, list[float]] = OrderedDict()

    @property
    def kept(self) -> int:
        """How many keys are remembered."""
        return len(self._times)

    def take(self, key: Hashable) -> None:
        """Take one.

        Raises:
            TooMany: with the seconds after which to come again.
        """
        now = self._monotonic()
        # A list, because a deque of one time costs seven hundred bytes for every visitor.
        times = [at for at in self._times.pop(key, ()) if now - at < self._seconds]
        self._times[key] = times
        if len(times) >= self._count:
            refuse_when(self._seconds - (now - times[0]))
        times.append(now)
        self._forget_the_oldest(now)

    def _forget_the_oldest(self, now: float) -> None:
        """Forget keys whose last time is long ago, or that are too many."""
        for _ in range(FORGOTTEN_AT_ONCE):
            key, times = next(iter(self._times.items()))
            if now - times[-1] < self._seconds and len(self._times) <= KEYS_KEPT:
                return
            del self._times[key]

    def give_back(self, key: Hashable) -> None:
        """Count the last one as if it had not been taken."""
        times = self._times.get(key)
        if times:
            times.pop()
            if not times:
                del self._times[key]

    def forget(self, key: Hashable) -> None:
        """Start anew for this key."""
        self._times.pop(key, None)


class OpenCount:
    """How many of something each key holds open, with a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: dict[Hashable, int] = {}

    def enter(self, key: Hashable) -> bool:
        """Count one more; False, and nothing counted, when the limit is reached."""
        if self._open.get(key, 0) >= self._limit:
            return False
        self._open[key] = self._open.get(key, 0) + 1
        return True

    def leave(self, key: Hashable) -> None:
        """Count one less."""
        left = self._open.get(key, 0) - 1
        if left > 0:
            self._open[key] = left
        else:
            self._open.pop(key, None)
