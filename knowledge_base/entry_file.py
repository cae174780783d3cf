"""Entries as lines of JSON: the one form in which a version keeps what it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from knowledge_base.entry import Entry, EntryId


def entry_line(entry: Entry) -> str:
    """One entry as one line of JSON, without the line end."""
    return json.dumps(entry_object(entry), ensure_ascii=False)


def entry_object(entry: Entry) -> dict[str, Any]:
    """One entry as a JSON object with the fields in the order of the documentation.

    `learnt` is there only where there is something: versions from before it stay as they are, to
    the byte, and a program from before it reads those that have it.
    """
    learnt = {"learnt": list(entry.learnt)} if entry.learnt else {}
    return {
        "id": entry.id,
        "question": list(entry.questions),
        "answer": entry.answer,
        "language": entry.language,
        "category": entry.category,
        "source": entry.source,
        **learnt,
    }


def entries_text(entries: Iterable[Entry]) -> str:
    """Entries as JSON lines."""
    return "".join(entry_line(entry) + "\n" for entry in entries)


def entries_from(text: str) -> tuple[Entry, ...]:
    """Read what `entries_text` wrote.

    Raises:
        ValueError: something else stands there.
    """
    return tuple(entry_from(json.loads(line)) for line in text.split("\n") if line)


def entry_from(fields: Any) -> Entry:
    """Read what `entry_object` made.

    Raises:
        ValueError: it is something else.
    """
    match fields:
        case {
            "id": str(id_),
            "question": [*questions],
            "answer": str(answer),
            "language": ("zh" | "en") as language,
            "category": str(category),
            "source": str(source),
        } if questions and all(isinstance(one, str) for one in questions):
            asked, learnt = tuple(questions), _learnt(fields, questions)
            return Entry(EntryId(id_), asked, answer, language, category, source, learnt)
    raise ValueError("a line is not an entry")


def _learnt(fields: dict[str, Any], questions: list[str]) -> tuple[str, ...]:
    learnt = fields.get("learnt", [])
    if not isinstance(learnt, list) or not all(one in questions for one in learnt):
        raise ValueError("what an entry has learnt is not among its questions")
    return tuple(learnt)
