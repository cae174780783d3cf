"""A shelf of versions that nodes without a common folder share through PostgreSQL.

A version is a folder of files that never change; here it is kept as chunks of bounded size, with
the size and SHA-256 of every file, in one transaction, and one of them serves. It knows nothing of
what the files hold; each kind of version has a shelf of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from bot.transcripts.database import Database, alone
from bot.transcripts.errors import OutOfReach
from bot.transcripts.tables import ShelfTables, write_json

CHUNK_BYTES = 262_144
"""One row of a file; small enough that neither side ever holds more than a few of them."""

TURN_SECONDS = 0.2
"""How often work that waits for another node's asks again."""

_OTHERS_PUBLISH = "55s"

FileFacts = Mapping[str, tuple[int, str]]
"""Path inside the version's folder -> bytes and SHA-256."""


class VersionShelf:
    """The versions of one kind that every node has, and which serves. Safe in several threads.

    Every method raises OutOfReach (an OSError) when the database cannot be reached.
    """

    def __init__(self, database: Database, tables: ShelfTables, lock: int, kept: int) -> None:
        """Take an open PostgreSQL database.

        Args:
            lock: number of the lock of whoever publishes; the next one is that of `turn`.
            kept: so many of the newest versions stay; the one that serves always does.
        """
        self._database = database
        self._tables = tables
        self._publishing_lock, self._turn_lock = lock, lock + 1
        self._kept = max(1, kept)

    def serving(self) -> str | None:
        """Give the id of the version that serves, None before the first."""
        with self.reading() as connection:
            return self._serving(connection)

    def newest_number(self) -> int:
        """Give the highest number that a version ever kept here has, 0 before the first."""
        newest = select(func.coalesce(func.max(self._tables.versions.c.number), 0))
        with self.reading() as connection:
            return int(connection.execute(newest).scalar_one())

    def about(self) -> dict[str, Mapping[str, Any]]:
        """List every version: its id -> what was put with it, newest first."""
        table = self._tables.versions.c
        query = select(table.version, table.about).order_by(table.number.desc())
        with self.reading() as connection:
            return {row.version: row.about for row in connection.execute(query)}

    def files(self, version: str) -> FileFacts | None:
        """Give size and SHA-256 of every file of a version; None when it is not here, or altered.

        Raises:
            OutOfReach: see above.
        """
        table = self._tables.versions.c
        with self.reading() as connection:
            row = connection.execute(
                select(self._tables.versions).where(table.version == version)
            ).one_or_none()
        if row is None or row.digest != _digest(version, row.about, row.files):
            return None
        return {path: (int(size), str(sha256)) for path, (size, sha256) in row.files.items()}

    def chunks(self, version: str, path: str) -> Iterator[bytes]:
        """Read one file, chunk by chunk; ends early where a chunk is missing."""
        table = self._tables.chunks.c
        one = select(table.content).where(table.version == version, table.path == path)
        position = 0
        while True:
            with self.reading() as connection:
                content = connection.execute(
                    one.where(table.position == position)
                ).scalar_one_or_none()
            if content is None:
                return
            yield content
            position += 1

    def put(
        self,
        version: str,
        number: int,
        about: Mapping[str, Any],
        files: FileFacts,
        folder: Path,
        instead_of: str | None,
    ) -> bool:
        """Keep a version and let it serve, in one transaction; False when another serves by now.

        Args:
            instead_of: the version that must be serving still; None: none yet.
            folder: holds exactly these files.

        Raises:
            OutOfReach: see above, the version may or may not have been kept; or a file is not what
                `files` says.
        """
        with self._publishing() as connection:
            if self._serving(connection) != instead_of:
                return False
            listed = {path: list(facts) for path, facts in files.items()}
            connection.execute(
                insert(self._tables.versions).values(
                    version=version,
                    number=number,
                    about=dict(about),
                    files=listed,
                    digest=_digest(version, about, listed),
                )
            )
            for path in files:
                self._put_file(connection, version, path, files[path], folder / path)
            self._point_to(connection, version)
            self._drop_oldest(connection, version)
        return True

    def point_to(self, version: str) -> bool:
        """Let a version that is here serve; False when it is not."""
        known = select(self._tables.versions.c.version).where(
            self._tables.versions.c.version == version
        )
        with self._publishing() as connection:
            if connection.execute(known).first() is None:
                return False
            self._point_to(connection, version)
        return True

    @contextmanager
    def turn(self, waits: Callable[[float], None]) -> Iterator[None]:
        """Be the only one, of all nodes, who works on this shelf; waits for its turn.

        A node that dies gives its turn back. Whoever loses the database in the middle may lose the
        turn unnoticed, so `put` looks again.

        Args:
            waits: called while it is not our turn, to sleep so long; may raise to give up.
        """
        with reached(), alone(self._database) as connection:
            ask = text("SELECT pg_try_advisory_lock(:key)")
            while not connection.execute(ask, {"key": self._turn_lock}).scalar_one():
                waits(TURN_SECONDS)
            try:
                yield
            finally:
                with suppress(SQLAlchemyError):  # the server lets go when the connection ends
                    unlock = text("SELECT pg_advisory_unlock(:key)")
                    connection.execute(unlock, {"key": self._turn_lock})

    def _drop_oldest(self, connection: Connection, serving: str) -> None:
        table = self._tables.versions.c
        newest = select(table.version).order_by(table.number.desc()).limit(self._kept)
        gone = delete(self._tables.versions).where(
            table.version.not_in(newest), table.version != serving
        )
        connection.execute(gone)

    def _serving(self, connection: Connection) -> str | None:
        serving = select(self._tables.serving.c.version)
        return connection.execute(serving).scalar_one_or_none()

    def _point_to(self, connection: Connection, version: str) -> None:
        table = self._tables.serving
        changed = connection.execute(update(table).values(version=version))
        if changed.rowcount == 0:
            connection.execute(insert(table).values(id=1, version=version))

    def _put_file(
        self, connection: Connection, version: str, path: str, facts: tuple[int, str], file: Path
    ) -> None:
        """Keep one file, and refuse it when it is not what was said."""
        size, digest, position = 0, hashlib.sha256(), 0
        with file.open("rb") as opened:
            while content := opened.read(CHUNK_BYTES):
                size += len(content)
                digest.update(content)
                one = {"version": version, "path": path, "position": position, "content": content}
                connection.execute(insert(self._tables.chunks).values(**one))
                position += 1
        if (size, digest.hexdigest()) != facts:
            raise OutOfReach(f"The file {path} of version {version} changed; publish again.")

    # -- connections -------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment."""
        with reached(), self._database.reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction, committed at the end."""
        with reached(), self._database.writer.begin() as connection:
            yield connection

    @contextmanager
    def _publishing(self) -> Iterator[Connection]:
        """One node at a time: which version serves is read and changed in one step."""
        with self.writing() as connection:
            wait = text("SELECT set_config('lock_timeout', :timeout, true)")
            connection.execute(wait, {"timeout": _OTHERS_PUBLISH})
            lock = text("SELECT pg_advisory_xact_lock(:key)")
            connection.execute(lock, {"key": self._publishing_lock})
            yield connection


def _digest(version: str, about: Mapping[str, Any], files: Mapping[str, Any]) -> str:
    covered = write_json([version, dict(about), dict(files)])
    return hashlib.sha256(covered.encode("ascii")).hexdigest()


@contextmanager
def reached() -> Iterator[None]:
    """Say of the driver's errors no more than their kind: a text can hold an address."""
    try:
        yield
    except SQLAlchemyError as error:
        raise OutOfReach(
            f"The database that the nodes share refused ({type(error).__name__}); try again."
        ) from error
