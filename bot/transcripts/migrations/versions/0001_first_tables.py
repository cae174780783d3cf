"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _conversation(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    column: sa.Column[str] = sa.Column("conversation", sa.Text, nullable=False)
    key = sa.ForeignKeyConstraint(
        ["conversation"],
        ["conversations.id"],
        name=f"fk_{table}_conversation",
        ondelete="CASCADE",
    )
    return column, key


def upgrade() -> None:
    _make_conversations()
    _make_events()
    _make_turns()
    _make_what_belongs_to_conversations()
    _make_staff()


def _make_conversations() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("begun_with", sa.Text),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("holder", sa.Text),
        sa.Column("holder_name", sa.Text),
        sa.Column("claim_epoch", sa.Integer, nullable=False),
        sa.Column("waiting_since", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("memory", sa.Text, nullable=False),
        sa.Column("offered", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("mood", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("subject_order", sa.Text),
        sa.Column("turn_count", sa.Integer, nullable=False),
        sa.Column("last_text", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("begun_with", name="uq_conversations_begun_with"),
    )
    op.create_index(
        "ix_conversations_stage_waiting_since", "conversations", ["stage", "waiting_since"]
    )
    op.create_index("ix_conversations_last_at", "conversations", ["last_at"])


def _make_events() -> None:
    op.create_table(
        "events",
        *_conversation("events"),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text),
        sa.Column("turn", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("conversation", "seq", name="uq_events_conversation_seq"),
        sa.UniqueConstraint("conversation", "client_id", name="uq_events_conversation_client_id"),
    )
    op.create_index("ix_events_at", "events", ["at"])


def _make_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Text, nullable=False),
        *_conversation("turns"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("claim_epoch", sa.Integer, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("choice", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("conversation", "number", name="uq_turns_conversation_number"),
    )
    open_only = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_turns_open",
        "turns",
        ["conversation"],
        sqlite_where=open_only,
        postgresql_where=open_only,
    )
    op.create_table(
        "traces",
        *_conversation("traces"),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("turn", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("conversation", "seq", name="uq_traces_conversation_seq"),
    )


def _make_what_belongs_to_conversations() -> None:
    op.create_table(
        "tokens",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        *_conversation("tokens"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_tokens"),
    )
    op.create_index("ix_tokens_conversation", "tokens", ["conversation"])
    op.create_table(
        "read_marks",
        *_conversation("read_marks"),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("up_to", sa.Integer, nullable=False),
        sa.UniqueConstraint("conversation", "reader", name="uq_read_marks_conversation_reader"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        *_conversation("outbox"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("delivered_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_conversation", "outbox", ["conversation"])
    waiting_only = sa.text("delivered_at IS NULL")
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at"],
        sqlite_where=waiting_only,
        postgresql_where=waiting_only,
    )


def _make_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("login_key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("login_key", name="uq_staff_login_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("csrf", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["staff"], ["staff.id"], name="fk_sessions_staff", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sessions_staff", "sessions", ["staff"])
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
