"""The attempts at a turn. Each looks at it and either answers or passes (None).

Read `WITHOUT_MODELS` and `WITH_MODELS` at the end first: they are the order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import structlog

from bot.actions.action_runner import ActionCall, ActionFailed, ActionReply
from bot.answering import replies, talk_attempts
from bot.answering.answer import Answer, Choice, Decision, Source, Unwritten
from bot.answering.asides import drops_it, sighs, speaks_of_the_form
from bot.answering.clarification import MOST_CHOICES, action_choices, clarifying_choices
from bot.answering.denials import is_about_what_is_denied
from bot.answering.doubt import Verdict, is_likelier_than_not, is_rather_told
from bot.answering.entities import ENTITIES, seems_a_number, tells_a_number
from bot.answering.follow_up import looks_like_follow_up, telling_words
from bot.answering.intent_classifier import IntentGuess
from bot.answering.mood import mood_of
from bot.answering.parts import Parts, Turn
from bot.answering.typed_choice import typed_choice
from bot.conversation.events import HandoffReason
from knowledge_base.entry import EntryId, Hit, SearchResult
from knowledge_base.words import words_of

log = structlog.get_logger(__name__)

# The intent that means the same as the words of `wish_words.toml`.
WISH_INTENT = "talk_to_person"
# The text with which a talk begins; who greets in the middle of one wants to be heard.
GREETING = "greeting"
# Entries that a written answer may draw on; more only dilutes a small model.
EVIDENCE = 3
# Turns in a row that may be asked back before a person is called.
MOST_ASKED_BACK = 3

Attempt = Callable[[Parts, Turn], "Answer | Unwritten | None"]


def chosen_reply(parts: Parts, turn: Turn) -> Answer | None:
    """Obey a quick reply, pressed or typed, if this very conversation was offered it."""
    value = _chosen_value(turn)
    if value is None:
        return None
    if value == "person":
        return replies.handed_over(parts, turn, HandoffReason.WISH)
    if value == "none":
        return replies.asked_to_rephrase(parts, turn, "none_of_these")
    if value.startswith("intent:"):
        lead = parts.shop.intents[value.removeprefix("intent:")].leads_to
        return run_action(parts, turn, lead.removeprefix("action:"), replies.FORM_CONFIDENCE)
    if value.startswith("say:"):
        return _told_by_button(parts, turn, value.removeprefix("say:"))
    entry_id = EntryId(value.removeprefix("entry:"))
    entry = parts.knowledge.current.entry(entry_id, turn.answer_in)
    return replies.known(parts, turn, entry, replies.FORM_CONFIDENCE) if entry else None


def _chosen_value(turn: Turn) -> str | None:
    """The value of the quick reply that this turn presses, or means by its words."""
    offered = turn.question.memory.offered
    pressed = turn.question.choice
    if pressed is not None:
        known = {"person", *(choice.value for choice in offered)}
        return pressed if pressed in known else None
    typed = None if turn.calls_for_person else typed_choice(turn.text, offered)
    return typed.value if typed else None


def _told_by_button(parts: Parts, turn: Turn, payload: str) -> Answer | None:
    """Give the action that waits what its own button stands for."""
    waiting = turn.question.memory.active_action
    if waiting is None:
        return None
    action, slot = waiting
    return run_action(parts, turn, action, replies.FORM_CONFIDENCE, {slot: payload})


def waiting_action(parts: Parts, turn: Turn) -> Answer | None:
    """Give an action the value it waits for, or the text that seems meant to be one."""
    waiting = turn.question.memory.active_action
    if waiting is None or turn.calls_for_person:
        return None
    action, slot = waiting
    if slot not in ENTITIES:
        # Only the shop's own action knows what it asked for, so it gets what was said.
        is_published = parts.knowledge.current.exact(turn.text, language=turn.answer_in)
        told = {slot: turn.text}
        return (
            None if is_published else run_action(parts, turn, action, replies.FORM_CONFIDENCE, told)
        )
    # Long after the question, only what is sure to be an answer is taken for one.
    just_asked = turn.question.memory.waited == 0
    if not gives_what_is_asked(turn) and not (just_asked and seems_a_number(turn.text)):
        return None
    return run_action(parts, turn, action, replies.FORM_CONFIDENCE)


def dropped_action(parts: Parts, turn: Turn) -> Answer | None:
    """Let an action go that the shopper no longer wants."""
    if turn.question.memory.active_action is None or not drops_it(turn.text):
        return None
    text = parts.shop.say_first(("form_dropped", "thanks"), turn.answer_in)
    answer = replies.said(parts, turn, text, replies.FORM_CONFIDENCE, Source.SAID)
    slots = {**answer.memory.slots, "requested_slot": None}
    return replace(answer, memory=replace(answer.memory, active_action=None, slots=slots))


def exact_question(parts: Parts, turn: Turn) -> Answer | None:
    """Answer the very question that the shop has published; ask back where it has two answers.

    Where its words call for a person too, a button does, and who says them once more gets one.
    """
    result = _asked_exactly(parts, turn)
    if result is None:
        return None
    entry = result.hits[0].entry
    if turn.calls_for_person and turn.last is not None and turn.last.id == entry.id:
        return None
    turn.result = result
    turn.judgement = parts.judge.judge(result, None, turn.answer_in)
    if len({hit.entry.answer for hit in result.hits}) > 1:
        choices = clarifying_choices(parts.shop, result.hits, turn.answer_in)
        return replies.asked(parts, turn, parts.shop.say("clarify", turn.answer_in), choices)
    answer = replies.known(parts, turn, entry, turn.judgement.confidence)
    if turn.calls_for_person:
        return replies.with_person_button(parts, turn, answer, failures=0)
    return answer


def _asked_exactly(parts: Parts, turn: Turn) -> SearchResult | None:
    """The published question that a turn is; the turn is in the language of that question then."""
    knowledge = parts.knowledge.current
    for text in dict.fromkeys((turn.text, turn.asked)):  # mostly one
        result = knowledge.exact(text, language=turn.answer_in)
        if result is None:
            continue
        language = knowledge.asked_in(text)
        if language is None or language == turn.answer_in:
            return result
        turn.language = replace(turn.language, answer_in=language)
        return knowledge.exact(text, language=language)
    return None


def wish_for_person(parts: Parts, turn: Turn) -> Answer | None:
    """Call a person when the words ask for one."""
    return replies.handed_over(parts, turn, HandoffReason.WISH) if turn.wish else None


def anger(parts: Parts, turn: Turn) -> Answer | None:
    """Bring a person to strong anger at once, unless it is a plain question after all.

    A model now and then takes hard but calm words for anger. Where no word of the turn is cross and
    the answer is known, or is the bot's own to give, that is the better help.
    """
    answered = knows(turn) or any(sure_lead(parts, turn, kind) for kind in ("say:", "action:"))
    if turn.mood.name != "angry" or (answered and not cross_in_words(turn)):
        return None
    return replies.handed_over(parts, turn, HandoffReason.ANGER)


def strange_language(parts: Parts, turn: Turn) -> Answer | None:
    """Bring a person to somebody who writes neither Chinese nor English, if the shop wants that."""
    if not turn.language.other or parts.shop.other_languages != "person":
        return None
    return replies.handed_over(parts, turn, HandoffReason.LOW_CONFIDENCE)


def person_intent(parts: Parts, turn: Turn) -> Answer | None:
    """Call a person when a sure intent wants one, such as a complaint."""
    if turn.guess is None or sure_lead(parts, turn, "person") is None:
        return None
    wish = turn.guess.intent == WISH_INTENT
    if wish and is_form(turn):
        return None  # "LH…, phone 138…" only sounds like calling somebody
    return replies.handed_over(parts, turn, HandoffReason.WISH if wish else HandoffReason.INTENT)


def small_talk(parts: Parts, turn: Turn) -> Answer | None:
    """Greet, thank, say what the bot is; unless a known answer is surer.

    A head that was never shown the like of a text still divides it among its intents, and small
    talk gets what fits nowhere. So the phrase that is most like the text must be small talk too.
    """
    key = sure_lead(parts, turn, "say:")
    if key is None or turn.guess is None or knows_better(turn, turn.guess.confidence):
        return None
    in_words = any(character.isalnum() for character in turn.text)
    face = not in_words and mood_of(turn.text).name == "positive"
    nearest = turn.guess.nearest[:1]
    if not face and nearest and not is_small_talk(parts, nearest[0].intent):
        return None
    if turn.last_said is not None and not face and not _is_heard_as_talk(turn, turn.guess):
        return None
    greets_again = key == GREETING and turn.last_said is not None
    text = parts.shop.say_first(("here", key) if greets_again else (key,), turn.answer_in)
    return replies.said(parts, turn, text, turn.guess.confidence, Source.SAID)


def _is_heard_as_talk(turn: Turn, guess: IntentGuess) -> bool:
    return mood_of(turn.text).name == "positive" or _sounds_like(turn, guess)


def _sounds_like(turn: Turn, guess: IntentGuess) -> bool:
    """Tell whether the phrases of an intent hold any word of the turn that says something.

    In the middle of a talk much is said that is like nothing the shop has written down ("tried that
    already"); to that no "you're welcome" belongs, and no order need be looked up.
    """
    if not guess.nearest:
        return True
    known = {
        word for one in guess.nearest if one.intent == guess.intent for word in words_of(one.text)
    }
    said = set(words_of(turn.asked))
    telling = telling_words(turn.asked)
    return bool(telling & known) if telling else said <= known


def action(parts: Parts, turn: Turn) -> Answer | None:
    """Do something in the shop, such as looking up an order; that beats telling how it is done.

    Not where an entry is far surer to be meant: "where's my tracking number" sounds like an order
    that is asked for, and an entry tells just that.
    """
    name = _sure_action(parts, turn)
    if name is not None and turn.guess is not None:
        told = turn.judgement is not None and is_rather_told(turn.judgement, turn.guess)
        if told and not _tells_an_order(turn):
            return None
        return run_action(parts, turn, name, turn.guess.confidence)
    if not _tells_an_order(turn):
        return _number_of_another_form(parts, turn)
    if (gives_proof(turn) and not knows(turn)) or seems_a_number(turn.text):
        # A bare order number, or one with its proof, means "where is it"; one inside another
        # question does not.
        leads = [lead.leads_to for lead in parts.shop.intents.values()]
    else:
        lead = parts.shop.intents.get(turn.guess.intent) if turn.guess else None
        leads = [lead.leads_to] if lead else []
    return _first_action(parts, turn, leads)


def _sure_action(parts: Parts, turn: Turn) -> str | None:
    """The action that a sure intent leads to."""
    name = sure_lead(parts, turn, "action:")
    if turn.guess is None or not turn.last_said or _tells_an_order(turn):
        return name
    # "Can I see the report?", "is it posted or e-mailed?" only look like asking for an order.
    return name if _sounds_like(turn, turn.guess) else None


def _tells_an_order(turn: Turn) -> bool:
    return any(found.entity == "order_number" for found in turn.entities)


def _number_of_another_form(parts: Parts, turn: Turn) -> Answer | None:
    """Begin to look up an order for who tells a number that is none of the shop's."""
    if knows(turn) or not tells_a_number(turn.text):
        return None
    return _first_action(parts, turn, [lead.leads_to for lead in parts.shop.intents.values()])


def _first_action(parts: Parts, turn: Turn, leads: Sequence[str]) -> Answer | None:
    names = [lead.removeprefix("action:") for lead in leads if lead.startswith("action:")]
    return run_action(parts, turn, names[0], replies.FORM_CONFIDENCE) if names else None


def told_before(parts: Parts, turn: Turn) -> Answer | None:
    """Say what was just said once more to who asks for a part of it."""
    if turn.still is None or turn.last is None:
        return None
    return replies.known(parts, turn, turn.last, turn.still)


def two_answers(parts: Parts, turn: Turn) -> Answer | None:
    """Answer both questions of a turn that asks two, where both answers are known and differ."""
    if not turn.halves or any(one.judgement.verdict is not Verdict.ANSWER for one in turn.halves):
        return None
    entries = [one.result.hits[0].entry for one in turn.halves]
    if len({entry.answer for entry in entries}) < len(entries):
        return None
    confidence = min(one.judgement.confidence for one in turn.halves)
    return replies.known_together(parts, turn, entries, confidence)


def known_answer(parts: Parts, turn: Turn) -> Answer | None:
    """Say what the shop has answered before; an action that sounded meant as well is one press."""
    if turn.judgement is None or turn.judgement.verdict is not Verdict.ANSWER:
        return None
    answer = replies.known(parts, turn, turn.hits[0].entry, turn.judgement.confidence)
    if _sure_action(parts, turn) is None or answer.decision is not Decision.ANSWER:
        return answer
    offered = action_choices(parts.shop, turn.guess, turn.answer_in)
    return replies.with_buttons(answer, offered, failures=0)


def asked_for_again(parts: Parts, turn: Turn) -> Answer | None:
    """Ask once more for what an action waits for when that is spoken of; then call a person."""
    waiting = turn.question.memory.active_action
    if waiting is None or waiting[1] not in ENTITIES or not speaks_of_the_form(turn.text):
        return None
    if turn.question.memory.failures:
        return replies.handed_over(parts, turn, HandoffReason.REPEATED_FAILURE)
    answer = run_action(parts, turn, waiting[0], replies.FORM_CONFIDENCE)
    return answer and replies.with_person_button(parts, turn, answer, failures=1)


def clarification(parts: Parts, turn: Turn) -> Answer | None:
    """Ask which of two close answers is meant; who asks in other words for one on offer gets it."""
    if turn.judgement is None or turn.judgement.verdict is not Verdict.CLARIFY:
        return None
    memory = turn.question.memory
    in_words = any(character.isalpha() for character in turn.text)
    is_offered = any(one.value == f"entry:{turn.hits[0].entry.id}" for one in memory.offered)
    if in_words and is_offered and not turn.is_weighed:
        return _meant_of_offered(parts, turn)
    if memory.failures >= MOST_ASKED_BACK:
        return None
    if _is_denied(turn, turn.hits[0]):
        return None
    hits = [hit for hit in with_one_in_context(turn) if not _is_denied(turn, hit)]
    choices = clarifying_choices(parts.shop, hits, turn.answer_in, turn.guess)
    return replies.asked(parts, turn, parts.shop.say("clarify", turn.answer_in), choices)


def _is_denied(turn: Turn, hit: Hit) -> bool:
    return is_about_what_is_denied(turn.text, hit.entry)


def _meant_of_offered(parts: Parts, turn: Turn) -> Answer | None:
    """Say the entry on offer that a turn asks for in other words, where that is likely.

    What the shopper asked at first counts as well: behind it, another of them may be meant.
    """
    best, judgement = turn.hits[0].entry, turn.judgement
    if turn.behind is not None:
        offered = {one.value for one in turn.question.memory.offered}
        hits = [hit for hit in turn.behind[0].hits if f"entry:{hit.entry.id}" in offered]
        if hits and hits[0].entry.id != best.id:
            best, judgement = hits[0].entry, turn.behind[1]
    if judgement is None or not is_likelier_than_not(judgement):
        return None
    return replies.known(parts, turn, best, judgement.confidence)


def with_one_in_context(turn: Turn) -> Sequence[Hit]:
    """What was found, and as the last choice what is surer behind what was said before."""
    if turn.behind is None or turn.last is None or turn.judgement is None:
        return turn.hits
    if turn.behind[1].confidence <= turn.judgement.confidence:
        return turn.hits
    said = {turn.last.id, *(hit.entry.id for hit in turn.hits[: MOST_CHOICES - 1])}
    others = [hit for hit in turn.behind[0].hits if hit.entry.id not in said]
    return (*turn.hits[: MOST_CHOICES - 1], *others[:1]) if others else turn.hits


def written_answer(parts: Parts, turn: Turn) -> Unwritten | None:
    """Leave the turn to the generator, apart, when the entries found may hold the answer."""
    if parts.writer is None or turn.judgement is None:
        return None
    if turn.judgement.verdict is not Verdict.WRITE:
        return None
    evidence = tuple(hit.entry.id for hit in turn.hits[:EVIDENCE])
    return Unwritten(turn.question, turn.answer_in, evidence, give_up(parts, turn))


def give_up(parts: Parts, turn: Turn) -> Answer:
    """Ask once for other words when it was nothing, mere talk or half a question; else a person."""
    failures = turn.question.memory.failures
    answered = turn.last_said is not None and not sighs(turn.text)
    half = answered and looks_like_follow_up(turn.asked)
    if failures == 0 and (half or not says_something(turn.text) or seems_talk(parts, turn)):
        return replies.asked_to_rephrase(parts, turn)
    reason = HandoffReason.REPEATED_FAILURE if failures else HandoffReason.LOW_CONFIDENCE
    return replies.handed_over(parts, turn, reason)


# What needs no model comes first: an exact question costs microseconds.
WITHOUT_MODELS: tuple[Attempt, ...] = (
    chosen_reply,
    talk_attempts.accepted_person,
    waiting_action,
    exact_question,
    talk_attempts.answered_the_door,
    dropped_action,
    talk_attempts.said_again,
    talk_attempts.acknowledged,
    talk_attempts.unclear,
    talk_attempts.no_more,
    talk_attempts.regretted,
    talk_attempts.price_of_listed,
)
WITH_MODELS: tuple[Attempt, ...] = (
    wish_for_person,
    anger,
    strange_language,
    person_intent,
    small_talk,
    action,
    told_before,
    two_answers,
    known_answer,
    asked_for_again,
    talk_attempts.done_in_vain,
    clarification,
    written_answer,
    give_up,
)


def gives_what_is_asked(turn: Turn) -> bool:
    """Tell whether a turn holds an order number, or a proof that is meant as one.

    Four digits in a sentence about something else ("1000 g", "¥4500") prove nothing.
    """
    if any(found.entity == "order_number" or len(found.value) > 4 for found in turn.entities):
        return True
    short = seems_a_number(turn.text) or speaks_of_the_form(turn.text)
    return short and bool(turn.entities)


def gives_proof(turn: Turn) -> bool:
    """Tell whether a turn holds an order number and what proves whose it is."""
    return {"order_number", "order_proof"} <= {found.entity for found in turn.entities}


def is_form(turn: Turn) -> bool:
    """Tell whether a turn is an order number with its proof, and hardly a word beside them."""
    return gives_proof(turn) and seems_a_number(turn.text)


def cross_in_words(turn: Turn) -> bool:
    """Tell whether the words of a turn, without any model, are cross."""
    return mood_of(turn.text).name in ("angry", "negative")


def sure_lead(parts: Parts, turn: Turn, kind: str) -> str | None:
    """Return where a sure intent leads ("say:KEY" gives KEY), None when unsure or otherwise."""
    if turn.guess is None or not parts.judge.sure_of_intent(turn.guess, turn.answer_in):
        return None
    lead = parts.shop.intents.get(turn.guess.intent)
    if lead is None or not lead.leads_to.startswith(kind):
        return None
    return lead.leads_to.removeprefix(kind)


def knows(turn: Turn) -> bool:
    """Tell whether a known answer is good enough."""
    return turn.judgement is not None and turn.judgement.verdict is Verdict.ANSWER


def knows_better(turn: Turn, confidence: float) -> bool:
    """Tell whether a known answer is good enough and surer than this."""
    return knows(turn) and turn.judgement is not None and turn.judgement.confidence > confidence


def seems_talk(parts: Parts, turn: Turn) -> bool:
    """Tell whether a turn is small talk rather than something the shop does not know."""
    guess = turn.guess
    if guess is None or not is_small_talk(parts, guess.intent):
        return False
    return guess.confidence > guess.out_of_scope


def is_small_talk(parts: Parts, intent: str) -> bool:
    """Tell whether an intent leads to a text that the bot says on its own."""
    lead = parts.shop.intents.get(intent)
    return lead is not None and lead.leads_to.startswith("say:")


def says_something(text: str) -> bool:
    """Tell whether a text has enough letters to hold a question at all."""
    han = sum("一" <= character <= "鿿" for character in text)
    return han >= 3 or sum(character.isalpha() for character in text) >= 6


def run_action(
    parts: Parts,
    turn: Turn,
    name: str,
    confidence: float,
    told: Mapping[str, str] = MappingProxyType({}),
) -> Answer | None:
    """Run an action and say what it uttered; a failed one brings a person.

    Args:
        told: slots that this turn fills beside what was found in its text.
    """
    if parts.actions is None:
        return None
    try:
        reply = parts.actions.run(_call(turn, name, told))
    except ActionFailed as error:
        log.error(
            "answering.action_failed", conversation=turn.question.conversation, error=str(error)
        )
        return replies.handed_over(parts, turn, HandoffReason.FAULT)
    return _after_action(parts, turn, name, reply, confidence)


def _call(turn: Turn, name: str, told: Mapping[str, str]) -> ActionCall:
    guess = turn.guess
    return ActionCall(
        action=name,
        conversation=turn.question.conversation,
        text=turn.text,
        intent=guess.intent if guess else "",
        intent_confidence=guess.confidence if guess else 0.0,
        slots={**_slots(turn), **told},
        entities=[{"entity": one.entity, "value": one.value} for one in turn.entities],
    )


def _slots(turn: Turn) -> dict[str, Any]:
    """Return what was kept, with what this turn says. Another order needs a proof of its own."""
    slots = {**turn.question.memory.slots, "language": turn.answer_in}
    before = slots.get("order_number")
    for found in reversed(turn.entities):
        slots[found.entity] = found.value
    proven = any(found.entity == "order_proof" for found in turn.entities)
    if before and slots["order_number"] != before and not proven:
        slots["order_proof"] = None
    return slots


def _after_action(
    parts: Parts, turn: Turn, name: str, reply: ActionReply, confidence: float
) -> Answer:
    waiting = (name, reply.requested_slot) if reply.requested_slot else None
    choices = tuple(Choice(title, f"say:{payload}") for title, payload in reply.buttons)
    memory = replace(
        replies.kept(turn),
        slots=dict(reply.slots),
        active_action=waiting,
        waited=0,
        offered=choices,
        failures=0,
    )
    if reply.handoff:
        answer = replies.handed_over(parts, turn, HandoffReason.REPEATED_FAILURE)
        return replace(answer, memory=memory, text=reply.text)
    answer = replies.said(parts, turn, reply.text, confidence, Source.ACTION)
    order = reply.slots.get("order_number")
    return replace(answer, memory=memory, choices=choices, order=order)
