"""Who has the conversation: claiming, passing on, taking over, giving back. Pure.

Every change of owner raises the claim epoch, so that words thought out under the old owner are late
everywhere. Whoever's command is applied first wins; the other is refused with the holder's name.
"""

from __future__ import annotations

from datetime import datetime

from bot.conversation.commands import (
    ClaimerGoesAway,
    GoesOnWithBot,
    HandsBack,
    StaffClaims,
    StaffReleases,
    StaffReopens,
    StaffTakesOver,
    StaffTransfers,
)
from bot.conversation.drafting import Draft
from bot.conversation.errors import Refused
from bot.conversation.events import EventKind, StaffId
from bot.conversation.stages import Move, next_move
from bot.conversation.state import SHOPPER, ConversationState, Holder, Outcome


def must_hold(state: ConversationState, staff: StaffId) -> None:
    """Refuse what only the holder may do.

    Raises:
        Refused: nobody (`not_claimed`) or somebody else (`not_holder`) has it.
    """
    if state.holder is None:
        raise Refused("not_claimed", "Claim the conversation first.")
    if state.holder.id != staff:
        raise Refused("not_holder", f"{state.holder.name} has it.", holder=state.holder.name)


def claim(state: ConversationState, command: StaffClaims, at: datetime) -> Outcome:
    """Give it to the first who asks; again by the holder changes nothing."""
    move = next_move(state.stage, command.kind)
    if state.holder is not None and state.holder.id != command.staff:
        raise _already_claimed(state.holder)
    draft = Draft(state, at)
    if move.events:
        # Whoever takes it from the bot owes what the bot was asked and has not answered.
        asked = state.open_turns[0].asked_at if state.open_turns else None
        holder = Holder(command.staff, command.name)
        draft.change_owner(move.to, holder=holder, waiting_since=state.waiting_since or asked)
        body = {"name": command.name, **({"routed": True} if command.routed else {})}
        draft.say(move, command.staff, body=body)
    return draft.outcome()


def transfer(state: ConversationState, command: StaffTransfers, at: datetime) -> Outcome:
    """Move it from its holder to a colleague; to oneself changes nothing."""
    move = next_move(state.stage, command.kind)
    must_hold(state, command.staff)
    draft = Draft(state, at)
    if command.to != command.staff:
        draft.change_owner(move.to, holder=Holder(command.to, command.to_name))
        body = {"name": command.name, "to": command.to, "to_name": command.to_name}
        draft.say(move, command.staff, body=body)
        draft.announce("transferred", {"to": command.to, "by": command.staff})
    return draft.outcome()


def take_over(state: ConversationState, command: StaffTakesOver, at: datetime) -> Outcome:
    """Take it from the holder whom the command names, and from no other."""
    move = next_move(state.stage, command.kind)
    holder = state.holder
    draft = Draft(state, at)
    if holder is None or holder.id == command.staff:
        return draft.outcome()
    if holder.id != command.held_by:
        raise _already_claimed(holder)
    draft.change_owner(move.to, holder=Holder(command.staff, command.name))
    body = {
        "name": command.name,
        "from": holder.id,
        "from_name": holder.name,
        "right": command.right.value,
    }
    draft.say(move, command.staff, body=body)
    draft.announce("taken_over", {"from": holder.id, "by": command.staff})
    return draft.outcome()


def reopen(state: ConversationState, command: StaffReopens, at: datetime) -> Outcome:
    """Take up a conversation that had ended."""
    move = next_move(state.stage, command.kind)
    draft = Draft(state, at)
    draft.forget_handoff()
    holder = Holder(command.staff, command.name)
    draft.change_owner(move.to, holder=holder, closed_at=None)
    draft.say(move, command.staff, body={"name": command.name})
    return draft.outcome()


def let_go(
    state: ConversationState, command: StaffReleases | ClaimerGoesAway, at: datetime
) -> Outcome:
    """Put it back into the queue, where the shopper keeps the time waited since."""
    move = next_move(state.stage, command.kind)
    must_hold(state, command.staff)
    draft = Draft(state, at)
    away = isinstance(command, ClaimerGoesAway)
    draft.say(move, command.staff, body={"name": _name(state), "away": away})
    owed = state.waiting_since is not None
    # Where every word was answered, the next who takes it begins with a first reply.
    draft.change_owner(
        move.to,
        holder=None,
        waiting_since=state.waiting_since or at,
        staff_spoke=owed and state.staff_spoke,
    )
    draft.announce_waiting("claimer_away" if away else "released")
    return draft.outcome()


def hand_back(state: ConversationState, command: HandsBack, at: datetime) -> Outcome:
    """Give it back to the bot, which answers what was said since the last word of a person.

    The shopper may have written in the very moment in which it was given back.
    """
    move = next_move(state.stage, command.kind)
    must_hold(state, command.staff)
    draft = Draft(state, at)
    draft.say(move, command.staff, body={"name": _name(state)})
    draft.forget_handoff()
    draft.set(message_left_at=None)
    _back_to_bot(draft, state, move)
    return draft.outcome()


def go_on_with_bot(state: ConversationState, command: GoesOnWithBot, at: datetime) -> Outcome:
    """Take the shopper out of the queue, back to the bot, which answers what was said meanwhile."""
    move = next_move(state.stage, command.kind)
    draft = Draft(state, at)
    draft.forget_handoff()
    _back_to_bot(draft, state, move)
    draft.add(EventKind.WENT_ON_WITH_BOT, SHOPPER)
    return draft.outcome()


def _back_to_bot(draft: Draft, state: ConversationState, move: Move) -> None:
    """Give the conversation to the bot, and with it, once, what nobody has answered."""
    draft.change_owner(move.to)
    if state.unanswered_from is not None:
        draft.ask_turn(choice=None, first_seq=state.unanswered_from)


def _name(state: ConversationState) -> str:
    return state.holder.name if state.holder else ""


def _already_claimed(holder: Holder) -> Refused:
    return Refused("already_claimed", f"{holder.name} already has it.", holder=holder.name)
