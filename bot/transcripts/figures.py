"""Reads what the figures of the desk are counted from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Engine, func, select

from bot.conversation.events import ConversationId, EventKind, Stage
from bot.handoff.figures import MOMENTS, DeskFigures, Happening, figures_of
from bot.handoff.weeks import TurnCounts
from bot.transcripts.tables import conversations, events

AT_ONCE = 1_000  # rows; a busy quarter must not lie in memory as a whole


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits for a person now; `since` is when the first of them began to, None for nobody."""

    waiting: int
    since: datetime | None


class Figures:
    """Counts; changes nothing."""

    def __init__(self, reader: Engine) -> None:
        self._reader = reader

    def since(self, moment: datetime) -> DeskFigures:
        """Count the conversations that began at this moment (UTC) or later."""
        began = conversations.c.created_at >= moment
        with self._reader.begin() as connection:
            query = select(func.count()).select_from(conversations).where(began)
            many = connection.execute(query).scalar_one()
            return figures_of(many, self._happenings(moment))

    def queue(self) -> Queue:
        """Count those who wait now."""
        waits = conversations.c.stage == Stage.WAITING_FOR_STAFF.value
        query = select(func.count(), func.min(conversations.c.waiting_since)).where(waits)
        with self._reader.begin() as connection:
            waiting, since = connection.execute(query).one()
        return Queue(waiting, since)

    def turns(self, moments: Sequence[datetime]) -> list[TurnCounts]:
        """Count what turns came to, from each moment (UTC) until the next; one less than moments.

        Args:
            moments: in rising order.
        """
        kinds = (EventKind.BOT_ANSWERED, EventKind.BOT_ASKED, EventKind.BOT_GAVE_UP)
        found = []
        with self._reader.begin() as connection:
            for since, until in pairwise(moments):
                query = (
                    select(events.c.kind, func.count())
                    .where(events.c.at >= since, events.c.at < until)
                    .where(events.c.kind.in_([kind.value for kind in kinds]))
                    .group_by(events.c.kind)
                )
                many = {EventKind(kind): count for kind, count in connection.execute(query)}
                found.append(TurnCounts(*(many.get(kind, 0) for kind in kinds)))
        return found

    def _happenings(self, moment: datetime) -> Iterator[Happening]:
        kinds = sorted(kind.value for kind in MOMENTS)
        query = (
            select(events.c.conversation, events.c.kind, events.c.at, events.c.body)
            .join(conversations, conversations.c.id == events.c.conversation)
            .where(conversations.c.created_at >= moment, events.c.kind.in_(kinds))
            .order_by(events.c.conversation, events.c.seq)
        )
        with self._reader.begin() as connection:
            for row in connection.execution_options(yield_per=AT_ONCE).execute(query):
                kind = EventKind(row.kind)
                score = row.body.get("score") if kind is EventKind.RATED else None
                yield Happening(ConversationId(row.conversation), kind, row.at, score)
