"""Copies a running SQLite database, checks it, and puts a copy back under a new epoch."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from bot.transcripts.errors import StorageRefused
from bot.transcripts.sqlite_rules import WriterLock

_DENSE = """
SELECT c.id FROM conversations c LEFT JOIN events e ON e.conversation = c.id
GROUP BY c.id, c.last_seq
HAVING count(e.seq) <> c.last_seq OR coalesce(max(e.seq), 0) <> c.last_seq
"""
"""Conversations whose events are not exactly 1 … last_seq."""

_LOGS = ("-journal", "-wal", "-shm")
"""Of the files that belong to a database: what SQLite would take for part of another one there."""

_ASIDE, _UNFINISHED = ".before-restore", ".unfinished"

READER_SECONDS = 0.5
"""So long a restore waits for somebody who just reads the old database."""


def check_database(connection: Connection) -> tuple[str, ...]:
    """List what is wrong: pages, foreign keys, holes in the numbering. Empty when sound."""
    problems: list[str] = []
    if connection.dialect.name == "sqlite":
        pages = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        problems.extend(f"page: {line}" for line in pages if line != "ok")
        for row in connection.execute(text("PRAGMA foreign_key_check")):
            problems.append(f"foreign key: table {row[0]}, row {row[1]}, into {row[2]}")
    holes = connection.execute(text(_DENSE)).scalars().all()
    problems.extend(f"numbering: conversation {id}" for id in holes)
    return tuple(problems)


def copy_database(source: Path, to: Path) -> None:
    """Copy a database that is in use, as of one moment; writing goes on meanwhile.

    The copy is checked before it gets its name, so a file at `to` is always whole.

    Raises:
        StorageRefused: no room, no right, or the copy is not sound. Nothing is left at `to`.
    """
    if to.exists():
        raise StorageRefused(f"{to} exists; name a new file.")
    if not source.is_file():
        raise StorageRefused(f"There is no database at {source} yet; check the settings.")
    with _under_another_name(to) as unfinished:
        with closing(_read_only(source)) as original, closing(sqlite3.connect(unfinished)) as copy:
            original.backup(copy)  # all pages in one step: one moment, whatever is written
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            _must_be_sound(copy)


def restore_database(backup: Path, to: Path, new_epoch: Callable[[], str]) -> None:
    """Put a backup in the place of the database, under a new epoch.

    What was there is kept beside it as `<name>.before-restore`, the next time as
    `<name>.before-restore-2`, and so on. The server must not run. Killed at any moment, it leaves
    all of the old or all of the new; then it can be run again.

    Raises:
        StorageRefused: the backup is missing or not sound; nothing was changed.
        SecondWriter: a process still has the database open.
    """
    if not backup.is_file():
        raise StorageRefused(f"There is no backup at {backup}.")
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # on a machine that is new
    lock = WriterLock(to)
    lock.take_alone()  # the file itself is replaced
    try:
        with _under_another_name(to) as unfinished:
            with (
                closing(_read_only(backup)) as original,
                closing(sqlite3.connect(unfinished)) as copy,
            ):
                _must_be_ours(original, backup)
                original.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE").fetchall()
                _must_be_sound(copy)
                copy.execute("UPDATE installation SET epoch = ?", (new_epoch(),))
                copy.commit()
            _keep_aside(to)
    finally:
        lock.free()


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _must_be_ours(original: sqlite3.Connection, backup: Path) -> None:
    try:
        original.execute("SELECT epoch FROM installation").fetchall()
    except sqlite3.Error as error:
        raise StorageRefused(
            f"{backup} is no copy of a shop's database ({error}). "
            "Name a file that `shopkeeper backup` wrote."
        ) from error


def _must_be_sound(copy: sqlite3.Connection) -> None:
    problems = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
    problems += [str(row) for row in copy.execute("PRAGMA foreign_key_check")]
    problems += [row[0] for row in copy.execute(_DENSE)]
    if problems:
        raise StorageRefused(f"The copy is not sound ({len(problems)} problems): {problems[0]}")


@contextmanager
def _under_another_name(to: Path) -> Iterator[Path]:
    """Write beside the target, sync, then rename: whoever sees the target sees all of it."""
    unfinished = to.with_name(to.name + _UNFINISHED)
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        yield unfinished
        _sync(unfinished)
        os.rename(unfinished, to)
        _sync(to.parent)
    except (OSError, sqlite3.Error) as error:
        raise StorageRefused(f"The copy could not be written: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _keep_aside(database: Path) -> None:
    """Give the database that is there a second name, so that the copy can take the first at once.

    It keeps its own name until then: whoever is killed here leaves the old database, whole. Its log
    is folded in before, because two files cannot be replaced in one step, and a log that is left
    behind would be replayed into the restored file.

    Raises:
        StorageRefused: it cannot be set aside; nothing was changed.
    """
    _forget_unfinished(database)
    aside = _free_name(database)
    logs = {
        beside: database.with_name(aside + suffix)
        for suffix in _LOGS
        if (beside := database.with_name(database.name + suffix)).exists()
    }
    for beside, name in logs.items():
        _name_too(beside, name)  # of a spoiled database SQLite would take it away
    folded = database.exists() and _fold_log(database, logs)
    for beside, name in logs.items():
        (name if folded else beside).unlink(missing_ok=True)
    if database.exists():
        _name_too(database, database.with_name(aside))
    _sync(database.parent)


def _fold_log(database: Path, logs: Mapping[Path, Path]) -> bool:
    """Move what the log holds into the file; False: it is spoiled, and left as it is.

    Args:
        logs: what lies beside the database, and its second name, which is taken away on a refusal.
    """
    try:
        with closing(sqlite3.connect(database, timeout=READER_SECONDS)) as old:
            busy, *_ = old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return True
        why = "Somebody still reads it. Stop that, and restore again."
    except sqlite3.OperationalError as error:
        why = f"{error}. Move it away yourself, with the files of its name, and restore again."
    except sqlite3.DatabaseError:
        return False
    for name in logs.values():
        name.unlink()
    raise StorageRefused(f"What is at {database} cannot be set aside: {why}")


def _name_too(file: Path, name: Path) -> None:
    """Give a file another name beside its own; a copy where the file system knows one name only."""
    try:
        os.link(file, name)
    except OSError:
        with _under_another_name(name) as unfinished:
            shutil.copyfile(file, unfinished)


def _forget_unfinished(database: Path) -> None:
    """Take away what a restore that was killed left: second names of what is still in use."""
    used = [database.with_name(database.name + suffix) for suffix in ("", *_LOGS)]
    in_use = [one for one in used if one.exists()]
    for other in tuple(database.parent.iterdir()):
        if other.name.startswith(f"{database.name}{_ASIDE}") and (
            other.name.endswith(_UNFINISHED) or any(map(other.samefile, in_use))
        ):
            other.unlink()


def _free_name(database: Path) -> str:
    for number in itertools.count(1):
        name = f"{database.name}{_ASIDE}" + (f"-{number}" if number > 1 else "")
        if not any(database.with_name(name + suffix).exists() for suffix in ("", *_LOGS)):
            return name
    raise AssertionError("unreachable")
