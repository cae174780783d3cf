"""Reads what `shopkeeper mine` wrote: what a page may count on, and no more than it can hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from knowledge_base.entry import Language

MOST_TEXTS = 20
MOST_CHARACTERS = 8_000
MOST_QUESTION_CHARACTERS = 500
KINDS = ("new", "phrasings", "differs", "unanswered")


def checked_proposal(proposal: Any) -> dict[str, Any] | None:
    """A proposal with the fields that a page may count on; None for anything else."""
    match proposal:
        case {
            "id": str(id),
            "kind": str(kind),
            "language": ("zh" | "en") as language,
            "questions": [str(), *_] as questions,
            "answer": str(answer),
        } if kind in KINDS:
            about = _entry_named(proposal.get("entry"), language)
            # What nobody answered may name the entry that came nearest.
            if kind != "unanswered" and (about is None) != (kind == "new"):
                return None
            return {
                "id": id[:80],
                "kind": kind,
                "language": language,
                "chats": count_in(proposal.get("chats")),
                "questions": texts_in(questions, MOST_QUESTION_CHARACTERS),
                "answer": answer[:MOST_CHARACTERS],
                "wordings": texts_in(listed(proposal.get("wordings"))),
                "open": counts_in(proposal.get("open")),
                "entry": about,
            }
    return None


def _entry_named(entry: Any, language: Language) -> dict[str, Any] | None:
    source = entry.get("source") if isinstance(entry, dict) else None
    match entry:
        case {"id": str(id), "questions": [*questions], "answer": str(answer)}:
            return {
                "id": id,
                "language": language,
                "questions": texts_in(questions),
                "answer": answer[:MOST_CHARACTERS],
                "source": source[:MOST_QUESTION_CHARACTERS] if isinstance(source, str) else "",
            }
    return None


def texts_in(
    some: Iterable[Any], longest: int = MOST_CHARACTERS, most: int = MOST_TEXTS
) -> list[str]:
    """The texts among some values, none too long and not too many."""
    return [one[:longest] for one in some if isinstance(one, str)][:most]


def counts_in(value: Any) -> dict[str, int]:
    """How often what."""
    found = value.items() if isinstance(value, dict) else ()
    return {str(name)[:40]: count_in(count) for name, count in list(found)[:MOST_TEXTS]}


def listed(value: Any) -> list[Any]:
    """A list, empty for anything else."""
    return value if isinstance(value, list) else []


def count_in(value: Any) -> int:
    """A number of things, 0 for anything else."""
    return value if isinstance(value, int) and value > 0 else 0
