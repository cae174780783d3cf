"""A conversation that tests talk in: applies commands one after the other and keeps every event."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.commands import Begin, BotSpeech, Command, ShopperSays, TakeTurn, Ticket
from bot.conversation.conversation import ConversationState, Outcome, Turn, apply, begin
from bot.conversation.events import ClientId, ConversationId, Event, EventKind, TurnId

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class Talk:
    """The one who applies commands; its clock moves a second with each."""

    state: ConversationState
    now: datetime = START
    events: list[Event] = field(default_factory=list)
    turns: dict[TurnId, Turn] = field(default_factory=dict)
    outcome: Outcome | None = None

    def do(self, command: Command) -> Outcome:
        self.now += timedelta(seconds=1)
        outcome = apply(self.state, command, self.now)
        self.state, self.outcome = outcome.state, outcome
        self.events.extend(outcome.events)
        self.turns.update({turn.id: turn for turn in outcome.turns})
        return outcome

    def shopper(self, text: str, choice: str | None = None) -> Outcome:
        return self.do(ShopperSays(ClientId(f"id-{len(self.events)}-{text}"), text, choice))

    def take(self) -> Ticket:
        self.do(TakeTurn(self.state.open_turns[0].ticket))
        return self.state.open_turns[0].ticket

    def asked(self) -> Ticket:
        """The shopper asks, and a worker takes the turn."""
        self.shopper("where is my parcel?")
        return self.take()

    @property
    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.events]


@pytest.fixture
def talk() -> Talk:
    return Talk(begin(Begin(ConversationId("c1"), language="en"), START))


@pytest.fixture
def speech() -> BotSpeech:
    return BotSpeech("It is on its way.", "en", source="known", confidence=0.9)
