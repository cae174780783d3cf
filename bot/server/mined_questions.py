"""What old chats hold that the bot does not answer yet: proposals, and what became of each.

`shopkeeper mine` finds them; a person decides about every one. What is taken becomes a file that
is looked through and published like any other; what is left out is remembered by the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import NotFound, RequestRefused
from bot.server.job_board import JobBoard
from knowledge_base.entry import Entry, EntryId, Language
from knowledge_base.entry_file import entries_text
from knowledge_base.question_key import question_key

FOUND = "training-found--"
"""The one name under which what was found is pinned to the board."""

FILE_NAME = "old-chats.jsonl"
MOST_PROPOSALS = 300
MOST_TEXTS = 20
MOST_CHARACTERS = 8_000
MOST_QUESTION_CHARACTERS = 500
MOST_STAFF = 50
MOST_PROBLEMS = 100
KINDS = ("new", "phrasings", "differs")
TOLD = ("counts", "left_out", "staff", "problems", "problem_count", "more")
COUNTS = ("chats", "from_desk", "exchanges", "known", "talk")

Entries = Mapping[tuple[str, str], Entry]


@dataclass(frozen=True)
class Choice:
    """A proposal that an admin takes, with what is to be published; None as it was found.

    Attributes:
        as_new: it is an entry of its own, whatever entry it was found to be about.
    """

    id: str
    answer: str | None = None
    questions: Sequence[str] | None = None
    as_new: bool = False


class MinedQuestions:
    """See above; every method may raise OSError.

    Args:
        board: keeps what was found, for a day, for every node.
    """

    def __init__(self, board: JobBoard) -> None:
        self._board = board

    def keep(self, run: str, output: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what a run found, in the place of what was found before; gives its counts."""
        proposals = [one for one in map(_checked, _listed(output.get("proposals"))) if one]
        proposals.sort(key=lambda one: -one["chats"])
        counts = {name: _count(output.get(name)) for name in COUNTS}
        problems = _listed(output.get("problems"))
        count = max(len(proposals), _count(output.get("proposal_count")))
        told = {
            "job": FOUND,
            "kind": "proposals",
            "state": "done",
            "run": run,
            "counts": counts,
            "left_out": _counts(output.get("left_out")),
            "staff": _texts(_listed(output.get("staff")), 200, MOST_STAFF),
            "problems": _texts(problems[:MOST_PROBLEMS], MOST_QUESTION_CHARACTERS, MOST_PROBLEMS),
            "problem_count": max(len(problems), _count(output.get("problem_count"))),
            "more": max(0, count - MOST_PROPOSALS),
            "proposals": proposals[:MOST_PROPOSALS],
        }
        self._board.pin(told)
        return {**counts, "proposals": count}

    def as_json(self, entries: Iterable[Entry], left_out: frozenset[str]) -> dict[str, Any]:
        """Tell every proposal, and what became of it.

        Args:
            entries: of the version that serves.
        """
        found = self._board.look_up(FOUND)
        if found is None:
            return {"run": None, "counts": {}, "proposals": []}
        told = found[0]
        published = _by_name(entries)
        return {
            "run": told["run"],
            **{name: told[name] for name in TOLD if name in told},
            "proposals": [
                {**one, "became": _became(one, published, left_out)} for one in told["proposals"]
            ],
        }

    def must_have(self, ids: Iterable[str]) -> None:
        """Raise NotFound for a proposal that is not there, or no more."""
        known = {one["id"] for one in self._proposals()}
        if not set(ids) <= known:
            raise _unknown()

    def file_of(self, choices: Sequence[Choice], entries: Iterable[Entry]) -> bytes:
        """Make the file that brings chosen proposals into the knowledge base.

        Raises:
            NotFound: see `must_have`, or the entry that one is about is gone.
            RequestRefused: an answer is empty, or nothing would be asked.
        """
        known = {one["id"]: one for one in self._proposals()}
        published = _by_name(entries)
        made: dict[tuple[str, str], Entry] = {}
        for choice in choices:
            proposal = known.get(choice.id)
            if proposal is None:
                raise _unknown()
            entry = _entry_of(proposal, choice, {**published, **made})
            made[entry.id, entry.language] = entry
        return entries_text(made.values()).encode("utf-8")

    def _proposals(self) -> list[dict[str, Any]]:
        found = self._board.look_up(FOUND)
        return [] if found is None else list(found[0]["proposals"])


def _by_name(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    return {(one.id, one.language): one for one in entries}


def _became(proposal: Mapping[str, Any], published: Entries, left_out: frozenset[str]) -> str:
    if _is_published(proposal, published):
        return "published"
    return "left_out" if proposal["id"] in left_out else "waiting"


def _is_published(proposal: Mapping[str, Any], published: Entries) -> bool:
    about, language = proposal["entry"], proposal["language"]
    if (proposal["id"], language) in published:
        return True
    entry = published.get((about["id"], language)) if about else None
    if entry is None:
        return False
    if proposal["kind"] == "differs":
        return bool(entry.answer != about["answer"])
    before = {question_key(one) for one in about["questions"]}
    asked = {question_key(one) for one in entry.questions} - before
    return any(question_key(one) in asked for one in proposal["questions"])


def _entry_of(proposal: Mapping[str, Any], choice: Choice, published: Entries) -> Entry:
    said = (proposal["answer"] if choice.answer is None else choice.answer).strip()
    if not said:
        raise RequestRefused("An answer is empty.", "答案不能为空。", code="empty_answer")
    about, language = proposal["entry"], proposal["language"]
    questions = _questions(proposal, choice)
    if about is None or choice.as_new:
        return Entry(EntryId(proposal["id"]), questions, said, language)
    entry = published.get((about["id"], language))
    if entry is None:
        raise NotFound(
            "An entry that a proposal is about is gone; look through the chats again.",
            "建议所涉及的条目已不存在，请重新查找。",
        )
    asked = tuple(dict.fromkeys((*entry.questions, *questions)))
    if proposal["kind"] == "differs":
        return replace(entry, questions=asked, answer=said)
    return replace(entry, questions=asked)


def _questions(proposal: Mapping[str, Any], choice: Choice) -> tuple[str, ...]:
    """What is to be asked; an entry that only gets another answer has questions of its own."""
    wanted = proposal["questions"] if choice.questions is None else choice.questions
    questions = tuple(dict.fromkeys(filter(None, (one.strip() for one in wanted))))
    if not questions and (choice.as_new or proposal["kind"] != "differs"):
        raise RequestRefused(
            "A proposal has no question.", "有一条建议没有问题。", code="no_question"
        )
    return questions


def _checked(proposal: Any) -> dict[str, Any] | None:
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
            if (about is None) != (kind == "new"):
                return None
            return {
                "id": id[:80],
                "kind": kind,
                "language": language,
                "chats": _count(proposal.get("chats")),
                "questions": _texts(questions, MOST_QUESTION_CHARACTERS),
                "answer": answer[:MOST_CHARACTERS],
                "wordings": _texts(_listed(proposal.get("wordings"))),
                "entry": about,
            }
    return None


def _entry_named(entry: Any, language: Language) -> dict[str, Any] | None:
    match entry:
        case {"id": str(id), "questions": [*questions], "answer": str(answer)}:
            return {
                "id": id,
                "language": language,
                "questions": _texts(questions),
                "answer": answer[:MOST_CHARACTERS],
            }
    return None


def _texts(
    some: Iterable[Any], longest: int = MOST_CHARACTERS, most: int = MOST_TEXTS
) -> list[str]:
    return [one[:longest] for one in some if isinstance(one, str)][:most]


def _counts(value: Any) -> dict[str, int]:
    found = value.items() if isinstance(value, dict) else ()
    return {str(name)[:40]: _count(count) for name, count in list(found)[:MOST_TEXTS]}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _unknown() -> NotFound:
    return NotFound(
        "This proposal is not kept any more; look through the chats again.",
        "这条建议已不再保留，请重新查找。",
    )
