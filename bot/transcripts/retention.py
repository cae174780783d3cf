"""Forgets: by age, and on demand so that no byte of it stays in the database or its log."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Connection, Text, delete, exists, select, tuple_, type_coerce

from bot.conversation.events import ConversationId, Stage
from bot.transcripts.database import Database
from bot.transcripts.errors import StorageRefused
from bot.transcripts.store import Expired
from bot.transcripts.tables import conversations, events, outbox, traces
from bot.transcripts.writer import Writer

EXPIRED_AT_ONCE = 200
"""Rows deleted in one transaction, so that messages never wait long behind it."""

_POSTGRES_TABLES = ("conversations", "events", "turns", "traces", "tokens", "read_marks", "outbox")


class SqlRetention:
    """See `bot.transcripts.store.Retention` for every promise."""

    def __init__(self, database: Database, writer: Writer, now: Callable[[], datetime]) -> None:
        self._database = database
        self._writer = writer
        self._now = now

    def expire(
        self, closed_days: int = 0, traces_days: int = 0, delivered_days: int = 0
    ) -> Future[Expired]:
        """See `Retention.expire`."""
        now = self._now()

        def work(connection: Connection) -> Expired:
            return Expired(
                conversations=_expire_conversations(connection, now, closed_days),
                traces=_expire_traces(connection, now, traces_days),
                notifications=_expire_delivered(connection, now, delivered_days),
            )

        return self._writer.run(work)

    def erase(self, ids: Sequence[ConversationId]) -> Future[int]:
        """See `Retention.erase`."""
        deleted: list[int] = []

        def work(connection: Connection) -> None:
            gone = delete(conversations).where(conversations.c.id.in_(list(ids)))
            deleted.append(connection.execute(gone).rowcount)

        removed = self._writer.run(work)
        wipe = _wipe_postgres if self._database.is_postgres else _wipe_sqlite

        def upkeep(connection: Any) -> int:
            # Put after the deletion into the same queue, so it has been committed or refused.
            removed.result()
            wipe(connection)
            return deleted[-1]

        return self._writer.maintain(upkeep)

    def conversations_of(self, text: str) -> tuple[ConversationId, ...]:
        """See `Retention.conversations_of`."""
        if not text.strip() or "\x00" in text:
            return ()
        said = exists().where(
            events.c.conversation == conversations.c.id,
            events.c.text.icontains(text, autoescape=True),
        )
        written = json.dumps(text)[1:-1]  # contact details are kept as JSON
        contact = type_coerce(conversations.c.contact, Text).icontains(written, autoescape=True)
        query = select(conversations.c.id).where(said | contact).order_by(conversations.c.id)
        with self._database.reader.begin() as connection:
            return tuple(ConversationId(id) for id in connection.execute(query).scalars())


def _expire_conversations(connection: Connection, now: datetime, days: int) -> int:
    if days <= 0:
        return 0
    old = select(conversations.c.id).where(
        conversations.c.stage == Stage.CLOSED.value,
        conversations.c.last_at < now - timedelta(days=days),
    )
    some = connection.execute(old.limit(EXPIRED_AT_ONCE)).scalars().all()
    gone = delete(conversations).where(conversations.c.id.in_(some))
    return connection.execute(gone).rowcount if some else 0


def _expire_traces(connection: Connection, now: datetime, days: int) -> int:
    if days <= 0:
        return 0
    same = (events.c.conversation == traces.c.conversation) & (events.c.seq == traces.c.seq)
    old = select(traces.c.conversation, traces.c.seq).join(events, same)
    old = old.where(events.c.at < now - timedelta(days=days)).limit(EXPIRED_AT_ONCE)
    some = [(row.conversation, row.seq) for row in connection.execute(old)]
    which = tuple_(traces.c.conversation, traces.c.seq).in_(some)
    return connection.execute(delete(traces).where(which)).rowcount if some else 0


def _expire_delivered(connection: Connection, now: datetime, days: int) -> int:
    if days <= 0:
        return 0
    old = select(outbox.c.id).where(outbox.c.delivered_at < now - timedelta(days=days))
    some = connection.execute(old.limit(EXPIRED_AT_ONCE)).scalars().all()
    return connection.execute(delete(outbox).where(outbox.c.id.in_(some))).rowcount if some else 0


def _wipe_sqlite(connection: sqlite3.Connection) -> None:
    """Write the database anew and empty its log.

    `secure_delete` overwrites a deleted row where it lies, but a page that was split before can
    hold an older copy in its unused part; only writing every page anew is sure to lose that.
    """
    connection.execute("VACUUM")
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StorageRefused(
            "The conversations are deleted, but somebody reads the database for so long that its "
            "log could not be emptied. Erase again."
        )


def _wipe_postgres(connection: psycopg.Connection[Any]) -> None:
    """Let PostgreSQL give back the space of deleted rows."""
    before = connection.autocommit
    connection.autocommit = True
    try:
        for table in _POSTGRES_TABLES:
            connection.execute(f"VACUUM {table}".encode("ascii"))
    finally:
        connection.autocommit = before
