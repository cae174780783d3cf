"""How long work has taken and a step of it will take, by what was done of that step so far."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from knowledge_base.folder import write_file


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


class UsualTimes:
    """How long each kind of work took on this node when it last came to its end.

    Args:
        file: where that is kept; one that cannot be read tells nothing.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def seconds(self) -> dict[str, float]:
        """Give the seconds of every kind that is known."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(kind): float(seconds) for kind, seconds in kept.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def keep(self, kind: str, seconds: float) -> None:
        """Remember how long it took; nothing more than that is lost where the disk refuses."""
        with suppress(OSError):
            write_file(self._file, json.dumps({**self.seconds(), kind: round(seconds)}))
