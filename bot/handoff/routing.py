"""Who of the staff could take a waiting shopper: presence, language, skill, load. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.conversation.events import ConversationId, StaffId


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person as routing sees them.

    Attributes:
        present: signed in, with an open inbox, and willing.
        languages: languages they write; empty means any.
        holding: conversations that they hold now.
        capacity: at most so many at once; None means no limit.
        skills: intents and subjects they know; empty means any.
        last_given_at: when they were given a conversation the last time, None for never.
    """

    id: StaffId
    present: bool
    languages: frozenset[str] = frozenset()
    holding: int = 0
    capacity: int | None = None
    skills: frozenset[str] = frozenset()
    last_given_at: datetime | None = None

    @property
    def free(self) -> bool:
        """Whether one more conversation may come to them."""
        return self.present and (self.capacity is None or self.holding < self.capacity)

    def writes(self, language: str | None) -> bool:
        """Whether they write this language; an unknown one is everybody's."""
        return language is None or not self.languages or language in self.languages

    def knows(self, skill: str | None) -> bool:
        """Whether they know this intent or subject; an unknown one is everybody's."""
        return skill is None or not self.skills or skill in self.skills


class Mode(StrEnum):
    """How waiting shoppers come to people."""

    PICK = "pick"  # people take whom they want
    ROUND_ROBIN = "round_robin"  # whoever was given one longest ago
    LEAST_BUSY = "least_busy"  # whoever holds the fewest


@dataclass(frozen=True, slots=True)
class Need:
    """What a waiting shopper needs of a person."""

    language: str | None = None
    skill: str | None = None


def choose(need: Need, colleagues: Iterable[Colleague], mode: Mode) -> Colleague | None:
    """Choose who is given a shopper; None when people pick themselves or nobody is free.

    Language goes before skill: who cannot read the shopper cannot help, whatever they know. Both
    are wishes: somebody who has neither is better than nobody.
    """
    if mode is Mode.PICK:
        return None
    free = [colleague for colleague in colleagues if colleague.free]

    def rank(one: Colleague) -> tuple[bool, bool, float, int, str]:
        fits = (not one.writes(need.language), not one.knows(need.skill))
        given = one.last_given_at.timestamp() if one.last_given_at else 0.0
        turn = given if mode is Mode.ROUND_ROBIN else 0.0
        return (*fits, turn, one.holding, one.id)

    return min(free, key=rank, default=None)


def assign(
    waiting: Sequence[tuple[ConversationId, Need]],
    colleagues: Iterable[Colleague],
    mode: Mode,
    now: datetime,
) -> list[tuple[ConversationId, StaffId]]:
    """Give waiting shoppers to people, in the order of the queue (angry first, longest wait).

    Args:
        waiting: as `bot.handoff.queue.in_order` sorts them.
        now: UTC; becomes the moment at which each chosen person was given one.
    """
    staff = {colleague.id: colleague for colleague in colleagues}
    given: list[tuple[ConversationId, StaffId]] = []
    for place, (conversation, need) in enumerate(waiting):
        chosen = choose(need, staff.values(), mode)
        if chosen is None:
            break
        given.append((conversation, chosen.id))
        at = now + timedelta(microseconds=place)  # one after the other, also within one call
        staff[chosen.id] = replace(chosen, holding=chosen.holding + 1, last_given_at=at)
    return given
