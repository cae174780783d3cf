"""Reads an XLSX workbook into rows. Runs in the limited child only: spreadsheets are hostile."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import defusedxml
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from knowledge_base.entry import RowProblem
from knowledge_base.errors import FileRefused
from knowledge_base.problem_texts import file_text
from knowledge_base.readers.archive import check_archive
from knowledge_base.readers.columns import recognise
from knowledge_base.readers.limits import HEADER_WITHIN_ROWS, MAX_COLUMNS
from knowledge_base.readers.merged_cells import filled_down, merged_cells
from knowledge_base.readers.shown_numbers import shown_number
from knowledge_base.readers.table import Row, Table, TableHead

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how XLSX writes characters that XML cannot
_FAULTS = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    defusedxml.DefusedXmlException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    OverflowError,
    NotImplementedError,
)


def read_workbook(content: bytes, sheet: str | None = None) -> Table:
    """Open a workbook and find the sheet to read.

    That is the one named, else the first with a header of questions and answers and something
    below it, else the first that has anything but such a header in it.

    Raises:
        FileRefused: no workbook, a hostile one, or it has no such sheet.
        FileTooLarge: it unpacks to too much.
    """
    parts = check_archive(content)
    if any(name.startswith("word/") for name in parts):
        raise FileRefused(*file_text("word_document"))
    if "[Content_Types].xml" not in parts:
        raise FileRefused(*file_text("no_workbook"))
    with _faults_named():
        values = _opened(content, values=True)
        formulas = _opened(content, values=False)
    names = tuple(str(one.title) for one in values.worksheets)
    if sheet is not None and sheet not in names:
        listed = ", ".join(names)[:400]
        raise FileRefused(*file_text("no_such_sheet", sheet=sheet[:80], sheets=listed))
    with _faults_named():
        chosen = sheet if sheet is not None else _best_sheet(values, names)
        merged = merged_cells(values[chosen])
    head = TableHead("xlsx", None, None, chosen, names)
    return Table(head, filled_down(_rows(values[chosen], formulas[chosen]), merged))


def _opened(content: bytes, *, values: bool) -> Any:
    return load_workbook(io.BytesIO(content), read_only=True, data_only=values, keep_links=False)


def _best_sheet(workbook: Any, names: tuple[str, ...]) -> str:
    filled: list[str] = []
    laid_out: list[str] = []
    for name in names:
        begins = _beginning(workbook[name])
        header = next((at for at, row in enumerate(begins) if recognise(row)), None)
        if header is not None and header + 1 < len(begins):
            return name
        if begins:
            (filled if header is None else laid_out).append(name)
    if not names:
        raise FileRefused(*file_text("no_filled_sheet"))
    return [*filled, *laid_out, *names][0]


def _beginning(sheet: Any) -> list[list[str]]:
    """The filled cells of the first rows that have any; one row more than a header may stand in."""
    rows = sheet.iter_rows(max_row=HEADER_WITHIN_ROWS + 1, max_col=MAX_COLUMNS, values_only=True)
    texts = ([_text(value) for value in row] for row in rows)
    return [filled for row in texts if (filled := [text for text in row if text])]


def _rows(values: Any, formulas: Any) -> Iterator[Row | RowProblem]:
    """Every row that has anything in it. A formula gives its last value, else its own text."""
    with _faults_named():
        # What a file says of its own size is often wrong, and costs memory when it lies.
        values.reset_dimensions()
        formulas.reset_dimensions()
        pairs = zip(values.iter_rows(), formulas.iter_rows(values_only=True), strict=True)
        for number, (shown, written) in enumerate(pairs, start=1):
            cells = [
                _shown(cell) if cell.value is not None else _text(formula)
                for cell, formula in zip(shown, written, strict=True)
            ]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield Row(number, tuple((text,) for text in cells))


def _shown(cell: Any) -> str:
    """A cell that has a value, as its sheet shows it."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return shown_number(value, cell.number_format)
    return _text(value)


def _text(value: Any) -> str:
    """A cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return shown_number(value, "")
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    text = str(getattr(value, "text", value))  # array formulas carry their text in a record
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


@contextmanager
def _faults_named() -> Iterator[None]:
    """Whatever a spoiled workbook does to its reader, the admin gets one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that hold no text
            yield
    except _FAULTS as error:
        raise FileRefused(*file_text("workbook_fault", fault=type(error).__name__)) from error
