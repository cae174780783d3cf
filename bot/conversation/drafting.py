"""How an outcome is put together: events get their numbers, turns begin and end, owners change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.conversation.commands import BotSpeech
from bot.conversation.errors import Refused
from bot.conversation.events import (
    PRIVATE_KINDS,
    ClientId,
    Event,
    EventKind,
    HandoffReason,
    Stage,
    TurnId,
    TurnState,
)
from bot.conversation.stages import Move
from bot.conversation.state import (
    BOT,
    SHOPPER,
    ConversationState,
    Holder,
    OutboxItem,
    Outcome,
    Turn,
)
from bot.conversation.visible import has_visible

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")

PREVIEW_CHARACTERS = 160
"""Length of `ConversationState.last_text`, one line in the inbox."""

ROUTINE_KINDS = frozenset({EventKind.BOT_GAVE_UP, EventKind.BOT_NOTICE})
"""Words that are the same for everybody: a line of the inbox keeps what the shopper said."""


def check_text(text: str) -> str:
    """Give the text back if every store and page can carry it, byte for byte.

    Raises:
        Refused: nothing that can be seen (`text_empty`); a NUL or half a surrogate pair, which no
            database and no UTF-8 file can hold (`bad_frame`).
    """
    if "\x00" in text or _HALF_A_PAIR.search(text):
        raise Refused(
            "bad_frame", "The text holds a character that is not text (NUL or half a pair)."
        )
    if not has_visible(text):
        raise Refused("text_empty", "Write something first.")
    return text


def with_oldest_taken(state: ConversationState) -> ConversationState:
    """Give the state in which the oldest open turn is being answered, once more."""
    oldest, *rest = state.open_turns
    return replace(state, open_turns=(as_taken(oldest), *rest))


def as_taken(turn: Turn) -> Turn:
    """Give a turn as it is while it is being answered, once more."""
    return replace(turn, state=TurnState.ANSWERING, attempt=turn.attempt + 1)


class Draft:
    """An outcome in the making; lives for one call of `apply`."""

    def __init__(self, state: ConversationState, at: datetime) -> None:
        self._before = state
        self._now_at = at  # waits are counted from here; events never go back behind earlier ones
        self._at = max(at, state.last_at)
        self._changes: dict[str, Any] = {"last_at": self._at}
        self._events: list[Event] = []
        self._turns: dict[TurnId, Turn] = {}
        self._outbox: list[OutboxItem] = []
        self._trace: tuple[TurnId, Mapping[str, Any]] | None = None

    def outcome(self) -> Outcome:
        """Give what was put together."""
        return Outcome(
            replace(self._before, **self._changes),
            tuple(self._events),
            tuple(self._turns.values()),
            tuple(self._outbox),
            self._trace,
        )

    def set(self, **changes: Any) -> None:
        """Change fields of the state: all at once in the end, since a state has many fields."""
        self._changes |= changes

    @property
    def next_seq(self) -> int:
        """The number that the next event gets."""
        return int(self._now("last_seq")) + 1

    def _now(self, name: str) -> Any:
        """A field of the state as it is by now."""
        return self._changes[name] if name in self._changes else getattr(self._before, name)

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
        seq = self.next_seq
        self._events.append(
            Event(
                kind=kind,
                conversation=self._before.id,
                at=self._at,
                author=author,
                text=text,
                seq=seq,
                client_id=client_id,
                turn=turn,
                body=body or {},
            )
        )
        tells = text and kind not in PRIVATE_KINDS and kind not in ROUTINE_KINDS
        preview = text[:PREVIEW_CHARACTERS] if tells else self._now("last_text")
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
            order=speech.order or self._now("order"),
        )
        self.keep_trace(turn, speech.trace)

    def keep_trace(self, turn: TurnId, trace: Mapping[str, Any] | None) -> None:
        """Keep why the first of these events was said."""
        if trace is not None:
            self._trace = (turn, trace)

    def ask_turn(self, choice: str | None, first_seq: int) -> TurnId:
        """Join the turn that nobody has taken yet, or ask a new one.

        Args:
            first_seq: number of the message that is asked about, the oldest if there are several.
        """
        turns: tuple[Turn, ...] = self._now("open_turns")
        if turns and turns[-1].state is TurnState.ASKED:
            turn = replace(turns[-1], choice=choice or turns[-1].choice)
            turns = turns[:-1]
        else:
            number: int = self._now("turn_count") + 1
            turn = Turn(
                id=TurnId(f"{self._before.id}.{number}"),
                number=number,
                state=TurnState.ASKED,
                attempt=0,
                claim_epoch=self._now("claim_epoch"),
                asked_at=self._now_at,
                choice=choice,
                first_seq=first_seq,
            )
        self._turns[turn.id] = turn
        self.set(open_turns=(*turns, turn), turn_count=turn.number)
        return turn.id

    def take_turn(self) -> None:
        """Take the oldest open turn, unless it is being answered already."""
        oldest, *rest = self._now("open_turns")
        if oldest.state is TurnState.ASKED:
            taken = as_taken(oldest)
            self._turns[taken.id] = taken
            self.set(open_turns=(taken, *rest))

    def end_turn(self, turn: Turn, state: TurnState) -> None:
        """End one turn."""
        ended = replace(turn, state=state, ended_at=self._at)
        self._turns[turn.id] = ended
        rest = tuple(other for other in self._now("open_turns") if other.id != turn.id)
        self.set(open_turns=rest)

    def _end_all_turns(self, state: TurnState) -> None:
        for turn in self._now("open_turns"):
            self.end_turn(turn, state)

    def change_owner(self, to: Stage, holder: Holder | None = None, **changes: Any) -> None:
        """Give the conversation to somebody else: open turns end, old tickets lose their worth."""
        ended = TurnState.FAILED if to is Stage.CLOSED else TurnState.HANDED_OVER
        for turn in self._now("open_turns"):
            self.remember_unanswered(turn.first_seq)
        self._end_all_turns(ended)
        if to in (Stage.CLOSED, Stage.WITH_BOT):
            changes["unanswered_from"] = None
        epoch: int = self._now("claim_epoch") + 1
        self.set(stage=to, holder=holder, claim_epoch=epoch, offered=(), **changes)

    def remember_unanswered(self, seq: int | None) -> None:
        """Keep which message the bot begins with should it get the conversation back."""
        if seq is not None and self._now("unanswered_from") is None:
            self.set(unanswered_from=seq)

    def hand_over(self, reason: HandoffReason) -> None:
        """Put the shopper into the queue, and tell so to the outside."""
        self.change_owner(
            Stage.WAITING_FOR_STAFF, waiting_since=self._now_at, reason=reason, staff_spoke=False
        )
        facts = {"reason": reason.value, "intent": self._now("intent"), "mood": self._now("mood")}
        self.add(EventKind.HANDOFF_REQUESTED, BOT, body=facts)
        self.announce_waiting(reason.value)

    def announce_waiting(self, reason: str) -> None:
        """Tell the outside that a shopper waits for a person."""
        self.announce("waiting", {"reason": reason, "language": self._now("language")})

    def forget_handoff(self) -> None:
        """Let the bot begin afresh: nobody waits, and earlier failures do not count."""
        self.set(waiting_since=None, reason=None, failures=0, mood="neutral", staff_spoke=False)

    def close(self, move: Move, author: str, name: str) -> None:
        """End the conversation, unless it has ended before."""
        if not move.events:
            return
        self.change_owner(move.to, waiting_since=None, closed_at=self._at)
        self.say(move, author, body={"name": name} if name else None)
        self.announce("closed", {"by": "shopper" if author == SHOPPER else "staff"})

    def announce(self, kind: str, facts: Mapping[str, Any], detail: str = "") -> None:
        """Tell the outside of the newest event; `detail` tells two of one kind apart."""
        seq: int = self._now("last_seq")
        payload = {"conversation": self._before.id, "seq": seq, **facts}
        key = f"{self._before.id}:{seq}:{kind}" + (f":{detail}" if detail else "")
        self._outbox.append(OutboxItem(kind, key, payload))
