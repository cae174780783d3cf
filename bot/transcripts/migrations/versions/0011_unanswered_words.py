"""Which messages the bot takes up when it gets a conversation back.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turns", sa.Column("first_seq", sa.Integer))
    op.add_column("conversations", sa.Column("unanswered_from", sa.Integer))
    _find_unanswered()


def _find_unanswered() -> None:
    """What was said to people, outside any turn, and after which none of them said anything."""
    op.execute(
        "UPDATE conversations SET unanswered_from = ("
        "SELECT min(events.seq) FROM events WHERE events.conversation = conversations.id "
        "AND events.kind = 'shopper_said' AND events.turn IS NULL AND NOT EXISTS ("
        "SELECT 1 FROM events AS later WHERE later.conversation = conversations.id "
        "AND later.kind IN ('staff_said', 'handed_back', 'went_on_with_bot', 'closed') "
        "AND later.seq > events.seq)) "
        "WHERE stage IN ('waiting_for_staff', 'with_staff')"
    )
