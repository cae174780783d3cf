"""Reads questions and answers, and old chats, from files that anybody may have made.

CSV, TSV, XLSX, JSON and JSON lines, in any encoding that can be told with certainty. Nothing is
cut or dropped silently: a row becomes part of an entry, or a `RowProblem` names it.
"""

from knowledge_base.readers.columns import ColumnMapping
from knowledge_base.readers.old_chats import OldChat, OldMessage, ReadChats
from knowledge_base.readers.reading import FileInspection, ReadEntries
from knowledge_base.readers.uploads import (
    FileRows,
    inspect_file,
    read_chats,
    read_entries,
    read_rows,
)

__all__ = [
    "ColumnMapping",
    "FileInspection",
    "FileRows",
    "OldChat",
    "OldMessage",
    "ReadChats",
    "ReadEntries",
    "inspect_file",
    "read_chats",
    "read_entries",
    "read_rows",
]
