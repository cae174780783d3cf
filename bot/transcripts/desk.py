"""What the desk keeps: canned replies, opening hours, and what routing knows of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    delete,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
    update,
)

from bot.conversation.events import EventKind
from bot.handoff.canned import CannedReply, check
from bot.handoff.hours import Calendar, calendar_from
from bot.transcripts.errors import ShortcutTaken, UnknownAccount
from bot.transcripts.tables import (
    Moment,
    calendars,
    canned_replies,
    events,
    staff,
    staff_skills,
)
from bot.transcripts.writer import Writer

# Spelt out and no parameter: only then may its index be used.
_IS_CLAIM = events.c.kind == literal_column(f"'{EventKind.STAFF_CLAIMED.value}'")


@dataclass(frozen=True, slots=True)
class StaffSkills:
    """What routing knows of a person, beside their presence; see `bot.handoff.routing`."""

    staff: str
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    capacity: int | None = None


class DeskStore:
    """What the desk keeps: canned replies, opening hours, skills; and how fast it was lately."""

    def __init__(self, reader: Engine, writer: Writer, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._writer = writer
        self._now = now

    def canned_replies(self) -> tuple[CannedReply, ...]:
        """Every canned reply, by shortcut."""
        query = select(canned_replies).order_by(canned_replies.c.shortcut)
        with self._reader.begin() as connection:
            rows = connection.execute(query).all()
        return tuple(CannedReply(row.id, row.shortcut, row.texts) for row in rows)

    def keep_canned_reply(self, reply: CannedReply, by: str) -> Future[None]:
        """Store a new or changed reply.

        The future raises ShortcutTaken when another reply has the shortcut; `CannedRefused` is
        raised at once when it could not be used.
        """
        check(reply)
        values = {
            "shortcut": reply.shortcut,
            "texts": dict(reply.texts),
            "by": by,
            "changed_at": self._now(),
        }
        same = (canned_replies.c.shortcut == reply.shortcut) & (canned_replies.c.id != reply.id)

        def work(connection: Connection) -> None:
            if connection.execute(select(canned_replies.c.id).where(same)).first() is not None:
                raise ShortcutTaken(f"Another reply has the shortcut {reply.shortcut}.")
            _keep(connection, canned_replies, {"id": reply.id}, values)

        return self._writer.run_beside(work)

    def drop_canned_reply(self, id: str) -> Future[bool]:
        """Delete a reply; False when there was none."""
        gone = delete(canned_replies).where(canned_replies.c.id == id)
        return self._writer.run_beside(lambda connection: connection.execute(gone).rowcount == 1)

    def calendar(self, name: str) -> Calendar | None:
        """Opening hours by name; None when nobody set them."""
        query = select(calendars.c.rules).where(calendars.c.name == name)
        with self._reader.begin() as connection:
            rules = connection.execute(query).scalar_one_or_none()
        return None if rules is None else calendar_from(rules)

    def keep_calendar(self, name: str, calendar: Calendar, by: str) -> Future[None]:
        """Store opening hours."""
        values = {"rules": calendar.as_json(), "by": by, "changed_at": self._now()}
        return self._writer.run_beside(
            lambda connection: _keep(connection, calendars, {"name": name}, values)
        )

    def drop_calendar(self, name: str) -> Future[bool]:
        """Forget opening hours; False when nobody had set them."""
        gone = delete(calendars).where(calendars.c.name == name)
        return self._writer.run_beside(lambda connection: connection.execute(gone).rowcount == 1)

    def skills(self) -> tuple[StaffSkills, ...]:
        """What is known of every person for whom something was set."""
        with self._reader.begin() as connection:
            rows = connection.execute(select(staff_skills).order_by(staff_skills.c.staff)).all()
        return tuple(
            StaffSkills(row.staff, frozenset(row.languages), frozenset(row.skills), row.capacity)
            for row in rows
        )

    def keep_skills(self, skills: StaffSkills) -> Future[None]:
        """Store what routing knows of a person. The future raises UnknownAccount."""
        values = {
            "languages": sorted(skills.languages),
            "skills": sorted(skills.skills),
            "capacity": skills.capacity,
            "changed_at": self._now(),
        }

        def work(connection: Connection) -> None:
            known = select(staff.c.id).where(staff.c.id == skills.staff)
            if connection.execute(known).first() is None:
                raise UnknownAccount("There is no such account.")
            _keep(connection, staff_skills, {"staff": skills.staff}, values)

        return self._writer.run_beside(work)

    def recent_claims(self, limit: int = 50) -> tuple[datetime, ...]:
        """When conversations were claimed, newest first; for the expected wait."""
        query = select(events.c.at).where(_IS_CLAIM)
        newest = query.order_by(events.c.at.desc()).limit(limit)
        with self._reader.begin() as connection:
            return tuple(connection.execute(newest).scalars())

    def last_given(self, since: datetime) -> Mapping[str, datetime]:
        """When each person got a conversation the last time (claimed or given), if since then."""
        newest = func.max(events.c.at).label("newest")
        query = select(events.c.author, type_coerce(newest, Moment).label("newest"))
        query = query.where(_IS_CLAIM, events.c.at >= since).group_by(events.c.author)
        with self._reader.begin() as connection:
            return {row.author: row.newest for row in connection.execute(query)}


def _keep(
    connection: Connection, table: Table, key: dict[str, str], values: dict[str, Any]
) -> None:
    """Change the row with this key, or make it."""
    ((column, wanted),) = key.items()
    changed = connection.execute(update(table).where(table.c[column] == wanted).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(table).values(**key, **values))
