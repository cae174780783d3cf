"""Cells that are merged downwards: one answer beside several questions stands for each of them.

A workbook keeps the text in the first cell alone. Sideways merges (titles) are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from defusedxml.ElementTree import iterparse
from openpyxl.utils.cell import column_index_from_string

from knowledge_base.entry import RowProblem
from knowledge_base.readers.limits import MAX_COLUMNS
from knowledge_base.readers.table import Row

MOST_MERGES = 50_000
"""Further ones are read as they stand, and their empty cells named row by row."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")


class Merge(NamedTuple):
    """A cell that reaches down; columns are counted from 0, rows from 1."""

    column: int
    first: int
    last: int


def merged_cells(sheet: Any) -> tuple[Merge, ...]:
    """The merges of a sheet that reach over several rows, by their first rows.

    Args:
        sheet: of a workbook that openpyxl opened read-only, which itself passes merges over.
    """
    found: list[Merge] = []
    with sheet._get_source() as source:
        for _, element in iterparse(source):
            name = element.tag.rpartition("}")[2]
            if name == "mergeCell" and len(found) < MOST_MERGES:
                found += _merge(element.get("ref", ""))
            if name in ("c", "row", "mergeCell"):
                element.clear()  # a sheet may be far larger than what is kept of it
    return tuple(sorted(found, key=lambda one: one.first))


def _merge(reference: str) -> list[Merge]:
    parts = _REFERENCE.fullmatch(reference)
    if parts is None:
        return []
    column = column_index_from_string(parts[1])
    merge = Merge(column - 1, first=int(parts[2]), last=int(parts[3]))
    return [merge] if merge.first < merge.last and column <= MAX_COLUMNS else []


def filled_down(
    rows: Iterator[Row | RowProblem], merges: tuple[Merge, ...]
) -> Iterator[Row | RowProblem]:
    """The rows, with the text of a merged cell in each row that it reaches over.

    A row without any text of its own stays away: it is only the room that a tall cell takes.
    """
    waiting = list(reversed(merges))
    open_merges: list[tuple[Merge, tuple[str, ...]]] = []
    for row in rows:
        if isinstance(row, RowProblem):
            yield row
            continue
        open_merges = [one for one in open_merges if one[0].last >= row.number]
        cells = list(row.cells)
        for merge, text in open_merges:
            cells += [("",)] * (merge.column + 1 - len(cells))
            if not any(cells[merge.column]):
                cells[merge.column] = text
        while waiting and waiting[-1].first <= row.number:
            merge = waiting.pop()
            if merge.first == row.number and merge.column < len(cells):
                open_merges.append((merge, cells[merge.column]))
        yield Row(row.number, tuple(cells))
