"""In which order waiting shoppers are served, and who has which place. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from bot.conversation.events import ConversationId, Stage

_NEVER = datetime.max.replace(tzinfo=UTC)

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


class Stands(Waits, Protocol):
    """What a place in the whole inbox depends on."""

    @property
    def owed_since(self) -> datetime | None:
        """Since when a person owes a word: to a shopper who waits, or to a message left."""
        ...


Waiting = TypeVar("Waiting", bound=Waits)
Listed = TypeVar("Listed", bound=Stands)


def in_order(conversations: Iterable[Waiting]) -> list[Waiting]:
    """Sort for the inbox: waiting before held, angry first, then the longest wait.

    Equal waits go by id, so that every node and every reload shows one order.
    """
    return sorted(conversations, key=_rank)


def listed(lines: Iterable[Listed]) -> list[Listed]:
    """Sort a whole inbox as the transcripts list it: who waits as `in_order`, then what is held.

    A message left waits from when it was left. Of what is held, the one comes first in which a word
    is owed the longest; where none is owed, the one with the newest word.
    """
    return sorted(lines, key=_place_in_inbox)


def places(conversations: Iterable[Waits]) -> dict[ConversationId, int]:
    """Give each waiting shopper the place in the queue, from 1."""
    waiting = [one for one in conversations if one.stage is Stage.WAITING_FOR_STAFF]
    return {one.conversation: place for place, one in enumerate(in_order(waiting), start=1)}


def _rank(one: Waits) -> tuple[bool, bool, datetime, str]:
    held = one.stage is not Stage.WAITING_FOR_STAFF
    calm = one.mood not in FIRST_MOODS
    return held, calm, one.waiting_since or one.last_at, one.conversation


def _place_in_inbox(one: Stands) -> tuple[Any, ...]:
    calm = one.mood not in FIRST_MOODS
    owed = one.owed_since
    if one.stage is not Stage.WITH_STAFF:
        return False, calm, owed or one.last_at, one.conversation
    quiet = _NEVER - one.last_at
    return True, calm, owed is None, owed or _NEVER, quiet, one.conversation
