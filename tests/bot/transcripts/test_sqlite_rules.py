import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.transcripts.database import open_database
from bot.transcripts.errors import NetworkFileSystem, SecondWriter, StoreNotSafe
from bot.transcripts.sqlite_rules import (
    READER_SETTINGS,
    WRITER_SETTINGS,
    ServingLock,
    WriterLock,
    configure,
    refuse_network_file_system,
)

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:30 / /srv/with\\040space rw shared:2 - nfs4 server:/export rw
31 22 0:31 / /srv/with\\040space/local rw - xfs /dev/vdb rw
32 22 0:32 / /media rw - fuse.sshfs host: rw
"""


def test_the_writer_really_runs_with_the_durable_settings(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/shop.sqlite3")
    with database.writer.begin() as writer, database.reader.begin() as reader:
        said = {
            name: writer.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in WRITER_SETTINGS
        }
        read = {
            name: reader.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in READER_SETTINGS
        }
    database.close()
    assert said == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "wal_autocheckpoint": 1000,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "mmap_size": 0,
    }
    assert (read["query_only"], read["wal_autocheckpoint"]) == (1, 0)


def test_a_setting_that_sqlite_does_not_take_stops_the_start() -> None:
    connection = sqlite3.connect(":memory:")  # in memory there is no write-ahead log
    with pytest.raises(StoreNotSafe, match="journal_mode=WAL"):
        configure(connection, WRITER_SETTINGS)
    connection.close()


def test_reading_cannot_write(sqlite_shop) -> None:
    store = sqlite_shop.transcripts.store
    with pytest.raises(Exception, match="readonly"), store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM events")


def test_the_database_is_readable_by_its_owner_alone(sqlite_shop, sqlite_path: Path) -> None:
    sqlite_shop.begin()
    for suffix in ("", "-wal", "-shm", ".lock"):
        file = sqlite_path.with_name(sqlite_path.name + suffix)
        assert file.stat().st_mode & 0o077 == 0, file.name


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/srv/with space/shop.sqlite3", True),
        ("/srv/with space/local/shop.sqlite3", False),
        ("/media/x/shop.sqlite3", True),
        ("/mediathek/shop.sqlite3", False),
        ("/var/shop.sqlite3", False),
    ],
)
def test_a_network_file_system_is_refused(path: str, refused: bool) -> None:
    if not refused:
        refuse_network_file_system(Path(path), MOUNTS)
        return
    with pytest.raises(NetworkFileSystem, match="state_folder"):
        refuse_network_file_system(Path(path), MOUNTS)


def test_an_old_sqlite_has_one_writing_process(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"
    first, second = WriterLock(path), WriterLock(path)
    first.take(version=(3, 40, 1))
    with pytest.raises(SecondWriter, match=f"number {os.getpid()}"):
        second.take(version=(3, 40, 1))
    with pytest.raises(SecondWriter):
        second.take(version=(3, 51, 3))
    first.free()
    second.take(version=(3, 40, 1))
    second.free()


def test_a_safe_sqlite_may_have_two_writing_processes(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"
    locks = [WriterLock(path), WriterLock(path)]
    for lock in locks:
        lock.take(version=(3, 51, 3))
    for lock in locks:
        lock.free()


def test_row_27_a_second_server_on_the_same_file_does_not_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    database = open_database(url)
    code = f"from bot.transcripts.database import open_database; open_database({url!r})"
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    database.close()
    if sqlite3.sqlite_version_info < (3, 51, 3):
        assert second.returncode == 1
        assert "Another process" in second.stderr
    else:
        assert second.returncode == 0
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert again.returncode == 0


def test_only_one_server_serves_from_a_file_whatever_sqlite_can(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"
    first, second, shell = ServingLock(path), ServingLock(path), WriterLock(path)
    first.take_alone()
    with pytest.raises(SecondWriter, match=f"number {os.getpid()}.* serves from this database"):
        second.take_alone()
    shell.take(version=(3, 51, 3))
    first.free()
    second.take_alone()


def test_a_serving_database_is_refused_to_a_second_server_and_free_afterwards(tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    database = open_database(url, serving=True)
    with pytest.raises(SecondWriter, match="serves from this database already"):
        open_database(url, serving=True)
    database.close()
    open_database(url, serving=True).close()


def test_who_must_be_alone_names_no_version_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"
    first, second = WriterLock(path), WriterLock(path)
    first.take(version=(3, 51, 3))
    with pytest.raises(SecondWriter) as refused:
        second.take_alone()
    assert str(refused.value) == (
        f"Another process (number {os.getpid()}) has this database open. Stop it first."
    )
    first.free()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@host/shop"])
def test_a_database_that_cannot_keep_anything_is_refused(url: str) -> None:
    with pytest.raises(StoreNotSafe):
        open_database(url)
