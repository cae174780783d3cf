"""Forgets: by age, and on demand so that no byte of it stays in the database or its log."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Connection,
    Select,
    Text,
    delete,
    exists,
    func,
    insert,
    select,
    tuple_,
    type_coerce,
    update,
)

from bot.conversation.events import ConversationId, Stage
from bot.transcripts.database import Database
from bot.transcripts.errors import NotWiped
from bot.transcripts.tables import conversations, events, outbox, retention_times, traces
from bot.transcripts.writer import Writer, kind_of

if TYPE_CHECKING:
    import psycopg

EXPIRED_AT_ONCE = 200
"""Rows deleted in one transaction, so that messages never wait long behind it."""

_MUST_WIPE = 1
"""In SQLite's `user_version` from the deletion until the files are wiped, kills and all."""

_DELETED = (
    "The conversations are deleted, but what the files still hold of them could not be "
    "overwritten yet; it is tried again by itself"
)

_POSTGRES_TABLES = ("conversations", "events", "turns", "traces", "tokens", "read_marks", "outbox")


@dataclass(frozen=True, slots=True)
class Expired:
    """What was too old and is gone."""

    conversations: int = 0
    traces: int = 0
    notifications: int = 0


@dataclass(frozen=True, slots=True)
class KeptDays:
    """How many days what is kept; 0: conversations for ever, the rest as long as those.

    A conversation is over when it has ended, and when its shopper left it with the bot.
    """

    closed: int = 0
    traces: int = 0
    delivered: int = 0


class Retention:
    """What is forgotten: by age, and on demand so that no byte of it stays."""

    def __init__(self, database: Database, writer: Writer, now: Callable[[], datetime]) -> None:
        self._database = database
        self._writer = writer
        self._now = now

    def expire(self, kept: KeptDays) -> Future[Expired]:
        """Delete what is older than that, a limited part at a time.

        Call it again while it finds something. A conversation in which somebody waits for people,
        or talks to one, never expires.
        """
        old = _old(kept, self._now())

        def work(connection: Connection) -> Expired:
            return Expired(
                conversations=_delete_some(connection, old["conversations"], conversations.c.id),
                traces=_delete_some(connection, old["traces"], traces.c.conversation, traces.c.seq),
                notifications=_delete_some(connection, old["notifications"], outbox.c.id),
            )

        return self._writer.run(work)

    def would_expire(self, kept: KeptDays) -> Expired:
        """Count what `expire` would delete now, called until it finds nothing."""
        with self._database.reader.begin() as connection:
            counted = {
                what: connection.execute(
                    select(func.count()).select_from(query.subquery())
                ).scalar_one()
                for what, query in _old(kept, self._now()).items()
                if query is not None
            }
        return Expired(**counted)

    def kept_days(self) -> KeptDays | None:
        """How long what is kept, as an admin set it; None when nobody did."""
        with self._database.reader.begin() as connection:
            row = connection.execute(select(retention_times)).one_or_none()
        if row is None:
            return None
        return KeptDays(row.closed_days, row.traces_days, row.delivered_days)

    def set_kept_days(self, kept: KeptDays, by: str) -> Future[None]:
        """Store how long what is kept."""
        values = {
            "closed_days": kept.closed,
            "traces_days": kept.traces,
            "delivered_days": kept.delivered,
            "by": by,
            "changed_at": self._now(),
        }

        def work(connection: Connection) -> None:
            if connection.execute(update(retention_times).values(**values)).rowcount == 0:
                connection.execute(insert(retention_times).values(id=1, **values))

        return self._writer.run(work)

    def drop_kept_days(self) -> Future[bool]:
        """Forget what an admin set; False when nobody had."""
        gone = delete(retention_times)
        return self._writer.run(lambda connection: connection.execute(gone).rowcount == 1)

    def erase(self, ids: Sequence[ConversationId]) -> Future[int]:
        """Delete conversations with all that belongs to them, and wipe what the files held.

        Resolved only when no byte of them is left in the database and its log; gives how many
        there were. With PostgreSQL the rows are gone and their space is given back, but its own
        log and its backups are the operator's. Backups made before hold them still.

        The future raises NotWiped when the wiping could not be finished; the conversations are
        deleted then, and `must_wipe` says so until it is, also after a kill.
        """
        deleted: list[int] = []

        def work(connection: Connection) -> None:
            gone = delete(conversations).where(conversations.c.id.in_(list(ids)))
            deleted.append(connection.execute(gone).rowcount)
            if not self._database.is_postgres:
                connection.exec_driver_sql(f"PRAGMA user_version={_MUST_WIPE}")

        removed = self._writer.run(work)

        def upkeep(connection: Any) -> int:
            # Put after the deletion into the same queue, so it has been committed or refused.
            removed.result()
            self._wipe(connection)
            return deleted[-1]

        return self._writer.maintain(upkeep)

    def clock_ahead_seconds(self) -> float:
        """How far this node's clock is ahead of the one that all nodes share; 0 where it is it."""
        if not self._database.is_postgres:
            return 0.0
        with self._database.reader.begin() as connection:
            shared: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return (self._now() - shared).total_seconds()

    def must_wipe(self) -> bool:
        """Whether something was erased whose bytes the files may still hold."""
        if self._database.is_postgres:
            return False
        with self._database.reader.begin() as connection:
            said = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        return bool(said == _MUST_WIPE)

    def wipe(self) -> Future[None]:
        """Write the files anew, so that nothing is left of what was erased. Raises NotWiped."""
        return self._writer.maintain(self._wipe)

    def _wipe(self, connection: Any) -> None:
        if self._database.is_postgres:
            _wipe_postgres(connection)
            return
        try:
            _wipe_sqlite(connection)
        except sqlite3.Error as error:
            raise NotWiped(f"{_DELETED} ({kind_of(error)}).") from error
        connection.execute("PRAGMA user_version=0")

    def conversations_of(self, text: str) -> tuple[ConversationId, ...]:
        """Find every conversation in which a person's words or contact details hold this text."""
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


def _old(kept: KeptDays, now: datetime) -> dict[str, Select[Any] | None]:
    """What is too old, by the keys that it is deleted by; None where all is kept."""

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    # Most shoppers leave without ending the conversation: it stays with the bot, and is over too.
    # One whose message nobody has answered waits, whoever has ended it.
    over = select(conversations.c.id).where(
        conversations.c.stage.in_([Stage.CLOSED.value, Stage.WITH_BOT.value]),
        conversations.c.message_left_at.is_(None),
        conversations.c.last_at < before(kept.closed),
    )
    same = (events.c.conversation == traces.c.conversation) & (events.c.seq == traces.c.seq)
    explained = select(traces.c.conversation, traces.c.seq).join(events, same)
    explained = explained.where(events.c.at < before(kept.traces))
    delivered = select(outbox.c.id).where(outbox.c.delivered_at < before(kept.delivered))
    return {
        "conversations": over if kept.closed > 0 else None,
        "traces": explained if kept.traces > 0 else None,
        "notifications": delivered if kept.delivered > 0 else None,
    }


def _delete_some(connection: Connection, old: Select[Any] | None, *key: Column[Any]) -> int:
    """Delete a limited part of what is too old, by its key.

    PostgreSQL locks it as it is found. What another node holds is left: it may be writing there,
    and what a shopper goes on with is too old no longer.
    """
    if old is None:
        return 0
    table = key[0].table
    locked = old.limit(EXPIRED_AT_ONCE).with_for_update(skip_locked=True, of=table)
    some = [tuple(row) for row in connection.execute(locked)]
    if not some:
        return 0
    gone = delete(table).where(tuple_(*key).in_(some))
    return connection.execute(gone).rowcount


def _wipe_sqlite(connection: sqlite3.Connection) -> None:
    """Write the database anew and empty its log.

    `secure_delete` overwrites a deleted row where it lies, but a page that was split before can
    hold an older copy in its unused part; only writing every page anew is sure to lose that.
    """
    connection.execute("VACUUM")
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise NotWiped(f"{_DELETED} (somebody reads the database for long).")


def _wipe_postgres(connection: psycopg.Connection[Any]) -> None:
    """Let PostgreSQL give back the space of deleted rows."""
    before = connection.autocommit
    connection.autocommit = True
    try:
        for table in _POSTGRES_TABLES:
            connection.execute(f"VACUUM {table}".encode("ascii"))
    finally:
        connection.autocommit = before
