"""Row 28: a backup made while shoppers talk is whole, and restored under a new epoch."""

import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot.conversation.commands import Begin, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.transcripts.backup import restore_database
from bot.transcripts.open import open_transcripts
from bot.transcripts.store import TranscriptStore
from tests.reliability.seeds import run_seed

SHOPPERS = 4


class Shoppers:
    """Threads that talk as fast as they can, each in a conversation of its own."""

    def __init__(self, store: TranscriptStore) -> None:
        self.store = store
        self.enough = threading.Event()
        self.accepted = [0] * SHOPPERS
        self.threads = [threading.Thread(target=self._talk, args=(n,)) for n in range(SHOPPERS)]

    def __enter__(self) -> "Shoppers":
        for number in range(SHOPPERS):
            first = ShopperSays(ClientId(f"{number}-0"), "hello")
            begin = Begin(ConversationId(f"c{number}"))
            self.store.begin(begin, number.to_bytes(32, "big"), first).result(20)
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def _talk(self, number: int) -> None:
        count = 0
        while not self.enough.is_set():
            count += 1
            says = ShopperSays(ClientId(f"{number}-{count}"), "message " * 40)
            said = self.store.submit(ConversationId(f"c{number}"), says).result(60).said
            self.accepted[number] = said.seq


def _numbers(database: Path) -> list[int]:
    """How many messages each conversation of a file has; without holes, or it fails."""
    with closing(sqlite3.connect(database)) as reader:
        rows = reader.execute(
            "SELECT count(*), max(seq) FROM events GROUP BY conversation ORDER BY conversation"
        ).fetchall()
        assert reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert all(count == newest for count, newest in rows)
    return [count for count, _ in rows]


def _back_up_and_restore(folder: Path, times: int, record_property) -> None:
    seed = run_seed()
    chance = random.Random(seed)
    transcripts = open_transcripts(f"sqlite:///{folder}/shop.sqlite3")
    epochs = {transcripts.store.epoch}
    messages = 0
    with Shoppers(transcripts.store) as shoppers:
        for number in range(times):
            shoppers.enough.wait(chance.uniform(0, 0.05))  # another moment each time
            before = list(shoppers.accepted)
            backup = folder / f"backup-{number}.sqlite3"
            transcripts.store.backup(backup)
            in_backup = _numbers(backup)
            assert all(have >= had for have, had in zip(in_backup, before, strict=True))
            restored = folder / f"restored-{number}" / "shop.sqlite3"
            restored.parent.mkdir()
            restore_database(backup, restored, lambda number=number: f"epoch-{number}")
            again = open_transcripts(f"sqlite:///{restored}")
            epochs.add(again.store.epoch)
            assert again.store.check() == ()
            says = ShopperSays(ClientId("after"), "the talk goes on")
            said = again.store.submit(ConversationId("c0"), says).result(20).said
            assert said.seq == in_backup[0] + 1
            again.close()
            messages += sum(in_backup)
            backup.unlink()
    transcripts.close()
    assert len(epochs) == times + 1, "every restored history has an epoch of its own"
    record_property("seed", seed)
    record_property("backups restored", times)
    record_property("messages in them", messages)


def test_row_28_and_26_five_backups_under_load_are_restored(tmp_path, record_property) -> None:
    _back_up_and_restore(tmp_path, 5, record_property)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_row_28_and_26_fifty_backups_under_load_are_restored(tmp_path, record_property) -> None:
    _back_up_and_restore(tmp_path, 50, record_property)
