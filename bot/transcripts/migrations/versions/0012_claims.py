"""When conversations were claimed, found without looking through what was said.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    claims = sa.text("kind = 'staff_claimed'")
    op.create_index(
        "ix_events_claimed", "events", ["at"], sqlite_where=claims, postgresql_where=claims
    )
