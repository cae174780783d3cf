"""When a page is to send again what could not be taken just now."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class ComeAgain:
    """When what is put off is to come again: later, the more of it there is.

    Whoever is told "in two seconds" is here again in two seconds, and for thousands of them saying
    so takes more than it would have taken to serve them: a node that was too busy for a moment
    would stay so for good.

    Args:
        per_second: about how many may come again in a second.
        least: the mean wait while there are few of them, in seconds.
        most: the longest mean wait, in seconds.
        monotonic: the clock, in seconds.
        chance: a random number from 0 to 1, so that they do not all come at the same moment.
    """

    def __init__(
        self,
        per_second: float = 100.0,
        least: float = 2.0,
        most: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._per_second = per_second
        self._least, self._most = least, most
        self._monotonic, self._chance = monotonic, chance
        self._mean = least
        self._came, self._since = 0, monotonic()

    def seconds(self) -> float:
        """Count one that is put off, and give the seconds after which it is to come again."""
        now = self._monotonic()
        passed = now - self._since
        if passed >= 1:
            # Those who were told a shorter time still come, so the wait grows in small steps.
            rate = self._came / passed if passed < 2 else 0.0  # after a while without any
            change = min(1.5, max(0.5**passed, rate / self._per_second))
            self._mean = min(self._most, max(self._least, self._mean * change))
            self._came, self._since = 0, now
        self._came += 1
        return round((0.5 + self._chance()) * self._mean, 1)
