"""What a published version would become with a file's entries in it. Pure; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.entry import Entry, EntryId, Language
from knowledge_base.question_key import question_key

Key = tuple[EntryId, Language]


class MergeMode(StrEnum):
    """What happens to the entries that the corpus had before."""

    REPLACE_SOURCE = "replace_source"  # those that are not in the file any more go
    ADD = "add"  # they stay


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is in both, but not the same."""

    before: Entry
    after: Entry


@dataclass(frozen=True, slots=True)
class SharedQuestion:
    """One question that several entries of one language ask; the shopper gets asked which is meant.

    Attributes:
        question: as the first of them words it.
        entries: their ids, in order.
    """

    question: str
    language: Language
    entries: tuple[EntryId, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """The entries of the next version, and how they differ from those of the last.

    Attributes:
        entries: all of them, old order kept, new ones at the end.
        added, changed, removed: the difference, for a dry run.
        unchanged: how many stay as they are.
        shared_questions: questions that more than one entry asks after the merge.
    """

    entries: tuple[Entry, ...]
    added: tuple[Entry, ...]
    changed: tuple[Change, ...]
    removed: tuple[Entry, ...]
    unchanged: int
    shared_questions: tuple[SharedQuestion, ...]


def merge(
    previous: Sequence[Entry],
    imported: Sequence[Entry],
    source: str,
    mode: MergeMode = MergeMode.REPLACE_SOURCE,
) -> Merged:
    """Put the entries of one corpus into a knowledge base.

    An imported entry takes the place of the one with its id and language, whichever corpus that
    came from, and belongs to `source` from then on. Merging no entries in the mode
    `REPLACE_SOURCE` removes the corpus.
    """
    fresh = {_key(entry): _from(entry, source) for entry in imported}
    if len(fresh) != len(imported):
        raise ValueError("two imported entries have one id in one language")
    kept: list[Entry] = []
    changed: list[Change] = []
    removed: list[Entry] = []
    for entry in previous:
        after = fresh.pop(_key(entry), None)
        if after is not None:
            kept.append(after)
            if after != entry:
                changed.append(Change(entry, after))
        elif entry.source == source and mode is MergeMode.REPLACE_SOURCE:
            removed.append(entry)
        else:
            kept.append(entry)
    added = tuple(fresh.values())
    entries = (*kept, *added)
    return Merged(
        entries=entries,
        added=added,
        changed=tuple(changed),
        removed=tuple(removed),
        unchanged=len(kept) - len(changed),
        shared_questions=shared_questions(entries),
    )


def shared_questions(entries: Iterable[Entry]) -> tuple[SharedQuestion, ...]:
    """Questions that more than one entry of a language asks, in the order of their first one."""
    asked: dict[tuple[str, Language], tuple[str, dict[EntryId, None]]] = {}
    for entry in entries:
        for question in entry.questions:
            key = (question_key(question), entry.language)
            asked.setdefault(key, (question, {}))[1][entry.id] = None
    return tuple(
        SharedQuestion(question, language, tuple(ids))
        for (_, language), (question, ids) in asked.items()
        if len(ids) > 1
    )


def _key(entry: Entry) -> Key:
    return entry.id, entry.language


def _from(entry: Entry, source: str) -> Entry:
    return Entry(entry.id, entry.questions, entry.answer, entry.language, entry.category, source)
