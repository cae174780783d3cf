"""How many processes are to answer: as many as batches keep at work, and no dead one at any price.

Knows neither processes nor clocks: times are seconds of a clock that only goes forward.
"""

from __future__ import annotations

from collections.abc import Sequence

NEED_SECONDS = 0.3
"""So long more batches must have been under way than there are processes, until one more is made.

A burst of questions that is over sooner is not answered any earlier by it.
"""

QUIET_SECONDS = 60.0
"""So long a process stays that was needed; to fork it again costs a tenth of a second of a core."""

PAUSES_SECONDS = (0.0, 4.0, 16.0, 60.0, 240.0, 960.0)
"""What is waited before a lost process is replaced: after the first, the second … within an hour.

What one question kills is replaced at once; what every question kills is soon let be, and the
server answers by itself.
"""

FORGOTTEN_SECONDS = 3_600.0
"""So long a lost process counts."""


class Demand:
    """How many processes the batches that are under way could keep at work.

    More of them count as needed once they have lasted, where time with fewer is taken off again.
    """

    def __init__(self, most: int) -> None:
        """Cheap.

        Args:
            most: processes, 1 or more.
        """
        self._levels = range(2, most + 1)
        self._lasted = dict.fromkeys(self._levels, 0.0)
        self._until = dict.fromkeys(self._levels, 0.0)
        self._batches = 0
        self._since = 0.0

    def under_way(self, batches: int, now: float) -> None:
        """Take note that so many batches are under way from now on."""
        self._count(now)
        self._batches = batches

    def wanted(self, now: float) -> int:
        """How many processes there should be, 1 or more."""
        self._count(now)
        return max((level for level in self._levels if self._until[level] > now), default=1)

    def lasts(self, now: float) -> float | None:
        """Seconds until fewer are wanted when nothing happens; None when it is only one."""
        wanted = self.wanted(now)
        return self._until[wanted] - now if wanted > 1 else None

    def _count(self, now: float) -> None:
        passed, self._since = now - self._since, now
        for level in self._levels:
            needed = self._batches >= level
            lasted = self._lasted[level] + (passed if needed else -passed)
            self._lasted[level] = min(max(lasted, 0.0), NEED_SECONDS)
            if needed and lasted >= NEED_SECONDS:
                self._until[level] = now + QUIET_SECONDS


class Losses:
    """Processes that ended by themselves, hung or could not follow, and when to replace one."""

    def __init__(self, pauses: Sequence[float] = PAUSES_SECONDS) -> None:
        self._pauses = pauses
        self._times: list[float] = []
        self.count = 0

    def one_more(self, now: float) -> None:
        """Take note of one that was lost just now."""
        self.count += 1
        self._times.append(now)

    def pause(self, now: float) -> float:
        """Seconds until another process may be forked."""
        self._times = [at for at in self._times if now - at < FORGOTTEN_SECONDS]
        if not self._times:
            return 0.0
        pause = self._pauses[min(len(self._times), len(self._pauses)) - 1]
        return max(0.0, self._times[-1] + pause - now)
