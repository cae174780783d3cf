"""Attempts at what is said about the talk itself: "huh?", "never mind", "why?", "the second one".

No model is asked: such words mean what they mean by what the bot said last. Their place in the
order is in `attempts.py`.
"""

from __future__ import annotations

from dataclasses import replace

from bot.answering import replies
from bot.answering.answer import Answer, Source
from bot.answering.asides import (
    asks_again,
    calls_out,
    finds_it_unclear,
    lets_go,
    only_heard,
    sighs,
    thanks,
    wants_more,
    was_in_vain,
)
from bot.answering.clarification import person_choice
from bot.answering.follow_up import is_short
from bot.answering.parts import Parts, Turn
from bot.answering.typed_choice import says_yes
from bot.conversation.events import HandoffReason

# Texts that end with the question whether a person shall be called.
OFFERS_OF_A_PERSON = ("unclear", "no_more", "sorry")


def accepted_person(parts: Parts, turn: Turn) -> Answer | None:
    """Call a person for who says yes to "shall I get a colleague?"."""
    texts = [parts.shop.texts.get(key, {}).values() for key in OFFERS_OF_A_PERSON]
    was_asked = any(turn.last_said in one for one in texts)
    if not was_asked or turn.question.choice is not None or not says_yes(turn.text):
        return None
    return replies.handed_over(parts, turn, HandoffReason.WISH)


def answered_the_door(parts: Parts, turn: Turn) -> Answer | None:
    """Greet who begins a talk with "is anyone there?"; a person is called when it is said later."""
    if turn.question.history or turn.mood.name == "angry" or not calls_out(turn.text):
        return None
    text = parts.shop.say("greeting", turn.answer_in)
    return replies.said(parts, turn, text, replies.FORM_CONFIDENCE, Source.SAID)


def said_again(parts: Parts, turn: Turn) -> Answer | None:
    """Say the last message again to who asks for that, with its quick replies."""
    last = next((one.text for one in reversed(turn.question.history) if one.who == "bot"), None)
    if last is None or not asks_again(turn.text):
        return None
    before = turn.question.memory
    answer = replies.said(parts, turn, last, replies.FORM_CONFIDENCE, Source.SAID)
    memory = replace(before, language=turn.answer_in)
    return replace(answer, memory=memory, choices=before.offered)


def acknowledged(parts: Parts, turn: Turn) -> Answer | None:
    """Take an interjection after an answer for what it is, and not for a question."""
    memory = turn.question.memory
    if turn.last_said is None or memory.active_action:
        return None
    thanked = thanks(turn.text) and not lets_go(turn.text)
    if not (thanked or only_heard(turn.text) or lets_go(turn.text)):
        return None
    keys = ("thanks",) if thanked else ("acknowledged", "thanks")
    text = parts.shop.say_first(keys, turn.answer_in)
    return replies.said(parts, turn, text, replies.FORM_CONFIDENCE, Source.SAID)


def unclear(parts: Parts, turn: Turn) -> Answer | None:
    """Ask what was unclear about the last message, or let a person explain it.

    Where that only asked for other words, "??" is no question about it.
    """
    if turn.last_said is None or turn.calls_for_person or not finds_it_unclear(turn.text):
        return None
    if turn.last_said in parts.shop.texts["not_understood"].values():
        return None
    return _offers_person(parts, turn, "unclear")


def no_more(parts: Parts, turn: Turn) -> Answer | None:
    """Offer a person to who asks only why, what then, or what else; entries seldom tell."""
    if turn.last_said is None or turn.calls_for_person or not wants_more(turn.text):
        return None
    return _offers_person(parts, turn, "no_more")


def regretted(parts: Parts, turn: Turn) -> Answer | None:
    """Be sorry with who only regrets what was answered, and offer a person."""
    if turn.last_said is None or not sighs(turn.text):
        return None
    return _offers_person(parts, turn, "sorry")


def done_in_vain(parts: Parts, turn: Turn) -> Answer | None:
    """Offer a person to who has done what the last answer advised, and it was no use."""
    if turn.last is None or not is_short(turn.text) or not was_in_vain(turn.text):
        return None
    return _offers_person(parts, turn, "no_more")


def price_of_listed(parts: Parts, turn: Turn) -> Answer | None:
    """Tell the price of a thing by its place in the last answer, in the very words of that."""
    if turn.thing is None or not turn.thing.priced or turn.calls_for_person:
        return None
    entry = turn.last
    if entry is None or turn.thing.words not in entry.answer:
        return None
    end = "。" if turn.answer_in == "zh" else "."
    text = f"{turn.thing.words[:1].upper()}{turn.thing.words[1:]}{end}"
    answer = replies.said(parts, turn, text, replies.FORM_CONFIDENCE, Source.KNOWN)
    return replace(answer, entry_id=entry.id)


def _offers_person(parts: Parts, turn: Turn, key: str) -> Answer | None:
    """Say a text with what is on offer and a button that calls a person; then call one.

    Passes where the shop has no such text.
    """
    if key not in parts.shop.texts:
        return None
    text = parts.shop.say(key, turn.answer_in)
    if turn.last_said == text:
        return replies.handed_over(parts, turn, HandoffReason.REPEATED_FAILURE)
    offered = (one for one in turn.question.memory.offered if one.value != "person")
    choices = (*offered, person_choice(parts.shop, turn.answer_in))
    answer = replies.asked(parts, turn, text, choices)
    # A form goes on waiting as long as if nothing had been said.
    before = turn.question.memory
    memory = replace(answer.memory, active_action=before.active_action, waited=before.waited)
    return replace(answer, memory=memory)
