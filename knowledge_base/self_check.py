"""Asks a version every question it was given and lists those that lead elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.entry import Entry, Hit
from knowledge_base.phrasings import Progress
from knowledge_base.problem_texts import Both, check_text
from knowledge_base.search import Searcher

ASKED_AT_ONCE = 64


class SelfCheckReason(StrEnum):
    """Why a question does not return its own answer."""

    SHARED_QUESTION = "shared_question"  # another entry asks the same words
    NEARER_ENTRY = "nearer_entry"  # the model finds another entry nearer
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class SelfCheckProblem:
    """One published question that does not return its own answer.

    Attributes:
        entry: the entry that asks it.
        question: the phrasing.
        found: what came first instead, None when nothing was found.
        reason: why.
        message: the same in words, in both languages, with what to do.
    """

    entry: Entry
    question: str
    found: Hit | None
    reason: SelfCheckReason
    message: Both


def self_check(
    searcher: Searcher, *, exact: bool = True, progress: Progress | None = None
) -> list[SelfCheckProblem]:
    """Ask every published question once.

    Args:
        exact: as shoppers are served. False asks the model even for exact questions, which shows
            entries that are too alike to be told apart when a shopper uses other words.
        progress: called with how many questions were asked.
    """
    return list(_problems(searcher, exact, progress))


def _problems(
    searcher: Searcher, exact: bool, progress: Progress | None
) -> Iterator[SelfCheckProblem]:
    phrasings = searcher.phrasings
    for language in ("zh", "en"):
        asked = [p for p in phrasings if searcher.entries[p.entry].language == language]
        for start in range(0, len(asked), ASKED_AT_ONCE):
            batch = asked[start : start + ASKED_AT_ONCE]
            results = searcher.search_batch(
                [p.question for p in batch], k=5, language=language, exact=exact
            )
            for phrasing, result in zip(batch, results, strict=True):
                problem = _judged(searcher.entries[phrasing.entry], phrasing.question, result.hits)
                if problem:
                    yield problem
            if progress:
                progress(start + len(batch), len(asked))


def _judged(entry: Entry, question: str, hits: tuple[Hit, ...]) -> SelfCheckProblem | None:
    """The problem of one question; none when the first hit says what the entry says."""
    if not hits:
        return _problem(entry, question, None, SelfCheckReason.NOT_FOUND)
    rivals = [hit for hit in hits if hit.exact and hit.entry.answer != entry.answer]
    if rivals:
        return _problem(entry, question, rivals[0], SelfCheckReason.SHARED_QUESTION)
    if hits[0].entry.answer == entry.answer:
        return None
    return _problem(entry, question, hits[0], SelfCheckReason.NEARER_ENTRY)


def _problem(
    entry: Entry, question: str, found: Hit | None, reason: SelfCheckReason
) -> SelfCheckProblem:
    message = check_text(
        reason.value,
        question=question,
        entry=entry.id,
        other=found.entry.id if found else "",
        nearer=found.question if found else "",
    )
    return SelfCheckProblem(entry, question, found, reason, message)
