"""The rows of a labelled file, whatever program wrote it and whatever it calls its columns.

CSV with any delimiter, in any encoding that can be told, XLSX, JSON and JSON lines. Knows the usual
names of columns, and nothing of what they are for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from knowledge_base.entry import RowProblem
from knowledge_base.errors import FileRefused
from knowledge_base.problem_texts import EXAMPLE_ENTRY, Both, file_text
from knowledge_base.question_key import question_key
from knowledge_base.readers import read_rows as read_table_rows
from knowledge_base.readers.delimited import delimiter_of
from knowledge_base.readers.limits import HEADER_WITHIN_ROWS
from training.refusal_texts import LabelledTextRefused, refused

MAX_FILE_BYTES = 200_000_000
MAX_CELL_CHARACTERS = 10_000_000  # the csv module's own limit would refuse a file for one long cell
SHOWN_CHARACTERS = 200
"""Of a first row that names no columns; a file of another kind may be one long line."""
ROWS_NAMED = 8
_TABLES = frozenset({".xlsx", ".xlsm", ".json", ".jsonl", ".ndjson"})

# What others call a column, the likeliest first.
OTHER_NAMES = {
    "text": "text utterance utt sentence phrase query question message instruction input content "
    "example 文本 说法 话术 语句 句子 问句 问法 问题 用户问题 用户输入 例句 内容".split(),
    "intent": "intent intentname label_text labelname label category class topic labels target "
    "意图 意图名称 标签 标签名称 类别 分类".split(),
    "id": "relevant wanted expected gold entry entry_id faq_id answer_id question_id "
    "编号 条目编号 答案编号 知识编号 问题编号".split(),
}
# Beside a column of these, "id" is that of the question itself and not of its entry.
_MEANT = frozenset({"relevant", "wanted", "expected", "gold"})


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a labelled file.

    Attributes:
        number: counted from 1 as a spreadsheet does.
        cells: by the names that were asked for.
        beyond: how many filled cells it has that stand below no heading.
    """

    number: int
    cells: dict[str, str]
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class FileTable:
    """The rows of a labelled file, and what is odd about it.

    Attributes:
        taken: name asked for -> heading that was taken for it, where that is another one.
        above: numbers of the rows above the heading.
        unread: what is wrong with rows that could not be read.
    """

    rows: tuple[FileRow, ...]
    taken: dict[str, str]
    above: tuple[int, ...] = ()
    unread: tuple[RowProblem, ...] = ()


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file as (row number, cells of the named columns); empty lines are left out.

    Raises:
        LabelledTextRefused: says which column is missing, which rows cannot be read, or how to save
            the file.
    """
    table = read_file(path, columns)
    odd = [row.number for row in table.rows if row.beyond]
    if odd:
        raise refused("more_cells", file=path.name, rows=_listed(odd), rows_zh=_listed_zh(odd))
    if table.unread:
        raise _about(path, Both(table.unread[0].message, table.unread[0].both["zh"]))
    for row in table.rows:
        yield row.number, row.cells


def read_file(path: Path, columns: Sequence[str]) -> FileTable:
    """Read a file that has these columns, or others that are usual for them.

    Raises:
        LabelledTextRefused: says what to do.
    """
    content = _content(path)
    text = None if path.suffix.lower() in _TABLES or content[:2] == b"PK" else _decoded(content)
    if text is None:
        return _of_any_kind(path, content, columns)
    return _delimited(path, text, columns)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise refused("too_large", file=path.name, most=MAX_FILE_BYTES // 1_000_000)
        return path.read_bytes()
    except OSError as error:
        raise LabelledTextRefused(f"{path} cannot be read: {error.strerror}.") from None


def _decoded(content: bytes) -> str | None:
    """The text of a UTF-8 file; None for any other."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text[:SHOWN_CHARACTERS] else text  # UTF-16 without a mark


def _delimited(path: Path, text: str, columns: Sequence[str]) -> FileTable:
    """Read a UTF-8 file here: it may be ten times as large as what the limited child takes."""
    delimiter = "\t" if path.suffix.lower() in (".tsv", ".tab") else delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    previous = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        return _table(path, enumerate(reader, start=1), columns)
    except csv.Error as error:
        line = reader.line_num
        raise refused("quotation_marks", file=path.name, line=line, reason=error) from None
    finally:
        csv.field_size_limit(previous)


def _of_any_kind(path: Path, content: bytes, columns: Sequence[str]) -> FileTable:
    """Read a file in the limited child, as knowledge is read."""
    try:
        read = read_table_rows(content, path.name)
    except FileRefused as error:
        example = ", ".join(f'"{name}": "…"' for name in columns)
        said = [text.replace(EXAMPLE_ENTRY, f"{{{example}}}") for text in (str(error), error.zh)]
        raise _about(path, Both(*said)) from None
    unread = tuple(one for one in read.rows if isinstance(one, RowProblem))
    rows: list[tuple[int, list[str]]] = []
    for row in read.rows:
        if not isinstance(row, RowProblem):
            rows += _single(row.number, row.cells)
    if read.columns is not None:
        rows.insert(0, (0, list(read.columns)))
    table = _table(path, rows, columns)
    return FileTable(table.rows, table.taken, table.above, unread)


def _single(number: int, cells: Sequence[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    """A row; one for each text where a cell of JSON lists several."""
    for at in range(max((len(cell) for cell in cells), default=0)):
        yield number, [cell[at] if len(cell) > 1 else "".join(cell) for cell in _even(cells, at)]


def _even(cells: Sequence[Sequence[str]], at: int) -> Iterator[Sequence[str]]:
    for cell in cells:
        yield cell if len(cell) < 2 or at < len(cell) else ("",)


def _table(
    path: Path, rows: Iterable[tuple[int, Sequence[str]]], columns: Sequence[str]
) -> FileTable:
    """Find the heading, and give the cells below it.

    Raises:
        LabelledTextRefused: no row names the columns.
    """
    rows = iter(rows)
    above: list[tuple[int, Sequence[str]]] = []
    for number, cells in islice(rows, HEADER_WITHIN_ROWS):
        found = _positions(cells, columns)
        if found is None:
            above.append((number, cells))
            continue
        below = tuple(
            _row(number, below, found, len(cells)) for number, below in rows if _filled(below)
        )
        taken = {name: cells[at].strip() for name, at in found.items()}
        others = {name: own for name, own in taken.items() if own.casefold() != name.casefold()}
        return FileTable(below, others, tuple(at for at, one in above if _filled(one)))
    raise _without_columns(path, above, columns)


def _row(number: int, cells: Sequence[str], found: dict[str, int], width: int) -> FileRow:
    named = {name: cells[at] if at < len(cells) else "" for name, at in found.items()}
    return FileRow(number, named, sum(bool(cell.strip()) for cell in cells[width:]))


def _filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _positions(cells: Sequence[str], columns: Sequence[str]) -> dict[str, int] | None:
    """Where each column stands, by its own name or by another; None where one is missing."""
    heading = [cell.strip().casefold() for cell in cells]
    keys = [question_key(cell) for cell in heading]
    found: dict[str, int] = {}
    for name in columns:
        if name == "id" and not _MEANT.isdisjoint(heading):
            continue
        if name.casefold() in heading:
            found[name] = heading.index(name.casefold())
    for name in columns:
        for other in () if name in found else OTHER_NAMES.get(name, ()):
            key = question_key(other)
            if key in keys and keys.index(key) not in found.values():
                found[name] = keys.index(key)
                break
    return found if len(found) == len(columns) else None


def _without_columns(
    path: Path, above: Sequence[tuple[int, Sequence[str]]], columns: Sequence[str]
) -> LabelledTextRefused:
    first = next((cells for _, cells in above if _filled(cells)), None)
    if first is None:
        return _about(path, file_text("empty"))
    heading = [cell.strip() for cell in first]
    own = {question_key(cell) for cell in heading}
    missing = [
        name
        for name in columns
        if not own & set(map(question_key, (name, *OTHER_NAMES.get(name, ()))))
    ]
    shown = ", ".join(heading)
    if len(shown) > SHOWN_CHARACTERS:
        shown = f"{shown[:SHOWN_CHARACTERS]} …"
    others = [f"{name}: {', '.join(OTHER_NAMES[name])}" for name in missing if name in OTHER_NAMES]
    lacking = list(map(repr, missing or columns))
    return refused(
        "no_columns",
        file=path.name,
        lacking=" and ".join(lacking),
        lacking_zh="、".join(lacking),
        first=shown,
        columns=",".join(columns),
        usual=f"Also known, as {'; as '.join(others)}." if others else "",
    )


def _about(path: Path, said: Both) -> LabelledTextRefused:
    """A refusal of a file in words that the knowledge base has for it."""
    both = Both(f"{path.name}: {said.en}", f"{path.name}：{said.zh}")
    return LabelledTextRefused(both.en, both)


def _listed(rows: Sequence[int]) -> str:
    more = f" and {len(rows) - ROWS_NAMED} more" if len(rows) > ROWS_NAMED else ""
    return ", ".join(map(str, rows[:ROWS_NAMED])) + more


def _listed_zh(rows: Sequence[int]) -> str:
    more = f" 等 {len(rows)}" if len(rows) > ROWS_NAMED else ""
    return "、".join(map(str, rows[:ROWS_NAMED])) + more
