"""What nodes without a common folder share through PostgreSQL: published knowledge, uploads, jobs.

A version is a folder of files that never change; here it is kept as chunks of bounded size, with
the size and SHA-256 of every file, in one transaction. It knows nothing of what the files hold.
Opens connections of its own, so that no shopper's message ever waits behind a large file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from bot.transcripts.database import Database, alone, open_database
from bot.transcripts.errors import OutOfReach
from bot.transcripts.tables import (
    jobs,
    knowledge_chunks,
    knowledge_serving,
    knowledge_versions,
    uploads,
    write_json,
)

CHUNK_BYTES = 262_144
"""One row of a file; small enough that neither side ever holds more than a few of them."""

TURN_SECONDS = 0.2
"""How often a job that waits for another node's asks again."""

_PUBLISHING_LOCK = 7_260_115
_TURN_LOCK = 7_260_116
"""Any numbers of ours, beside that of `migrate`."""

_OTHERS_PUBLISH = "55s"

FileFacts = Mapping[str, tuple[int, str]]
"""Path inside the version's folder -> bytes and SHA-256."""


class PublishedKnowledge:
    """The versions that every node has, and which of them serves. Safe in several threads.

    Every method raises OutOfReach (an OSError) when the database cannot be reached.
    """

    def __init__(self, database: Database, kept: int) -> None:
        """Take an open PostgreSQL database.

        Args:
            kept: so many of the newest versions stay; the one that serves always does.
        """
        self._database = database
        self._kept = max(1, kept)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    # -- versions ----------------------------------------------------------------------------

    def serving(self) -> str | None:
        """Give the id of the version that serves, None before the first."""
        with self._reading() as connection:
            return _serving(connection)

    def newest_number(self) -> int:
        """Give the highest number that a version ever kept here has, 0 before the first."""
        newest = select(func.coalesce(func.max(knowledge_versions.c.number), 0))
        with self._reading() as connection:
            return int(connection.execute(newest).scalar_one())

    def about(self) -> dict[str, Mapping[str, Any]]:
        """List every version: its id -> what was put with it, newest first."""
        table = knowledge_versions.c
        query = select(table.version, table.about).order_by(table.number.desc())
        with self._reading() as connection:
            return {row.version: row.about for row in connection.execute(query)}

    def files(self, version: str) -> FileFacts | None:
        """Give size and SHA-256 of every file of a version; None when it is not here, or altered.

        Raises:
            OutOfReach: see above.
        """
        table = knowledge_versions.c
        with self._reading() as connection:
            row = connection.execute(
                select(knowledge_versions).where(table.version == version)
            ).one_or_none()
        if row is None or row.digest != _digest(version, row.about, row.files):
            return None
        return {path: (int(size), str(sha256)) for path, (size, sha256) in row.files.items()}

    def chunks(self, version: str, path: str) -> Iterator[bytes]:
        """Read one file, chunk by chunk; ends early where a chunk is missing."""
        table = knowledge_chunks.c
        one = select(table.content).where(table.version == version, table.path == path)
        position = 0
        while True:
            with self._reading() as connection:
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
            if _serving(connection) != instead_of:
                return False
            listed = {path: list(facts) for path, facts in files.items()}
            connection.execute(
                insert(knowledge_versions).values(
                    version=version,
                    number=number,
                    about=dict(about),
                    files=listed,
                    digest=_digest(version, about, listed),
                )
            )
            for path in files:
                _put_file(connection, version, path, files[path], folder / path)
            _point_to(connection, version)
            self._drop_oldest(connection, version)
        return True

    def point_to(self, version: str) -> bool:
        """Let a version that is here serve; False when it is not."""
        known = select(knowledge_versions.c.version).where(knowledge_versions.c.version == version)
        with self._publishing() as connection:
            if connection.execute(known).first() is None:
                return False
            _point_to(connection, version)
        return True

    @contextmanager
    def turn(self, waits: Callable[[float], None]) -> Iterator[None]:
        """Be the only one, of all nodes, who works on the knowledge; waits for its turn.

        A node that dies gives its turn back. Whoever loses the database in the middle may lose the
        turn unnoticed, so `put` looks again.

        Args:
            waits: called while it is not our turn, to sleep so long; may raise to give up.
        """
        with _reached(), alone(self._database) as connection:
            ask = text("SELECT pg_try_advisory_lock(:key)")
            while not connection.execute(ask, {"key": _TURN_LOCK}).scalar_one():
                waits(TURN_SECONDS)
            try:
                yield
            finally:
                with suppress(SQLAlchemyError):  # the server lets go when the connection ends
                    unlock = text("SELECT pg_advisory_unlock(:key)")
                    connection.execute(unlock, {"key": _TURN_LOCK})

    def _drop_oldest(self, connection: Connection, serving: str) -> None:
        table = knowledge_versions.c
        newest = select(table.version).order_by(table.number.desc()).limit(self._kept)
        connection.execute(
            delete(knowledge_versions).where(table.version.not_in(newest), table.version != serving)
        )

    # -- uploads and jobs --------------------------------------------------------------------

    def keep_upload(self, id: str, facts: Mapping[str, Any], content: bytes) -> None:
        """Keep a file that was brought."""
        with self._writing() as connection:
            values = {"id": id, "facts": dict(facts), "content": content}
            connection.execute(insert(uploads).values(**values, at=_now(connection)))

    def upload(self, id: str) -> tuple[Mapping[str, Any], bytes] | None:
        """Give a file that was brought; None when it is not here."""
        query = select(uploads.c.facts, uploads.c.content).where(uploads.c.id == id)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.facts, row.content)

    def drop_upload(self, id: str) -> None:
        """Delete a file that was brought; nothing happens when it is gone."""
        with self._writing() as connection:
            connection.execute(delete(uploads).where(uploads.c.id == id))

    def drop_uploads_older_than(self, age: timedelta) -> None:
        """Delete files that were brought so long ago."""
        with self._writing() as connection:
            connection.execute(delete(uploads).where(uploads.c.at < _now(connection) - age))

    def pin_job(self, id: str, told: Mapping[str, Any]) -> None:
        """Keep what a job tells of itself, in the place of what it told before."""
        with self._writing() as connection:
            values = {"told": dict(told), "at": _now(connection)}
            changed = connection.execute(update(jobs).where(jobs.c.id == id).values(**values))
            if changed.rowcount == 0:
                connection.execute(insert(jobs).values(id=id, **values))

    def job(self, id: str) -> tuple[dict[str, Any], timedelta] | None:
        """Give what a job last told of itself, and how long ago; None when there is none."""
        with self._reading() as connection:
            row = connection.execute(
                select(jobs.c.told, jobs.c.at).where(jobs.c.id == id)
            ).one_or_none()
            now = _now(connection)
        return None if row is None else (row.told, now - row.at)

    def drop_jobs_older_than(self, age: timedelta) -> None:
        """Delete what jobs told so long ago."""
        with self._writing() as connection:
            connection.execute(delete(jobs).where(jobs.c.at < _now(connection) - age))

    # -- connections -------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _reached(), self._database.reader.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _reached(), self._database.writer.begin() as connection:
            yield connection

    @contextmanager
    def _publishing(self) -> Iterator[Connection]:
        """One node at a time: which version serves is read and changed in one step."""
        with self._writing() as connection:
            wait = text("SELECT set_config('lock_timeout', :timeout, true)")
            connection.execute(wait, {"timeout": _OTHERS_PUBLISH})
            lock = text("SELECT pg_advisory_xact_lock(:key)")
            connection.execute(lock, {"key": _PUBLISHING_LOCK})
            yield connection


def open_published(url: str, kept: int) -> PublishedKnowledge:
    """Open what nodes share, with connections of its own; brings the tables up to date.

    Args:
        url: "postgresql://…"; SQLite is of one node, which needs none of this.
        kept: see `PublishedKnowledge`.

    Raises:
        StoreNotSafe: see `open_database`.
    """
    return PublishedKnowledge(open_database(url), kept)


def _serving(connection: Connection) -> str | None:
    return connection.execute(select(knowledge_serving.c.version)).scalar_one_or_none()


def _point_to(connection: Connection, version: str) -> None:
    changed = connection.execute(update(knowledge_serving).values(version=version))
    if changed.rowcount == 0:
        connection.execute(insert(knowledge_serving).values(id=1, version=version))


def _put_file(
    connection: Connection, version: str, path: str, facts: tuple[int, str], file: Path
) -> None:
    """Keep one file, and refuse it when it is not what was said."""
    size, digest, position = 0, hashlib.sha256(), 0
    with file.open("rb") as opened:
        while content := opened.read(CHUNK_BYTES):
            size += len(content)
            digest.update(content)
            values = {"version": version, "path": path, "position": position, "content": content}
            connection.execute(insert(knowledge_chunks).values(**values))
            position += 1
    if (size, digest.hexdigest()) != facts:
        raise OutOfReach(f"The file {path} of version {version} changed; publish again.")


def _digest(version: str, about: Mapping[str, Any], files: Mapping[str, Any]) -> str:
    covered = write_json([version, dict(about), dict(files)])
    return hashlib.sha256(covered.encode("ascii")).hexdigest()


def _now(connection: Connection) -> datetime:
    """Tell the time of the server, the one clock that all nodes have."""
    return connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)  # type: ignore[no-any-return]


@contextmanager
def _reached() -> Iterator[None]:
    """Say of the driver's errors no more than their kind: a text can hold an address."""
    try:
        yield
    except SQLAlchemyError as error:
        raise OutOfReach(
            f"The database that the nodes share refused ({type(error).__name__}); try again."
        ) from error
