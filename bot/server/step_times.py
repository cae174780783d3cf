"""How long work has taken and a step of it will take, by what was done of that step so far."""

from __future__ import annotations

from collections.abc import Callable


class StepTimes:
    """Steps may take turns, and begin again.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._steps: dict[str, tuple[float, int, int]] = {}

    @property
    def so_far(self) -> float:
        """Seconds since the work began."""
        return self._clock() - self._began

    def left(self, step: str, done: int, of: int) -> float | None:
        """Seconds that the step will still take; None while that cannot be told."""
        now = self._clock()
        began, first, last = self._steps.get(step, (now, done, done))
        if done < last:  # it begins again
            began, first = now, done
        self._steps[step] = (began, first, done)
        if done >= of:
            return 0.0 if of else None
        return (now - began) / (done - first) * (of - done) if done > first else None
