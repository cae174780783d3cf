"""Reads one hostile file inside limits: `python -m knowledge_base.readers.child`.

Standard input: one line of JSON that says what to do, then the bytes of the file. Standard output:
lines of JSON. Whatever a file does to its reader, it is done to this process alone.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from knowledge_base.readers.limits import (
    CHILD_CPU_SECONDS,
    CHILD_MEMORY_BYTES,
    MAX_CHILD_OUTPUT_BYTES,
)

if TYPE_CHECKING:
    from knowledge_base.readers.table import Table

_OPEN_FILES = 64


def limit_this_process() -> None:
    """Give up the right to more memory, time, files and output than a reader needs."""
    for kind, amount in (
        (resource.RLIMIT_AS, CHILD_MEMORY_BYTES),
        (resource.RLIMIT_CPU, CHILD_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_CHILD_OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (amount, amount))


def main(file: BinaryIO, out: TextIO) -> None:
    """Do what the first line asks with the bytes after it."""
    from knowledge_base.errors import FileRefused
    from knowledge_base.readers import wire

    asked = json.loads(file.readline())
    try:
        _answer(asked, file.read(), out)
    except FileRefused as error:
        _say(out, "refused", wire.refusal_of(error))
    except (MemoryError, RecursionError):
        _say(out, "too_large", None)


def _answer(asked: dict[str, Any], content: bytes, out: TextIO) -> None:
    from knowledge_base.entry_file import entry_object
    from knowledge_base.readers import wire
    from knowledge_base.readers.reading import inspect_table, open_table, read_table

    if asked["what"] == "chats":
        _chats(asked, content, out)
        return
    table = open_table(content, asked["name"], asked["encoding"], asked["sheet"])
    if asked["what"] == "rows":
        _rows(table, out)
        return
    if asked["what"] == "inspect":
        seen = inspect_table(
            table, asked["name"], len(content), asked["has_header"], asked["telling"]
        )
        _say(out, "inspection", wire.fields_of(seen))
        return
    read = read_table(
        table,
        source=asked["source"],
        mapping=wire.mapping_from(asked["mapping"]),
        language=asked["language"],
    )
    for entry in read.entries:
        _say(out, "entry", entry_object(entry))
    for problem in read.problems:
        _say(out, "problem", wire.fields_of(problem))
    _say(out, "end", {"rows": read.rows, "skipped_rows": read.skipped_rows})


def _rows(table: Table, out: TextIO) -> None:
    from knowledge_base.readers import wire
    from knowledge_base.readers.table import Row

    _say(out, "columns", table.head.columns)
    for row in table.rows:
        kind = "row" if isinstance(row, Row) else "problem"
        _say(out, kind, wire.fields_of(row))
    _say(out, "end", {"sheets": table.head.sheets})


def _chats(asked: dict[str, Any], content: bytes, out: TextIO) -> None:
    from knowledge_base.readers import wire
    from knowledge_base.readers.old_chats import read_old_chats

    read = read_old_chats(content, asked["name"], asked["encoding"], asked["staff"])
    for chat in read.chats:
        _say(out, "chat", [wire.fields_of(one) for one in chat.messages])
    for problem in read.problems:
        _say(out, "problem", wire.fields_of(problem))
    _say(out, "end", {"staff": list(read.staff)})


def _say(out: TextIO, what: str, value: Any) -> None:
    out.write(json.dumps([what, value], ensure_ascii=True) + "\n")


if __name__ == "__main__":
    limit_this_process()
    # openpyxl loads numpy only to recognise its numbers; that costs time and half the memory.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    main(sys.stdin.buffer, sys.stdout)
