"""What is odd about known answers when they are all seen together. Nothing is dropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from knowledge_base.entry import Entry, EntryId, RowProblem

IDS_NAMED = 8


def alike_answers(entries: Sequence[Entry]) -> list[RowProblem]:
    """Entries of one language that say the very same, each group once, with their ids."""
    groups: dict[tuple[str, str], list[EntryId]] = defaultdict(list)
    for entry in entries:
        groups[entry.language, " ".join(entry.answer.split())].append(entry.id)
    return [
        RowProblem(0, "answer", "same_answer", _message(ids, answer, len(groups)), "warning")
        for (_, answer), ids in groups.items()
        if len(ids) > 1
    ]


def _message(ids: Sequence[EntryId], answer: str, answers: int) -> str:
    named = ", ".join(ids[:IDS_NAMED])
    named += f" and {len(ids) - IDS_NAMED} more" if len(ids) > IDS_NAMED else ""
    shown = answer[:60] + ("…" if len(answer) > 60 else "")
    if answers == 1:
        return (
            f"Every answer is the same ({shown!r}): {named}. Shoppers can only ever get this one; "
            "look whether the right column was taken for the answers."
        )
    return (
        f"{len(ids)} entries have the very same answer ({shown!r}): {named}. If they mean the "
        "same, give them one id, so that their questions help one another."
    )
