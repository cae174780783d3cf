"""What waiting shoppers are told: place, an honest wait, when people answer, what to choose."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.conversation.events import ConversationId
from bot.handoff.expected_wait import Pace, expected_wait, pace_of
from bot.handoff.queue import places
from bot.server.audience import without_nones
from bot.server.opening_hours import OpeningHours
from bot.server.presence import Presence
from bot.server.switchboard import Switchboard
from bot.transcripts.records import Summary

ROUNDED_TO_SECONDS = 30
"""An expected wait is told in steps of this; finer would only flicker."""


class WaitingRoom:
    """The waiting shoppers of all nodes, and what those on this node were told.

    Args:
        switchboard: carries `queue` frames.
        presence: who is here.
        hours: when people answer.
        now: the wall clock, UTC.

    Attributes:
        claimed_at: when conversations were taken lately; see `bot.handoff.expected_wait`.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        presence: Presence,
        hours: OpeningHours,
        now: Callable[[], datetime],
    ) -> None:
        self.claimed_at: Sequence[datetime] = ()
        self._switchboard = switchboard
        self._presence = presence
        self._hours = hours
        self._now = now
        self._lines: dict[ConversationId, Summary] = {}
        self._places: dict[ConversationId, int] = {}
        self._told: dict[ConversationId, dict[str, Any]] = {}

    def update(self, lines: dict[ConversationId, Summary]) -> set[ConversationId]:
        """Take the inbox as it is now; gives whose place has changed."""
        before, self._lines = self._places, lines
        self._places = places(lines.values())
        moved = {who for who, place in self._places.items() if before.get(who) != place}
        return moved | (before.keys() - self._places.keys())

    def place_of(self, conversation: ConversationId) -> int | None:
        """Give a place in the queue, from 1; None for who does not wait."""
        return self._places.get(conversation)

    def is_anybody_waiting(self) -> bool:
        """Whether there is a queue at all."""
        return bool(self._places)

    def tell(self) -> None:
        """Tell waiting shoppers, where anything about it changed."""
        told = {}
        shared, pace = self._shared(), self._pace()
        for conversation, place in self._places.items():
            fields = self._fields(conversation, place, shared, pace)
            told[conversation] = fields
            if self._told.get(conversation) != fields:
                frame = {"type": "queue", **fields}
                self._switchboard.signal_here(conversation, "shopper", frame)
        self._told = told

    def fields(self, conversation: ConversationId) -> dict[str, Any] | None:
        """Give the fields of `queue` for one shopper; None when they do not wait."""
        place = self._places.get(conversation)
        if place is None:
            return None
        return self._fields(conversation, place, self._shared(), self._pace())

    def _shared(self) -> dict[str, Any]:
        """What is the same for all of them."""
        return {
            "waiting": len(self._places),
            "staff_present": self._presence.present,
            "open": self._hours.is_open,
            "opens_at": self._hours.opens_at(),
        }

    def _pace(self) -> Pace | None:
        return pace_of(self.claimed_at, self._now())

    def _fields(
        self, conversation: ConversationId, place: int, shared: dict[str, Any], pace: Pace | None
    ) -> dict[str, Any]:
        present = shared["staff_present"]
        left = self._lines[conversation].left_message
        facts = {
            "place": place,
            **shared,
            "expected": self._expected(place, pace, present),
            "left_message": left,
            "offers": _offers(present, left),
        }
        return without_nones(facts)

    def _expected(self, place: int, pace: Pace | None, present: int) -> dict[str, int] | None:
        if not self._hours.is_open:  # whoever is still here may leave at any moment
            return None
        wait = expected_wait(
            place,
            pace,
            self._now(),
            staff_present=present,
            closes_at=self._hours.closes_at(),
        )
        if wait is None:
            return None
        step = ROUNDED_TO_SECONDS
        return {
            "from_seconds": math.floor(wait.from_seconds / step) * step,
            "to_seconds": max(step, math.ceil(wait.to_seconds / step) * step),
        }


def _offers(present: int, left_message: bool) -> list[str]:
    """What a waiting shopper may choose, the most sensible first."""
    leave = [] if left_message else ["leave_message"]
    if present:
        return ["wait", *leave, "go_on_with_bot"]
    return [*leave, "go_on_with_bot"]
