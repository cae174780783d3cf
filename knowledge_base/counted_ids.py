"""Ids that only count the rows of a file: "1" of one file is not "1" of another.

Exports number their rows from 1. Two of them imported after each other would take each other's
entries away, or pass for one fact in two languages; so what asks no question in common gets an
id of its own. Ids with letters in them are the shop's own and mean what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

from knowledge_base.entry import Entry, EntryId, RowProblem
from knowledge_base.problem_texts import file_problem
from knowledge_base.question_key import question_key

_MOST_OF_A_NAME = 100  # characters of a file's name, in an id of at most 128
_SHOWN = 5
# What tells files apart that hold the same in two languages: "faq.zh.csv", "faq_en.csv".
_LANGUAGE = re.compile(
    r"[\W_]*(?:zh|cn|en|us|gb|hans|chinese|english|中文|英文|简体|汉语|英语)(?=[\W_]|$)[\W_]*",
    re.IGNORECASE,
)


def told_apart(
    previous: Sequence[Entry], imported: Sequence[Entry], source: str
) -> tuple[list[Entry], tuple[RowProblem, ...]]:
    """The imported entries, those with another file's number renamed, and what to tell of that.

    Args:
        previous: what is there, of all corpora.
        source: the corpus of the imported entries.
    """
    own = {(one.id, one.language) for one in previous if one.source == source}
    others: dict[EntryId, list[Entry]] = {}
    for one in previous:
        if one.source != source and one.id.isdecimal():
            others.setdefault(one.id, []).append(one)
    stem = PurePath(source).stem[:_MOST_OF_A_NAME]
    kept: list[Entry] = []
    renamed: list[EntryId] = []
    for entry in imported:
        strangers = () if (entry.id, entry.language) in own else others.get(entry.id, ())
        if any(_is_another(entry, one, source) for one in strangers):
            renamed.append(entry.id)
            entry = replace(entry, id=EntryId(f"{stem}.{entry.id}"))
        kept.append(entry)
    return kept, _told(renamed, stem)


def _is_another(entry: Entry, other: Entry, source: str) -> bool:
    if entry.language != other.language:
        return _family(source) != _family(other.source)
    asked = {question_key(question) for question in other.questions}
    return not any(question_key(question) in asked for question in entry.questions)


def _family(source: str) -> str:
    """A file's name without what tells its language."""
    return _LANGUAGE.sub("", PurePath(source).stem).casefold()


def _told(renamed: Iterable[EntryId], stem: str) -> tuple[RowProblem, ...]:
    ids = list(dict.fromkeys(renamed))
    if not ids:
        return ()
    some = ", ".join(ids[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
    return (file_problem("counted_ids", count=len(ids), some=some, first=f"{stem}.{ids[0]}"),)
