"""How those who work long tell how far they are."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many parts of it are done, and of how many."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
