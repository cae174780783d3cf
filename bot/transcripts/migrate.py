"""Brings a database to the tables of today; works from an installed package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.transcripts.errors import StoreNotSafe

_FOLDER = Path(__file__).with_name("migrations")

_ADVISORY_LOCK = 7_260_114
"""Any number of ours: lets one node at a time migrate a PostgreSQL database."""

_OTHERS_MIGRATE = "55s"
"""How long a node that starts waits for another's migration; its statements end after 60 s."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the missing steps on a connection that is inside a transaction; the caller commits.

    Raises:
        StoreNotSafe: the database was made by a newer version of this program.
    """
    if connection.dialect.name == "postgresql":
        _wait_for_other_nodes(connection)
    config = _config()
    _must_know(current_revision(connection), config)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _wait_for_other_nodes(connection: Connection) -> None:
    """Wait until no other node migrates, for longer than a step may wait for a table."""
    usual = connection.execute(text("SHOW lock_timeout")).scalar_one()
    set_timeout = text("SELECT set_config('lock_timeout', :timeout, true)")
    connection.execute(set_timeout, {"timeout": _OTHERS_MIGRATE})
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    connection.execute(set_timeout, {"timeout": usual})


def current_revision(connection: Connection) -> str | None:
    """Tell which step the database is at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Tell which step the tables of today are at."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    # Alembic reads "%" in options as interpolation; a folder may hold one.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _must_know(revision: str | None, config: Config) -> None:
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreNotSafe(
            f"The database is at step {revision}, which this version does not know. "
            "Install the version that made it, or restore a backup made before the upgrade."
        )
