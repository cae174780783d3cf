"""What the rest of the program calls: looks at files and reads them, in a limited child process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.entry import Entry, Language, RowProblem
from knowledge_base.entry_file import entry_from
from knowledge_base.errors import FileRefused, FileTooLarge
from knowledge_base.problem_texts import file_text
from knowledge_base.readers import wire
from knowledge_base.readers.columns import ColumnMapping
from knowledge_base.readers.limits import CHILD_WALL_SECONDS, MAX_FILE_BYTES
from knowledge_base.readers.old_chats import OldChat, OldMessage, ReadChats
from knowledge_base.readers.reading import FileInspection, ReadEntries
from knowledge_base.readers.table import Row

_MAX_NAME_CHARACTERS = 255
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class FileRows:
    """A table as it stands in its file.

    Attributes:
        columns: names of the fields of JSON; None where a header still stands among the rows.
        rows: in order, with what is wrong where one cannot be read.
        sheets: names of the sheets, of which one was read; empty but for XLSX.
    """

    columns: tuple[str, ...] | None
    rows: tuple[Row | RowProblem, ...]
    sheets: tuple[str, ...] = ()


def inspect_file(
    file: Path | bytes,
    name: str | None = None,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    has_header: bool = True,
    telling: bool = False,
    max_bytes: int = MAX_FILE_BYTES,
) -> FileInspection:
    """Look at a file before it is imported: its format, encoding, columns and first rows.

    Args:
        file: a path, or the bytes of an upload.
        name: what it was called, for its format; the path's own name when None.
        encoding: when the person knows it; see `encodings.KNOWN_ENCODINGS`.
        has_header: False when the first row is an entry already.
        telling: show rows by which a person can tell one encoding from another.

    Raises:
        FileRefused: and its kinds `FileTooLarge` and `UnknownEncoding`, with what to do.
    """
    content, name = _content(file, name, max_bytes)
    asked = {
        "what": "inspect", "name": name, "encoding": encoding, "sheet": sheet,
        "has_header": has_header, "telling": telling,
    }  # fmt: skip
    for what, value in _in_child(asked, content):
        if what == "inspection":
            return wire.inspection_from(value)
    raise _broken_off()


def read_entries(
    file: Path | bytes,
    name: str | None = None,
    *,
    mapping: ColumnMapping | None = None,
    language: Language | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    source: str | None = None,
    max_bytes: int = MAX_FILE_BYTES,
) -> ReadEntries:
    """Read every entry of a file; every row that gives none is named in the problems.

    Args:
        mapping: which column holds what; recognised by their names when None.
        language: of every entry; None to take the column's, or tell it from each text.
        source: name of the corpus; the file's name when None.

    Raises:
        FileRefused: and its kinds, when the file as a whole cannot be taken.
        ColumnsNotRecognised: no mapping was given and none was recognised.
    """
    content, name = _content(file, name, max_bytes)
    asked = {
        "what": "read", "name": name, "encoding": encoding, "sheet": sheet, "language": language,
        "source": source if source is not None else name,
        "mapping": None if mapping is None else wire.fields_of(mapping),
    }  # fmt: skip
    entries: list[Entry] = []
    problems: list[RowProblem] = []
    for what, value in _in_child(asked, content):
        if what == "entry":
            entries.append(entry_from(value))
        elif what == "problem":
            problems.append(wire.problem_from(value))
        elif what == "end":
            return ReadEntries(tuple(entries), tuple(problems), **value)
    raise _broken_off()


def read_chats(
    file: Path | bytes,
    name: str | None = None,
    *,
    staff: Sequence[str] = (),
    encoding: str | None = None,
    max_bytes: int = MAX_FILE_BYTES,
) -> ReadChats:
    """Read old chats of shoppers with staff; see `old_chats` for the forms they may have.

    Args:
        staff: names, as the file has them, that are the shop's.

    Raises:
        FileRefused: and its kinds, when the file as a whole cannot be taken.
        ColumnsNotRecognised: a table does not tell conversation, speaker and words.
    """
    content, name = _content(file, name, max_bytes)
    asked = {"what": "chats", "name": name, "encoding": encoding, "staff": list(staff)}
    chats: list[OldChat] = []
    problems: list[RowProblem] = []
    for what, value in _in_child(asked, content):
        if what == "chat":
            chats.append(OldChat(tuple(OldMessage(**one) for one in value)))
        elif what == "problem":
            problems.append(wire.problem_from(value))
        elif what == "end":
            return ReadChats(tuple(chats), tuple(value["staff"]), tuple(problems))
    raise _broken_off()


def read_rows(
    file: Path | bytes, name: str | None = None, *, max_bytes: int = MAX_FILE_BYTES
) -> FileRows:
    """Read the rows of a table as they stand, whatever its columns are called.

    Raises:
        FileRefused: and its kinds, when the file as a whole cannot be taken.
    """
    content, name = _content(file, name, max_bytes)
    columns: tuple[str, ...] | None = None
    rows: list[Row | RowProblem] = []
    for what, value in _in_child(
        {"what": "rows", "name": name, "encoding": None, "sheet": None}, content
    ):
        if what == "columns":
            columns = None if value is None else tuple(value)
        elif what == "row":
            rows.append(Row(value["number"], tuple(map(tuple, value["cells"]))))
        elif what == "problem":
            rows.append(wire.problem_from(value))
        elif what == "end":
            return FileRows(columns, tuple(rows), tuple(value["sheets"]))
    raise _broken_off()


def _content(file: Path | bytes, name: str | None, max_bytes: int) -> tuple[bytes, str]:
    if isinstance(file, bytes):
        size, content = len(file), file
    else:
        name = name or file.name
        try:
            size = file.stat().st_size
            with file.open("rb") as opened:  # a device or a pipe tells no size beforehand
                content = opened.read(max_bytes + 1) if size <= max_bytes else b""
            size = max(size, len(content))
        except OSError as error:
            raise FileRefused(*file_text("unreadable", file=file, reason=error.strerror)) from error
    if size > max_bytes:
        most = max_bytes / 1024 / 1024
        raise FileTooLarge(*file_text("over_the_setting", size=size / 1024 / 1024, most=most))
    return content, (name or "upload")[-_MAX_NAME_CHARACTERS:]


def _in_child(asked: dict[str, Any], content: bytes) -> Iterator[tuple[str, Any]]:
    """Everything the child says of a file, once it has ended.

    Its output goes into a temporary file, whose size the child's own limits bound.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(json.dumps(asked).encode("ascii") + b"\n")
        given.write(content)
        given.seek(0)
        try:
            child = subprocess.run(
                [sys.executable, "-s", "-m", "knowledge_base.readers.child"],
                stdin=given,
                stdout=said,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "LANG": "C.UTF-8"},
                timeout=CHILD_WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _takes_too_much() from error
        said.seek(0)
        for line in said:
            if not line.endswith(b"\n"):
                break  # the child was stopped in the middle of it
            what, value = json.loads(line)
            if what == "refused":
                raise wire.error_from(value)
            if what == "too_large":
                raise _takes_too_much()
            yield what, value
        if child.returncode:
            raise _takes_too_much()


def _takes_too_much() -> FileTooLarge:
    return FileTooLarge(*file_text("takes_too_much"))


def _broken_off() -> FileRefused:
    return FileRefused(*file_text("broken_off"))
