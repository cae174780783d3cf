"""The contract of a bus: "look again", said to every node. Never what happened.

A wake-up may be lost, doubled or late; whoever gets one reads the transcripts. Nobody may rely on
one coming, so a node that follows conversations also polls while the bus is not connected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Wake(StrEnum):
    """What to look at again."""

    CONVERSATION = "conversation"  # about: its id
    INBOX = "inbox"  # about: id of the conversation whose line changed, or ""
    SIGNED_OUT = "signed_out"  # about: id of the staff account whose sign-ins to check again
    PRESENCE = "presence"  # about: ""
    SIGNAL = "signal"  # about: a line of bot.server.signals (typing, read)
    WATCHING = "watching"  # about: a line of bot.server.attendance (who looks at what)
    MENTIONED = (
        "mentioned"  # about: "<staff>:<conversation>:<seq>" of a note, or "<staff>" who saw some
    )
    TURN_LEFT = "turn_left"  # about: "<turn>:<attempt>" that a node which ends leaves to others
    DESK = "desk"  # about: "": accounts, skills or opening hours have changed
    KNOWLEDGE = "knowledge"  # about: the published version or the trained set, or ""
    EVERYTHING = "everything"  # wake-ups may have been lost; look at all that is followed


@dataclass(frozen=True, slots=True)
class WakeUp:
    """One wake-up.

    Attributes:
        about: an id, at most `MAX_ABOUT_CHARACTERS` long.
    """

    wake: Wake
    about: str = ""


MAX_ABOUT_CHARACTERS = 200
"""Ids are shorter; anything longer is not a wake-up of ours."""

OnWakeUp = Callable[[WakeUp], None]


class Subscription(Protocol):
    """Ends when closed."""

    def close(self) -> None:
        """Get no more wake-ups; one that is under way may still come."""
        ...


class Bus(Protocol):
    """Carries wake-ups. Every method may be called from any thread and returns at once."""

    @property
    def connected(self) -> bool:
        """Whether wake-ups of other nodes arrive now; while not, poll."""
        ...

    def publish(self, wake_up: WakeUp) -> None:
        """Wake every subscriber, here and on other nodes. Raises nothing."""
        ...

    def subscribe(self, on_wake_up: OnWakeUp) -> Subscription:
        """Have `on_wake_up` called, from any thread; it must return at once and not raise."""
        ...

    def close(self) -> None:
        """Stop."""
        ...
