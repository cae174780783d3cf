"""What a published version would become with a file's entries in it. Pure; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge_base.counted_ids import told_apart
from knowledge_base.entry import Entry, EntryId, Language, RowProblem
from knowledge_base.question_key import question_key

Key = tuple[EntryId, Language]


class MergeMode(StrEnum):
    """What happens to the entries that the corpus had before."""

    REPLACE_SOURCE = "replace_source"  # those that are not in the file any more go
    ADD = "add"  # they stay
    LEARN = "learn"  # they stay, also where they are: the file only adds phrasings and answers


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
        learnt: how many phrasings of the imported entries were learnt from old chats, which the
            file does not have, and stay.
        forgotten: how many of them go, with their entries or because that was wished.
        problems: what to tell of the file beside the others.
    """

    entries: tuple[Entry, ...]
    added: tuple[Entry, ...]
    changed: tuple[Change, ...]
    removed: tuple[Entry, ...]
    unchanged: int
    shared_questions: tuple[SharedQuestion, ...]
    learnt: int = 0
    forgotten: int = 0
    problems: tuple[RowProblem, ...] = ()


def merge(
    previous: Sequence[Entry],
    imported: Sequence[Entry],
    source: str,
    mode: MergeMode = MergeMode.REPLACE_SOURCE,
    keep_learnt: bool = True,
) -> Merged:
    """Put the entries of one corpus into a knowledge base.

    An imported entry takes the place of the one with its id and language, whichever corpus that
    came from, and belongs to `source` from then on; but not for an id that only counts rows
    (`counted_ids.py`). Phrasings that the old one had learnt from old chats stay with it, whatever
    its answer is by now. In the mode `LEARN` the old one stays where it is: it learns the questions
    that are new to it, and takes the answer. Merging no entries in the mode `REPLACE_SOURCE`
    removes the corpus.

    Args:
        keep_learnt: whether phrasings that were learnt stay with entries that are imported again.
    """
    imported, problems = told_apart(previous, imported, source)
    fresh = {_key(entry): _from(entry, source) for entry in imported}
    if len(fresh) != len(imported):
        raise ValueError("two imported entries have one id in one language")
    kept: list[Entry] = []
    changed: list[Change] = []
    removed: list[Entry] = []
    learnt = forgotten = 0
    for entry in previous:
        own = fresh.pop(_key(entry), None)
        if own is None and entry.source == source and mode is MergeMode.REPLACE_SOURCE:
            removed.append(entry)
            continue
        after = entry if own is None else _imported_again(entry, own, mode, keep_learnt)
        kept.append(after)
        if after != entry:
            changed.append(Change(entry, after))
        if own is not None and entry.learnt and mode is not MergeMode.LEARN:
            learnt += len(after.learnt)
            forgotten += len(_not_asked_by(own, entry.learnt)) - len(after.learnt)
    handed_on = _hand_on(removed, fresh) if keep_learnt else 0
    added = tuple(fresh.values())
    entries = (*kept, *added)
    return Merged(
        entries=entries,
        added=added,
        changed=tuple(changed),
        removed=tuple(removed),
        unchanged=len(kept) - len(changed),
        shared_questions=shared_questions(entries),
        learnt=learnt + handed_on,
        forgotten=forgotten + sum(len(one.learnt) for one in removed) - handed_on,
        problems=problems,
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
    return replace(entry, source=source, learnt=())


def _hand_on(removed: Iterable[Entry], added: dict[Key, Entry]) -> int:
    """Let entries that come back under another id keep what they have learnt; tells how much.

    A file without ids has them made of its first questions. An entry comes back as the one that
    asks one of its own questions.
    """
    asked = {
        (question_key(question), entry.language): key
        for key, entry in added.items()
        for question in entry.questions
    }
    handed_on = 0
    for entry in removed:
        own = [one for one in entry.questions if one not in entry.learnt] if entry.learnt else []
        places = [asked.get((question_key(one), entry.language)) for one in own]
        for key in [place for place in places if place is not None][:1]:
            more = _not_asked_by(added[key], entry.learnt)
            added[key] = _with(added[key], more)
            handed_on += len(entry.learnt)
    return handed_on


def _imported_again(entry: Entry, own: Entry, mode: MergeMode, keep_learnt: bool) -> Entry:
    """What becomes of an entry that the file has too, as `own`."""
    if mode is MergeMode.LEARN:
        return _taught(entry, own)
    if not keep_learnt or not entry.learnt:
        return own
    return _with(own, _not_asked_by(own, entry.learnt))


def _taught(entry: Entry, lesson: Entry) -> Entry:
    """An entry with the questions that are new to it, and the answer of a lesson."""
    more = _not_asked_by(entry, lesson.questions)
    return replace(_with(entry, more), answer=lesson.answer)


def _with(entry: Entry, more: tuple[str, ...]) -> Entry:
    questions, learnt = (*entry.questions, *more), (*entry.learnt, *more)
    return replace(entry, questions=questions, learnt=learnt)


def _not_asked_by(entry: Entry, questions: Iterable[str]) -> tuple[str, ...]:
    """Questions that differ from all of an entry in more than case and punctuation."""
    asked = {question_key(one) for one in entry.questions}
    more: dict[str, str] = {}
    for one in questions:
        if question_key(one) not in asked:
            more.setdefault(question_key(one), one)
    return tuple(more.values())
