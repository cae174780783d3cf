"""A table of hundreds of thousands of words in a few megabytes, which also knows their beginnings.

A Python dictionary of the same words takes ten times the memory and four times as long to make.
Words are kept as 64-bit sums of their characters, sorted; that two of the texts ever asked for have
one sum is as unlikely as a defect of the memory (one in 10^13 for each text looked up).
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BEGINNING = -1
"""The value of what only begins a word, unless another is given."""

REMEMBERED = 8_192
_START = 0x9E3779B97F4A7C15  # the sum of no character
_FACTOR = 0xD6E8FEB86659FD93  # odd, so that one other character always gives another sum
_BITS = 0xFFFFFFFFFFFFFFFF
_DRAWER_BITS = 16  # the first bits of a sum tell where in the table to look

Ints = NDArray[np.int64]
_Sums = NDArray[np.uint64]


class WordTable:
    """Words with a number >= 0 for each. Never changes, so any number of threads may ask it.

    Attributes:
        get: the number of a word, that of beginnings for what begins one, None for anything else.
    """

    def __init__(self, sums: _Sums, values: NDArray[np.int32], longest: int) -> None:
        drawers = np.arange((1 << _DRAWER_BITS) + 1, dtype=np.float64)
        first = np.searchsorted((sums >> np.uint64(64 - _DRAWER_BITS)).astype(np.float64), drawers)
        self._sums = sums.data
        self._values = values.data
        self._drawers = first.astype(np.int32).data
        self._longest = longest
        self.get = lru_cache(REMEMBERED)(self._find)

    @classmethod
    def of(
        cls, text: str, starts: Ints, lengths: Ints, values: Ints, beginning: int = BEGINNING
    ) -> WordTable:
        """Make a table of slices of one text; of two equal words the later one counts.

        Args:
            starts, lengths, values: of each word, (n,); values are below 2^31.
            beginning: the value of what only begins a word.
        """
        characters = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        longest = int(lengths.max(initial=0))
        left = np.flatnonzero(lengths > 0)
        sums = np.full(len(left), _START, dtype=np.uint64)
        beginnings: list[_Sums] = []
        words: list[tuple[_Sums, Ints]] = []
        for at in range(longest):
            sums = sums * np.uint64(_FACTOR) + characters[starts[left] + at]
            ends = lengths[left] == at + 1
            words.append((sums[ends], left[ends]))
            left, sums = left[~ends], sums[~ends]
            beginnings.append(np.unique(sums))
        own = [values[at] for _, at in words]
        only_begin = sum(map(len, beginnings))
        numbers = np.concatenate([np.full(only_begin, beginning), *own]).astype(np.int32)
        every = [np.empty(0, dtype=np.uint64), *beginnings, *(some for some, _ in words)]
        return cls(*_sorted(np.concatenate(every), numbers), longest)

    def _find(self, text: str) -> int | None:
        if len(text) > self._longest:
            return None
        sum_ = _START
        for character in text:
            sum_ = (sum_ * _FACTOR + ord(character)) & _BITS
        drawer = sum_ >> (64 - _DRAWER_BITS)
        end = self._drawers[drawer + 1]
        at = bisect_left(self._sums, sum_, self._drawers[drawer], end)
        return self._values[at] if at < end and self._sums[at] == sum_ else None


def _sorted(sums: _Sums, numbers: NDArray[np.int32]) -> tuple[_Sums, NDArray[np.int32]]:
    """Sort by sums; of equal ones the last counts: words beat beginnings, later words earlier."""
    order = np.argsort(sums, kind="stable")
    sums, numbers = sums[order], numbers[order]
    last = np.append(sums[1:] != sums[:-1], True)[: len(sums)]
    return sums[last], numbers[last]
