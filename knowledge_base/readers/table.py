"""What every format is read into: a header and rows of texts, with their places in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge_base.entry import RowProblem

FileFormat = Literal["csv", "tsv", "xlsx", "json", "jsonl"]
Cell = tuple[str, ...]  # one text, or several phrasings where a format can hold a list


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file.

    Attributes:
        number: its place, counted from 1 as a spreadsheet (or, for JSON, a list) does.
        cells: one for each column that it has; an empty one is ("",).
    """

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TableHead:
    """What is known of a table before its rows.

    Attributes:
        encoding: None for formats that carry their own.
        columns: the names in the header; None where a header still has to be found in the rows.
        sheet: the sheet that is read; sheets: all of them. Empty but for XLSX.
    """

    format: FileFormat
    encoding: str | None
    columns: tuple[str, ...] | None
    sheet: str = ""
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file being read: its head, and what comes row by row."""

    head: TableHead
    rows: Iterator[Row | RowProblem]
