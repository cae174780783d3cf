"""Opens SQLite or PostgreSQL so that a commit is durable: one engine to write, one to read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.transcripts.errors import StoreNotSafe
from bot.transcripts.migrate import upgrade
from bot.transcripts.sqlite_rules import (
    READER_SETTINGS,
    WRITER_SETTINGS,
    ServingLock,
    WriterLock,
    configure,
    create_private_file,
    refuse_network_file_system,
)

if TYPE_CHECKING:
    import psycopg

READER_CONNECTIONS = 8
"""As many threads can read at once; more wait. SQLite readers never wait for the writer."""

SINGLE_CONNECTIONS = 4
"""PostgreSQL: beside those, for single statements."""

_WITHOUT_TRANSACTION = "shopkeeper_without_transaction"

_POSTGRES_MUST_SAY = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}

_POSTGRES_CONNECT: dict[str, Any] = {
    # A node that lost its database must notice and refuse, not hang (seconds, milliseconds).
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "shopkeeper",
}


@dataclass
class Database:
    """A database that is open: its tables are of today and its settings are safe.

    Attributes:
        writer: begins every transaction as the only writer (SQLite) or with row locks (PostgreSQL).
        reader: cannot write; every transaction sees one moment.
        single: for a reading statement that needs no other beside it. It sees one moment by
            itself, so no transaction is begun for it. Whoever uses it tries once more when the
            connection turns out to be dead, because nothing is asked before to find that out.
        path: the SQLite file; None for PostgreSQL.
    """

    writer: Engine
    reader: Engine
    single: Engine
    path: Path | None = None
    locks: tuple[WriterLock, ...] = ()

    @property
    def is_postgres(self) -> bool:
        """Whether several processes may share it."""
        return self.path is None

    def close(self) -> None:
        """Close every connection and free the file."""
        self.reader.dispose()
        self.single.dispose()
        self.writer.dispose()
        for lock in self.locks:
            lock.free()


def address_of(url: str) -> URL:
    """Read the address of a database; what is refused is not repeated, it may hold a password.

    Raises:
        StoreNotSafe: it is no address, or that of a database which is not known here.
    """
    known = "write sqlite:////absolute/file.sqlite3 or postgresql://user@host/name"
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreNotSafe(f"This is not the address of a database: {known}.") from None
    kind = address.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise StoreNotSafe(f"The address of the database begins with {kind}: {known}.")
    return address


def open_database(url: str, *, serving: bool = False) -> Database:
    """Open a database and bring its tables up to date.

    Args:
        url: "sqlite:///relative.sqlite3", "sqlite:////absolute.sqlite3" or "postgresql://…".
        serving: to serve shoppers from it, which only one process may with SQLite.

    Raises:
        StoreNotSafe: it cannot keep what it accepts; the text says why and what to do.
    """
    address = address_of(url)
    if address.get_backend_name() == "sqlite":
        database = _open_sqlite(address, serving)
    else:
        database = _open_postgres(address)
    try:
        with database.writer.begin() as connection:
            upgrade(connection)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def alone(database: Database) -> Iterator[Connection]:
    """Give a PostgreSQL connection of its own, outside any transaction, for locks held long."""
    with alone_with(database.writer.url) as connection:
        yield connection


@contextmanager
def alone_with(url: URL) -> Iterator[Connection]:
    """Give one connection to a PostgreSQL database as it is, outside any transaction."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args=_POSTGRES_CONNECT,
    )
    with engine.connect() as connection:
        yield connection


def _open_sqlite(url: URL, serving: bool) -> Database:
    if not url.database or url.database == ":memory:":
        raise StoreNotSafe("A SQLite database needs a file; one in memory would lose everything.")
    path = Path(url.database).absolute()
    create_private_file(path)
    refuse_network_file_system(path)
    locks = _locked(path, serving)
    address = URL.create("sqlite", database=str(path))
    writer = create_engine(
        address,
        hide_parameters=True,  # an error in the log must not carry what a shopper wrote
        pool_size=1,
        max_overflow=0,
        connect_args={"timeout": 5, "check_same_thread": False},
    )
    reader = create_engine(
        address,
        hide_parameters=True,
        pool_size=READER_CONNECTIONS,
        max_overflow=0,
        connect_args={"timeout": 5, "check_same_thread": False},
    )
    _on_sqlite(writer, WRITER_SETTINGS, "BEGIN IMMEDIATE")
    _on_sqlite(reader, READER_SETTINGS, "BEGIN")
    single = reader.execution_options(**{_WITHOUT_TRANSACTION: True})
    return Database(writer, reader, single, path, locks)


def _locked(path: Path, serving: bool) -> tuple[WriterLock, ...]:
    lock = WriterLock(path)
    if not serving:
        lock.take()
        return (lock,)
    alone = ServingLock(path)
    alone.take_alone()
    try:
        lock.take()
    except BaseException:
        alone.free()
        raise
    return (lock, alone)


def _on_sqlite(engine: Engine, settings: Any, begin: str) -> None:
    """Take transactions out of the driver's hands: it would begin them too late, and deferred."""

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        configure(connection, settings)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        if not connection.get_execution_options().get(_WITHOUT_TRANSACTION):
            connection.exec_driver_sql(begin)


def _open_postgres(url: URL) -> Database:
    address = url.set(drivername="postgresql+psycopg")
    writer = create_engine(
        address,
        hide_parameters=True,
        pool_size=1,
        max_overflow=1,
        pool_pre_ping=True,
        connect_args=_POSTGRES_CONNECT,
    )
    reader = create_engine(
        address,
        hide_parameters=True,
        pool_size=READER_CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=_POSTGRES_CONNECT,
        isolation_level="REPEATABLE READ",  # one moment for all statements of one reading
        execution_options={"postgresql_readonly": True},
    )
    single = create_engine(
        address,
        hide_parameters=True,
        pool_size=SINGLE_CONNECTIONS,
        max_overflow=0,
        connect_args=_POSTGRES_CONNECT,
        isolation_level="AUTOCOMMIT",
    )
    event.listen(writer, "connect", _settle_postgres)
    return Database(writer, reader, single)


def _settle_postgres(connection: psycopg.Connection[Any], _record: object) -> None:
    """Ask for durable commits and short waits, and read back what the server really does."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
        cursor.execute("SET lock_timeout TO '5s'")
        cursor.execute("SET statement_timeout TO '60s'")
        cursor.execute("SET idle_in_transaction_session_timeout TO '30s'")
        for setting, expected in _POSTGRES_MUST_SAY.items():
            found = cursor.execute("SELECT current_setting(%s)", (setting,)).fetchone()
            if found is None or found[0] != expected:
                raise StoreNotSafe(
                    f"PostgreSQL says {setting}={found[0] if found else None}, so that it may lose "
                    f"what it accepted. Set {setting}={expected} in its configuration."
                )
    connection.commit()
