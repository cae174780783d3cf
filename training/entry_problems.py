"""What is odd about known answers when they are all seen together. Nothing is dropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from knowledge_base.entry import Entry, EntryId, RowProblem
from training.row_texts import odd_set

IDS_NAMED = 8


def alike_answers(entries: Sequence[Entry]) -> list[RowProblem]:
    """Entries of one language that say the very same, each group once, with their ids."""
    groups: dict[tuple[str, str], list[EntryId]] = defaultdict(list)
    for entry in entries:
        groups[entry.language, " ".join(entry.answer.split())].append(entry.id)
    return [
        _problem(ids, answer, every=len(groups) == 1)
        for (_, answer), ids in groups.items()
        if len(ids) > 1
    ]


def _problem(ids: Sequence[EntryId], answer: str, *, every: bool) -> RowProblem:
    named, more = ids[:IDS_NAMED], len(ids) - IDS_NAMED
    return odd_set(
        "one_answer" if every else "same_answer",
        "answer",
        count=len(ids),
        answer=answer[:60] + ("…" if len(answer) > 60 else ""),
        ids=", ".join(named) + (f" and {more} more" if more > 0 else ""),
        ids_zh="、".join(named) + (f" 等，另有 {more} 处" if more > 0 else ""),
    )
