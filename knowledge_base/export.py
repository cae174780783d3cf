"""Writes entries as files that a person edits in a spreadsheet and imports again unchanged."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from knowledge_base.entry import Entry
from knowledge_base.entry_file import entries_text, entry_object
from knowledge_base.readers.spreadsheet_text import guarded

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

ExportFormat = Literal["csv", "xlsx", "json", "jsonl"]
COLUMNS = ("id", "question", "answer", "language", "category", "source")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # what XLSX would read as a character
_COLUMN_WIDTHS = (24, 50, 80, 10, 16, 20)  # characters


def export_entries(entries: Sequence[Entry], format: ExportFormat) -> bytes:
    """The bytes of a file with every entry; one row for each phrasing where rows are all there is.

    Cells that a spreadsheet could take for a formula carry an apostrophe in CSV and XLSX, which
    the import takes off again: reading an export gives the same entries. Phrasings that were learnt
    from old chats are phrasings like all others there.
    """
    entries = [replace(one, learnt=()) for one in entries]
    writers: dict[str, Callable[[Sequence[Entry]], bytes]] = {
        "csv": _csv,
        "xlsx": _xlsx,
        "json": _json,
        "jsonl": lambda some: entries_text(some).encode("utf-8"),
    }
    return writers[format](entries)


def _rows(entries: Sequence[Entry]) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for entry in entries:
        rest = (entry.answer, entry.language, entry.category, entry.source)
        for question in entry.questions:
            yield tuple(guarded(text) for text in (entry.id, question, *rest))


def _csv(entries: Sequence[Entry]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(_rows(entries))
    return text.getvalue().encode("utf-8-sig")  # without the mark Excel takes it for another code


def _json(entries: Sequence[Entry]) -> bytes:
    listed = [entry_object(entry) for entry in entries]
    return (json.dumps(listed, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _xlsx(entries: Sequence[Entry]) -> bytes:
    from openpyxl import Workbook  # slow to import, and XLSX alone needs it

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("entries")
    for letter, width in zip("ABCDEF", _COLUMN_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    for row in _rows(entries):
        sheet.append([_text_cell(sheet, text) for text in row])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that is text whatever stands in it."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=_escaped(text))
    cell.data_type = "s"
    return cell


def _escaped(text: str) -> str:
    """Text in which what XLSX would read as an escape ("_x000D_") is itself escaped."""
    return _ESCAPE.sub("_x005F_", text)
