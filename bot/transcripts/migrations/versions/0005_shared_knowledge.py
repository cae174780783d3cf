"""Published knowledge, uploads and jobs, for nodes that have folders of their own.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_versions",
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_knowledge_versions"),
        sa.UniqueConstraint("number", name="uq_knowledge_versions_number"),
    )
    op.create_table(
        "knowledge_chunks",
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["knowledge_versions.version"],
            name="fk_knowledge_chunks_version",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "version", "path", "position", name="uq_knowledge_chunks_version_path_position"
        ),
    )
    op.create_table(
        "knowledge_serving",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["knowledge_versions.version"], name="fk_knowledge_serving_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_serving"),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
