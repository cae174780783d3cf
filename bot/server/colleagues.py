"""Everybody who answers: accounts and what routing knows of them, with presence and load.

Accounts and skills are read from the database and kept; presence and load come with each question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.conversation.events import StaffId
from bot.handoff.routing import Colleague
from bot.server.audience import without_nones
from bot.server.desk import Desk
from bot.server.presence import Presence
from bot.transcripts.accounts import StaffAccount
from bot.transcripts.desk import StaffSkills
from bot.transcripts.records import Summary
from bot.transcripts.store import Transcripts


@dataclass(frozen=True, slots=True)
class Known:
    """One account that may answer, with its skills."""

    account: StaffAccount
    skills: StaffSkills


class Colleagues:
    """The staff as this node knows them.

    Args:
        desk: runs the reads.
        transcripts: accounts and skills.
        presence: who is here.
    """

    def __init__(self, desk: Desk, transcripts: Transcripts, presence: Presence) -> None:
        self._desk = desk
        self._transcripts = transcripts
        self._presence = presence
        self._known: dict[StaffId, Known] = {}

    async def refresh(self) -> bool:
        """Read accounts and skills again; gives whether anything changed."""
        known = await self._desk.read(self._read)
        changed = known != self._known
        self._known = known
        return changed

    def _read(self) -> dict[StaffId, Known]:
        skills = {one.staff: one for one in self._transcripts.desk.skills()}
        return {
            StaffId(account.id): Known(account, skills.get(account.id, StaffSkills(account.id)))
            for account in self._transcripts.accounts.all()
            if not account.disabled
        }

    def account(self, staff: str) -> StaffAccount | None:
        """Find somebody who may answer; None for a stranger or a disabled account."""
        known = self._known.get(StaffId(staff))
        return None if known is None else known.account

    async def has_left(self, staff: StaffId) -> bool:
        """Tell whether somebody's account is disabled; asks the database about who is not known."""
        if self.account(staff) is not None:
            return False
        account = await self._desk.read(self._transcripts.accounts.get, staff)
        return account is not None and account.disabled

    def name_of(self, staff: StaffId) -> str:
        """Give a name, empty for who is not of the staff any more."""
        account = self.account(staff)
        return "" if account is None else account.name

    def listed(self, lines: Iterable[Summary]) -> list[dict[str, Any]]:
        """List everybody as docs/wire.md has a colleague; those who are here first."""
        holding = holdings(lines)
        order = {"present": 0, "connected": 1, "gone": 2}
        shown = [self._json(staff, known, holding[staff]) for staff, known in self._known.items()]
        return sorted(shown, key=lambda one: (order[one["presence"]], one["name"], one["id"]))

    def _json(self, staff: StaffId, known: Known, holding: int) -> dict[str, Any]:
        facts = {
            "id": staff,
            "name": known.account.name,
            "presence": self._presence.word_for(staff),
            "holding": holding,
            "capacity": known.skills.capacity,
            "languages": sorted(known.skills.languages),
            "skills": sorted(known.skills.skills),
        }
        return without_nones(facts)

    def for_routing(
        self, holding: Mapping[StaffId, int], given: Mapping[str, datetime]
    ) -> list[Colleague]:
        """Give everybody as routing sees them.

        Args:
            holding: conversations that each holds now.
            given: when each got one the last time.
        """
        return [
            Colleague(
                id=staff,
                present=self._presence.word_for(staff) == "present",
                languages=known.skills.languages,
                holding=holding.get(staff, 0),
                capacity=known.skills.capacity,
                skills=known.skills.skills,
                last_given_at=given.get(staff),
            )
            for staff, known in self._known.items()
        ]


def holdings(lines: Iterable[Summary]) -> Counter[StaffId]:
    """Count what everybody holds."""
    return Counter(line.holder.id for line in lines if line.holder is not None)
