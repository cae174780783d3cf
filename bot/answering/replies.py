"""Making `Answer` records: what is said, what is kept for the next turn, and why.

Every attempt ends in one of these; none of them decides anything.
"""

from __future__ import annotations

from dataclasses import replace

from bot.answering.answer import Answer, Choice, Decision, Memory, Question, Source, Trace
from bot.answering.clarification import person_choice
from bot.answering.language import language_of_turn
from bot.answering.parts import Parts, Turn
from bot.answering.shop import Shop
from bot.answering.trace import trace_of
from bot.conversation.events import HandoffReason
from knowledge_base.entry import Entry

# Entries remembered for follow-up questions.
REMEMBERED_ENTRIES = 5


def known(parts: Parts, turn: Turn, entry: Entry, confidence: float) -> Answer:
    """Say an entry's answer, word for word."""
    answer = said(parts, turn, entry.answer, confidence, Source.KNOWN)
    recent = (entry.id, *turn.question.memory.last_entries)[:REMEMBERED_ENTRIES]
    return replace(answer, entry_id=entry.id, memory=replace(answer.memory, last_entries=recent))


def said(parts: Parts, turn: Turn, text: str, confidence: float, source: Source) -> Answer:
    """Answer with a text."""
    return Answer(
        decision=Decision.ANSWER,
        text=text,
        confidence=confidence,
        language=turn.answer_in,
        source=source,
        trace=trace_of(parts, turn),
        memory=replace(kept(turn), failures=0),
    )


def asked(parts: Parts, turn: Turn, text: str, choices: tuple[Choice, ...]) -> Answer:
    """Ask the shopper back."""
    before = kept(turn)
    return Answer(
        decision=Decision.CLARIFY,
        text=text,
        confidence=turn.judgement.confidence if turn.judgement else 0.0,
        language=turn.answer_in,
        trace=trace_of(parts, turn),
        choices=choices,
        memory=replace(before, offered=choices, failures=before.failures + 1),
    )


def asked_to_rephrase(parts: Parts, turn: Turn) -> Answer:
    """Ask for other words once; the second time call a person."""
    if turn.question.memory.failures > 1:
        return handed_over(parts, turn, HandoffReason.REPEATED_FAILURE)
    choices = (person_choice(parts.shop, turn.answer_in),)
    return asked(parts, turn, parts.shop.say("not_understood", turn.answer_in), choices)


def handed_over(parts: Parts, turn: Turn, reason: HandoffReason) -> Answer:
    """Call a person, and say so."""
    order = next((one.value for one in turn.entities if one.entity == "order_number"), None)
    return Answer(
        decision=Decision.ESCALATE,
        text=parts.shop.say("handing_over", turn.answer_in),
        confidence=turn.judgement.confidence if turn.judgement else 0.0,
        language=turn.answer_in,
        trace=trace_of(parts, turn),
        handoff=reason,
        order=order or turn.question.memory.slots.get("order_number"),
        memory=replace(kept(turn), failures=0),
    )


def broken(shop: Shop, question: Question) -> Answer:
    """Call a person because answering itself broke; uses no part that may have broken."""
    before = question.memory.language or question.interface_language
    language = language_of_turn(question.text[:2000], before).answer_in
    return Answer(
        decision=Decision.ESCALATE,
        text=shop.say("failed", language),
        confidence=0.0,
        language=language,
        trace=Trace(language=language, rule="fault"),
        handoff=HandoffReason.FAULT,
        memory=replace(question.memory, active_action=None, offered=()),
    )


def kept(turn: Turn) -> Memory:
    """Return the memory after any answer: choices and a waiting action hold for one turn only."""
    return replace(turn.question.memory, language=turn.answer_in, offered=(), active_action=None)
