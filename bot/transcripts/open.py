"""Opens the transcripts: the one place that joins database, writer and the doors to it."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import text

from bot.clock import wall_clock
from bot.transcripts.accounts import StaffAccounts
from bot.transcripts.audit import AuditLog
from bot.transcripts.database import Database, open_database
from bot.transcripts.desk import DeskStore
from bot.transcripts.figures import Figures
from bot.transcripts.finding import Finding
from bot.transcripts.mentions import Mentions
from bot.transcripts.outbox import Outbox
from bot.transcripts.recent import Recent
from bot.transcripts.recording import record_group
from bot.transcripts.retention import Retention
from bot.transcripts.roll_call import RollCall
from bot.transcripts.sql_store import SqlTranscriptStore
from bot.transcripts.store import Transcripts
from bot.transcripts.widget_scripts import WidgetScripts
from bot.transcripts.writer import Writer


def fresh_epoch() -> str:
    """Make an epoch that no other history has."""
    return secrets.token_hex(8)


def fresh_id() -> str:
    """Make an id that cannot be guessed: 128 bits."""
    return secrets.token_hex(16)


def open_transcripts(
    url: str,
    *,
    serving: bool = False,
    now: Callable[[], datetime] = wall_clock,
    new_epoch: Callable[[], str] = fresh_epoch,
    new_id: Callable[[], str] = fresh_id,
) -> Transcripts:
    """Open a database, bring its tables up to date, and start its writer.

    Args:
        url: "sqlite:////state/shopkeeper.sqlite3" or "postgresql://user@host/name".
        serving: see `open_database`.
        now: gives the time of everything that is stored, UTC.
        new_epoch: names the history of a new database.
        new_id: makes ids of staff accounts.

    Raises:
        StoreNotSafe: the database cannot keep what it accepts; the server must not start.
        sqlalchemy.exc.OperationalError: it cannot be reached at all.
    """
    database = open_database(url, serving=serving)
    recent = None if database.is_postgres else Recent()
    writer = Writer(database.writer, partial(record_group, now=now, recent=recent), recent)
    try:
        return Transcripts(
            store=SqlTranscriptStore(database, writer, new_epoch, recent),
            accounts=StaffAccounts(database.reader, writer, now, new_id),
            audit=AuditLog(database.reader, writer, now),
            outbox=Outbox(database.reader, writer, now),
            desk=DeskStore(database.reader, writer, now),
            finding=Finding(database.reader),
            figures=Figures(database.reader),
            mentions=Mentions(database.reader, writer, now),
            widgets=WidgetScripts(database.reader, writer, now),
            roll_call=RollCall(database.reader, writer),
            retention=Retention(database, writer, now),
            facts=_facts(database),
        )
    except BaseException:
        writer.close()
        database.close()
        raise


def _facts(database: Database) -> dict[str, str]:
    """Tell which database this is, for the log and for metrics; no address, no secret."""
    if not database.is_postgres:
        return {"database": "sqlite", "version": sqlite3.sqlite_version}
    with database.reader.begin() as connection:
        version = connection.execute(text("SELECT current_setting('server_version')")).scalar_one()
    return {"database": "postgresql", "version": str(version)}
