"""The handoff desk: messages left, tags, satisfaction, canned replies, opening hours, skills.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen_conversations()
    _widen_outbox()
    _make_desk()


def _widen_conversations() -> None:
    empty = sa.Column("contact", sa.Text, nullable=False, server_default="{}")
    op.add_column("conversations", empty)
    op.add_column("conversations", sa.Column("tags", sa.Text, nullable=False, server_default="[]"))
    op.add_column("conversations", sa.Column("score", sa.Integer))


def _widen_outbox() -> None:
    nobody = sa.Column("delivered_to", sa.Text, nullable=False, server_default="[]")
    op.add_column("outbox", nobody)
    op.add_column("outbox", sa.Column("failed_at", sa.BigInteger))
    op.add_column("outbox", sa.Column("last_error", sa.Text, nullable=False, server_default=""))


def _make_desk() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("shortcut", sa.Text, nullable=False),
        sa.Column("texts", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_replies"),
        sa.UniqueConstraint("shortcut", name="uq_canned_replies_shortcut"),
    )
    op.create_table(
        "calendars",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_calendars"),
    )
    op.create_table(
        "staff_skills",
        sa.Column("staff", sa.Text, nullable=False),
        sa.Column("languages", sa.Text, nullable=False),
        sa.Column("skills", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("staff", name="pk_staff_skills"),
        sa.ForeignKeyConstraint(
            ["staff"], ["staff.id"], name="fk_staff_skills_staff", ondelete="CASCADE"
        ),
    )
