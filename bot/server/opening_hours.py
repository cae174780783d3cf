"""When people answer: the shop's file, or what an admin set instead; kept in memory, read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.answering.shop import Shop
from bot.handoff.hours import Calendar
from bot.handoff.hours_words import describe
from bot.server.audience import iso
from bot.server.desk import Desk
from bot.transcripts.desk import DeskStore

CALENDAR = "desk"
"""Name under which the hours that an admin set are stored."""


FRESH = timedelta(seconds=1)
"""So long what the calendar says holds; opening times are whole minutes."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What the calendar says of one moment; the properties of `OpeningHours` say what it means."""

    is_open: bool
    opens_at: str | None
    closes_at: datetime | None


class OpeningHours:
    """The hours in force on this node.

    Attributes:
        calendar: in force now; before `refresh` that of the shop's file.
        is_set: whether an admin set it.
    """

    def __init__(
        self, desk: Desk, kept: DeskStore, shop: Shop, now: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._kept = kept
        self._shop = shop
        self._now = now
        self._of_shop = Calendar(str(shop.time_zone), shop.hours, shop.hours_on)
        self.calendar = self._of_shop
        self.is_set = False
        self._looked: tuple[Calendar, datetime, _Look] | None = None

    async def refresh(self) -> None:
        """Read again what is stored."""
        stored = await self._desk.read(self._kept.calendar, CALENDAR)
        self.calendar = stored or self._of_shop
        self.is_set = stored is not None

    @property
    def is_open(self) -> bool:
        """Whether people answer now."""
        return self._look().is_open

    def opens_at(self) -> str | None:
        """When people answer next, as the wire writes it; None while they do, or not soon."""
        return self._look().opens_at

    def closes_at(self) -> datetime | None:
        """When people who answer now stop; None when nobody does, or not soon."""
        return self._look().closes_at

    def _look(self) -> _Look:
        """Look into the calendar, at most once a second: every welcome asks."""
        now = self._now()
        looked = self._looked
        if looked is None or looked[0] is not self.calendar or abs(now - looked[1]) >= FRESH:
            opens = self.calendar.next_opening(now)
            later = None if opens is None or opens <= now else iso(opens)
            look = _Look(self.calendar.is_open(now), later, self.calendar.closes(now))
            looked = (self.calendar, now, look)
            self._looked = looked
        return looked[2]

    def words(self) -> dict[str, str]:
        """Tell the hours in both languages."""
        told = {"zh": describe(self.calendar, "zh"), "en": describe(self.calendar, "en")}
        return told if self.is_set else {**told, **self._shop.hours_text}

    def desk_json(self, staff_present: int) -> dict[str, Any]:
        """Give the `desk` of docs/wire.md."""
        opens_at = self.opens_at()
        return {
            "open": self.is_open,
            **({"opens_at": opens_at} if opens_at else {}),
            "hours": self.words(),
            "staff_present": staff_present,
        }

    def whole_json(self) -> dict[str, Any]:
        """Give the hours as docs/api.md says."""
        opens_at = self.opens_at()
        return {
            **self.calendar.as_json(),
            "text": self.words(),
            "open": self.is_open,
            **({"opens_at": opens_at} if opens_at else {}),
            "source": "set" if self.is_set else "shop",
        }
