"""What must leave the house (webhook, e-mail): stored with its cause, delivered at least once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from bot.conversation.events import ConversationId
from bot.transcripts.store import OutboxRow
from bot.transcripts.tables import outbox
from bot.transcripts.writer import Writer


class SqlOutbox:
    """See `bot.transcripts.store.Outbox` for every promise."""

    def __init__(self, writer: Writer, now: Callable[[], datetime]) -> None:
        self._writer = writer
        self._now = now

    def take(self, limit: int, lease_seconds: float) -> Future[tuple[OutboxRow, ...]]:
        """See `Outbox.take`."""
        now = self._now()

        def work(connection: Connection) -> tuple[OutboxRow, ...]:
            waiting = outbox.c.delivered_at.is_(None)
            # Only the oldest of each conversation, or a failing one would be overtaken.
            oldest = select(func.min(outbox.c.id)).where(waiting).group_by(outbox.c.conversation)
            query = (
                select(outbox)
                .where(waiting, outbox.c.due_at <= now, outbox.c.id.in_(oldest))
                .order_by(outbox.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(query).all()
            leased = update(outbox).where(outbox.c.id.in_([row.id for row in rows]))
            due = now + timedelta(seconds=lease_seconds)
            connection.execute(leased.values(due_at=due, attempts=outbox.c.attempts + 1))
            return tuple(
                OutboxRow(
                    id=row.id,
                    conversation=ConversationId(row.conversation),
                    kind=row.kind,
                    key=row.key,
                    payload=row.payload,
                    attempts=row.attempts + 1,
                    created_at=row.created_at,
                )
                for row in rows
            )

        return self._writer.run(work)

    def delivered(self, item: int) -> Future[None]:
        """See `Outbox.delivered`."""
        return self._set(item, delivered_at=self._now())

    def postpone(self, item: int, seconds: float) -> Future[None]:
        """See `Outbox.postpone`."""
        return self._set(item, due_at=self._now() + timedelta(seconds=seconds))

    def _set(self, item: int, **values: datetime) -> Future[None]:
        def work(connection: Connection) -> None:
            connection.execute(update(outbox).where(outbox.c.id == item).values(**values))

        return self._writer.run(work)
