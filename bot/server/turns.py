"""Between the transcript and the answerer: a turn becomes a question, an answer a command.

Pure. Knows both records and neither the store nor a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from bot.answering.answer import (
    Answer,
    Choice,
    Decision,
    Language,
    Memory,
    Question,
    Said,
    Source,
    Trace,
    Unwritten,
)
from bot.answering.shop import Shop
from bot.conversation.commands import BotAnswers, BotAsks, BotGivesUp, BotSpeech, Ticket
from bot.conversation.conversation import BOT, SHOPPER
from bot.conversation.events import PRIVATE_KINDS, Event, HandoffReason
from bot.transcripts.records import TurnContext

CHOSE_BOT = "chose_bot"
"""The rule in the trace of an answer to somebody who waited and then chose the bot."""


def question_of(context: TurnContext) -> Question:
    """Make the answerer's question of a turn as it stands in the transcript."""
    state = context.state
    return Question(
        conversation=state.id,
        turn=context.turn.id,
        texts=context.texts,
        choice=context.turn.choice,
        history=tuple(_said(context.history)),
        memory=memory_from(state.memory),
        interface_language=language_from(state.language),
    )


def command_of(answer: Answer, ticket: Ticket) -> BotAnswers | BotAsks | BotGivesUp:
    """Make the command that records an answer."""
    speech = speech_of(answer)
    if answer.decision is Decision.CLARIFY:
        return BotAsks(ticket, speech)
    if answer.decision is Decision.ESCALATE:
        return BotGivesUp(ticket, speech, answer.handoff or HandoffReason.LOW_CONFIDENCE)
    return BotAnswers(ticket, speech)


def stay_with_bot(answer: Answer | Unwritten, shop: Shop) -> Answer | Unwritten:
    """Go on where the answer would bring back the very person that the shopper gave up.

    "Is anybody there?", or anger at the wait, was said to people; what the shopper chose after it
    says what they want now. What the bot does not understand it asks about, once. Whatever needs a
    person (an intent, safety, a fault) still goes to people.
    """
    if isinstance(answer, Unwritten):
        return replace(answer, otherwise=_stay(answer.otherwise, shop))
    return _stay(answer, shop)


_STAYS = {
    HandoffReason.WISH: (Decision.ANSWER, "here", 0),
    HandoffReason.ANGER: (Decision.ANSWER, "here", 0),
    HandoffReason.LOW_CONFIDENCE: (Decision.CLARIFY, "not_understood", 1),
    HandoffReason.REPEATED_FAILURE: (Decision.CLARIFY, "not_understood", 1),
}
"""What is said instead of handing over: as what, with which text, and how many failures it is."""


def _stay(answer: Answer, shop: Shop) -> Answer:
    if answer.handoff is None or answer.handoff not in _STAYS:
        return answer
    decision, text, failures = _STAYS[answer.handoff]
    return replace(
        answer,
        decision=decision,
        text=shop.say(text, answer.language),
        source=Source.SAID,
        choices=(),
        handoff=None,
        memory=replace(answer.memory, failures=failures, offered=()),
        trace=replace(answer.trace, rule=CHOSE_BOT),
    )


def speech_of(answer: Answer) -> BotSpeech:
    """Make what the bot says, and what is kept of it, of an answer."""
    return BotSpeech(
        text=answer.text,
        language=answer.language,
        source=None if answer.source is None else answer.source.value,
        confidence=answer.confidence,
        entry=answer.entry_id,
        choices=tuple((choice.label, choice.value) for choice in answer.choices),
        memory=memory_to(answer.memory),
        failures=answer.memory.failures,
        mood=answer.trace.mood,
        intent=answer.trace.intent,
        order=answer.order,
        trace=_fields(answer.trace),
    )


def _fields(record: Trace | Memory | Choice) -> dict[str, Any]:
    """Name the fields of a record; its values are JSON already, so nothing is copied deeply."""
    return {name: getattr(record, name) for name in record.__slots__}


def memory_to(memory: Memory) -> dict[str, Any]:
    """Write the answerer's memory as JSON values; slots are that already, nothing is copied."""
    return {**_fields(memory), "offered": [_fields(choice) for choice in memory.offered]}


def memory_from(stored: Mapping[str, Any]) -> Memory:
    """Read the answerer's memory back; an empty mapping is a fresh memory."""
    active = stored.get("active_action")
    return Memory(
        language=language_from(stored.get("language")),
        slots=deepcopy(dict(stored.get("slots", {}))),  # an action may change what it is given
        active_action=None if active is None else (active[0], active[1]),
        waited=stored.get("waited", 0),
        offered=tuple(Choice(**choice) for choice in stored.get("offered", ())),
        failures=stored.get("failures", 0),
        last_entries=tuple(stored.get("last_entries", ())),
    )


def language_from(name: str | None) -> Language | None:
    """Narrow a stored language to one the answerer knows."""
    if name == "zh":
        return "zh"
    return "en" if name == "en" else None


def _said(history: tuple[Event, ...]) -> Iterator[Said]:
    for event in history:
        if not event.text or event.kind in PRIVATE_KINDS:
            continue
        if event.author == SHOPPER:
            yield Said("shopper", event.text)
        elif event.author == BOT:
            yield Said("bot", event.text)
        else:
            yield Said("staff", event.text)
