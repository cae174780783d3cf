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
from bot.server.mined_reading import checked_proposal, count_in, counts_in, listed, texts_in
from bot.server.training_outcome import in_both
from knowledge_base.entry import Entry, EntryId, SearchResult
from knowledge_base.entry_file import entries_text
from knowledge_base.question_key import question_digest, question_key
from knowledge_base.search import Searcher

FOUND = "training-found--"
"""The one name under which what was found is pinned to the board."""

FILE_NAME = "old-chats.jsonl"
MOST_PROPOSALS = 300
MOST_STAFF = 50
TOLD = ("counts", "left_out", "staff", "problems", "problem_count", "more")
COUNTS = ("chats", "from_desk", "exchanges", "unanswered", "known", "talk")

Entries = Mapping[tuple[str, str], Entry]


@dataclass(frozen=True)
class Choice:
    """A proposal that an admin takes, with what is to be published; None as it was found.

    Attributes:
        as_new: it is an entry of its own, whatever entry it was found to be about.
        to_entry: what nobody answered is asked of the entry that came nearest.
    """

    id: str
    answer: str | None = None
    questions: Sequence[str] | None = None
    as_new: bool = False
    to_entry: bool = False

    def kind_of(self, proposal: Mapping[str, Any]) -> str:
        """What a proposal becomes: new, phrasings or differs."""
        kind = str(proposal["kind"])
        if kind == "unanswered":
            return "phrasings" if self.to_entry and proposal["entry"] else "new"
        return "new" if self.as_new else kind


class MinedQuestions:
    """See above; every method may raise OSError.

    Args:
        board: keeps what was found, for a day, for every node.
    """

    def __init__(self, board: JobBoard) -> None:
        self._board = board

    def keep(self, run: str, output: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what a run found, in the place of what was found before; gives its counts."""
        proposals = [one for one in map(checked_proposal, listed(output.get("proposals"))) if one]
        proposals.sort(key=lambda one: -one["chats"])
        counts = {name: count_in(output.get(name)) for name in COUNTS}
        problems = listed(output.get("problems"))
        count = max(len(proposals), count_in(output.get("proposal_count")))
        told = {
            "job": FOUND,
            "kind": "proposals",
            "state": "done",
            "run": run,
            "counts": counts,
            "left_out": counts_in(output.get("left_out")),
            "staff": texts_in(listed(output.get("staff")), 200, MOST_STAFF),
            "problems": in_both(problems),
            "problem_count": max(len(problems), count_in(output.get("problem_count"))),
            "more": max(0, count - MOST_PROPOSALS),
            "proposals": proposals[:MOST_PROPOSALS],
        }
        self._board.pin(told)
        return {**counts, "proposals": count}

    def forget(self) -> None:
        """Forget what was found: somebody's words in it may have been erased."""
        if self._board.look_up(FOUND) is not None:
            told = {"job": FOUND, "kind": "proposals", "state": "done"}
            self._board.pin({**told, "run": None, "counts": {}, "proposals": []})

    def as_json(self, entries: Iterable[Entry], left_out: frozenset[str]) -> dict[str, Any]:
        """Tell every proposal, and what became of it.

        Args:
            entries: of the version that serves.
            left_out: ids of proposals, and what `digests_of` gave for them.
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

    def digests_of(self, ids: Iterable[str]) -> list[str]:
        """Name every question of proposals, by which they are known when they are found again.

        With other chats another of the questions may come first, and give the proposal its id.

        Raises:
            NotFound: one is not there, or no more.
        """
        found = [self._proposal(id) for id in ids]
        return list(dict.fromkeys(digest for one in found for digest in _digests(one)))

    def file_of(self, choices: Sequence[Choice], entries: Iterable[Entry]) -> bytes:
        """Make the file that brings chosen proposals into the knowledge base.

        Raises:
            NotFound: a proposal, or the entry that one is about, is not there any more.
            RequestRefused: an answer is empty, or nothing would be asked.
        """
        published = _by_name(entries)
        made: dict[tuple[str, str], Entry] = {}
        for choice in choices:
            entry = _entry_of(self._proposal(choice.id), choice, {**published, **made})
            made[entry.id, entry.language] = entry
        return entries_text(replace(one, learnt=()) for one in made.values()).encode("utf-8")

    def check(self, id: str, searcher: Searcher) -> dict[str, Any]:
        """Search for every question of a published proposal, as for one that nobody has published.

        Args:
            searcher: of the version that serves.

        Raises:
            NotFound: it is not there any more, or not published.
        """
        proposal = self._proposal(id)
        published = _by_name(searcher.entries)
        if not _is_published(proposal, published):
            raise NotFound("This proposal is not published.", "这条建议还没有发布。")
        asked, language = proposal["questions"], proposal["language"]
        own = id if (id, language) in published else proposal["entry"]["id"]
        # Without the table of exact questions: that one would find what is published anyway.
        results = searcher.search_batch(asked, k=1, language=language, exact=False)
        found = [
            _searched(question, own, one) for question, one in zip(asked, results, strict=True)
        ]
        right = sum(one["found"] for one in found)
        answer = published[EntryId(own), language].answer
        return {
            "entry": own, "answer": answer, "asked": len(found), "right": right, "questions": found,
        }  # fmt: skip

    def _proposal(self, id: str) -> dict[str, Any]:
        found = self._board.look_up(FOUND)
        for one in found[0]["proposals"] if found else ():
            if one["id"] == id:
                return dict(one)
        raise NotFound(
            "This proposal is not among what was found last. The list is read anew; choose there.",
            "最近一次查找的结果里已没有这条建议。列表已更新，请在新列表中选择。",
        )


def _searched(question: str, own: str, result: SearchResult) -> dict[str, Any]:
    """Whether a search found the right entry first, and what else it found."""
    first = result.hits[0].entry if result.hits else None
    is_found = first is not None and first.id == own
    got = {} if is_found or first is None else {"got": first.questions[0]}
    return {"question": question, "found": is_found, **got}


def _by_name(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    return {(one.id, one.language): one for one in entries}


def _became(proposal: Mapping[str, Any], published: Entries, left_out: frozenset[str]) -> str:
    if _is_published(proposal, published):
        return "published"
    known = [digest in left_out for digest in _digests(proposal)]
    is_left_out = proposal["id"] in left_out or sum(known) * 2 >= len(known)
    return "left_out" if is_left_out else "waiting"


def _digests(proposal: Mapping[str, Any]) -> list[str]:
    language = proposal["language"]
    return list(dict.fromkeys(question_digest(one, language) for one in proposal["questions"]))


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
    kind, about, language = choice.kind_of(proposal), proposal["entry"], proposal["language"]
    said = (proposal["answer"] if choice.answer is None else choice.answer).strip()
    if not said and kind != "phrasings":
        raise RequestRefused("An answer is empty.", "答案不能为空。", code="empty_answer")
    questions = _questions(proposal, choice)
    if kind == "new":
        return Entry(EntryId(proposal["id"]), questions, said, language)
    entry = published.get((about["id"], language))
    if entry is None:
        raise NotFound(
            "An entry that a proposal is about is gone; look through the chats again.",
            "建议所涉及的条目已不存在，请重新查找。",
        )
    asked = tuple(dict.fromkeys((*entry.questions, *questions)))
    answer = said if kind == "differs" else entry.answer
    return replace(entry, questions=asked, answer=answer)


def _questions(proposal: Mapping[str, Any], choice: Choice) -> tuple[str, ...]:
    """What is to be asked; an entry that only gets another answer has questions of its own."""
    wanted = proposal["questions"] if choice.questions is None else choice.questions
    questions = tuple(dict.fromkeys(filter(None, (one.strip() for one in wanted))))
    if not questions and choice.kind_of(proposal) != "differs":
        raise RequestRefused(
            "A proposal has no question.", "有一条建议没有问题。", code="no_question"
        )
    return questions
