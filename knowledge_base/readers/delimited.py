"""Reads CSV and TSV text into rows; a row that cannot be read is named, and the next one read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from knowledge_base.entry import RowProblem
from knowledge_base.problem_texts import row_problem
from knowledge_base.readers.limits import MAX_FILE_BYTES
from knowledge_base.readers.table import Row

_DELIMITERS = ",;\t|"  # Excel writes ";" where "," is the decimal sign
_SNIFFED_CHARACTERS = 64 * 1024


def delimiter_of(text: str) -> str:
    """The delimiter that stands most often outside quotes in the first line that has one."""
    for line in text[:_SNIFFED_CHARACTERS].splitlines():
        outside = "".join(line.split('"')[0::2])
        counts = {one: outside.count(one) for one in _DELIMITERS}
        best = max(counts, key=lambda one: counts[one])
        if counts[best]:
            return best
    return ","


def rows_of(text: str, delimiter: str) -> Iterator[Row | RowProblem]:
    """Every row; an empty line counts as one but is not given."""
    csv.field_size_limit(MAX_FILE_BYTES)  # cells are measured later, with their row and column
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        first_line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _unreadable(number, first_line, reader.line_num, str(error))
            continue
        if any(cells):
            yield Row(number, tuple((cell,) for cell in cells))


def _unreadable(number: int, first_line: int, last_line: int, reason: str) -> RowProblem:
    one = first_line == last_line
    code = "unclosed_quotes" if "end of data" in reason else "broken_quotes"
    return row_problem(
        code,
        number,
        lines=f"line {first_line}" if one else f"lines {first_line}-{last_line}",
        lines_zh=f"文件第 {first_line} 行" if one else f"文件第 {first_line} 至 {last_line} 行",
        reason=reason,
    )
