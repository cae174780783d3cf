"""Which members of the staff are here, on this node and on the others.

"Connected" means an open inbox somewhere; "present" means also willing to get new shoppers. Other
nodes repeat who is with them; a node that falls silent is forgotten. Knows no socket and no store.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

Standing = Literal["present", "connected", "gone"]

FORGET_SECONDS = 35.0
"""Other nodes repeat themselves every ten seconds; three silences mean they are gone."""

REPEAT_SECONDS = 10.0


class Presence:
    """Counts who is here.

    Args:
        node: a name of this node that no other has.
        announce: tells the other nodes one line (see `heard`).
        monotonic: the clock, in seconds.
    """

    def __init__(
        self,
        node: str,
        announce: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._node = node
        self._announce = announce
        self._monotonic = monotonic
        self._here: dict[str, dict[object, bool]] = {}
        self._elsewhere: dict[tuple[str, str], tuple[Standing, float]] = {}

    def came(self, staff: str, connection: object, present: bool) -> None:
        """Note that somebody's inbox is open here, willing or not; also when that changes."""
        self._here.setdefault(staff, {})[connection] = present
        self._tell(staff)

    def went(self, staff: str, connection: object) -> None:
        """Note that one of somebody's inboxes was closed."""
        connections = self._here.get(staff, {})
        connections.pop(connection, None)
        if not connections:
            self._here.pop(staff, None)
        self._tell(staff)

    def repeat(self) -> None:
        """Tell the other nodes again who is here, and forget nodes that fell silent."""
        for staff in self._here:
            self._tell(staff)
        until = self._monotonic() - FORGET_SECONDS
        silent = [key for key, (_, heard) in self._elsewhere.items() if heard < until]
        for key in silent:
            del self._elsewhere[key]

    def heard(self, line: str) -> None:
        """Take a line of another node; anything else is ignored."""
        node, _, rest = line.partition(":")
        staff, _, standing = rest.partition(":")
        if node == self._node or not staff:
            return
        if standing == "gone":
            self._elsewhere.pop((node, staff), None)
        elif standing == "present":
            self._elsewhere[node, staff] = ("present", self._monotonic())
        elif standing == "connected":
            self._elsewhere[node, staff] = ("connected", self._monotonic())

    def is_connected(self, staff: str) -> bool:
        """Whether somebody has an inbox open anywhere."""
        return staff in self._here or any(other == staff for _, other in self._elsewhere)

    @property
    def present(self) -> int:
        """How many people may get a shopper now."""
        here = {staff for staff, willing in self._here.items() if any(willing.values())}
        there = {
            staff for (_, staff), (standing, _) in self._elsewhere.items() if standing == "present"
        }
        return len(here | there)

    def _tell(self, staff: str) -> None:
        willing = self._here.get(staff)
        standing: Standing = "gone"
        if willing:
            standing = "present" if any(willing.values()) else "connected"
        self._announce(f"{self._node}:{staff}:{standing}")
