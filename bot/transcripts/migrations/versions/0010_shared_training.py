"""What was trained, for nodes that have folders of their own.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trained_sets",
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_trained_sets"),
        sa.UniqueConstraint("number", name="uq_trained_sets_number"),
    )
    op.create_table(
        "trained_chunks",
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["trained_sets.version"],
            name="fk_trained_chunks_version",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "version", "path", "position", name="uq_trained_chunks_version_path_position"
        ),
    )
    op.create_table(
        "trained_serving",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["trained_sets.version"], name="fk_trained_serving_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trained_serving"),
    )
