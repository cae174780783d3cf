"""Which holders have been gone for too long, so that their shoppers go back to the queue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.events import ConversationId, StaffId


@dataclass(frozen=True, slots=True)
class Holding:
    """A conversation that somebody holds.

    Attributes:
        waiting_since: since when its shopper waits for a word, None when nobody does.
    """

    conversation: ConversationId
    holder: StaffId
    waiting_since: datetime | None = None


def overdue(
    holdings: Iterable[Holding],
    away_since: Mapping[StaffId, datetime],
    now: datetime,
    after_seconds: float,
) -> list[Holding]:
    """List what must go back to the queue, the longest waiting shopper first.

    Args:
        holdings: every conversation that is with staff.
        away_since: since when each person who is not present has been away, as far as this node
            knows; who is not in it is present.
        now: UTC.
        after_seconds: how long a holder may be away; 0 or less keeps conversations for ever.

    Nobody is overdue twice: applying `ClaimerGoesAway` for a stale line is refused by the core.
    """
    if after_seconds <= 0:
        return []
    patience = timedelta(seconds=after_seconds)
    late = [
        held
        for held in holdings
        if (since := away_since.get(held.holder)) is not None and now - since >= patience
    ]
    return sorted(late, key=lambda held: (held.waiting_since or now, held.conversation))
