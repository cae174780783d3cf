"""Row 22: whichever call to the disk fails, nothing accepted is lost and all goes on by itself.

The n-th write finds the disk full (until there is room again), the n-th write or sync reports an
error, or the n-th sync takes long; for n = 1, 2, 3 … Afterwards the power is cut as well: a sync
that failed has forgotten what it should have written, and still nothing accepted may be lost.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.commands import Begin, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.transcripts import sqlite_rules
from bot.transcripts.errors import StorageRefused, TranscriptsError, UnknownConversation
from bot.transcripts.open import open_transcripts
from bot.transcripts.store import Transcripts, TranscriptStore
from tests.reliability.seeds import run_seed
from tests.reliability.watched_disk import (
    CANTOPEN,
    FULL,
    IOERR_FSYNC,
    IOERR_WRITE,
    OK,
    Disk,
    plugged_in,
    what_survives,
    write_files,
)

MESSAGES = 25
SLOW_SECONDS = 0.05
CALLS = {"disk full": 300, "write error": 300, "sync error": 30, "slow sync": 30, "cannot open": 3}
"""How far n goes: the talk makes some 600 writes, and each of its commits one sync."""


class Failing:
    """Fails from the n-th call of a kind on, or that one alone, until it is healed."""

    def __init__(self, kind: str, nth: int, code: int, *, lasting: bool = False) -> None:
        self.kind, self.nth, self.code, self.lasting = kind, nth, code, lasting
        self.seen = 0
        self.struck = False
        self.healed = False

    def __call__(self, kind: str) -> int:
        if kind != self.kind or self.healed:
            return OK
        self.seen += 1
        if self.seen == self.nth or (self.lasting and self.seen > self.nth):
            self.struck = True
            if self.code == OK:
                time.sleep(SLOW_SECONDS)
            return self.code
        return OK


FAULTS: dict[str, Callable[[int], Failing]] = {
    "disk full": lambda nth: Failing("write", nth, FULL, lasting=True),
    "write error": lambda nth: Failing("write", nth, IOERR_WRITE),
    "sync error": lambda nth: Failing("sync", nth, IOERR_FSYNC),
    "slow sync": lambda nth: Failing("sync", nth, OK),
    "cannot open": lambda nth: Failing("open", nth, CANTOPEN),
}


def _open(url: str) -> Transcripts | None:
    """Open the store; a disk that fails just then may stop the start, and nothing else."""
    try:
        return open_transcripts(url)
    except (TranscriptsError, SQLAlchemyError):
        return None


def _say(store: TranscriptStore, number: int, accepted: dict[str, int]) -> bool:
    """Send one message once; True when it was accepted."""
    conversation = ConversationId(f"c{number % 3}")
    says = ShopperSays(ClientId(f"m{number}"), f"message {number} " * (1 + number % 60))
    if number < 3:
        future = store.begin(Begin(conversation), number.to_bytes(32, "big"), says)
    else:
        future = store.submit(conversation, says)
    error = future.exception(20)
    if error is None:
        result = future.result()
        accepted[f"m{number}"] = getattr(result, "recorded", result).said.seq
        return True
    assert isinstance(error, StorageRefused | UnknownConversation), repr(error)
    return False


def _live_through(fault: Failing, folder: Path) -> tuple[Disk, dict[str, int]]:
    """Talk while the disk fails, heal it, and send what was refused again to the same store."""
    disk = Disk(fault=fault)
    accepted: dict[str, int] = {}
    url = f"sqlite:///{folder}/shop.sqlite3"
    with plugged_in(disk):
        transcripts = _open(url)
        if transcripts is None:
            fault.healed = True
            transcripts = open_transcripts(url)
        for number in range(MESSAGES):
            _say(transcripts.store, number, accepted)
        fault.healed = True
        for number in range(MESSAGES):
            if f"m{number}" not in accepted:
                assert _say(transcripts.store, number, accepted), "it did not recover by itself"
        assert transcripts.store.check() == ()
        calls = len(disk.calls)
        transcripts.close()
    del disk.calls[calls:]  # the power is cut before the orderly end
    return disk, accepted


def _missing(database: Path, accepted: dict[str, int]) -> list[str]:
    with closing(sqlite3.connect(database)) as reader:
        verdict = reader.execute("PRAGMA integrity_check").fetchone()[0]
        if not reader.execute("SELECT 1 FROM sqlite_schema WHERE name = 'events'").fetchall():
            return ["everything is lost"]
        stored = reader.execute("SELECT client_id, seq FROM events").fetchall()
    problems = [] if verdict == "ok" else [f"spoiled: {verdict}"]
    problems += [f"{id} is lost" for id, seq in accepted.items() if (id, seq) not in stored]
    return problems + ["doubled"] * (len(stored) - MESSAGES)


def _fail_each(folder: Path, cases: list[tuple[str, int]], seed: int) -> tuple[int, list[str]]:
    """Play every case; gives how often the fault struck, and everything that went wrong."""
    struck, problems = 0, []
    for name, nth in cases:
        fault = FAULTS[name](nth)
        here = folder / f"{name.replace(' ', '-')}-{nth}"
        here.mkdir()
        disk, accepted = _live_through(fault, here)
        struck += fault.struck
        after = here / "after-power-cut"
        write_files(what_survives(disk.calls, random.Random(seed + nth)), after)
        found = _missing(here / "shop.sqlite3", accepted)
        found += [f"{line} by a power cut" for line in _missing(after / "shop.sqlite3", accepted)]
        problems += [f"{name} at call {nth}: {line}" for line in found]
    return struck, problems


def _prove(folder: Path, cases: list[tuple[str, int]], record_property) -> None:
    seed = run_seed()
    struck, problems = _fail_each(folder, cases, seed)
    assert problems == [], f"seed {seed}"
    assert struck == len(cases), "a fault that never struck proves nothing"
    record_property("seed", seed)
    record_property("failing calls", struck)
    record_property("accepted, then lost", 0)
    record_property("crashes", 0)


def test_row_22_and_26_sixty_calls_that_fail_lose_nothing(tmp_path, record_property) -> None:
    cases = [
        (name, 1 + step * most // 20)
        for name, most in CALLS.items()
        for step in range(20 if most > 30 else 10 if most > 3 else 0)
    ]
    _prove(tmp_path, cases, record_property)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_row_22_and_26_the_first_three_hundred_calls_that_fail_lose_nothing(
    tmp_path, record_property
) -> None:
    cases = [(name, n) for name, most in CALLS.items() for n in range(1, most + 1)]
    _prove(tmp_path, cases, record_property)


def test_row_22_the_check_notices_a_database_that_forgets_what_it_could_not_sync(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setitem(sqlite_rules.WRITER_SETTINGS, "synchronous", ("NORMAL", 1))
    _, problems = _fail_each(tmp_path, [("slow sync", n) for n in (1, 12, 24)], seed=run_seed())
    assert any("lost by a power cut" in line for line in problems)
