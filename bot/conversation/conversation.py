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
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.conversation.commands import (
    AsksForPerson,
    Begin,
    BotAnswers,
    BotAsks,
    BotGivesUp,
    BotNotices,
    BotSpeech,
    BotWords,
    ClaimerGoesAway,
    Command,
    CommandKind,
    HandsBack,
    ShopperCloses,
    ShopperSays,
    StaffClaims,
    StaffCloses,
    StaffNotes,
    StaffReleases,
    StaffSays,
    TakeTurn,
    Ticket,
    TurnFails,
)
from bot.conversation.errors import Refused
from bot.conversation.events import (
    ClientId,
    ConversationId,
    Event,
    EventKind,
    HandoffReason,
    StaffId,
    Stage,
    TurnId,
    TurnState,
)
from bot.conversation.stages import Move, next_move

SHOPPER = "shopper"
BOT = "bot"

ALWAYS_CHOOSABLE = frozenset({"person"})
"""Values of `choice` obeyed without being offered: the button for a person is always there."""

PREVIEW_CHARACTERS = 160
"""Length of `ConversationState.last_text`, one line in the inbox."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The person who holds a conversation."""

    id: StaffId
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One or more messages of the shopper that the bot answers together.

    Attributes:
        id: "<conversation>.<number>".
        number: 1, 2, 3 … within the conversation.
        state: see `TurnState`.
        attempt: how often it was taken by a worker.
        claim_epoch: the conversation's claim epoch when it was asked.
        choice: value of the last quick reply pressed in it, if it was one that had been offered.
        asked_at, ended_at: UTC; `ended_at` is None while it is open.
    """

    id: TurnId
    number: int
    state: TurnState
    attempt: int
    claim_epoch: int
    asked_at: datetime
    choice: str | None = None
    ended_at: datetime | None = None

    @property
    def ticket(self) -> Ticket:
        """The right to take this turn (while asked) or to answer it (while answering)."""
        return Ticket(self.id, self.attempt, self.claim_epoch)


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Everything that deciding the next command needs.

    Attributes:
        last_seq: number of the newest event, 0 when there is none.
        language: of the newest bot answer, before it of the widget; None when unknown.
        holder: the person who holds it; set exactly in the stage with_staff.
        claim_epoch: raised by every change of owner.
        waiting_since: since when the shopper waits for a person's word, None when for none.
        failures: turns in a row that the bot did not answer; 0 after a person had it.
        memory: the answerer's memory as it gave it; JSON values.
        offered: values of the quick replies of the newest bot message.
        reason, mood, intent, order: why and with what it was handed over, for the inbox.
        turn_count: number of the newest turn.
        open_turns: turns that have not ended, oldest first; at most one is being answered.
        last_text: start of the newest public message.
    """

    id: ConversationId
    stage: Stage
    created_at: datetime
    last_at: datetime
    last_seq: int = 0
    language: str | None = None
    holder: Holder | None = None
    claim_epoch: int = 0
    waiting_since: datetime | None = None
    failures: int = 0
    memory: Mapping[str, Any] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    reason: HandoffReason | None = None
    mood: str = "neutral"
    intent: str | None = None
    order: str | None = None
    turn_count: int = 0
    open_turns: tuple[Turn, ...] = ()
    last_text: str = ""
    page: Mapping[str, str] = field(default_factory=dict)
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """Something that must leave the house once this is stored (notification, webhook, e-mail).

    Attributes:
        kind: "waiting" (a shopper waits for a person), "closed".
        key: idempotency key, unique for all time.
        payload: JSON values; ids and facts, never what was said.
    """

    kind: str
    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command comes to. All of it is stored in one transaction, or none.

    Attributes:
        state: the state after it.
        events: new events, numbered.
        turns: turns that are new or changed.
        outbox: what must leave the house.
        trace: why the bot said it, with the turn it belongs to.
    """

    state: ConversationState
    events: tuple[Event, ...] = ()
    turns: tuple[Turn, ...] = ()
    outbox: tuple[OutboxItem, ...] = ()
    trace: tuple[TurnId, Mapping[str, Any]] | None = None


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
        at: now, UTC. Times never run back within a conversation: an `at` before the state's
            `last_at` (the clock was set back) counts as `last_at`.

    Raises:
        Refused: the stage table, the claim, or a rule on the text does not allow it.
    """
    at = max(at, state.last_at)
    match command:
        case ShopperSays():
            return _shopper_says(state, command, at)
        case TakeTurn():
            return _take_turn(state, command)
        case BotAnswers() | BotAsks() | BotGivesUp():
            return _bot_speaks(state, command, at)
        case TurnFails():
            return _turn_fails(state, command, at)
        case StaffClaims():
            return _staff_claims(state, command, at)
        case StaffSays() | StaffNotes():
            return _staff_writes(state, command, at)
        case _:
            return _rest(state, command, at)


def _rest(
    state: ConversationState,
    command: AsksForPerson
    | BotNotices
    | StaffReleases
    | HandsBack
    | StaffCloses
    | ClaimerGoesAway
    | ShopperCloses,
    at: datetime,
) -> Outcome:
    """Apply the commands that only change the owner, and the bot's notices."""
    move = next_move(state.stage, command.kind)
    draft = _Draft(state, at)
    match command:
        case BotNotices():
            draft.say(move, BOT, check_text(command.text), body={"notice": command.notice})
        case AsksForPerson():
            if move.events:
                draft.hand_over(command.reason)
        case StaffReleases() | ClaimerGoesAway():
            _must_hold(state, command.staff)
            away = command.kind is CommandKind.CLAIMER_GOES_AWAY
            name = state.holder.name if state.holder else ""
            draft.say(move, command.staff, body={"name": name, "away": away})
            draft.change_owner(move.to, holder=None, waiting_since=state.waiting_since or at)
            draft.announce_waiting("claimer_away" if away else "released")
        case HandsBack():
            _must_hold(state, command.staff)
            name = state.holder.name if state.holder else ""
            draft.say(move, command.staff, body={"name": name})
            draft.forget_handoff()
            draft.change_owner(move.to)
        case StaffCloses():
            if state.holder is not None:
                _must_hold(state, command.staff)
            draft.close(move, command.staff, command.name)
        case ShopperCloses():
            draft.close(move, SHOPPER, "")
    return draft.outcome()


def _shopper_says(state: ConversationState, command: ShopperSays, at: datetime) -> Outcome:
    move = next_move(state.stage, command.kind)
    draft = _Draft(state, at)
    text = check_text(command.text)
    if state.stage is Stage.CLOSED:
        draft.forget_handoff()
        draft.change_owner(move.to, closed_at=None)
        draft.add(EventKind.REOPENED, SHOPPER)
    choosable = ALWAYS_CHOOSABLE.union(state.offered)
    choice = command.choice if command.choice in choosable else None
    turn = draft.ask_turn(choice) if move.to is Stage.WITH_BOT else None
    body = {} if choice is None else {"choice": choice}
    draft.add(EventKind.SHOPPER_SAID, SHOPPER, text, body, command.client_id, turn)
    if move.to is Stage.WITH_STAFF and state.waiting_since is None:
        draft.set(waiting_since=at)
    return draft.outcome()


def _take_turn(state: ConversationState, command: TakeTurn) -> Outcome:
    next_move(state.stage, command.kind)
    ticket = command.ticket
    oldest = state.open_turns[0] if state.open_turns else None
    if oldest is None or oldest.ticket != ticket:
        raise Refused("wrong_stage", "This turn has ended, was taken, or is not the next one.")
    taken = replace(oldest, state=TurnState.ANSWERING, attempt=oldest.attempt + 1)
    after = replace(state, open_turns=(taken, *state.open_turns[1:]))
    return Outcome(after, turns=(taken,))


def _bot_speaks(state: ConversationState, command: BotWords, at: datetime) -> Outcome:
    turn = _answering(state, command.ticket)
    fresh = turn is not None and command.ticket.claim_epoch == state.claim_epoch
    move = next_move(state.stage, command.kind if fresh else CommandKind.LATE_WORDS)
    if EventKind.BOT_DRAFTED in move.events or turn is None:
        return _keep_as_draft(state, command, at)
    draft = _Draft(state, at)
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
    draft = _Draft(state, at)
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
    draft = _Draft(state, at)
    text = check_text(command.text)
    draft.add(move.events[0], BOT, text, {"notice": "failed"}, turn=turn.id)
    draft.end_turn(turn, TurnState.FAILED)
    draft.set(failures=state.failures + 1)
    return draft.outcome()


def _staff_claims(state: ConversationState, command: StaffClaims, at: datetime) -> Outcome:
    move = next_move(state.stage, command.kind)
    if state.holder is not None and state.holder.id != command.staff:
        raise Refused(
            "already_claimed", f"{state.holder.name} already has it.", holder=state.holder.name
        )
    draft = _Draft(state, at)
    if move.events:
        draft.change_owner(move.to, holder=Holder(command.staff, command.name))
        draft.say(move, command.staff, body={"name": command.name})
    return draft.outcome()


def _staff_writes(
    state: ConversationState, command: StaffSays | StaffNotes, at: datetime
) -> Outcome:
    move = next_move(state.stage, command.kind)
    draft = _Draft(state, at)
    if isinstance(command, StaffSays):
        _must_hold(state, command.staff)
        draft.set(waiting_since=None)
    text = check_text(command.text)
    body = {"name": command.name}
    draft.add(move.events[0], command.staff, text, body, command.client_id)
    return draft.outcome()


def _must_hold(state: ConversationState, staff: StaffId) -> None:
    if state.holder is None:
        raise Refused("not_claimed", "Claim the conversation first.")
    if state.holder.id != staff:
        raise Refused("not_holder", f"{state.holder.name} has it.", holder=state.holder.name)


def _answering(state: ConversationState, ticket: Ticket) -> Turn | None:
    """Find the turn that this ticket may answer now."""
    for turn in state.open_turns:
        if turn.state is TurnState.ANSWERING and turn.ticket == ticket:
            return turn
    return None


def check_text(text: str) -> str:
    """Give the text back if every store and page can carry it, byte for byte.

    Raises:
        Refused: nothing but white space (`text_empty`); a NUL or half a surrogate pair, which no
            database and no UTF-8 file can hold (`bad_frame`).
    """
    if not text.strip():
        raise Refused("text_empty", "Write something first.")
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused(
            "bad_frame", "The text holds a character that is not text (NUL or half a pair)."
        )
    return text


class _Draft:
    """An outcome in the making; lives for one call of `apply`."""

    def __init__(self, state: ConversationState, at: datetime) -> None:
        self._state = replace(state, last_at=at)
        self._at = at
        self._events: list[Event] = []
        self._turns: dict[TurnId, Turn] = {}
        self._outbox: list[OutboxItem] = []
        self._trace: tuple[TurnId, Mapping[str, Any]] | None = None

    def outcome(self) -> Outcome:
        return Outcome(
            self._state,
            tuple(self._events),
            tuple(self._turns.values()),
            tuple(self._outbox),
            self._trace,
        )

    def set(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)

    def add(
        self,
        kind: EventKind,
        author: str,
        text: str = "",
        body: Mapping[str, Any] | None = None,
        client_id: ClientId | None = None,
        turn: TurnId | None = None,
    ) -> None:
        """Append an event under the next number."""
        seq = self._state.last_seq + 1
        self._events.append(
            Event(
                kind=kind,
                conversation=self._state.id,
                at=self._at,
                author=author,
                text=text,
                seq=seq,
                client_id=client_id,
                turn=turn,
                body=body or {},
            )
        )
        private = kind in (EventKind.STAFF_NOTED, EventKind.BOT_DRAFTED)
        preview = self._state.last_text if private or not text else text[:PREVIEW_CHARACTERS]
        self.set(last_seq=seq, last_text=preview)

    def say(
        self, move: Move, author: str, text: str = "", body: Mapping[str, Any] | None = None
    ) -> None:
        """Append the move's events, all with the same author, text and body."""
        for kind in move.events:
            self.add(kind, author, text, body)

    def speak(self, kind: EventKind, speech: BotSpeech, turn: TurnId) -> None:
        """Append the bot's words and keep what is to be remembered of them."""
        body: dict[str, Any] = {
            "language": speech.language,
            "source": speech.source,
            "confidence": speech.confidence,
            "entry": speech.entry,
            "choices": [{"label": label, "value": value} for label, value in speech.choices],
        }
        self.add(kind, BOT, check_text(speech.text), body, turn=turn)
        self.set(
            language=speech.language,
            memory=dict(speech.memory),
            failures=speech.failures,
            offered=tuple(value for _, value in speech.choices),
            mood=speech.mood,
            intent=speech.intent,
            order=speech.order or self._state.order,
        )
        self.keep_trace(turn, speech.trace)

    def keep_trace(self, turn: TurnId, trace: Mapping[str, Any] | None) -> None:
        if trace is not None:
            self._trace = (turn, trace)

    def ask_turn(self, choice: str | None) -> TurnId:
        """Join the turn that nobody has taken yet, or ask a new one."""
        turns = self._state.open_turns
        if turns and turns[-1].state is TurnState.ASKED:
            turn = replace(turns[-1], choice=choice or turns[-1].choice)
            turns = turns[:-1]
        else:
            number = self._state.turn_count + 1
            turn = Turn(
                id=TurnId(f"{self._state.id}.{number}"),
                number=number,
                state=TurnState.ASKED,
                attempt=0,
                claim_epoch=self._state.claim_epoch,
                asked_at=self._at,
                choice=choice,
            )
        self._turns[turn.id] = turn
        self.set(open_turns=(*turns, turn), turn_count=turn.number)
        return turn.id

    def end_turn(self, turn: Turn, state: TurnState) -> None:
        ended = replace(turn, state=state, ended_at=self._at)
        self._turns[turn.id] = ended
        rest = tuple(other for other in self._state.open_turns if other.id != turn.id)
        self.set(open_turns=rest)

    def _end_all_turns(self, state: TurnState) -> None:
        for turn in self._state.open_turns:
            self.end_turn(turn, state)

    def change_owner(self, to: Stage, holder: Holder | None = None, **changes: Any) -> None:
        """Give the conversation to somebody else: open turns end, old tickets lose their worth."""
        ended = TurnState.FAILED if to is Stage.CLOSED else TurnState.HANDED_OVER
        self._end_all_turns(ended)
        epoch = self._state.claim_epoch + 1
        self.set(stage=to, holder=holder, claim_epoch=epoch, offered=(), **changes)

    def hand_over(self, reason: HandoffReason) -> None:
        """Put the shopper into the queue, and tell so to the outside."""
        self.change_owner(Stage.WAITING_FOR_STAFF, waiting_since=self._at, reason=reason)
        facts = {"reason": reason.value, "intent": self._state.intent, "mood": self._state.mood}
        self.add(EventKind.HANDOFF_REQUESTED, BOT, body=facts)
        self.announce_waiting(reason.value)

    def announce_waiting(self, reason: str) -> None:
        self._announce("waiting", {"reason": reason, "language": self._state.language})

    def forget_handoff(self) -> None:
        """Let the bot begin afresh: nobody waits, and earlier failures do not count."""
        self.set(waiting_since=None, reason=None, failures=0, mood="neutral")

    def close(self, move: Move, author: str, name: str) -> None:
        if not move.events:
            return
        self.change_owner(move.to, waiting_since=None, closed_at=self._at)
        self.say(move, author, body={"name": name} if name else None)
        self._announce("closed", {"by": "shopper" if author == SHOPPER else "staff"})

    def _announce(self, kind: str, facts: Mapping[str, Any]) -> None:
        seq = self._state.last_seq
        payload = {"conversation": self._state.id, "seq": seq, **facts}
        key = f"{self._state.id}:{seq}:{kind}"
        self._outbox.append(OutboxItem(kind, key, payload))


def texts_of(events: Sequence[Event], turn: TurnId) -> tuple[str, ...]:
    """Pick the shopper's messages of one turn, oldest first."""
    return tuple(
        event.text
        for event in events
        if event.turn == turn and event.kind is EventKind.SHOPPER_SAID
    )
