"""How SQLite must be opened so that an accepted message survives a kill and a power cut.

Distributions ship SQLite with other defaults, so every setting is set and read back. The reason
for each stands beside it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from bot.transcripts.errors import NetworkFileSystem, SecondWriter, StoreNotSafe

BUSY_TIMEOUT_MILLISECONDS = 5_000
CHECKPOINT_PAGES = 1_000

FIRST_SAFE_WITH_TWO_WRITERS = (3, 51, 3)
"""Older versions can spoil the file when two processes write and checkpoint (WAL reset defect)."""

_SHARED_SETTINGS: Mapping[str, tuple[str, str | int]] = {
    # pragma: (what is set, what must be read back)
    "foreign_keys": ("ON", 1),
    "busy_timeout": (str(BUSY_TIMEOUT_MILLISECONDS), BUSY_TIMEOUT_MILLISECONDS),
    "trusted_schema": ("OFF", 0),  # a planted view must not run functions
    "cell_size_check": ("ON", 1),  # notice a spoiled page early
    "mmap_size": ("0", 0),  # a stray write must not reach the file
}

WRITER_SETTINGS: Mapping[str, tuple[str, str | int]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),  # NORMAL loses the last commits in a power cut
    "secure_delete": ("ON", 1),  # what is erased is overwritten
    "wal_autocheckpoint": (str(CHECKPOINT_PAGES), CHECKPOINT_PAGES),
    **_SHARED_SETTINGS,
}

READER_SETTINGS: Mapping[str, tuple[str, str | int]] = {
    "query_only": ("ON", 1),
    "wal_autocheckpoint": ("0", 0),  # only the writer moves pages into the file
    **_SHARED_SETTINGS,
}

_NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)


def configure(
    connection: sqlite3.Connection, settings: Mapping[str, tuple[str, str | int]]
) -> None:
    """Set the settings and read each back.

    Raises:
        StoreNotSafe: SQLite did not take one of them.
    """
    for pragma, (wanted, expected) in settings.items():
        connection.execute(f"PRAGMA {pragma}={wanted}").fetchall()
        row = connection.execute(f"PRAGMA {pragma}").fetchone()
        if row is None or row[0] != expected:
            found = None if row is None else row[0]
            raise StoreNotSafe(
                f"SQLite {sqlite3.sqlite_version} did not take {pragma}={wanted}, it says {found}. "
                "Use another build of SQLite, or PostgreSQL (setting database_url)."
            )


def refuse_network_file_system(path: Path, mounts: str | None = None) -> None:
    """Refuse a file on a network file system, where the write-ahead log does not work.

    Args:
        path: the database file; its folder exists.
        mounts: text in the form of /proc/self/mountinfo; read from there when None. Where there is
            no such file (not Linux) nothing can be told, and the file is taken.

    Raises:
        NetworkFileSystem: it lies on one.
    """
    if mounts is None:
        source = Path("/proc/self/mountinfo")
        if not source.exists():
            return
        mounts = source.read_text(encoding="utf-8", errors="surrogateescape")
    kind = _file_system_of(path.resolve(), mounts)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise NetworkFileSystem(
            f"{path} lies on a network file system ({kind}), where SQLite can lose or spoil it. "
            "Put state_folder on a local disk, or use PostgreSQL (setting database_url)."
        )


def _file_system_of(path: Path, mounts: str) -> str:
    """Find the type of the file system with the longest mount point above the path."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, tail = before.split(" "), after.split(" ")
        if len(fields) < 5 or not tail[0]:
            continue
        point = Path(fields[4].encode("latin-1", "ignore").decode("unicode_escape"))
        # Of two mounts on one point the later one hides the earlier, hence ">=".
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), tail[0]
    return kind


class WriterLock:
    """Held by the process that writes a SQLite file; freed by the system when it dies."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._file: int | None = None

    def take(self, version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
        """Take the lock: alone on an old SQLite, shared where two writers are safe.

        Raises:
            SecondWriter: another process has it.
        """
        if version < FIRST_SAFE_WITH_TWO_WRITERS:
            self._take(
                fcntl.LOCK_EX,
                f"writes this database, and SQLite {'.'.join(map(str, version))} is not safe with "
                "two. Stop it first, or use PostgreSQL (setting database_url) for several "
                "processes.",
            )
        else:
            self._take(fcntl.LOCK_SH, "has this database for itself. Wait until it has ended.")

    def take_alone(self) -> None:
        """Take the lock alone, whatever the version of SQLite.

        Raises:
            SecondWriter: another process has it.
        """
        self._take(fcntl.LOCK_EX, "has this database open. Stop it first.")

    def _take(self, how: int, otherwise: str) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise SecondWriter(f"Another process (number {holder}) {otherwise}") from error
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode("ascii"), 0)
        except OSError:  # a full disk: the lock holds all the same, only its number is not told
            pass
        self._file = file

    def free(self) -> None:
        """Give the lock back; does nothing when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class ServingLock(WriterLock):
    """Held by the one server of a SQLite file: what it knows of staff and turns, no other hears."""

    def __init__(self, database: Path) -> None:
        super().__init__(database)
        self._path = database.with_name(database.name + ".serving")

    def take_alone(self) -> None:
        """Take the lock.

        Raises:
            SecondWriter: another server has it.
        """
        self._take(
            fcntl.LOCK_EX,
            "serves from this database already. Stop it first, or use PostgreSQL (setting "
            "database_url) for several servers.",
        )


def create_private_file(path: Path) -> None:
    """Make the database file, readable by its owner alone, if it is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    # SQLite syncs the folder for its log alone; a power cut must not take the new file's name away.
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
