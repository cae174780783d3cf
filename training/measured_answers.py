"""Measures whole answers: the real answerer, one fresh conversation for each question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.answering.answer import Answer, Decision, Question, Unwritten
from bot.answering.answerer import ShopAnswerer
from bot.answering.doubt import Doubt
from bot.answering.intent_classifier import IntentClassifier
from bot.answering.parts import Parts
from bot.answering.reply_generator import GeneratedReplies
from bot.assemble.brain import load_writer
from bot.assemble.shop import load_actions, load_shop
from bot.assemble.trained import load_moods
from bot.conversation.events import ConversationId, TurnId
from bot.errors import PartMissing
from bot.settings import Settings
from bot.shell.output import say
from knowledge_base.encoder_pair import first_of
from knowledge_base.search import Searcher
from training.metrics import area_under_roc, calibration_error, share_of
from training.progress import Progress, silent
from training.several_right import questions_to_count

HEADING = ("text", "decision", "source", "id", "confidence", "reply")
ASKED_AT_ONCE = 32  # as many turns as a serving worker takes together


@dataclass(frozen=True)
class FixedKnowledge:
    """A knowledge base that never changes (`bot.answering.parts.Knowledge`)."""

    current: Searcher


@dataclass(frozen=True)
class MeasuredAnswers:
    """What came of it: one row for each question, as in `HEADING`, and the figures."""

    rows: list[tuple[str, str, str, str, str, str]]
    summary: dict[str, Any]


def measure_answers(
    parts: Parts, questions: Sequence[tuple[str, str]], progress: Progress = silent
) -> MeasuredAnswers:
    """Ask every question in a conversation of its own.

    Args:
        questions: text and id of the entry that answers it, empty where none does.
    """
    answers = ask_all(parts, [text for text, _ in questions], progress)
    rows = [_row(text, answer) for (text, _), answer in zip(questions, answers, strict=True)]
    counted = questions_to_count(questions)
    given = [answers[one.row] for one in counted]
    wanted = [
        one.first_of((answer.entry_id or "", *_offered(answer)))
        for one, answer in zip(counted, given, strict=True)
    ]
    return MeasuredAnswers(rows, figures_of(wanted, given))


def ask_all(parts: Parts, texts: Sequence[str], progress: Progress = silent) -> list[Answer]:
    """Ask every text in a conversation of its own, as a serving worker would, in batches."""
    answerer = ShopAnswerer(parts)
    answers: list[Answer] = []
    for start in range(0, len(texts), ASKED_AT_ONCE):
        batch = [
            question_for(start + at, text)
            for at, text in enumerate(texts[start : start + ASKED_AT_ONCE])
        ]
        answers += [
            answerer.write(one) if isinstance(one, Unwritten) else one
            for one in answerer.answer_batch(batch)
        ]
        progress("answer", len(answers), len(texts))
    return answers


def question_for(number: int, text: str) -> Question:
    """A text as the first turn of a conversation."""
    return Question(ConversationId(f"question-{number}"), TurnId("1"), (text,))


def _row(text: str, answer: Answer) -> tuple[str, str, str, str, str, str]:
    source = _source(answer)
    return (
        text,
        answer.decision.value,
        source,
        _entry(answer),
        f"{answer.confidence:.6f}",
        answer.text,
    )


def _source(answer: Answer) -> str:
    """Where the words of an answer come from; empty when nothing was answered."""
    if answer.decision is not Decision.ANSWER or answer.source is None:
        return ""
    return answer.source.value


def _entry(answer: Answer) -> str:
    """The entry answered from, or the best of those asked back about."""
    if answer.entry_id or answer.decision is not Decision.CLARIFY:
        return answer.entry_id or ""
    return next(iter(_offered(answer)), "")


def _offered(answer: Answer) -> list[str]:
    """The entries that a question back offers."""
    values = [one.value for one in answer.choices if one.value.startswith("entry:")]
    return [value.removeprefix("entry:") for value in values]


def figures_of(wanted: Sequence[str], answers: Sequence[Answer]) -> dict[str, Any]:
    """What was decided, and how right the answers are; an answer from no entry is not judged."""
    known = [
        (want, one) for want, one in zip(wanted, answers, strict=True) if _source(one) == "known"
    ]
    right = sum(bool(want) and one.entry_id == want for want, one in known)
    covered = [one for want, one in zip(wanted, answers, strict=True) if want]
    answered_right = sum(
        one.decision is Decision.ANSWER and one.entry_id == want
        for want, one in zip(wanted, answers, strict=True)
        if want
    )
    offered = sum(
        want in _offered(one)
        for want, one in zip(wanted, answers, strict=True)
        if want and one.decision is Decision.CLARIFY
    )
    figures: dict[str, Any] = {
        "questions": len(answers),
        "covered": len(covered),
        "decisions": dict(Counter(one.decision.value for one in answers)),
        "sources": dict(Counter(_source(one) or "none" for one in answers)),
        "known_answers_wrong": share_of(len(known) - right, len(known)),
        "covered_answered_right": answered_right / len(covered) if covered else None,
        "covered_asked_back_with_right_choice": offered / len(covered) if covered else None,
        "not_covered_answered_as_known": sum(not want for want, _ in known),
    }
    sure = np.array([one.confidence for one in answers])
    flags = np.array([bool(want) for want in wanted])
    if flags.any() and not flags.all():
        figures["covered_auroc"] = area_under_roc(flags, sure)
    if known:
        figures["calibration_error_of_known"] = calibration_error(
            [bool(want) and one.entry_id == want for want, one in known],
            [one.confidence for _, one in known],
        )
    return figures


@contextmanager
def parts_over(
    searcher: Searcher,
    judge: Doubt,
    classifier: IntentClassifier | None,
    settings: Settings,
    *,
    writer: bool,
) -> Iterator[Parts]:
    """Everything that answers, as it serves, over a knowledge base of its own.

    Args:
        writer: let the generator of the settings write; without its model nobody writes, which is
            said.
    """
    shop = load_shop(settings)
    encoder = first_of(searcher.encoder)
    generator = _generator(settings) if writer else None
    try:
        yield Parts(
            shop=shop,
            knowledge=FixedKnowledge(searcher),
            encoder=encoder,
            judge=judge,
            intents=classifier,
            actions=load_actions(settings, shop),
            writer=generator,
            moods=load_moods(settings.state_folder, encoder),
        )
    finally:
        if generator is not None:
            generator.close()


def _generator(settings: Settings) -> GeneratedReplies | None:
    try:
        generator = load_writer(settings)
    except PartMissing as error:
        say(f"Measured without written answers: {error}")
        return None
    if generator is not None:
        generator.start()
    return generator
