"""How long what is kept, as an admin set it.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention_times",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("closed_days", sa.Integer, nullable=False),
        sa.Column("traces_days", sa.Integer, nullable=False),
        sa.Column("delivered_days", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_times"),
    )
