"""Who of the staff could take a waiting shopper: presence, language, load. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.conversation.events import StaffId


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person as routing sees them.

    Attributes:
        present: signed in, with an open inbox, and willing.
        languages: languages they write; empty means any.
        holding: conversations that they hold now.
        capacity: at most so many at once; None means no limit.
    """

    id: StaffId
    present: bool
    languages: frozenset[str] = frozenset()
    holding: int = 0
    capacity: int | None = None

    @property
    def free(self) -> bool:
        """Whether one more conversation may come to them."""
        return self.present and (self.capacity is None or self.holding < self.capacity)

    def writes(self, language: str | None) -> bool:
        """Whether they write this language; an unknown one is everybody's."""
        return language is None or not self.languages or language in self.languages


def who_could_take(language: str | None, colleagues: Iterable[Colleague]) -> list[Colleague]:
    """List who may be offered a shopper: those who write the language first, least busy first.

    Somebody who does not write it comes last rather than not at all: a late answer through a
    dictionary is better than none.
    """
    free = [colleague for colleague in colleagues if colleague.free]
    return sorted(free, key=lambda one: (not one.writes(language), one.holding, one.id))


def is_anyone_here(colleagues: Iterable[Colleague]) -> bool:
    """Whether a shopper may be told that somebody will answer."""
    return any(colleague.present for colleague in colleagues)
