"""Reads JSON and JSON lines into rows. Numbers stay as they are written; NaN is no JSON.

Accepted: a list of objects, an object that holds one such list, one object with a question and an
answer, an object of question -> answer, or one object a line. A list of texts in a field is
several phrasings.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from knowledge_base.entry import RowProblem
from knowledge_base.errors import FileRefused
from knowledge_base.problem_texts import file_text, row_problem
from knowledge_base.readers.columns import recognised_role
from knowledge_base.readers.limits import MAX_COLUMNS, MAX_JSON_DEPTH
from knowledge_base.readers.table import Cell, Row

_MARKS = re.compile(r'\\.|["\[\]{}]', re.DOTALL)  # an escaped quote is passed over


def read_json(text: str) -> tuple[tuple[str, ...], list[Row | RowProblem]]:
    """The names of the fields, and every object of a JSON file.

    Raises:
        FileRefused: not JSON, too deep, or of another form.
    """
    try:
        document = _parsed(text)
    except ValueError as error:
        raise FileRefused(*file_text("file_not_json", reason=error)) from error
    return _table([(at, one) for at, one in enumerate(_objects(document), start=1)])


def read_json_lines(text: str) -> tuple[tuple[str, ...], list[Row | RowProblem]]:
    """The names of the fields, and the object of every line; a line that is none is named."""
    return _table(_lines(text))


def _lines(text: str) -> list[tuple[int, Any]]:
    objects: list[tuple[int, Any]] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            objects.append((number, _parsed(line)))
        except ValueError as error:
            objects.append((number, row_problem("not_json", number, reason=error)))
    return objects


def objects_in(text: str) -> list[tuple[int, Any]]:
    """Every object of a JSON file, or of each line of JSON lines, with its place.

    A line that is no JSON is a RowProblem; a file that is no JSON, nor lines of it, has no objects.
    """
    try:
        document = _parsed(text)
    except ValueError:
        return _lines(text)
    return list(enumerate(document if isinstance(document, list) else [document], start=1))


def _parsed(text: str) -> Any:
    _check_depth(text)
    return json.loads(
        text,
        parse_int=str,
        parse_float=str,
        parse_constant=_refuse_constant,
        object_pairs_hook=_without_duplicates,
    )


def _check_depth(text: str) -> None:
    """Count brackets before parsing: the parser itself would end in a deep recursion."""
    depth, in_text = 0, False
    for mark in _MARKS.finditer(text):
        if mark[0] == '"':
            in_text = not in_text
        elif in_text:
            continue
        elif mark[0] in "[{":
            depth += 1
        elif mark[0] in "]}":
            depth -= 1
        if depth > MAX_JSON_DEPTH:
            raise ValueError(f"it is nested more than {MAX_JSON_DEPTH} deep")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names one field twice")
    return found


def _objects(document: Any) -> list[Any]:
    """The list of entries in any of the accepted forms."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise FileRefused(*file_text("json_of_another_form"))
    roles = {recognised_role(name) for name in document}
    if {"question", "answer"} <= roles:
        return [document]
    lists = [value for value in document.values() if isinstance(value, list)]
    if len(lists) == 1 and any(isinstance(one, dict) for one in lists[0]):
        return lists[0]
    if document and all(isinstance(value, str) for value in document.values()):
        return [{"question": name, "answer": value} for name, value in document.items()]
    raise FileRefused(*file_text("json_without_entries"))


def _table(objects: list[tuple[int, Any]]) -> tuple[tuple[str, ...], list[Row | RowProblem]]:
    columns: dict[str, int] = {}
    for _, one in objects:
        if isinstance(one, dict):
            for name in one:
                columns.setdefault(name, len(columns))
        if len(columns) > MAX_COLUMNS:
            raise FileRefused(*file_text("too_many_fields", most=MAX_COLUMNS))
    if not columns and not any(isinstance(one, RowProblem) for _, one in objects):
        raise FileRefused(*file_text("json_without_objects"))
    return tuple(columns), [_row(number, one, columns) for number, one in objects]


def _row(number: int, one: Any, columns: dict[str, int]) -> Row | RowProblem:
    if isinstance(one, RowProblem):
        return one
    if not isinstance(one, dict):
        return row_problem("not_an_object", number)
    cells: list[Cell] = [("",)] * len(columns)
    for name, value in one.items():
        texts = _texts(value)
        if texts is None:
            return row_problem("not_text", number, name)
        cells[columns[name]] = texts
    return Row(number, tuple(cells))


def _texts(value: Any) -> Cell | None:
    if isinstance(value, str):  # numbers come as the text they were written in
        return (value,)
    if value is None or value == []:
        return ("",)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return None
