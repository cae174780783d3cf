"""Making `Answer` records: what is said, what is kept for the next turn, and why.

Every attempt ends in one of these; none of them decides anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from bot.answering.answer import Answer, Choice, Decision, Memory, Question, Source, Trace
from bot.answering.clarification import person_choice
from bot.answering.entities import ENTITIES
from bot.answering.in_context import is_part_of, part_that_tells
from bot.answering.language import language_of_turn
from bot.answering.parts import Parts, Turn
from bot.answering.shop import Shop
from bot.answering.trace import trace_of
from bot.conversation.events import HandoffReason
from knowledge_base.entry import Entry

# A form (an order number, a phone, a pressed button) is told by its shape, not by a model.
FORM_CONFIDENCE = 0.99
# Entries remembered for follow-up questions.
REMEMBERED_ENTRIES = 5
# Turns about something else after which an action no longer waits for what it asked.
MOST_WAITED = 4


def known(parts: Parts, turn: Turn, entry: Entry, confidence: float) -> Answer:
    """Say an entry's answer, word for word; what was just said, with a way to a person.

    Who asks on after an answer is told the sentence that tells it; who would hear the same words
    once more and again, is brought to a person. The same question in the same words is no second
    time: it may come after a reload.
    """
    before = [] if _is_exact(turn) else _just_said_of(turn, entry.answer)
    text = part_that_tells(turn.asked, entry.answer) if before else entry.answer
    if len(before) > 1 and text in before:
        return handed_over(parts, turn, HandoffReason.REPEATED_FAILURE)
    answer = said(parts, turn, text, confidence, Source.KNOWN)
    if before:
        answer = with_person_button(parts, turn, answer, failures=0)
    recent = (entry.id, *turn.question.memory.last_entries)[:REMEMBERED_ENTRIES]
    return replace(answer, entry_id=entry.id, memory=replace(answer.memory, last_entries=recent))


def known_together(parts: Parts, turn: Turn, entries: Sequence[Entry], confidence: float) -> Answer:
    """Say the answers of several entries, each word for word, in the order they were asked for."""
    text = "\n\n".join(entry.answer for entry in entries)
    answer = said(parts, turn, text, confidence, Source.KNOWN)
    told = tuple(entry.id for entry in reversed(entries))
    recent = (*told, *turn.question.memory.last_entries)[:REMEMBERED_ENTRIES]
    memory = replace(answer.memory, last_entries=recent)
    return replace(answer, entry_id=entries[0].id, memory=memory)


def with_person_button(parts: Parts, turn: Turn, answer: Answer, *, failures: int) -> Answer:
    """Give the answer with a button that calls a person, and remember the failures."""
    person = person_choice(parts.shop, turn.answer_in)
    return with_buttons(answer, [person], failures=failures)


def with_buttons(answer: Answer, buttons: Sequence[Choice], *, failures: int) -> Answer:
    """Give the answer with buttons behind those that it has, and remember the failures."""
    choices = (*answer.choices, *buttons)
    memory = replace(answer.memory, offered=choices, failures=failures)
    return replace(answer, choices=choices, memory=memory)


def _just_said_of(turn: Turn, answer: str) -> list[str]:
    """The bot's last messages, without another between, that were this answer or a part of it."""
    told = [one.text for one in reversed(turn.question.history) if one.who != "shopper"]
    return list(takewhile(lambda text: is_part_of(text, answer), told))


def _is_exact(turn: Turn) -> bool:
    return bool(turn.hits) and turn.hits[0].exact


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


def asked_to_rephrase(parts: Parts, turn: Turn, *keys: str) -> Answer:
    """Ask for other words once; the second time call a person.

    Args:
        keys: texts that the shop may have, said before the plain one.
    """
    if turn.question.memory.failures > 1:
        return handed_over(parts, turn, HandoffReason.REPEATED_FAILURE)
    choices = (person_choice(parts.shop, turn.answer_in),)
    text = parts.shop.say_first((*keys, "not_understood"), turn.answer_in)
    return asked(parts, turn, text, choices)


def handed_over(parts: Parts, turn: Turn, reason: HandoffReason) -> Answer:
    """Call a person, and say so."""
    order = next((one.value for one in turn.entities if one.entity == "order_number"), None)
    return Answer(
        decision=Decision.ESCALATE,
        text=parts.shop.say(_handing_over(parts.shop, turn, reason), turn.answer_in),
        confidence=turn.judgement.confidence if turn.judgement else 0.0,
        language=turn.answer_in,
        trace=trace_of(parts, turn),
        handoff=reason,
        order=order or turn.question.memory.slots.get("order_number"),
        memory=replace(kept(turn), failures=0, active_action=None),
    )


def _handing_over(shop: Shop, turn: Turn, reason: HandoffReason) -> str:
    """The text that fits why a person is called, as far as the shop has one."""
    upset = turn.mood.name in ("angry", "negative") and reason is HandoffReason.INTENT
    key = "handing_over"
    if reason is HandoffReason.ANGER or upset:
        key = "handing_over_sorry"
    elif reason in (HandoffReason.LOW_CONFIDENCE, HandoffReason.REPEATED_FAILURE):
        key = "handing_over_unsure"
    return key if key in shop.texts else "handing_over"


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
    """Return the memory after any answer: choices hold for one turn, a waiting action for a few.

    Only what is found by its form can be waited for so long; a slot that takes any words cannot.
    """
    memory = turn.question.memory
    action, waited = memory.active_action, memory.waited + 1
    goes_on = action is not None and action[1] in ENTITIES and waited < MOST_WAITED
    return replace(
        memory,
        language=turn.answer_in,
        offered=(),
        active_action=action if goes_on else None,
        waited=waited if goes_on else 0,
    )
