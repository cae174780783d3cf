"""In which order waiting shoppers are served, and who has which place. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from bot.conversation.events import ConversationId, Stage

FIRST_MOODS = frozenset({"angry"})
"""Moods that go before all others; within a mood the longest wait goes first."""


class Waits(Protocol):
    """What a place in the queue depends on; an inbox summary has it."""

    @property
    def conversation(self) -> ConversationId:
        """Which conversation."""
        ...

    @property
    def stage(self) -> Stage:
        """Only those in `waiting_for_staff` have a place."""
        ...

    @property
    def mood(self) -> str:
        """As the bot understood it."""
        ...

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the shopper waits for a person's word."""
        ...

    @property
    def last_at(self) -> datetime:
        """Stands in where nobody waits for a word."""
        ...


Waiting = TypeVar("Waiting", bound=Waits)


def in_order(conversations: Iterable[Waiting]) -> list[Waiting]:
    """Sort for the inbox: waiting before held, angry first, then the longest wait.

    Equal waits go by id, so that every node and every reload shows one order.
    """
    return sorted(conversations, key=_rank)


def places(conversations: Iterable[Waits]) -> dict[ConversationId, int]:
    """Give each waiting shopper the place in the queue, from 1."""
    waiting = [one for one in conversations if one.stage is Stage.WAITING_FOR_STAFF]
    return {one.conversation: place for place, one in enumerate(in_order(waiting), start=1)}


def _rank(one: Waits) -> tuple[bool, bool, datetime, str]:
    held = one.stage is not Stage.WAITING_FOR_STAFF
    calm = one.mood not in FIRST_MOODS
    return held, calm, one.waiting_since or one.last_at, one.conversation
