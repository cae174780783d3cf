"""The lines of JSON that the limited child and its parent exchange: records both ways."""

from __future__ import annotations

import dataclasses
from typing import Any

from knowledge_base.entry import RowProblem
from knowledge_base.errors import (
    ColumnsNotRecognised,
    FileRefused,
    FileTooLarge,
    NothingBelowHeader,
    UnknownEncoding,
)
from knowledge_base.readers.columns import ColumnMapping
from knowledge_base.readers.reading import FileInspection

_ERRORS = {kind.code: kind for kind in (FileRefused, FileTooLarge, NothingBelowHeader)}


def fields_of(record: Any) -> Any:
    """A record as JSON values, without half characters, which cannot be written or shown."""
    return _storable(dataclasses.asdict(record))


def mapping_from(fields: dict[str, Any] | None) -> ColumnMapping | None:
    """A mapping from what `fields_of` made of it."""
    if fields is None:
        return None
    return ColumnMapping(**{**fields, "similar": tuple(fields["similar"])})


def problem_from(fields: dict[str, Any]) -> RowProblem:
    """A row problem from what `fields_of` made of it."""
    return RowProblem(**fields)


def inspection_from(fields: dict[str, Any]) -> FileInspection:
    """An inspection from what `fields_of` made of it."""
    lists = {
        "sheets": tuple(fields["sheets"]),
        "columns": tuple(fields["columns"]),
        "preview": tuple(tuple(row) for row in fields["preview"]),
        "mapping": mapping_from(fields["mapping"]),
    }
    return FileInspection(**{**fields, **lists})


def refusal_of(error: FileRefused) -> dict[str, Any]:
    """An error as JSON values."""
    found: tuple[str, ...] = ()
    if isinstance(error, ColumnsNotRecognised):
        found = error.columns
    if isinstance(error, UnknownEncoding):
        found = error.candidates
    refusal: dict[str, Any] = _storable(
        {"code": error.code, "message": str(error), "zh": error.zh, "found": list(found)}
    )
    return refusal


def error_from(refusal: dict[str, Any]) -> FileRefused:
    """An error from what `refusal_of` made of it."""
    text, found = (str(refusal["message"]), str(refusal["zh"])), tuple(refusal["found"])
    if refusal["code"] == ColumnsNotRecognised.code:
        return ColumnsNotRecognised(*text, found)
    if refusal["code"] == UnknownEncoding.code:
        return UnknownEncoding(*text, found)
    return _ERRORS.get(refusal["code"], FileRefused)(*text)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", errors="replace").decode("utf-8")
    if isinstance(value, dict):
        return {name: _storable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    return value
