"""What a channel gets and promises: the seam between the worker and the ways out of the house."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to deliver. It holds ids and facts, never what was said.

    Attributes:
        key: idempotency key; the same at every try, so that a receiver can drop repeats.
        kind: see `bot.conversation.state.OutboxItem`.
        at: when it was stored, UTC.
    """

    key: str
    kind: str
    conversation: str
    at: datetime
    payload: Mapping[str, Any]

    def as_json(self) -> str:
        """Write it as receivers get it."""
        whole = {
            "key": self.key,
            "kind": self.kind,
            "conversation": self.conversation,
            "at": self.at.isoformat(),
            "facts": dict(self.payload),
        }
        return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Channel(Protocol):
    """One way out of the house.

    Attributes:
        name: under which the table remembers that this channel has an item.
    """

    @property
    def name(self) -> str:
        """See above."""
        ...

    def wants(self, kind: str) -> bool:
        """Whether items of this kind go out here."""
        ...

    def deliver(self, delivery: Delivery) -> None:
        """Hand it over; returns only when the receiver said that it has it.

        Raises:
            DeliveryFailed: it may not have it; it is tried again.
        """
        ...
