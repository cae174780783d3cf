"""One turn on its way through a node: asked, taken, answered, ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.conversation.commands import Ticket
from bot.conversation.events import ConversationId, TurnId


@dataclass(eq=False)
class TurnJob:
    """What a node knows of one of its turns.

    Attributes:
        ticket: with which its answer may be recorded.
        language: of the conversation, where that is known.
        began: when this node heard of it; monotonic, in seconds, as `ready` is.
        ready: since when it has waited for a batch.
        unread: how often the database did not give it.
        waiting: it stands in line to be taken.
        taken: this node alone may answer it.
        answering: it was handed to a batch.
        signed: the shopper sees that the bot writes.
        ended: nothing more is to be done here.
        burst: ends the wait for what the shopper may add.
        timers: what else is to happen to it in time.
    """

    turn: TurnId
    conversation: ConversationId
    ticket: Ticket
    language: str | None
    began: float
    ready: float = 0.0
    unread: int = 0
    waiting: bool = False
    taken: bool = False
    answering: bool = False
    signed: bool = False
    ended: bool = False
    burst: asyncio.TimerHandle | None = None
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def stop_waiting_for_more(self) -> None:
        """Wait no longer for what the shopper may add."""
        if self.burst is not None:
            self.burst.cancel()
            self.burst = None

    def forget_timers(self) -> None:
        """Have nothing more happen to it by itself."""
        self.stop_waiting_for_more()
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
