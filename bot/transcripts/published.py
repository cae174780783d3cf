"""What nodes without a common folder share through PostgreSQL: versions, uploads, jobs.

Two shelves of versions: published knowledge, and what was trained. Opens connections of its own, so
that no shopper's message ever waits behind a large file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update

from bot.transcripts.database import Database, alone, open_database
from bot.transcripts.shelf import VersionShelf, reached
from bot.transcripts.tables import KNOWLEDGE, TRAINED, jobs, uploads

_KNOWLEDGE_LOCK = 7_260_115
_TRAINED_LOCK = 7_260_117
"""Any numbers of ours, beside that of `migrate`; each shelf has two."""
_CONSOLE_TRAINING_LOCK = 7_260_119


class PublishedKnowledge(VersionShelf):
    """The versions of the knowledge, and beside them whatever else nodes share.

    Safe in several threads. Every method raises OutOfReach (an OSError) when the database cannot be
    reached.

    Attributes:
        trained: the shelf of what was trained.
    """

    def __init__(self, database: Database, kept: int) -> None:
        """Take an open PostgreSQL database.

        Args:
            kept: so many of the newest versions of a shelf stay; the one that serves always does.
        """
        super().__init__(database, KNOWLEDGE, _KNOWLEDGE_LOCK, kept)
        self.trained = VersionShelf(database, TRAINED, _TRAINED_LOCK, kept)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    @contextmanager
    def console_training(self) -> Iterator[bool]:
        """Be the only node that trains for its console; gives False where another does.

        A node that dies gives it back.
        """
        with reached(), alone(self._database) as connection:
            ask = text("SELECT pg_try_advisory_lock(:key)")
            yield bool(connection.execute(ask, {"key": _CONSOLE_TRAINING_LOCK}).scalar_one())

    # -- uploads and jobs --------------------------------------------------------------------

    def keep_upload(self, id: str, facts: Mapping[str, Any], content: bytes) -> None:
        """Keep a file that was brought."""
        with self.writing() as connection:
            values = {"id": id, "facts": dict(facts), "content": content}
            connection.execute(insert(uploads).values(**values, at=_now(connection)))

    def upload(self, id: str) -> tuple[Mapping[str, Any], bytes] | None:
        """Give a file that was brought; None when it is not here."""
        query = select(uploads.c.facts, uploads.c.content).where(uploads.c.id == id)
        with self.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.facts, row.content)

    def drop_upload(self, id: str) -> None:
        """Delete a file that was brought; nothing happens when it is gone."""
        with self.writing() as connection:
            connection.execute(delete(uploads).where(uploads.c.id == id))

    def drop_uploads_older_than(self, age: timedelta) -> None:
        """Delete files that were brought so long ago."""
        with self.writing() as connection:
            connection.execute(delete(uploads).where(uploads.c.at < _now(connection) - age))

    def pin_job(self, id: str, told: Mapping[str, Any]) -> None:
        """Keep what a job tells of itself, in the place of what it told before."""
        with self.writing() as connection:
            values = {"told": dict(told), "at": _now(connection)}
            changed = connection.execute(update(jobs).where(jobs.c.id == id).values(**values))
            if changed.rowcount == 0:
                connection.execute(insert(jobs).values(id=id, **values))

    def job(self, id: str) -> tuple[dict[str, Any], timedelta] | None:
        """Give what a job last told of itself, and how long ago; None when there is none."""
        with self.reading() as connection:
            row = connection.execute(
                select(jobs.c.told, jobs.c.at).where(jobs.c.id == id)
            ).one_or_none()
            now = _now(connection)
        return None if row is None else (row.told, now - row.at)

    def drop_jobs_older_than(self, age: timedelta) -> None:
        """Delete what jobs told so long ago."""
        with self.writing() as connection:
            connection.execute(delete(jobs).where(jobs.c.at < _now(connection) - age))


def open_published(url: str, kept: int) -> PublishedKnowledge:
    """Open what nodes share, with connections of its own; brings the tables up to date.

    Args:
        url: "postgresql://…"; SQLite is of one node, which needs none of this.
        kept: see `PublishedKnowledge`.

    Raises:
        StoreNotSafe: see `open_database`.
    """
    return PublishedKnowledge(open_database(url), kept)


def _now(connection: Connection) -> datetime:
    """Tell the time of the server, the one clock that all nodes have."""
    return connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)  # type: ignore[no-any-return]
