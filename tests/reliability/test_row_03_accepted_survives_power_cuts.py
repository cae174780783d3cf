"""Row 3: what was accepted survives a power cut at any moment, whatever the disk had not synced.

A talk is recorded once, with every write and sync that SQLite asked for and a note wherever a
message was acknowledged. Then the power is cut at many random moments of it: each time the files
are put together as such a disk would have them, and read by sqlite3 alone.
"""

import random
import sqlite3
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.commands import Begin, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.transcripts import sqlite_rules
from bot.transcripts.open import open_transcripts
from tests.reliability.seeds import run_seed
from tests.reliability.watched_disk import Call, Disk, plugged_in, what_survives, write_files

MESSAGES = 250
IN_FLIGHT = 6


def _record(folder: Path, chance: random.Random) -> list[Call]:
    """Talk in a few conversations; notes say which id was acknowledged under which number."""
    disk = Disk()
    with plugged_in(disk):
        transcripts = open_transcripts(f"sqlite:///{folder}/shop.sqlite3")
        waiting: list[Future[Any]] = []
        for number in range(MESSAGES):
            conversation = ConversationId(f"c{number % 7}")
            id = f"m{number}"
            says = ShopperSays(ClientId(id), f"{id} " + "缺货吗 " * chance.randrange(1, 700))
            future: Future[Any]
            if number < 7:
                token = number.to_bytes(32, "big")
                future = transcripts.store.begin(Begin(conversation), token, says)
            else:
                future = transcripts.store.submit(conversation, says)
            future.add_done_callback(lambda done, id=id: disk.note(f"{id} {_seq(done)}"))
            waiting.append(future)
            if len(waiting) >= chance.randrange(1, IN_FLIGHT):
                waiting.pop(0).result(20)
        transcripts.close()
    return disk.calls


def _seq(done: Future[Any]) -> int:
    result = done.result()
    return int(getattr(result, "recorded", result).said.seq)


def _cut_and_look(calls: list[Call], seed: int, folder: Path) -> list[str]:
    """Cut the power once, and list what is missing or spoiled."""
    chance = random.Random(seed)
    before = calls[: chance.randrange(1, len(calls) + 1)]
    accepted = dict(call.text.split(" ") for call in before if call.kind == "note")
    here = folder / f"cut-{seed}"
    write_files(what_survives(before, chance), here)
    if not (here / "shop.sqlite3").exists():
        return [f"{len(accepted)} lost"] if accepted else []
    with closing(sqlite3.connect(here / "shop.sqlite3")) as reader:
        if (verdict := reader.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            return [f"spoiled: {verdict}"]
        if not reader.execute("SELECT 1 FROM sqlite_schema WHERE name = 'events'").fetchall():
            return [f"{len(accepted)} lost"] if accepted else []
        stored = reader.execute("SELECT client_id, seq, text FROM events").fetchall()
        holes = reader.execute(
            "SELECT conversation FROM events GROUP BY conversation HAVING count(*) <> max(seq)"
        ).fetchall()
    found = {id: str(seq) for id, seq, text in stored if text.startswith(f"{id} ")}
    problems = [f"{id} is lost" for id, seq in accepted.items() if found.get(id) != seq]
    problems += ["doubled"] * (len(stored) - len(found))
    return problems + [f"holes in {row[0]}" for row in holes]


def _cut_often(folder: Path, recordings: int, cuts_each: int, seed: int) -> tuple[int, list[str]]:
    """Cut the power in several recordings; gives how many cuts did harm, and what they did."""
    chance = random.Random(seed)
    harmed, problems = 0, []
    for number in range(recordings):
        here = folder / f"recording-{number}"
        here.mkdir()
        calls = _record(here, chance)
        assert any(call.kind == "write" and call.path.endswith("sqlite3") for call in calls[200:])
        for cut in range(cuts_each):
            cut_seed = seed + number * cuts_each + cut
            found = _cut_and_look(calls, cut_seed, folder)
            harmed += bool(found)
            problems += [f"cut {cut_seed} of recording {number}: {line}" for line in found]
    return harmed, problems


def _prove(folder: Path, recordings: int, cuts_each: int, record_property) -> None:
    seed = run_seed()
    harmed, problems = _cut_often(folder, recordings, cuts_each, seed)
    assert problems == [], f"seed {seed}"
    record_property("seed", seed)
    record_property("power cuts", recordings * cuts_each)
    record_property("messages a talk", MESSAGES)
    record_property("cuts with a loss", harmed)


def test_row_03_and_26_sixty_power_cuts_lose_nothing(tmp_path, record_property) -> None:
    _prove(tmp_path, 3, 20, record_property)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_row_03_and_26_five_hundred_power_cuts_lose_nothing(tmp_path, record_property) -> None:
    _prove(tmp_path, 10, 50, record_property)


def test_row_03_the_check_notices_a_database_that_does_not_sync_each_commit(
    tmp_path, monkeypatch, record_property
) -> None:
    monkeypatch.setitem(sqlite_rules.WRITER_SETTINGS, "synchronous", ("NORMAL", 1))
    harmed, _ = _cut_often(tmp_path, 1, 20, seed=run_seed())
    record_property("control cuts", 20)
    record_property("control cuts with a loss", harmed)
    assert harmed >= 10
