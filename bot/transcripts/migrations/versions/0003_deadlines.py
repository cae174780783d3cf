"""Deadlines of staff: whether a person has spoken, and for which wait they were late.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    spoke = sa.Column("staff_spoke", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("conversations", spoke)
    op.add_column("conversations", sa.Column("late_since", sa.BigInteger))
    _remember_who_spoke()


def _remember_who_spoke() -> None:
    """Where staff have a conversation and said something, the first reply is not due any more."""
    op.execute(
        "UPDATE conversations SET staff_spoke = true WHERE stage = 'with_staff' AND EXISTS ("
        "SELECT 1 FROM events WHERE events.conversation = conversations.id "
        "AND events.kind = 'staff_said')"
    )
