"""Loads quickly, and keeps memory tidy without long pauses while the program serves."""

from __future__ import annotations

import ctypes
import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FULL_COLLECTION_EVERY = 1_000
"""So many collections of the middle generation come before one that looks through everything.

With 2,000 pages open that one takes 0.2 s, in which nobody is answered, and by Python's default of
10 it came every five seconds at 300 messages a second, to find a thousand objects each time. What
connections leave behind when they end is looked for by `Leftovers`.
"""

LEAST_ENDED = 500
"""Connections that must have ended before what they left is looked for."""


class Leftovers:
    """Finds what ended connections leave behind: rings of objects, 5 kB each (measured).

    So many must have ended as are still open, so that looking through those costs each little.
    """

    def __init__(self) -> None:
        self._ended = 0

    def one_more(self, still_open: int) -> None:
        """Count a connection that ended; looks through everything when there are enough."""
        self._ended += 1
        if self._ended >= max(LEAST_ENDED, still_open):
            self._ended = 0
            gc.collect()


def begin_loading() -> None:
    """Let the collector rest while the program loads: all of it stays, so it would find nothing.

    And have structlog, which looks for a painter of tracebacks when it is imported, find none: our
    logs have them as plain text, and the painter is a twelfth of all that is imported.
    """
    gc.disable()
    with _missing("rich"):
        importlib.import_module("structlog")


@contextmanager
def _missing(package: str) -> Iterator[None]:
    """Let a package be as if it were not installed, unless it is imported already."""
    hidden: dict[str, Any] = {} if package in sys.modules else {package: None}
    sys.modules.update(hidden)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def end_loading() -> None:
    """Let the collector pass over what is loaded, and give back spare memory.

    Otherwise the collector would look through all of it again and again, 30 ms at a time in which
    nobody is answered. To collect once before takes longer (150 ms) than the little it finds is
    worth. What loading left over is a fifth of the memory (80 MB, measured).
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_COLLECTION_EVERY)
    gc.enable()
    give_back_memory()


def give_back_memory() -> None:
    """Give back pieces of memory that the C library keeps for itself unless it is asked.

    Each thread that ever loaded a large part has pieces of its own, so that a server grew by 40 MB
    with every set that it took over.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, others do without
        if trim is not None:
            trim(0)
