"""`shopkeeper backup` and `shopkeeper restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.shell.output import ConfigOption, fail, refusals_told

if TYPE_CHECKING:
    from bot.settings import Settings


def backup(
    to: Annotated[Path, typer.Argument(help="File to write; must not exist.")],
    config: ConfigOption = None,
) -> None:
    """Copy the SQLite database, also while the server runs, and check the copy.

    PostgreSQL has tools of its own (pg_dump, pg_basebackup).

    Exit codes: 0 copied and sound, 1 refused; nothing is left at the name then.
    """
    with refusals_told():
        from bot.settings import load_settings
        from bot.transcripts.backup import copy_database

        copy_database(_database(load_settings(config)), to)
        typer.echo(f"{to} is a sound copy ({to.stat().st_size} bytes).")


def restore(
    backup: Annotated[Path, typer.Argument(help="A file that `shopkeeper backup` wrote.")],
    config: ConfigOption = None,
) -> None:
    """Put a backup in the place of the database; the server must not run.

    What was there is kept beside it. Every page starts over from the restored history.

    Exit codes: 0 restored, 1 refused; nothing was changed then.
    """
    with refusals_told():
        from bot.settings import load_settings
        from bot.transcripts.backup import restore_database
        from bot.transcripts.open import fresh_epoch

        database = _database(load_settings(config))
        restore_database(backup, database, fresh_epoch)
        typer.echo(f"{database} holds the backup now; start the server.")


def _database(settings: Settings) -> Path:
    from bot.assemble.places import DATABASE

    if settings.database_url and not settings.database_url.startswith("sqlite:///"):
        fail("This is for SQLite. Use pg_dump or pg_basebackup for PostgreSQL.")
    if settings.database_url:
        return Path(settings.database_url.removeprefix("sqlite:///"))
    return settings.state_folder / DATABASE
