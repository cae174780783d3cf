"""Messages that shoppers left, in any stage, until somebody answers.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("message_left_at", sa.BigInteger))
    some = sa.text("message_left_at IS NOT NULL")
    op.create_index(
        "ix_conversations_left",
        "conversations",
        ["message_left_at"],
        sqlite_where=some,
        postgresql_where=some,
    )
    _find_unanswered()


def _find_unanswered() -> None:
    """A message after which no person has said anything still waits."""
    op.execute(
        "UPDATE conversations SET message_left_at = ("
        "SELECT min(events.at) FROM events WHERE events.conversation = conversations.id "
        "AND events.kind = 'message_left' AND NOT EXISTS ("
        "SELECT 1 FROM events AS later WHERE later.conversation = conversations.id "
        "AND later.kind = 'staff_said' AND later.seq > events.seq)) "
        "WHERE contact <> '{}'"
    )
