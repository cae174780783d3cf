"""What must leave the house (webhook, e-mail): stored with its cause, delivered at least once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from bot.conversation.events import ConversationId
from bot.transcripts.rows import AnyRow
from bot.transcripts.tables import outbox
from bot.transcripts.writer import Writer

MAX_ERROR_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something stored that must still leave the house.

    Attributes:
        attempts: how often it was taken, this time included.
        delivered_to: channels that have it already.
        failed_at: when it was put aside as a dead letter, None while it is tried.
        last_error: why it failed the last time; empty when it never did.
    """

    id: int
    conversation: ConversationId
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    delivered_to: tuple[str, ...] = ()
    failed_at: datetime | None = None
    last_error: str = ""


class Outbox:
    """What must leave the house: at least once, in order within a conversation."""

    def __init__(self, reader: Engine, writer: Writer, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._writer = writer
        self._now = now

    def take(self, limit: int, lease_seconds: float) -> Future[tuple[OutboxRow, ...]]:
        """Lease items that are due, at most the oldest undelivered one of each conversation."""
        now = self._now()

        def work(connection: Connection) -> tuple[OutboxRow, ...]:
            waiting = outbox.c.delivered_at.is_(None) & outbox.c.failed_at.is_(None)
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
            return tuple(replace(_read_row(row), attempts=row.attempts + 1) for row in rows)

        return self._writer.run_beside(work)

    def delivered(self, item: int) -> Future[None]:
        """Note that every receiver has it."""
        return self._set(item, delivered_at=self._now())

    def postpone(
        self, item: int, seconds: float, why: str = "", delivered_to: tuple[str, ...] = ()
    ) -> Future[None]:
        """Try again later, because it failed; `delivered_to` names the channels that have it."""
        due_at = self._now() + timedelta(seconds=seconds)
        return self._set(
            item,
            due_at=due_at,
            last_error=why[:MAX_ERROR_CHARACTERS],
            delivered_to=list(delivered_to),
        )

    def give_up(self, item: int, why: str, delivered_to: tuple[str, ...] = ()) -> Future[None]:
        """Put it aside as a dead letter, so that the conversation's next item can go."""
        return self._set(
            item,
            failed_at=self._now(),
            last_error=why[:MAX_ERROR_CHARACTERS],
            delivered_to=list(delivered_to),
        )

    def dead_letters(self, limit: int = 100) -> tuple[OutboxRow, ...]:
        """What was given up, newest first."""
        query = select(outbox).where(outbox.c.failed_at.is_not(None))
        with self._reader.begin() as connection:
            rows = connection.execute(query.order_by(outbox.c.id.desc()).limit(limit))
            return tuple(map(_read_row, rows))

    def revive(self, item: int) -> Future[bool]:
        """Try a dead letter again from the beginning; False when it is none."""
        dead = (outbox.c.id == item) & outbox.c.failed_at.is_not(None)
        again = {"failed_at": None, "attempts": 0, "due_at": self._now()}
        statement = update(outbox).where(dead).values(**again)
        return self._writer.run_beside(
            lambda connection: connection.execute(statement).rowcount == 1
        )

    def _set(self, item: int, **values: Any) -> Future[None]:
        def work(connection: Connection) -> None:
            connection.execute(update(outbox).where(outbox.c.id == item).values(**values))

        return self._writer.run_beside(work)


def _read_row(row: AnyRow) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        conversation=ConversationId(row.conversation),
        kind=row.kind,
        key=row.key,
        payload=row.payload,
        attempts=row.attempts,
        created_at=row.created_at,
        delivered_to=tuple(row.delivered_to),
        failed_at=row.failed_at,
        last_error=row.last_error,
    )
