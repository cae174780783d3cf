import errno
import os
import shutil
import signal
import sqlite3
import sys
import threading
from pathlib import Path

import pytest

from bot.conversation.commands import ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.transcripts.backup import restore_database
from bot.transcripts.errors import SecondWriter, StorageRefused

C1 = ConversationId("c1")


def _texts(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT text FROM events ORDER BY conversation, seq").fetchall()
    connection.close()
    return [row[0] for row in rows]


def test_a_backup_made_while_shoppers_write_is_whole(sqlite_shop, tmp_path: Path) -> None:
    sqlite_shop.begin()
    store = sqlite_shop.transcripts.store
    enough = threading.Event()
    accepted: list[int] = []

    def keep_talking() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            says = ShopperSays(ClientId(f"x{number}"), f"message {number}")
            accepted.append(store.submit(C1, says).result(20).said.seq)

    shopper = threading.Thread(target=keep_talking)
    shopper.start()
    backups = []
    for number in range(5):
        before = len(accepted)
        store.backup(tmp_path / f"backup-{number}.sqlite3")
        backups.append((before, len(_texts(tmp_path / f"backup-{number}.sqlite3")) - 1))
    enough.set()
    shopper.join()
    for before, in_backup in backups:
        assert before <= in_backup <= len(accepted)
    assert not list(tmp_path.glob("backup-*-wal")) and not list(tmp_path.glob("*.unfinished"))


def test_a_backup_never_overwrites(sqlite_shop, tmp_path: Path) -> None:
    target = tmp_path / "backup.sqlite3"
    target.write_text("precious")
    with pytest.raises(StorageRefused, match="exists"):
        sqlite_shop.transcripts.store.backup(target)
    assert target.read_text() == "precious"


def test_a_backup_into_a_folder_that_is_missing_is_refused(sqlite_shop, tmp_path: Path) -> None:
    with pytest.raises(StorageRefused):
        sqlite_shop.transcripts.store.backup(tmp_path / "missing" / "backup.sqlite3")


def test_a_restored_backup_has_another_epoch_and_what_came_later_is_kept_aside(
    sqlite_shop, sqlite_path: Path, tmp_path: Path, open_shop
) -> None:
    sqlite_shop.begin("before the backup")
    epoch = sqlite_shop.transcripts.store.epoch
    backup = tmp_path / "backup.sqlite3"
    sqlite_shop.transcripts.store.backup(backup)
    sqlite_shop.say("c1", "after the backup")
    with pytest.raises(SecondWriter):
        restore_database(backup, sqlite_path, lambda: "new")
    sqlite_shop.transcripts.close()
    restore_database(backup, sqlite_path, lambda: "new")
    restored = open_shop(f"sqlite:///{sqlite_path}")
    assert restored.transcripts.store.epoch == "new" != epoch
    assert [event.text for event in restored.transcripts.store.after(C1, 0).events] == [
        "before the backup"
    ]
    aside = sqlite_path.with_name("shop.sqlite3.before-restore")
    assert _texts(aside) == ["before the backup", "after the backup"]


def test_a_spoiled_backup_is_refused_and_the_database_stays(
    sqlite_shop, sqlite_path: Path, tmp_path: Path
) -> None:
    sqlite_shop.begin("precious")
    for number in range(200):
        sqlite_shop.say("c1", f"{number}" * 50)
    backup = tmp_path / "backup.sqlite3"
    sqlite_shop.transcripts.store.backup(backup)
    sqlite_shop.transcripts.close()
    pages = bytearray(backup.read_bytes())
    pages[len(pages) // 2 : len(pages) // 2 + 8_192] = b"\xff" * 8_192
    backup.write_bytes(pages)
    with pytest.raises(StorageRefused):
        restore_database(backup, sqlite_path, lambda: "new")
    assert _texts(sqlite_path)[0] == "precious"
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_hole_in_the_numbering_is_found_by_the_check(sqlite_shop, sqlite_path: Path) -> None:
    sqlite_shop.begin()
    sqlite_shop.say("c1", "two")
    sqlite_shop.say("c1", "three")
    connection = sqlite3.connect(sqlite_path)
    connection.execute("DELETE FROM events WHERE seq = 2")
    connection.commit()
    connection.close()
    assert sqlite_shop.transcripts.store.check() == ("numbering: conversation c1",)


def test_a_second_restore_keeps_what_the_first_put_aside(
    sqlite_shop, sqlite_path: Path, tmp_path: Path
) -> None:
    sqlite_shop.begin("before all")
    sqlite_shop.transcripts.store.backup(tmp_path / "first.sqlite3")
    sqlite_shop.say("c1", "said since")
    sqlite_shop.transcripts.close()
    restore_database(tmp_path / "first.sqlite3", sqlite_path, lambda: "second life")
    stale = sqlite_path.with_name("shop.sqlite3.before-restore-2-wal")
    stale.write_bytes(b"the log of another database")

    restore_database(tmp_path / "first.sqlite3", sqlite_path, lambda: "third life")

    first, third = (
        sqlite_path.with_name(f"shop.sqlite3.before-restore{number}") for number in ("", "-3")
    )
    assert _texts(first) == ["before all", "said since"]
    assert _texts(third) == ["before all"]
    assert stale.read_bytes() == b"the log of another database"


def _left_by_a_kill(running: Path, to: Path) -> None:
    """The files of a database that is open, as a kill would leave them: most is in the log."""
    to.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(running.with_name(running.name + suffix), to.with_name(to.name + suffix))
    assert to.with_name(to.name + "-wal").stat().st_size > 0


CHANGES = ("os.rename", "os.link", "os.remove", "shutil.copyfile")


def _restore_killed_before_change(number: int, backup: Path, to: Path) -> bool:
    """Restore in a process that is killed before it changes names so often; False: it ended."""
    child = os.fork()
    if child == 0:
        left = [number]

        def watch(event: str, _arguments: object) -> None:
            if event in CHANGES:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            restore_database(backup, to, lambda: "new")
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_a_restore_that_is_killed_leaves_all_of_the_old_or_all_of_the_new(
    sqlite_shop, sqlite_path: Path, tmp_path: Path, links, monkeypatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _refuse_to_link)
    sqlite_shop.begin("before the backup")
    backup = tmp_path / "backup.sqlite3"
    sqlite_shop.transcripts.store.backup(backup)
    sqlite_shop.say("c1", "after the backup")
    old, new = ["before the backup", "after the backup"], ["before the backup"]
    found = []
    for number in range(1, 20):
        to = tmp_path / f"killed-{number}" / "shop.sqlite3"
        _left_by_a_kill(sqlite_path, to)
        killed = _restore_killed_before_change(number, backup, to)
        assert to.exists()
        found.append(_texts(to))
        restore_database(backup, to, lambda: "newer")  # whatever was left, it can be run again
        assert _texts(to) == new
        kept = sorted(to.parent.glob("*.before-restore*"))
        aside = [_texts(one) for one in kept if not one.name.endswith("-wal")]
        assert old in aside and all(one in (old, new) for one in aside)
        assert not list(to.parent.glob("*.unfinished"))
        if not killed:
            break
    assert not killed and len(found) > 2
    assert found == [*[old] * found.count(old), *[new] * found.count(new)]
    assert found[-1] == new


def _refuse_to_link(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_spoiled_database_gives_way_to_a_backup(
    sqlite_shop, sqlite_path: Path, tmp_path: Path
) -> None:
    sqlite_shop.begin("precious")
    backup = tmp_path / "backup.sqlite3"
    sqlite_shop.transcripts.store.backup(backup)
    sqlite_shop.transcripts.close()
    beside = {"": b"spoiled" * 1000, "-wal": b"its log", "-journal": b"its journal"}
    for suffix, spoiled in beside.items():
        sqlite_path.with_name(sqlite_path.name + suffix).write_bytes(spoiled)
    restore_database(backup, sqlite_path, lambda: "new")
    assert _texts(sqlite_path) == ["precious"]
    aside = sqlite_path.name + ".before-restore"
    kept = {suffix: sqlite_path.with_name(aside + suffix).read_bytes() for suffix in beside}
    assert kept == beside


def test_a_database_that_somebody_reads_is_not_replaced(
    sqlite_shop, sqlite_path: Path, tmp_path: Path
) -> None:
    sqlite_shop.begin("before the backup")
    backup = tmp_path / "backup.sqlite3"
    sqlite_shop.transcripts.store.backup(backup)
    to = tmp_path / "killed" / "shop.sqlite3"
    _left_by_a_kill(sqlite_path, to)
    reader = sqlite3.connect(to)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchall()
    before = sqlite3.connect(to)
    before.execute("UPDATE installation SET epoch = 'old'")
    before.commit()
    before.close()
    with pytest.raises(StorageRefused, match="reads"):
        restore_database(backup, to, lambda: "new")
    reader.close()
    assert _texts(to) == ["before the backup"]
    assert [one.name for one in to.parent.glob("*.before-restore*")] == []


def test_a_backup_is_restored_on_a_machine_that_is_new(
    sqlite_shop, tmp_path: Path, open_shop
) -> None:
    sqlite_shop.begin("precious")
    backup, to = tmp_path / "backup.sqlite3", tmp_path / "new" / "machine" / "shop.sqlite3"
    sqlite_shop.transcripts.store.backup(backup)
    restore_database(backup, to, lambda: "new")
    restored = open_shop(f"sqlite:///{to}")
    assert [event.text for event in restored.transcripts.store.after(C1, 0).events] == ["precious"]
    assert to.stat().st_mode & 0o077 == 0 == to.parent.stat().st_mode & 0o077


@pytest.mark.parametrize("content", [b"", b"not a database" * 500, None], ids=str)
def test_a_file_that_is_no_backup_is_named(sqlite_shop, tmp_path: Path, content) -> None:
    no_backup, to = tmp_path / "holiday.jpg", tmp_path / "to.sqlite3"
    if content is None:  # a database, but another program's
        sqlite3.connect(no_backup).execute("CREATE TABLE holidays (day TEXT)").connection.close()
    else:
        no_backup.write_bytes(content)
    with pytest.raises(StorageRefused, match=r"holiday\.jpg is no copy of a shop's database"):
        restore_database(no_backup, to, lambda: "new")
    assert not to.exists()
