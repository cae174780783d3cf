"""`shopkeeper move-database`: the whole history, from SQLite into PostgreSQL or back."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.shell.output import ConfigOption, JsonOption, progress_bar, refusals_told, say, show


def move_database(
    to: Annotated[
        str,
        typer.Option(
            help="Address of an empty database: postgresql://user@host/name (the password from "
            "~/.pgpass or PGPASSWORD), or sqlite:////absolute/file.sqlite3."
        ),
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the history of a stopped shop from SQLite into PostgreSQL, or back.

    Conversations, accounts, audit log and everything else the settings' database holds; each table
    is compared by count and checksum before anything counts. The source stays as it was. Then set
    database_url to the new address and start: pages notice the new history and start over.

    Exit codes: 0 moved, 1 refused or failed; nothing is left in the target then, so try again.
    """
    with refusals_told():
        from bot.assemble.places import database_url
        from bot.settings import load_settings
        from bot.transcripts.moving import move_database as move
        from bot.transcripts.open import fresh_epoch

        with progress_bar("move") as progress:
            moved = move(database_url(load_settings(config)), to, fresh_epoch, progress)
    if as_json:
        show({"rows": moved.rows, "epoch": moved.epoch})
        return
    conversations = moved.rows["conversations"]
    typer.echo(f"Moved {moved.total} rows, {conversations} conversations among them.")
    say("Set database_url to the new address, then start. The old database was not changed.")
