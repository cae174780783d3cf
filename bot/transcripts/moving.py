"""Moves a whole history into another, empty database: from SQLite to PostgreSQL, or back.

All tables are copied in one transaction of the target, raw value by raw value, read back there, and
compared by count and checksum before it commits. Whatever breaks on the way, a kill too, leaves the
target empty and the source as it was.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    NullPool,
    Select,
    Table,
    create_engine,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.transcripts import tables
from bot.transcripts.backup import check_database
from bot.transcripts.database import address_of, alone_with, open_database
from bot.transcripts.errors import StorageRefused, StoreNotSafe
from bot.transcripts.migrate import current_revision, newest_revision
from bot.transcripts.rows import AnyRow
from bot.transcripts.sqlite_rules import WriterLock

ROWS_AT_ONCE = 500

NOT_MOVED = frozenset(
    {
        "knowledge_versions",
        "knowledge_chunks",
        "knowledge_serving",
        "trained_sets",
        "trained_chunks",
        "trained_serving",
        "uploads",
        "jobs",
        "roll_call",
    }
)
"""What nodes share beside the history. The first node that starts shares its folder's."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows of every table, and the name of the new history."""

    rows: dict[str, int]
    epoch: str

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def move_database(
    source: str, target: str, new_epoch: Callable[[], str], progress: Progress
) -> Moved:
    """Copy everything from one database, which nobody uses, into an empty one.

    The target becomes a new history (another epoch), so that every page starts over from it.

    Args:
        source, target: addresses as of the setting `database_url`.
        progress: called with the rows done, and all rows; each is read twice.

    Raises:
        StorageRefused: the target is not empty, or did not get what the source holds; nothing is
            left in it, and the source is as it was.
        StoreNotSafe: somebody uses one of them, or the source is of another version.
    """
    if _same(address_of(source), address_of(target)):
        raise StorageRefused("Source and target are the same database; name another target.")
    try:
        with _reading(source) as reader, _writing(target) as writer:
            return _copy(reader, writer, new_epoch(), progress)
    except SQLAlchemyError as error:
        raise StorageRefused(
            f"A database refused ({type(error).__name__}); nothing was moved. Look whether both "
            "run and have room, then try again."
        ) from error


def _same(source: URL, target: URL) -> bool:
    kinds = source.get_backend_name(), target.get_backend_name()
    if kinds == ("sqlite", "sqlite"):
        return Path(source.database or "").resolve() == Path(target.database or "").resolve()
    where = (source.host, source.port or 5432, source.database)
    return kinds[0] == kinds[1] and where == (target.host, target.port or 5432, target.database)


# -- the two ends -------------------------------------------------------------------------------


@contextmanager
def _reading(source: str) -> Iterator[Connection]:
    """Open the source so that nothing in it can change: not by us, and not by a server."""
    url = address_of(source)
    if url.get_backend_name() == "sqlite":
        with _reading_sqlite(Path(url.database or "")) as connection:
            yield connection
        return
    with alone_with(url) as connection:
        _refuse_if_in_use(connection, "source")
        connection.execute(text("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        _must_be_of_today(connection)
        yield connection


@contextmanager
def _reading_sqlite(path: Path) -> Iterator[Connection]:
    if not path.is_file():
        raise StorageRefused(f"There is no database at {path}; look at the settings.")
    lock = WriterLock(path)
    lock.take_alone()  # nothing may change meanwhile
    address = f"{path.resolve().as_uri()}?mode=ro"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            _must_be_of_today(connection)
            yield connection
    finally:
        lock.free()


@contextmanager
def _writing(target: str) -> Iterator[Connection]:
    """Open the target inside one transaction, with the tables of today and nothing in them."""
    database = open_database(target)
    try:
        with _one_transaction(database.writer) as connection:
            if database.is_postgres:
                _refuse_if_in_use(connection, "target")
            _must_be_empty(connection)
            yield connection
    finally:
        database.close()


@contextmanager
def _one_transaction(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # The usual limits are for messages; a move may take as long as it takes.
            connection.execute(text("SET LOCAL statement_timeout TO 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout TO 0"))
        yield connection


def _refuse_if_in_use(connection: Connection, which: str) -> None:
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'shopkeeper' AND pid <> pg_backend_pid()"
    )
    if connection.execute(query).scalar_one():
        raise StoreNotSafe(f"A node of Shopkeeper uses the {which}. Stop every node first.")


def _must_be_of_today(connection: Connection) -> None:
    found, newest = current_revision(connection), newest_revision()
    if found != newest:
        raise StoreNotSafe(
            f"The source is at step {found}, this version makes step {newest}. "
            "Start the server once with this version, stop it, then move."
        )


def _must_be_empty(connection: Connection) -> None:
    for table in tables.metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise StorageRefused(
                f"The target is not empty: there is something in {table.name}. Name an empty "
                "database; if a move was finished before, only set database_url and start."
            )


# -- copying ------------------------------------------------------------------------------------


def _copy(reader: Connection, writer: Connection, epoch: str, progress: Progress) -> Moved:
    moved = [_raw(table) for table in tables.metadata.sorted_tables if table.name not in NOT_MOVED]
    counts = {table.name: _count(reader, table) for table in moved}
    of, done = 2 * sum(counts.values()), 0
    for table in moved:
        written = Checksum()
        for rows in _batches(reader, select(table)):
            writer.execute(insert(table), [row._asdict() for row in rows])
            done += written.add(rows)
            progress(done, of)
        kept = Checksum()
        for rows in _batches(writer, select(table)):
            done += kept.add(rows)
            progress(done, of)
        if kept != written or kept.rows != counts[table.name]:
            raise StorageRefused(
                f"The target did not get what {table.name} holds ({written.rows} rows read, "
                f"{kept.rows} found). Nothing was moved."
            )
        _go_on_counting(writer, table)
    writer.execute(update(tables.installation).values(epoch=epoch))
    problems = check_database(writer)
    if problems:
        raise StorageRefused(
            f"What was moved is not sound ({len(problems)} problems): {problems[0]}"
        )
    return Moved(counts, epoch)


def _raw(table: Table) -> Table:
    """Give a table's twin whose values are what the database holds, not what they mean."""
    columns = [
        Column(column.name, _raw_type(column.type), primary_key=column.primary_key)
        for column in table.columns
    ]
    return Table(table.name, MetaData(), *columns)


def _raw_type(type: TypeEngine[object]) -> TypeEngine[object]:
    return type.impl_instance if isinstance(type, TypeDecorator) else type


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _batches(connection: Connection, query: Select[Any]) -> Iterator[list[AnyRow]]:
    result = connection.execute(query.execution_options(stream_results=True))
    for rows in result.partitions(ROWS_AT_ONCE):
        yield list(rows)


class Checksum:
    """Number of rows, and the sum of their SHA-256: the same in whatever order they come."""

    def __init__(self) -> None:
        self.rows = self.sum = 0

    def add(self, rows: list[AnyRow]) -> int:
        """Take some rows in; gives how many."""
        for row in rows:
            digest = hashlib.sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest()
            self.sum = (self.sum + int.from_bytes(digest)) % (1 << 256)
        self.rows += len(rows)
        return len(rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Checksum):
            return NotImplemented
        return (self.rows, self.sum) == (other.rows, other.sum)


def _go_on_counting(writer: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row after the last that came; SQLite does so by itself."""
    if writer.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        asked = {"table": table.name, "column": column.name}
        sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
        name = writer.execute(sequence, asked).scalar_one()
        newest = writer.execute(select(func.max(column))).scalar_one()
        if name is not None and newest is not None:
            writer.execute(text("SELECT setval(:name, :newest)"), {"name": name, "newest": newest})
