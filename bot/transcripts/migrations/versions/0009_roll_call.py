"""Who of the staff is with which node, for when the bus is away.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roll_call",
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("beat", sa.Integer, nullable=False),
        sa.Column("staff", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_roll_call"),
    )
