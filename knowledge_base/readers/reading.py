"""From the bytes of a file to entries: find out what it is, find its header, take its rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.entry import Entry, Language, RowProblem
from knowledge_base.errors import FileRefused, FileTooLarge, NothingBelowHeader
from knowledge_base.problem_texts import file_problem, file_text, row_problem
from knowledge_base.readers import delimited, json_rows
from knowledge_base.readers.columns import (
    ColumnMapping,
    checked,
    listed_columns,
    not_recognised,
    recognise,
)
from knowledge_base.readers.encodings import decode
from knowledge_base.readers.entries_from_rows import EntryCollector
from knowledge_base.readers.limits import (
    HEADER_WITHIN_ROWS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    PREVIEW_ROWS,
)
from knowledge_base.readers.table import FileFormat, Row, Table, TableHead

_FORMATS: dict[str, FileFormat] = {
    ".csv": "csv", ".txt": "csv", ".tsv": "tsv", ".tab": "tsv", ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
_WEB_PAGE = ("<!doctype html", "<html", "<table", "<meta ")  # what shop systems call .xls
_LONGEST_MARK = 16
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "old_excel"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "compressed"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
)


@dataclass(frozen=True, slots=True)
class FileInspection:
    """What a file looks like, for a person to confirm before it is imported.

    Attributes:
        name: its name, as text only.
        encoding: None for XLSX.
        sheet, sheets: the sheet that was looked at and all of them; empty but for XLSX.
        columns: the names in its header ("1", "2" … without one).
        header_row: number of the header's row, 0 without one.
        mapping: which column holds what; None when the caller has to say.
        preview: the first rows below the header (`PREVIEW_ROWS`), one text for each column.
    """

    name: str
    format: FileFormat
    encoding: str | None
    sheet: str
    sheets: tuple[str, ...]
    columns: tuple[str, ...]
    header_row: int
    mapping: ColumnMapping | None
    preview: tuple[tuple[str, ...], ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ReadEntries:
    """Everything a file gave: every row is in an entry or named by a problem of severity "error".

    Attributes:
        entries: in the order of their first rows.
        problems: in the order of the rows.
        rows: how many rows with anything in them stand below the header.
        skipped_rows: how many of them are not imported.
    """

    entries: tuple[Entry, ...]
    problems: tuple[RowProblem, ...]
    rows: int
    skipped_rows: int


def inspect_table(
    table: Table, name: str, size_bytes: int, has_header: bool = True, telling: bool = False
) -> FileInspection:
    """Look at the header and the first rows of an open file.

    Args:
        telling: show the first rows that another encoding would show otherwise, if there are any.
    """
    header, rows = _with_header(table, None, has_header)
    readable = (row for row in rows if isinstance(row, Row))
    shown = _telling(readable) if telling else itertools.islice(readable, PREVIEW_ROWS)
    preview = tuple(_padded(row, len(header.columns)) for row in shown)
    head = table.head
    return FileInspection(
        name,
        head.format,
        head.encoding,
        head.sheet,
        head.sheets,
        header.columns,
        header.row,
        recognise(header.columns) if has_header else None,
        preview,
        size_bytes,
    )


def read_table(
    table: Table,
    *,
    source: str,
    mapping: ColumnMapping | None = None,
    language: Language | None = None,
) -> ReadEntries:
    """Take every row of an open file.

    Raises:
        ColumnsNotRecognised: no mapping was given and none was recognised, or it does not fit.
        FileRefused: the file turned out to be broken further down, or nothing but problems.
    """
    header, rows = _with_header(table, mapping, mapping is None or mapping.has_header)
    if mapping is None:
        mapping = recognise(header.columns)
        if mapping is None:
            raise not_recognised(header.columns)
    collector = EntryCollector(
        header.columns,
        checked(mapping, header.columns),
        source=source,
        language=language,
        guarded_cells=table.head.format not in ("json", "jsonl"),
    )
    for problem in header.passed_over:
        collector.skip(problem)
    for count, row in enumerate(rows, start=1):
        if count > MAX_ROWS:
            raise FileTooLarge(*file_text("too_many_rows", most=MAX_ROWS))
        if isinstance(row, RowProblem):
            collector.skip(row)
            collector.rows += 1
        else:
            collector.take(row)
    if not collector.rows:
        raise NothingBelowHeader(*_nothing_below(header, table.head))
    problems = (*_other_sheets(table.head), *collector.problems())
    return ReadEntries(collector.entries(), problems, collector.rows, len(collector.skipped))


def _nothing_below(header: _Header, head: TableHead) -> tuple[str, str]:
    listed = listed_columns(header.columns)
    if len(head.sheets) > 1:
        others = ", ".join(repr(name[:40]) for name in head.sheets if name != head.sheet)
        text = file_text("sheet_header_only", sheet=head.sheet[:40], listed=listed, others=others)
        return text.en, text.zh
    text = file_text("header_only", listed=listed)
    return text.en, text.zh


def must_give_entries(read: ReadEntries) -> ReadEntries:
    """Give what was read back if it has a good row: published without, it would empty its corpus.

    Raises:
        FileRefused: it has none; names the first problem.
    """
    if read.entries:
        return read
    errors = [one for one in read.problems if one.severity == "error"]
    first = errors[0] if errors else file_problem("no_rows")
    raise FileRefused(*file_text("no_entries", first=first.message, first_zh=first.message_zh))


def open_table(
    content: bytes, name: str, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Find out what a file is and begin to read it.

    Raises:
        FileRefused: empty, too large, foreign, broken, or in an unknown encoding.
    """
    if len(content) > MAX_FILE_BYTES:
        size, most = len(content) / 1024 / 1024, MAX_FILE_BYTES // 1024 // 1024
        raise FileTooLarge(*file_text("too_large", size=size, most=most))
    for magic, what in _FOREIGN:
        if content.startswith(magic):
            raise FileRefused(*file_text(what))
    if content.startswith(b"PK"):
        from knowledge_base.readers.workbook import read_workbook  # openpyxl: XLSX alone needs it

        return read_workbook(content, sheet)
    text, found = decode(content, encoding)
    if not text.strip("\ufeff \t\r\n"):
        raise FileRefused(*file_text("empty"))
    return _text_table(text, found, name)


def _text_table(text: str, encoding: str, name: str) -> Table:
    format_ = _FORMATS.get(Path(name).suffix.lower())
    if text.lstrip("\ufeff \t\r\n")[:_LONGEST_MARK].casefold().startswith(_WEB_PAGE):
        raise FileRefused(*file_text("web_page"))
    if format_ == "xlsx":
        raise FileRefused(*file_text("no_xlsx"))
    if format_ is None:
        format_ = "json" if text.lstrip()[:1] in ("[", "{") else "csv"
    if format_ == "json":
        columns, rows = _json(text)
        return Table(TableHead("json", encoding, columns), iter(rows))
    if format_ == "jsonl":
        columns, rows = json_rows.read_json_lines(text)
        return Table(TableHead("jsonl", encoding, columns), iter(rows))
    delimiter = "\t" if format_ == "tsv" else delimited.delimiter_of(text)
    return Table(TableHead(format_, encoding, None), delimited.rows_of(text, delimiter))


def _json(text: str) -> tuple[tuple[str, ...], list[Row | RowProblem]]:
    """A file called .json that holds one object a line is read as lines."""
    try:
        return json_rows.read_json(text)
    except FileRefused:
        first, _, rest = text.strip().partition("\n")
        if first.startswith("{") and first.rstrip().endswith("}") and rest.lstrip().startswith("{"):
            return json_rows.read_json_lines(text)
        raise


@dataclass(frozen=True, slots=True)
class _Header:
    """The header of a table, in which row it stands, and what stands above it."""

    columns: tuple[str, ...]
    row: int
    passed_over: tuple[RowProblem, ...] = ()


def _with_header(
    table: Table, mapping: ColumnMapping | None, has_header: bool
) -> tuple[_Header, Iterator[Row | RowProblem]]:
    """The header, and the rows below it."""
    if table.head.columns is not None:
        return _Header(table.head.columns, 0), table.rows
    first = list(itertools.islice(table.rows, HEADER_WITHIN_ROWS))
    rows = [row for row in first if isinstance(row, Row)]
    if not rows:
        raise FileRefused(*file_text("no_rows"))
    if not has_header:
        width = max(len(row.cells) for row in rows)
        numbers = tuple(str(number) for number in range(1, _checked_width(width) + 1))
        return _Header(numbers, 0), itertools.chain(first, table.rows)
    chosen = next((row for row in rows if _fits(row, mapping)), None) or _likely_header(rows)
    at = first.index(chosen)
    columns = tuple(_names(chosen))
    _checked_width(len(columns))
    passed_over = tuple(
        row
        if isinstance(row, RowProblem)
        else row_problem("above_header", row.number, severity="warning")
        for row in first[:at]
    )
    return _Header(columns, chosen.number, passed_over), itertools.chain(
        first[at + 1 :], table.rows
    )


def _likely_header(rows: list[Row]) -> Row:
    """The header of a table whose columns nobody knows: a title above it fills one cell."""
    return next((row for row in rows if sum(map(any, row.cells)) > 1), rows[0])


def _fits(row: Row, mapping: ColumnMapping | None) -> bool:
    names = _names(row)
    if mapping is not None:
        return set(mapping.columns()) <= set(names)
    return recognise(names) is not None


def _names(row: Row) -> list[str]:
    """The names in a header row; empty ones at its end are no columns."""
    names = [cell[0].strip() for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    return names


def _checked_width(width: int) -> int:
    if width > MAX_COLUMNS:
        raise FileTooLarge(*file_text("too_many_columns", width=width, most=MAX_COLUMNS))
    return width


def _other_sheets(head: TableHead) -> tuple[RowProblem, ...]:
    others = (name for name in head.sheets if name != head.sheet)
    return tuple(file_problem("other_sheet", sheet=name) for name in others)


def _telling(rows: Iterator[Row]) -> list[Row]:
    """The first rows with letters beyond ASCII: every offered encoding agrees on the others."""
    first: list[Row] = []
    found: list[Row] = []
    for row in rows:
        if len(first) < PREVIEW_ROWS:
            first.append(row)
        if not all(text.isascii() for cell in row.cells for text in cell):
            found.append(row)
        if len(found) == PREVIEW_ROWS:
            break
    return found or first


def _padded(row: Row, width: int) -> tuple[str, ...]:
    texts = [" | ".join(cell) for cell in row.cells[:width]]
    return (*texts, *[""] * (width - len(texts)))
