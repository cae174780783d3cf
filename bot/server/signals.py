"""Passing signs between nodes: somebody types, somebody has read. Worth nothing a second later.

A line is read strictly, because whoever can write to the bus can send one: a typing sign says no
more than that, and "read" carries no number; it makes a node look into the transcripts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from bot.bus.bus import MAX_ABOUT_CHARACTERS
from bot.conversation.events import ConversationId

Side = Literal["shopper", "staff"]


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody types, or no longer; for the pages of one side of a conversation."""

    conversation: ConversationId
    side: Side
    on: bool

    def frame(self) -> dict[str, Any]:
        """Give the frame that the pages get."""
        if self.side == "shopper":
            return {"type": "typing", "who": "staff", "on": self.on}
        return {"type": "typing", "conversation": self.conversation, "on": self.on}


@dataclass(frozen=True, slots=True)
class HasRead:
    """The other side has read further; for the pages of one side of a conversation."""

    conversation: ConversationId
    side: Side

    def frame(self, up_to: int) -> dict[str, Any]:
        """Give the frame that the pages get."""
        if self.side == "shopper":
            return {"type": "read", "up_to": up_to}
        return {"type": "read", "conversation": self.conversation, "up_to": up_to}


def line_of(signal: Typing | HasRead) -> str:
    """Write a signal for the bus."""
    if isinstance(signal, Typing):
        return json.dumps(["typing", signal.conversation, signal.side, signal.on])
    return json.dumps(["read", signal.conversation, signal.side])


def signal_from(line: str) -> Typing | HasRead | None:
    """Read a line of the bus; None for anything that is not a signal of ours."""
    if len(line) > MAX_ABOUT_CHARACTERS:
        return None
    try:
        match json.loads(line):
            case ["typing", str(conversation), "shopper" | "staff" as side, bool(on)]:
                return Typing(ConversationId(conversation), side, on)
            case ["read", str(conversation), "shopper" | "staff" as side]:
                return HasRead(ConversationId(conversation), side)
    except (ValueError, RecursionError):
        pass
    return None
