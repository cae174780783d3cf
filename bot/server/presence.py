"""Which members of the staff are here, on this node and on the others.

"Connected" means an open inbox somewhere; "present" means also willing to get new shoppers.
"""

from __future__ import annotations

from typing import Literal

from bot.server.attendance import REPEAT_SECONDS, Attendance

__all__ = ["REPEAT_SECONDS", "Presence", "PresenceWord"]

PresenceWord = Literal["present", "connected", "gone"]


class Presence(Attendance):
    """Counts who is here; keys are ids of staff accounts."""

    def is_connected(self, staff: str) -> bool:
        """Whether somebody has an inbox open anywhere."""
        return self.standing(staff) != "gone"

    def word_for(self, staff: str) -> PresenceWord:
        """Tell how somebody stands, as the wire says it."""
        words: dict[str, PresenceWord] = {"active": "present", "open": "connected"}
        return words.get(self.standing(staff), "gone")

    @property
    def present(self) -> int:
        """How many people may get a shopper now."""
        return sum(active for _, active in self.everybody())
