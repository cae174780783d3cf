"""The tables, as SQLAlchemy Core knows them; the same for SQLite and PostgreSQL.

`migrations/` makes them in a database; a test compares the two. Moments are microseconds since
1970 in UTC: they sort, and no driver can shift them by a time zone. JSON is text in ASCII, so that
every character of a stranger's text (NUL too) survives both databases.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, exact to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn a moment into a number."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn a number into a moment."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """JSON values as ASCII text, keys sorted, so that equal values are equal bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write JSON."""
        return None if value is None else write_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read JSON."""
        return None if value is None else json.loads(value)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def write_json(value: Any) -> str:
    """Write JSON values the one way in which they are stored and hashed.

    Raises:
        ValueError: NaN or infinity, which other readers of JSON refuse.
        TypeError: something that is not a JSON value.
    """
    return _ENCODER.encode(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _conversation() -> Column[str]:
    """A column that goes away with its conversation."""
    return Column(
        "conversation",
        Text,
        ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
    )


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Text, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("begun_with", Text, unique=True),
    Column("stage", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("language", Text),
    Column("holder", Text),
    Column("holder_name", Text),
    Column("claim_epoch", Integer, nullable=False),
    Column("waiting_since", Moment),
    Column("failures", Integer, nullable=False),
    Column("memory", Json, nullable=False),
    Column("offered", Json, nullable=False),
    Column("reason", Text),
    Column("mood", Text, nullable=False),
    Column("intent", Text),
    Column("subject_order", Text),
    Column("turn_count", Integer, nullable=False),
    Column("last_text", Text, nullable=False),
    Column("page", Json, nullable=False),
    Column("closed_at", Moment),
    Column("contact", Json, nullable=False, server_default="{}"),
    Column("tags", Json, nullable=False, server_default="[]"),
    Column("score", Integer),
    Column("staff_spoke", Boolean, nullable=False, server_default=false()),
    Column("late_since", Moment),
    Column("message_left_at", Moment),
    Column("unanswered_from", Integer),
    Index(None, "stage", "waiting_since"),
    Index(None, "last_at"),
    Index(
        "ix_conversations_left",
        "message_left_at",
        sqlite_where=text("message_left_at IS NOT NULL"),
        postgresql_where=text("message_left_at IS NOT NULL"),
    ),
)

events = Table(
    "events",
    metadata,
    _conversation(),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("client_id", Text),
    Column("turn", Text),
    Column("body", Json, nullable=False),
    # The two promises of delivery: no number twice, and no message twice.
    UniqueConstraint("conversation", "seq"),
    UniqueConstraint("conversation", "client_id"),
    Index(None, "at"),
    # Or whoever asks how fast the desk is would look through all that was said since.
    Index(
        "ix_events_claimed",
        "at",
        sqlite_where=text("kind = 'staff_claimed'"),
        postgresql_where=text("kind = 'staff_claimed'"),
    ),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True),
    _conversation(),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("claim_epoch", Integer, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("choice", Text),
    Column("first_seq", Integer),
    UniqueConstraint("conversation", "number"),
    Index(
        "ix_turns_open",
        "conversation",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

traces = Table(
    "traces",
    metadata,
    _conversation(),
    Column("seq", Integer, nullable=False),
    Column("turn", Text, nullable=False),
    Column("body", Json, nullable=False),
    UniqueConstraint("conversation", "seq"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _conversation(),
    Column("created_at", Moment, nullable=False),
    Index(None, "conversation"),
)

read_marks = Table(
    "read_marks",
    metadata,
    _conversation(),
    Column("reader", Text, nullable=False),
    Column("up_to", Integer, nullable=False),
    UniqueConstraint("conversation", "reader"),
)

mentions = Table(
    "mentions",
    metadata,
    _conversation(),
    Column("seq", Integer, nullable=False),
    Column("staff", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("seen_at", Moment),
    UniqueConstraint("conversation", "seq", "staff"),
    Index(
        "ix_mentions_unseen",
        "staff",
        sqlite_where=text("seen_at IS NULL"),
        postgresql_where=text("seen_at IS NULL"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _conversation(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("payload", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("delivered_at", Moment),
    # Channels that have it already; so a failing one does not make another get it twice.
    Column("delivered_to", Json, nullable=False, server_default="[]"),
    Column("failed_at", Moment),
    Column("last_error", Text, nullable=False, server_default=""),
    Index(None, "conversation"),
    Index(
        "ix_outbox_due",
        "due_at",
        sqlite_where=text("delivered_at IS NULL"),
        postgresql_where=text("delivered_at IS NULL"),
    ),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False),
    Column("login_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("staff", Text, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index(None, "staff"),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("shortcut", Text, nullable=False, unique=True),
    Column("texts", Json, nullable=False),
    Column("by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

calendars = Table(
    "calendars",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rules", Json, nullable=False),
    Column("by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

staff_skills = Table(
    "staff_skills",
    metadata,
    Column("staff", Text, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("languages", Json, nullable=False),
    Column("skills", Json, nullable=False),
    Column("capacity", Integer),
    Column("changed_at", Moment, nullable=False),
)

retention_times = Table(
    "retention_times",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("closed_days", Integer, nullable=False),
    Column("traces_days", Integer, nullable=False),
    Column("delivered_days", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

widget_scripts = Table(
    "widget_scripts",
    metadata,
    Column("version", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("first_at", Moment, nullable=False),
)

roll_call = Table(
    "roll_call",
    metadata,
    Column("node", Text, primary_key=True),
    Column("beat", Integer, nullable=False),
    Column("staff", Json, nullable=False),
)

# What nodes that share no folder share (PostgreSQL alone): two shelves of versions, uploads, jobs.


@dataclass(frozen=True, slots=True)
class ShelfTables:
    """Where versions of one kind are kept: what is known of them, their files, which one serves."""

    versions: Table
    chunks: Table
    serving: Table


def _shelf(versions: str, chunks: str, serving: str) -> ShelfTables:
    return ShelfTables(
        Table(
            versions,
            metadata,
            Column("version", Text, primary_key=True),
            Column("number", Integer, nullable=False, unique=True),
            Column("about", Json, nullable=False),
            Column("files", Json, nullable=False),
            Column("digest", Text, nullable=False),
        ),
        Table(
            chunks,
            metadata,
            Column(
                "version",
                Text,
                ForeignKey(f"{versions}.version", ondelete="CASCADE"),
                nullable=False,
            ),
            Column("path", Text, nullable=False),
            Column("position", Integer, nullable=False),
            Column("content", LargeBinary, nullable=False),
            UniqueConstraint("version", "path", "position"),
        ),
        Table(
            serving,
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("version", Text, ForeignKey(f"{versions}.version"), nullable=False),
        ),
    )


KNOWLEDGE = _shelf("knowledge_versions", "knowledge_chunks", "knowledge_serving")
TRAINED = _shelf("trained_sets", "trained_chunks", "trained_serving")

uploads = Table(
    "uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("facts", Json, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("told", Json, nullable=False),
    Column("at", Moment, nullable=False),
)
