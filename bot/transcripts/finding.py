"""Finds conversations, closed ones too, by filters that can be joined; and what tags are in use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, Text, and_, exists, or_, select, type_coerce

from bot.conversation.events import ConversationId, Stage
from bot.transcripts.reading import read_summary, summaries
from bot.transcripts.records import Summary
from bot.transcripts.tables import conversations, events, mentions

NOBODY = "nobody"
"""As a holder: conversations that nobody holds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the last word of its last conversation, and which that was."""

    last_at: datetime
    conversation: ConversationId

    def __str__(self) -> str:
        """Write it as pages carry it."""
        return f"{(self.last_at - _EPOCH) // timedelta(microseconds=1)}.{self.conversation}"


def place_from(text: str) -> Place | None:
    """Read a place; None when it is none."""
    micros, dot, conversation = text.partition(".")
    if not (dot and conversation and micros.isascii() and micros.isdigit() and len(micros) < 18):
        return None
    at = _EPOCH + timedelta(microseconds=int(micros))
    return Place(at, ConversationId(conversation))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations; what is None or empty chooses nothing out.

    Attributes:
        text: in any message or note; the case of Latin letters is ignored.
        holder: id of a member of the staff, or `NOBODY`.
        mentioned: id of a colleague whom a note calls.
        since, until: of the newest event, UTC.
        before: only what comes after this place, in the order newest word first.
    """

    text: str = ""
    stage: Stage | None = None
    holder: str | None = None
    language: Literal["zh", "en"] | None = None
    mood: str | None = None
    tag: str | None = None
    mentioned: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: Place | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was wanted, newest word first; `following` is where to go on, or None."""

    lines: tuple[Summary, ...]
    following: Place | None


class Finding:
    """Finds what is wanted; changes nothing."""

    def __init__(self, reader: Engine) -> None:
        self._reader = reader

    def find(self, wanted: Wanted, limit: int) -> Page:
        """Read one page of at most so many conversations."""
        query = summaries().where(*_conditions(wanted))
        query = query.order_by(conversations.c.last_at.desc(), conversations.c.id)
        with self._reader.begin() as connection:
            rows = connection.execute(query.limit(limit + 1)).all()
        lines = tuple(read_summary(row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(lines, Place(lines[-1].last_at, lines[-1].conversation) if more else None)

    def each(self, wanted: Wanted, at_once: int = 100) -> Iterator[Summary]:
        """Go through everything that is wanted, page by page, without holding a transaction."""
        page = self.find(wanted, at_once)
        while True:
            yield from page.lines
            if page.following is None:
                return
            page = self.find(replace(wanted, before=page.following), at_once)

    def tags(self) -> list[tuple[str, int]]:
        """List every tag in use with how many conversations have it, most used first."""
        used = select(conversations.c.tags).where(type_coerce(conversations.c.tags, Text) != "[]")
        counted: Counter[str] = Counter()
        with self._reader.begin() as connection:
            for tags in connection.execute(used).scalars():
                counted.update(tags)
        return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    table = conversations.c
    conditions: list[ColumnElement[bool]] = []
    exact = {
        table.stage: wanted.stage.value if wanted.stage else None,
        table.language: wanted.language,
        table.mood: wanted.mood,
        table.holder: None if wanted.holder == NOBODY else wanted.holder,
    }
    conditions += [column == value for column, value in exact.items() if value is not None]
    if wanted.holder == NOBODY:
        conditions.append(table.holder.is_(None))
    if wanted.text.strip():
        said = events.c.text.icontains(wanted.text, autoescape=True)
        conditions.append(exists().where(_same_conversation(), said))
    if wanted.tag:
        conditions.append(_holds(table.tags, wanted.tag))
    if wanted.mentioned:
        called = mentions.c.staff == wanted.mentioned
        conditions.append(exists().where(mentions.c.conversation == table.id, called))
    return conditions + _in_time(wanted)


def _in_time(wanted: Wanted) -> list[ColumnElement[bool]]:
    last_at = conversations.c.last_at
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(last_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(last_at < wanted.until)
    if wanted.before is not None:
        same_moment = and_(
            last_at == wanted.before.last_at, conversations.c.id > wanted.before.conversation
        )
        conditions.append(or_(last_at < wanted.before.last_at, same_moment))
    return conditions


def _same_conversation() -> ColumnElement[bool]:
    return events.c.conversation == conversations.c.id


def _holds(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """Whether a JSON column holds exactly this text as a value: it is stored between quotes."""
    return type_coerce(column, Text).contains(json.dumps(word), autoescape=True)
