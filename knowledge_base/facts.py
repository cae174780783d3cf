"""Which entries and phrasings belong to one fact: an id, answered in one language or in two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base.entry import Entry, EntryId
from knowledge_base.phrasings import Phrasing
from knowledge_base.vector_index import Ids


class Facts:
    """Which entries and phrasings belong to one id, in one language or two.

    Attributes:
        by_id: id -> positions of its entries; the order is the numbering of the facts.
        of_entry: (n entries,), number of the fact of each entry.
        of_phrasing: (n phrasings,), the same for phrasings.
        entry_of: (n phrasings,), position of the entry of each phrasing.
    """

    def __init__(self, entries: Sequence[Entry], phrasings: Sequence[Phrasing]) -> None:
        self.by_id: dict[EntryId, list[int]] = {}
        for position, entry in enumerate(entries):
            self.by_id.setdefault(entry.id, []).append(position)
        self._number = {one: at for at, one in enumerate(self.by_id)}
        self.of_entry: Ids = self.numbers([entry.id for entry in entries])
        self.entry_of: Ids = np.array([one.entry for one in phrasings], dtype=np.int64)
        self.of_phrasing: Ids = self.of_entry[self.entry_of]
        self._rows: Ids = np.argsort(self.of_phrasing, kind="stable")
        self._starts = np.searchsorted(self.of_phrasing[self._rows], np.arange(len(self) + 1))

    def __len__(self) -> int:
        return len(self.by_id)

    def numbers(self, ids: Sequence[EntryId]) -> Ids:
        """The number of each fact."""
        return np.array([self._number[one] for one in ids], dtype=np.int64)

    def rows(self, facts: Ids) -> tuple[Ids, Ids]:
        """Every phrasing of some facts, and where those of each fact start."""
        starts, ends = self._starts[facts], self._starts[facts + 1]
        rows = np.concatenate(
            [self._rows[start:end] for start, end in zip(starts, ends, strict=True)]
        )
        return rows, np.cumsum(ends - starts) - (ends - starts)


def telling_answers(entries: Sequence[Entry], facts: Facts) -> NDArray[np.bool_]:
    """Which answers are given by one fact alone, (n entries,): others tell no fact from another."""
    given = Counter(
        {(entry.answer, fact) for entry, fact in zip(entries, facts.of_entry.tolist(), strict=True)}
    )
    by_answer = Counter(answer for answer, _ in given)
    return np.array([by_answer[entry.answer] == 1 for entry in entries], dtype=bool)
