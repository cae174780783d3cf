"""Questions that more than one entry answers: they are asked once, and any of their ids is right.

A file may list the ids of one text in several rows, or in one field of JSON, as public sets do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question that counts in figures.

    Attributes:
        row: position among the rows of its file.
        ids: entries that answer it, as they stand in the file; empty where none does.
    """

    row: int
    ids: tuple[str, ...]

    def first_of(self, found: Iterable[str]) -> str:
        """The first of what was found that answers it, else its first id; "" where none does."""
        return next((one for one in found if one in self.ids), (*self.ids, "")[0])


def questions_to_count(rows: Sequence[tuple[str, str]]) -> list[Wanted]:
    """Every question, those with several ids once; one that stands again with its id counts again.

    Args:
        rows: text and id of the entry that answers it, empty where none does.
    """
    ids: dict[str, dict[str, None]] = defaultdict(dict)
    for text, wanted in rows:
        if wanted:
            ids[text][wanted] = None
    seen: set[str] = set()
    counted: list[Wanted] = []
    for row, (text, _) in enumerate(rows):
        if text not in seen or len(ids[text]) < 2:
            counted.append(Wanted(row, tuple(ids[text])))
        seen.add(text)
    return counted
