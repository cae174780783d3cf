"""What is said beside the talk itself: messages for later, satisfaction, tags, alarms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.conversation.commands import (
    CONTACT_KINDS,
    LeavesMessage,
    ReplyIsLate,
    ShopperRates,
    StaffTags,
)
from bot.conversation.drafting import Draft, check_text
from bot.conversation.errors import Refused
from bot.conversation.events import EventKind, HandoffReason, Stage
from bot.conversation.stages import next_move
from bot.conversation.state import BOT, SHOPPER, ConversationState, Outcome
from bot.conversation.visible import has_visible

MAX_CONTACT_CHARACTERS = 200
MAX_TAG_CHARACTERS = 40
MAX_TAGS = 20
SCORES = range(1, 6)


def leave_message(state: ConversationState, command: LeavesMessage, at: datetime) -> Outcome:
    """Keep the message and how to answer it; the conversation waits for people.

    Raises:
        Refused: no way to reach the shopper, or one that is too long or unknown (`bad_frame`).
    """
    move = next_move(state.stage, command.kind)
    contact = _check_contact(command.contact)
    draft = Draft(state, at)
    body = {"contact": contact}
    draft.add(EventKind.MESSAGE_LEFT, SHOPPER, check_text(command.text), body, command.client_id)
    draft.set(contact=contact, message_left_at=state.message_left_at or at)
    draft.announce("message_left", {"language": state.language})
    if state.stage is not Stage.WAITING_FOR_STAFF and move.to is Stage.WAITING_FOR_STAFF:
        draft.hand_over(HandoffReason.MESSAGE_LEFT)
    return draft.outcome()


def rate(state: ConversationState, command: ShopperRates, at: datetime) -> Outcome:
    """Keep how satisfied the shopper is; the newest answer counts.

    Raises:
        Refused: a score that is not 1 to 5 (`bad_frame`).
    """
    move = next_move(state.stage, command.kind)
    if command.score not in SCORES:
        raise Refused("bad_frame", "The score is a whole number from 1 to 5.")
    comment = check_text(command.comment) if has_visible(command.comment) else ""
    draft = Draft(state, at)
    draft.say(move, SHOPPER, comment, {"score": command.score})
    draft.set(score=command.score)
    draft.announce("rated", {"score": command.score})
    return draft.outcome()


def tag(state: ConversationState, command: StaffTags, at: datetime) -> Outcome:
    """Put tags on or take them off; what changes nothing makes no event.

    Raises:
        Refused: an empty or overlong tag, or too many (`bad_frame`).
    """
    move = next_move(state.stage, command.kind)
    before = set(state.tags)
    after = (before | {_check_tag(tag) for tag in command.add}) - set(command.remove)
    if len(after) > MAX_TAGS:
        raise Refused("bad_frame", f"A conversation has at most {MAX_TAGS} tags.")
    draft = Draft(state, at)
    if after != before:
        body = {
            "name": command.name,
            "added": sorted(after - before),
            "removed": sorted(before - after),
        }
        draft.say(move, command.staff, body=body)
        draft.set(tags=tuple(sorted(after)))
    return draft.outcome()


def reply_is_late(state: ConversationState, command: ReplyIsLate, at: datetime) -> Outcome:
    """Note that staff are late, once for each wait, and tell so to the outside.

    Raises:
        Refused: the shopper, or the message that they left, does not wait since that moment any
            more (`wrong_stage`).
    """
    move = next_move(state.stage, command.kind)
    since = state.owed_since
    if since != command.waiting_since:
        raise Refused("wrong_stage", "The shopper no longer waits, or waits anew.")
    draft = Draft(state, at)
    if state.late_since != since:
        draft.say(move, BOT, body={"late": command.deadline})
        draft.set(late_since=since)
        holder = {} if state.holder is None else {"holder": state.holder.id}
        draft.announce("reply_late", {"deadline": command.deadline, **holder})
    return draft.outcome()


def _check_contact(contact: Mapping[str, str]) -> dict[str, str]:
    kept = {
        kind: check_text(value).strip() for kind, value in contact.items() if has_visible(value)
    }
    if not CONTACT_KINDS.issuperset(kept):
        raise Refused("bad_frame", f"Contact details are {', '.join(sorted(CONTACT_KINDS))}.")
    if not kept.keys() - {"name"}:
        raise Refused("bad_frame", "Say how to reach you: an e-mail address or a phone number.")
    if any(len(value) > MAX_CONTACT_CHARACTERS for value in kept.values()):
        raise Refused("bad_frame", f"At most {MAX_CONTACT_CHARACTERS} characters each.")
    return kept


def _check_tag(tag: str) -> str:
    tag = check_text(tag).strip()
    if len(tag) > MAX_TAG_CHARACTERS:
        raise Refused("bad_frame", f"A tag has at most {MAX_TAG_CHARACTERS} characters.")
    return tag
