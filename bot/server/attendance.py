"""Who has something open, on this node and on the others; of two grades: active, or merely open.

Nodes tell each other lines and repeat them; a node that falls silent is forgotten. Freshness only:
nothing that must be true depends on it. Knows no socket and no store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Literal

Standing = Literal["active", "open", "gone"]

FORGET_SECONDS = 35.0
"""Other nodes repeat themselves every ten seconds; three silences mean they are gone."""

REPEAT_SECONDS = 10.0

MOST_ELSEWHERE = 20_000
"""Lines of other nodes that are kept; whoever can write to the bus cannot fill our memory."""


class Attendance:
    """Counts open connections by key; a key is an id without a colon.

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
        self._elsewhere: dict[tuple[str, str], tuple[bool, float]] = {}

    def came(self, key: str, connection: object, active: bool) -> None:
        """Note that a connection of this node has it open, active or not; also on a change."""
        before = self._here.setdefault(key, {}).get(connection)
        self._here[key][connection] = active
        if before is not active:
            self._tell(key)

    def went(self, key: str, connection: object) -> None:
        """Note that a connection of this node has it open no longer."""
        connections = self._here.get(key, {})
        connections.pop(connection, None)
        if not connections:
            self._here.pop(key, None)
        self._tell(key)

    def repeat(self) -> None:
        """Tell the other nodes again what is open here, and forget nodes that fell silent."""
        for key in self._here:
            self._tell(key)
        until = self._monotonic() - FORGET_SECONDS
        silent = [key for key, (_, heard) in self._elsewhere.items() if heard < until]
        for place in silent:
            del self._elsewhere[place]

    def heard(self, line: str) -> str | None:
        """Take a line of another node; gives the key it was about, None for anything else."""
        node, _, rest = line.partition(":")
        key, _, standing = rest.partition(":")
        if node == self._node or not key:
            return None
        known = (node, key) in self._elsewhere
        if standing == "gone":
            self._elsewhere.pop((node, key), None)
        elif standing in ("active", "open") and (known or len(self._elsewhere) < MOST_ELSEWHERE):
            self._elsewhere[node, key] = (standing == "active", self._monotonic())
        else:
            return None
        return key

    def standing(self, key: str) -> Standing:
        """Tell how somebody stands, wherever they are."""
        flags = [*self._here.get(key, {}).values()]
        flags += [active for (_, other), (active, _) in self._elsewhere.items() if other == key]
        if any(flags):
            return "active"
        return "open" if flags else "gone"

    def everybody(self) -> Iterator[tuple[str, bool]]:
        """Give each key that is open somewhere, and whether it is active anywhere."""
        merged = {key: any(flags.values()) for key, flags in self._here.items()}
        for (_, key), (active, _heard) in self._elsewhere.items():
            merged[key] = merged.get(key, False) or active
        yield from sorted(merged.items())

    def _tell(self, key: str) -> None:
        flags = self._here.get(key)
        standing: Standing = "gone"
        if flags:
            standing = "active" if any(flags.values()) else "open"
        self._announce(f"{self._node}:{key}:{standing}")
