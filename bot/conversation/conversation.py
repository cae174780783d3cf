"""One conversation as a pure function: state and command in, new state and events out.

It knows no socket, clock, file or model. Who owns the conversation is decided here alone, by the
stage table and the claim epoch, so every race between bot, staff and shopper ends the same way on
every node: whoever's command is applied first wins, the other is refused or kept as a draft.

How messages become turns:

* A message while the bot has the conversation asks a turn. As long as no worker has taken that
  turn, further messages join it, so a burst of short messages is answered once.
* A message that comes while a turn is being answered asks a turn of its own. It is taken only
  after the running one has ended; messages that follow meanwhile join it. The running answer is
  not thrown away: it answers what was asked before, and the next turn sees it in the history.
* A message while the shopper waits for a person, or talks to one, makes no turn.
* Every change of owner ends all open turns, and raises the claim epoch.
* What the shopper said last when a person gives the conversation back makes a turn then, without an
  event of its own: nobody has answered it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.conversation import ownership, remarks
from bot.conversation.commands import (
    AsksForPerson,
    Begin,
    BotAnswers,
    BotAsks,
    BotGivesUp,
    BotNotices,
    BotWords,
    ClaimerGoesAway,
    Command,
    CommandKind,
    GoesOnWithBot,
    HandsBack,
    LeavesMessage,
    ReplyIsLate,
    ShopperCloses,
    ShopperRates,
    ShopperSays,
    StaffClaims,
    StaffCloses,
    StaffNotes,
    StaffReleases,
    StaffReopens,
    StaffSays,
    StaffTags,
    StaffTakesOver,
    StaffTransfers,
    TakeTurn,
    Ticket,
    TurnFails,
)
from bot.conversation.drafting import Draft, check_text, with_oldest_taken
from bot.conversation.errors import Refused
from bot.conversation.events import (
    Event,
    EventKind,
    StaffId,
    Stage,
    TurnId,
    TurnState,
)
from bot.conversation.stages import next_move
from bot.conversation.state import (
    BOT,
    SHOPPER,
    ConversationState,
    Holder,
    OutboxItem,
    Outcome,
    Turn,
)

__all__ = [
    "BOT",
    "SHOPPER",
    "ConversationState",
    "Holder",
    "OutboxItem",
    "Outcome",
    "Turn",
    "apply",
    "begin",
    "check_text",
    "texts_of",
]

MAX_MENTIONS = 20
"""Colleagues that one note can call."""

ALWAYS_CHOOSABLE = frozenset({"person"})
"""Values of `choice` obeyed without being offered: the button for a person is always there."""


def begin(command: Begin, at: datetime) -> ConversationState:
    """Make the state of a conversation in which nothing was said yet."""
    return ConversationState(
        id=command.conversation,
        stage=Stage.WITH_BOT,
        created_at=at,
        last_at=at,
        language=command.language,
        page=dict(command.page),
    )


def apply(state: ConversationState, command: Command, at: datetime) -> Outcome:
    """Apply one command.

    Args:
        state: the state before it.
        command: what is wanted.
        at: now, UTC. Times of events never run back within a conversation: an `at` before the
            state's `last_at` (the clock was set back) counts as `last_at` there. A wait begins
            now, whatever was said by a clock that ran ahead: it has its place among other waits.

    Raises:
        Refused: the stage table, the claim, or a rule on the text does not allow it.
    """
    match command:
        case ShopperSays():
            return _shopper_says(state, command, at)
        case TakeTurn():
            return _take_turn(state, command)
        case BotAnswers() | BotAsks() | BotGivesUp():
            return _bot_speaks(state, command, at)
        case TurnFails():
            return _turn_fails(state, command, at)
        case StaffSays() | StaffNotes():
            return _staff_writes(state, command, at)
        case GoesOnWithBot() | LeavesMessage() | ShopperRates() | AsksForPerson():
            return _shopper_acts(state, command, at)
        case BotNotices() | StaffCloses() | ShopperCloses() | StaffTags() | ReplyIsLate():
            return _rest(state, command, at)
        case _:
            return _staff_acts(state, command, at)


def _staff_acts(
    state: ConversationState,
    command: StaffClaims
    | StaffTransfers
    | StaffTakesOver
    | StaffReopens
    | StaffReleases
    | ClaimerGoesAway
    | HandsBack,
    at: datetime,
) -> Outcome:
    """Apply what moves a conversation between people, the queue and the bot."""
    match command:
        case StaffClaims():
            return ownership.claim(state, command, at)
        case StaffTransfers():
            return ownership.transfer(state, command, at)
        case StaffTakesOver():
            return ownership.take_over(state, command, at)
        case StaffReopens():
            return ownership.reopen(state, command, at)
        case StaffReleases() | ClaimerGoesAway():
            return ownership.let_go(state, command, at)
        case HandsBack():
            return ownership.hand_back(state, command, at)


def _shopper_acts(
    state: ConversationState,
    command: GoesOnWithBot | LeavesMessage | ShopperRates | AsksForPerson,
    at: datetime,
) -> Outcome:
    """Apply what a shopper does beside talking."""
    match command:
        case GoesOnWithBot():
            return ownership.go_on_with_bot(state, command, at)
        case LeavesMessage():
            return remarks.leave_message(state, command, at)
        case ShopperRates():
            return remarks.rate(state, command, at)
        case AsksForPerson():
            draft = Draft(state, at)
            if next_move(state.stage, command.kind).events:
                draft.hand_over(command.reason)
            return draft.outcome()


def _rest(
    state: ConversationState,
    command: BotNotices | StaffCloses | ShopperCloses | StaffTags | ReplyIsLate,
    at: datetime,
) -> Outcome:
    """Apply notices, tags, alarms and endings."""
    if isinstance(command, StaffTags):
        return remarks.tag(state, command, at)
    if isinstance(command, ReplyIsLate):
        return remarks.reply_is_late(state, command, at)
    move = next_move(state.stage, command.kind)
    draft = Draft(state, at)
    match command:
        case BotNotices():
            draft.say(move, BOT, check_text(command.text), body={"notice": command.notice})
        case StaffCloses():
            if state.holder is not None:
                ownership.must_hold(state, command.staff)
            # A person who ends it, again too, has seen the message that was left.
            draft.set(message_left_at=None)
            draft.close(move, command.staff, command.name)
        case ShopperCloses():
            draft.close(move, SHOPPER, "")
    return draft.outcome()


def _shopper_says(state: ConversationState, command: ShopperSays, at: datetime) -> Outcome:
    move = next_move(state.stage, command.kind)
    draft = Draft(state, at)
    text = check_text(command.text)
    if state.stage is Stage.CLOSED:
        draft.forget_handoff()
        draft.change_owner(move.to, closed_at=None)
        draft.add(EventKind.REOPENED, SHOPPER)
    choosable = ALWAYS_CHOOSABLE.union(state.offered)
    choice = command.choice if command.choice in choosable else None
    turn = None
    if move.to is Stage.WITH_BOT:
        turn = draft.ask_turn(choice, first_seq=draft.next_seq)
    else:
        draft.remember_unanswered(draft.next_seq)
    body = {} if choice is None else {"choice": choice}
    draft.add(EventKind.SHOPPER_SAID, SHOPPER, text, body, command.client_id, turn)
    if command.take and turn is not None:
        draft.take_turn()
    if move.to is Stage.WITH_STAFF and state.waiting_since is None:
        draft.set(waiting_since=at)
    return draft.outcome()


def _take_turn(state: ConversationState, command: TakeTurn) -> Outcome:
    next_move(state.stage, command.kind)
    ticket = command.ticket
    oldest = state.open_turns[0] if state.open_turns else None
    if oldest is None or oldest.ticket != ticket:
        raise Refused("wrong_stage", "This turn has ended, was taken, or is not the next one.")
    after = with_oldest_taken(state)
    return Outcome(after, turns=after.open_turns[:1])


def _bot_speaks(state: ConversationState, command: BotWords, at: datetime) -> Outcome:
    turn = _answering(state, command.ticket)
    fresh = turn is not None and command.ticket.claim_epoch == state.claim_epoch
    move = next_move(state.stage, command.kind if fresh else CommandKind.LATE_WORDS)
    if EventKind.BOT_DRAFTED in move.events or turn is None:
        return _keep_as_draft(state, command, at)
    draft = Draft(state, at)
    draft.speak(move.events[0], command.speech, turn.id)
    gives_up = isinstance(command, BotGivesUp)
    draft.end_turn(turn, TurnState.HANDED_OVER if gives_up else TurnState.ANSWERED)
    if isinstance(command, BotGivesUp):
        draft.hand_over(command.reason)
    return draft.outcome()


def _keep_as_draft(state: ConversationState, command: BotWords, at: datetime) -> Outcome:
    """Late words: private to staff when the owner changed, refused when the turn simply ended."""
    ticket = command.ticket
    if state.stage is Stage.WITH_BOT and ticket.claim_epoch == state.claim_epoch:
        raise Refused("wrong_stage", "This turn has already ended or is answered by another try.")
    if not _was_asked_here(state, ticket.turn):
        raise Refused("not_yours", "This turn belongs to another conversation.")
    draft = Draft(state, at)
    speech = command.speech
    body = {"would_be": command.kind.value, "source": speech.source, "language": speech.language}
    draft.add(EventKind.BOT_DRAFTED, BOT, check_text(speech.text), body, turn=ticket.turn)
    draft.keep_trace(ticket.turn, speech.trace)
    return draft.outcome()


def _was_asked_here(state: ConversationState, turn: TurnId) -> bool:
    conversation, _, number = turn.rpartition(".")
    return conversation == state.id and number.isdecimal() and 0 < int(number) <= state.turn_count


def _turn_fails(state: ConversationState, command: TurnFails, at: datetime) -> Outcome:
    move = next_move(state.stage, command.kind)
    turn = next((turn for turn in state.open_turns if turn.ticket == command.ticket), None)
    if turn is None:
        raise Refused("wrong_stage", "This turn has already ended or was taken by another try.")
    draft = Draft(state, at)
    text = check_text(command.text)
    draft.add(move.events[0], BOT, text, {"notice": "failed"}, turn=turn.id)
    draft.end_turn(turn, TurnState.FAILED)
    draft.set(failures=state.failures + 1)
    return draft.outcome()


def _staff_writes(
    state: ConversationState, command: StaffSays | StaffNotes, at: datetime
) -> Outcome:
    move = next_move(state.stage, command.kind)
    draft = Draft(state, at)
    body: dict[str, Any] = {"name": command.name}
    mentions: tuple[StaffId, ...] = ()
    if isinstance(command, StaffSays):
        ownership.must_hold(state, command.staff)
        draft.set(waiting_since=None, staff_spoke=True, message_left_at=None, unanswered_from=None)
    elif command.mentions:
        mentions = tuple(dict.fromkeys(command.mentions))[:MAX_MENTIONS]
        body["mentions"] = list(mentions)
    text = check_text(command.text)
    draft.add(move.events[0], command.staff, text, body, command.client_id)
    for colleague in mentions:
        draft.announce("mentioned", {"to": colleague, "by": command.staff}, detail=colleague)
    return draft.outcome()


def _answering(state: ConversationState, ticket: Ticket) -> Turn | None:
    """Find the turn that this ticket may answer now."""
    for turn in state.open_turns:
        if turn.state is TurnState.ANSWERING and turn.ticket == ticket:
            return turn
    return None


def texts_of(events: Sequence[Event], turn: TurnId) -> tuple[str, ...]:
    """Pick the shopper's messages of one turn, oldest first."""
    return tuple(
        event.text
        for event in events
        if event.turn == turn and event.kind is EventKind.SHOPPER_SAID
    )
