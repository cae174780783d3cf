"""Brings a database to the tables of today; works from an installed package.

Alembic runs the missing steps. Nearly every start finds none, and then it is not even imported: it
would take 11 MB of a server's memory for as long as that runs.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.transcripts.errors import StoreNotSafe

_FOLDER = Path(__file__).with_name("migrations")
_TABLE = "alembic_version"
_NUMBER_LENGTH = 4
"""Characters of a step's number, which begins the name of its file."""

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
    at = current_revision(connection)
    _must_know(at)
    if at is None or at != newest_revision():
        _run(connection, revision)


def _wait_for_other_nodes(connection: Connection) -> None:
    """Wait until no other node migrates, for longer than a step may wait for a table."""
    usual = connection.execute(text("SHOW lock_timeout")).scalar_one()
    set_timeout = text("SELECT set_config('lock_timeout', :timeout, true)")
    connection.execute(set_timeout, {"timeout": _OTHERS_MIGRATE})
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    connection.execute(set_timeout, {"timeout": usual})


def current_revision(connection: Connection) -> str | None:
    """Tell which step the database is at; None when it is empty."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar_one_or_none()
    return None if found is None else str(found)


def newest_revision() -> str:
    """Tell which step the tables of today are at."""
    return max(_steps())


def _steps() -> set[str]:
    files = (_FOLDER / "versions").glob("[0-9]*.py")
    return {file.name[:_NUMBER_LENGTH] for file in files}


def _run(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic reads "%" in options as interpolation; a folder may hold one.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _must_know(revision: str | None) -> None:
    if revision is not None and revision not in _steps():
        raise StoreNotSafe(
            f"The database is at step {revision}, which this version does not know. "
            "Install the version that made it, or restore a backup made before the upgrade."
        )
