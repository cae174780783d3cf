"""What a page that comes back has missed: right, state, events and read mark, by one statement.

When a node dies, all its pages come back within seconds; what each of them costs the database is
what decides whether it stands that. One statement sees one moment, so no transaction is begun for
it, and what it gives belongs together: the newest number and the events up to it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import TypeDecorator

from bot.conversation.events import ConversationId
from bot.transcripts import tables
from bot.transcripts.records import STAFF_READER, ComesBack, Missed, ReplayLimits, View
from bot.transcripts.rows import AnyRow, read_event, read_state, read_turn

_HELD, _EVENTS, _TURNS = tables.conversations, tables.events, tables.turns
_TOKENS, _MARKS = tables.tokens, tables.read_marks
_ANY_DIALECT = DefaultDialect()  # our own types are stored alike in every database
_PARTS = {"held": _HELD, "event": _EVENTS, "turn": _TURNS}


def _statement() -> Any:
    """One row for each event that is sent, with the conversation and its open turns in each.

    Numbers are dense, so a range of them is a page. A page that cannot go on where it stands gets
    the newest instead, as `bot.transcripts.store.Missed` says.
    """
    # A page may name any number, so these are as wide as a page's numbers are.
    after: BindParameter[Any] = bindparam("after", type_=BigInteger)
    replay, page, newest = (bindparam(name, type_=Integer) for name in ("replay", "page", "newest"))
    last_seq = _HELD.c.last_seq
    starts_over = or_(after.is_(None), after > last_seq, last_seq - after > replay)
    begin = case((starts_over, last_seq - newest), else_=after)
    end = case((starts_over, last_seq), else_=after + page)
    wanted = and_(_EVENTS.c.conversation == _HELD.c.id, _EVENTS.c.seq > begin, _EVENTS.c.seq <= end)
    still_open = and_(_TURNS.c.conversation == _HELD.c.id, _TURNS.c.ended_at.is_(None))
    by_staff = and_(_MARKS.c.conversation == _HELD.c.id, _MARKS.c.reader == STAFF_READER)
    columns = [
        _as_stored(column).label(f"{part}_{column.name}")
        for part, table in _PARTS.items()
        for column in table.c
    ]
    return (
        select(
            _TOKENS.c.digest,
            _MARKS.c.up_to.label("staff_read"),
            starts_over.label("starts_over"),
            *columns,
        )
        .select_from(_TOKENS)
        .join(_HELD, _HELD.c.id == _TOKENS.c.conversation)
        .outerjoin(_MARKS, by_staff)
        .outerjoin(_TURNS, still_open)
        .outerjoin(_EVENTS, wanted)
        .where(_TOKENS.c.digest == bindparam("digest"), _HELD.c.id == bindparam("conversation"))
        .order_by(_EVENTS.c.seq, _TURNS.c.number)
    )


def _as_stored(column: Column[Any]) -> ColumnElement[Any]:
    """Give a column without decoding it."""
    kind = column.type
    return type_coerce(column, kind.impl_instance) if isinstance(kind, TypeDecorator) else column


_MISSED = _statement()  # built once, because building it costs more than running it


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of one table in a row that holds several; each is decoded when it is asked for.

    The conversation stands in every row and is read from one.
    """

    row: AnyRow
    part: str

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.row, f"{self.part}_{name}")
        kind = _PARTS[self.part].c[name].type
        if not isinstance(kind, TypeDecorator):
            return value
        return kind.process_result_value(value, _ANY_DIALECT)


def read_missed(
    connection: Connection, conversation: ConversationId, page: ComesBack, limits: ReplayLimits
) -> Missed | None:
    """See `TranscriptStore.resume`."""
    wanted = {
        "conversation": conversation,
        "digest": page.token_digest,
        "after": page.last_seq,
        "replay": limits.replay,
        "page": limits.page,
        "newest": limits.start_over,
    }
    rows = connection.execute(_MISSED, wanted).all()
    # Found by an index of digests: what its timing tells of a digest helps nobody to the token.
    if not rows or not hmac.compare_digest(bytes(rows[0].digest), page.token_digest):
        return None
    turns = {row.turn_id: read_turn(_part(row, "turn")) for row in rows if row.turn_id is not None}
    events = {row.event_seq: read_event(_part(row, "event")) for row in rows if row.event_seq}
    first = rows[0]
    state = read_state(_part(first, "held"), tuple(turns.values()))
    view = View(state, tuple(events.values()))
    return Missed(view, bool(first.starts_over), first.staff_read or 0)


def _part(row: AnyRow, part: str) -> Any:
    """Give the columns of one table under their own names, as a row of that table has them."""
    return _Part(row, part)
