"""A copy of an SQLite database that is read at leisure and deleted, also when its reader dies.

Whoever reads holds a lock inside the folder of the copy; a folder whose lock is free was left by
a program that was killed. It holds shoppers' words, so the next reader deletes it, and a server
looks for such folders every few minutes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.transcripts.backup import copy_database

PREFIX = "desk-copy-"
_LOCK = "in-use"


@contextmanager
def read_copy(database: Path, folder: Path) -> Iterator[Path]:
    """Give a copy of a database as of one moment, which lasts as long as the block.

    Args:
        database: the file of an SQLite database that may be in use.
        folder: what the copy's own folder is made in.

    Raises:
        StorageRefused: see `copy_database`.
    """
    delete_left_copies(folder)
    own = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    try:
        with (own / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            copy = own / "copy.sqlite3"
            copy_database(database, copy)
            yield copy
    finally:
        shutil.rmtree(own, ignore_errors=True)


def delete_left_copies(folder: Path) -> int:
    """Delete what dead readers left in a folder; gives how many there were."""
    left = 0
    for copy in folder.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # its reader has just ended
            lock = os.open(copy / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(copy, ignore_errors=True)
                left += 1
            except BlockingIOError:
                continue
            finally:
                os.close(lock)
    return left
