"""The audit log: rows chained by SHA-256, so that altering, moving or removing one shows.

Cutting off the newest rows does not show in the chain alone; keep `newest digest` somewhere else
(the log of another machine) to notice that too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Text,
    insert,
    select,
    text,
    type_coerce,
)

from bot.transcripts.rows import AnyRow
from bot.transcripts.tables import audit, write_json
from bot.transcripts.writer import Writer

BEGINNING = "0" * 64
"""What the first row has in the place of the digest before it."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One privileged act. Each row's digest covers the row before it."""

    number: int
    at: datetime
    who: str
    act: str
    about: str
    details: Mapping[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class AuditWanted:
    """Which rows; what is None or empty chooses nothing out.

    Attributes:
        text: in what it was about, or in its details; the case of Latin letters is ignored.
        since, until: UTC; `until` itself is not in it.
    """

    who: str | None = None
    act: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """Who did what. Append-only and chained by hashes, so a change of any row shows."""

    def __init__(self, reader: Engine, writer: Writer, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._writer = writer
        self._now = now

    def append(
        self, who: str, act: str, about: str = "", details: Mapping[str, Any] | None = None
    ) -> Future[AuditRow]:
        """Add a row."""
        at = self._now()

        def work(connection: Connection) -> AuditRow:
            if connection.dialect.name == "postgresql":
                # One node at a time, or two rows would follow the same one.
                connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
            newest = connection.execute(
                select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
            ).one_or_none()
            number = 1 if newest is None else newest.number + 1
            previous = BEGINNING if newest is None else newest.digest
            row = _chain(number, at, who, act, about, dict(details or {}), previous)
            connection.execute(insert(audit), _values(row))
            return row

        return self._writer.run_beside(work)

    def rows(
        self, before: int | None = None, limit: int = 100, wanted: AuditWanted | None = None
    ) -> tuple[AuditRow, ...]:
        """Rows that are wanted, newest first."""
        query = select(audit).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.number < before)
        query = query.where(*_conditions(wanted or AuditWanted()))
        with self._reader.begin() as connection:
            return tuple(map(_read_row, connection.execute(query)))

    def known(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Whoever did anything, and every kind of act that was done; each in order."""
        with self._reader.begin() as connection:
            found = [
                connection.execute(select(column).distinct()).scalars().all()
                for column in (audit.c.who, audit.c.act)
            ]
        return tuple(sorted(found[0])), tuple(sorted(found[1]))

    def first_broken(self) -> int | None:
        """Find the first row that was altered, moved or follows a gap; None when all hold."""
        number, previous = 1, BEGINNING
        with self._reader.begin() as connection:
            for row in connection.execute(select(audit).order_by(audit.c.number)):
                stored = _read_row(row)
                expected = _chain(
                    number, row.at, row.who, row.act, row.about, row.details, previous
                )
                if stored != expected:
                    return number
                number, previous = number + 1, stored.digest
        return None


def _conditions(wanted: AuditWanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.who is not None:
        conditions.append(audit.c.who == wanted.who)
    if wanted.act is not None:
        conditions.append(audit.c.act == wanted.act)
    if wanted.text.strip():
        written = json.dumps(wanted.text)[1:-1]  # details are kept as JSON
        details = type_coerce(audit.c.details, Text).icontains(written, autoescape=True)
        conditions.append(audit.c.about.icontains(wanted.text, autoescape=True) | details)
    if wanted.since is not None:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(audit.c.at < wanted.until)
    return conditions


def _chain(
    number: int,
    at: datetime,
    who: str,
    act: str,
    about: str,
    details: Mapping[str, Any],
    previous: str,
) -> AuditRow:
    """Make the row that follows `previous`."""
    covered = write_json([number, at.isoformat(), who, act, about, dict(details), previous])
    digest = hashlib.sha256(covered.encode("ascii")).hexdigest()
    return AuditRow(number, at, who, act, about, details, previous, digest)


def _values(row: AuditRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": row.at,
        "who": row.who,
        "act": row.act,
        "about": row.about,
        "details": dict(row.details),
        "previous": row.previous,
        "digest": row.digest,
    }


def _read_row(row: AnyRow) -> AuditRow:
    return AuditRow(
        row.number, row.at, row.who, row.act, row.about, row.details, row.previous, row.digest
    )
