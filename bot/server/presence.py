"""Which members of the staff are here, on this node and on the others.

"Connected" means an open inbox somewhere; "present" means also willing to get new shoppers. Other
nodes are heard on the bus; while the bus says nothing of one, its row in the roll call is believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Literal

from bot.server.attendance import REPEAT_SECONDS, Attendance

__all__ = ["REPEAT_SECONDS", "Presence", "PresenceWord"]

PresenceWord = Literal["present", "connected", "gone"]

SILENCE_SECONDS = 1.5 * REPEAT_SECONDS
"""A node that the bus told of no longer ago is told of better by the bus: its row is older."""


class Presence(Attendance):
    """Counts who is here; keys are ids of staff accounts."""

    def __init__(
        self,
        node: str,
        announce: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(node, announce, monotonic)
        self._heard_of: dict[str, float] = {}

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

    def here(self) -> dict[str, bool]:
        """Give everybody who is connected to this node, and whether they are present."""
        return {staff: any(flags.values()) for staff, flags in self._here.items()}

    def heard(self, line: str) -> str | None:
        """Take a line of another node from the bus."""
        key = super().heard(line)
        if key is not None:
            self._heard_of[line.partition(":")[0]] = self._monotonic()
        return key

    def repeat(self) -> None:
        """Tell the other nodes again, and forget those that fell silent."""
        super().repeat()
        until = self._monotonic() - SILENCE_SECONDS
        self._heard_of = {node: at for node, at in self._heard_of.items() if at > until}

    def read(self, node: str, staff: Mapping[str, bool]) -> None:
        """Take what another node answered in the roll call, unless the bus told of it lately."""
        now = self._monotonic()
        if now - self._heard_of.get(node, -SILENCE_SECONDS) < SILENCE_SECONDS:
            return
        for place in [place for place in self._elsewhere if place[0] == node]:
            if place[1] not in staff:
                del self._elsewhere[place]
        for one, present in staff.items():
            self._elsewhere[node, one] = (present, now)
