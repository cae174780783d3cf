"""Who is called by a note, and whether they have seen it.

Revision ID: 0006
Revises: 0005
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    mentions = op.create_table(
        "mentions",
        sa.Column("conversation", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.id"],
            name="fk_mentions_conversation",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "conversation", "seq", "staff", name="uq_mentions_conversation_seq_staff"
        ),
    )
    unseen = sa.text("seen_at IS NULL")
    op.create_index(
        "ix_mentions_unseen", "mentions", ["staff"], sqlite_where=unseen, postgresql_where=unseen
    )
    _take_over(mentions)


def _take_over(mentions: sa.Table) -> None:
    """Notes of before count as seen: nobody wants to come in to a year of them."""
    notes = sa.text("SELECT conversation, seq, at, body FROM events WHERE kind = 'staff_noted'")
    connection = op.get_bind()
    for note in connection.execute(notes).all():
        for staff in json.loads(note.body).get("mentions", ()):
            called = {"conversation": note.conversation, "seq": note.seq, "staff": staff}
            connection.execute(mentions.insert().values(**called, at=note.at, seen_at=note.at))
