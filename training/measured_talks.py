"""Measures whole talks: every message in its conversation, judged by what a clerk would have done.

A talk goes on after a person was called, as if the shopper had stayed with the bot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.answering.answer import Answer, Answerer, Decision, Language, Memory, Question, Source
from bot.answering.answer import Said as SaidBefore
from bot.conversation.events import ConversationId, TurnId
from training.metrics import clopper_pearson
from training.progress import Progress, silent
from training.talks import ACTION, NOTHING, PERSON, SMALL_TALK, Said, Talk

HEADING = ("talk", "text", "wanted", "grade", "decision", "source", "id", "rule", "reply")
HISTORY = 20  # as the server reads it
# Rules by which the bot says that it is at a loss, and offers a person or asks for other words.
_AT_A_LOSS = frozenset({"give_up", "unclear", "no_more", "regretted", "done_in_vain"})


class Grade(StrEnum):
    """What a shopper got."""

    RIGHT = "right"
    WEAK = "weak"  # asked back, or a person, where there was an answer; one answer of two
    WRONG = "wrong"  # something else, said as if it were right


@dataclass(frozen=True)
class MeasuredTalks:
    """What came of it: one row for each message, as in `HEADING`, and the figures."""

    rows: list[tuple[str, ...]]
    summary: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer in words, with the entries whose answers, or parts of them, it says."""

    answer: Answer
    told: frozenset[str]


def measure_talks(
    answerer: Answerer,
    talks: Sequence[Talk],
    language: Language,
    answers: Mapping[str, str],
    progress: Progress = silent,
) -> MeasuredTalks:
    """Put every talk to the answerer, one message after the other.

    Args:
        language: of the widget.
        answers: what each entry says in that language.
    """
    rows: list[tuple[str, ...]] = []
    grades: list[tuple[Said, Grade]] = []
    for done, talk in enumerate(talks, start=1):
        for said, answer in zip(talk.said, played(answerer, talk, language), strict=True):
            grade = grade_of(said, reply_of(said, answer, answers))
            grades.append((said, grade))
            rows.append(_row(talk, said, grade, answer))
        progress("answer", done, len(talks))
    return MeasuredTalks(rows, _figures(talks, grades))


def played(answerer: Answerer, talk: Talk, language: Language) -> Iterator[Answer]:
    """Put a talk to the answerer, each message behind the answers that were really given."""
    history: list[SaidBefore] = []
    memory = Memory()
    for number, said in enumerate(talk.said):
        answer = answerer.answer(
            Question(
                ConversationId(talk.name),
                TurnId(str(number)),
                (said.text,),
                history=tuple(history[-HISTORY:]),
                memory=memory,
                interface_language=language,
            )
        )
        history += [SaidBefore("shopper", said.text), SaidBefore("bot", answer.text)]
        memory = answer.memory
        yield answer


def reply_of(said: Said, answer: Answer, answers: Mapping[str, str]) -> Reply:
    """Find the entries that an answer speaks from, those that stand in its text included."""
    told = {one for one in said.entries if one in answers and answers[one] in answer.text}
    if answer.entry_id and answer.decision is Decision.ANSWER:
        told.add(answer.entry_id)
    return Reply(answer, frozenset(told))


def grade_of(said: Said, reply: Reply) -> Grade:
    """Tell what a shopper got.

    A call for a person and a question back are never wrong, only less than an answer; anything
    that is said as an answer and is none is.
    """
    answer = reply.answer
    if answer.decision is Decision.ESCALATE:
        return Grade.RIGHT if {PERSON, NOTHING} & set(said.wanted) else Grade.WEAK
    if answer.decision is Decision.CLARIFY or answer.trace.rule in _AT_A_LOSS:
        at_a_loss = answer.trace.rule in _AT_A_LOSS and NOTHING in said.wanted
        return Grade.RIGHT if at_a_loss else Grade.WEAK
    if answer.source is Source.SAID:
        return Grade.RIGHT if SMALL_TALK in said.wanted else Grade.WRONG
    if answer.source is Source.ACTION:
        return Grade.RIGHT if ACTION in said.wanted else Grade.WRONG
    return _grade_of_told(said, reply.told)


def _grade_of_told(said: Said, told: frozenset[str]) -> Grade:
    right = told & set(said.entries)
    if not right:
        return Grade.WRONG
    return Grade.WEAK if said.together and right != set(said.entries) else Grade.RIGHT


def _row(talk: Talk, said: Said, grade: Grade, answer: Answer) -> tuple[str, ...]:
    named = answer.entry_id or " ".join(
        one.value.removeprefix("entry:") for one in answer.choices if one.value != "none"
    )
    wanted = ("both " if said.together else "") + ", ".join(said.wanted)
    source = answer.source.value if answer.source else ""
    return (
        talk.name,
        said.text,
        wanted,
        grade.value,
        answer.decision.value,
        source,
        named,
        answer.trace.rule,
        answer.text,
    )


def _figures(talks: Sequence[Talk], grades: Sequence[tuple[Said, Grade]]) -> dict[str, Any]:
    counts = Counter(grade for _, grade in grades)
    low, high = clopper_pearson(counts[Grade.WRONG], len(grades))
    strange = [grade for said, grade in grades if not said.entries and NOTHING in said.wanted]
    return {
        "talks": len(talks),
        "messages": len(grades),
        **{grade.value: counts[grade] for grade in Grade},
        "share_right": counts[Grade.RIGHT] / len(grades),
        "share_wrong": {"value": counts[Grade.WRONG] / len(grades), "low": low, "high": high},
        "without_an_answer": len(strange),
        "without_an_answer_answered": sum(grade is Grade.WRONG for grade in strange),
    }
