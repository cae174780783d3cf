"""Row 29: every released schema is brought forward, also when the upgrade is killed in the middle.

`released_schemas/` holds a dump of a database as the code of each step really made and filled it. A
released step's dump is never changed; a new step adds one when it is released.
"""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.conversation.commands import LeavesMessage, ShopperSays
from bot.conversation.events import ClientId, ConversationId, Stage
from bot.transcripts.database import open_database
from bot.transcripts.open import open_transcripts

HERE = Path(__file__).parent
SCHEMAS = sorted((HERE / "released_schemas").glob("*.sql"))
NEWEST = "0010"
Rows = dict[str, list[tuple[object, ...]]]


def _load(dump: Path, to: Path) -> Rows:
    """Make the database of a dump, and give its rows by table."""
    with closing(sqlite3.connect(to)) as database:
        database.executescript(dump.read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode=WAL").fetchall()
        database.commit()
    return _rows(to)


def _rows(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as database:
        names = [
            row[0]
            for row in database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {
            name: database.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
            for name in names
            if name != "alembic_version"
        }


def _lost(before: Rows, after: Rows) -> list[str]:
    """Tables in which an old row is no longer the beginning of a row."""
    lost = []
    for table, rows in before.items():
        begins = [row[: len(rows[0])] for row in after.get(table, [])] if rows else []
        if begins != rows:
            lost.append(table)
    return lost


def _step(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.mark.parametrize("dump", SCHEMAS, ids=lambda dump: dump.stem)
def test_row_29_a_released_database_is_brought_forward_and_goes_on(dump, tmp_path) -> None:
    path = tmp_path / "shop.sqlite3"
    before = _load(dump, path)
    open_database(f"sqlite:///{path}").close()
    assert (_step(path), _lost(before, _rows(path))) == (NEWEST, [])
    with closing(open_transcripts(f"sqlite:///{path}")) as transcripts:
        store = transcripts.store
        c2 = ConversationId("c2")
        assert store.check() == ()
        assert store.after(c2, 0).events[0].text == "你好 hello 2"
        says = ShopperSays(ClientId("new"), "still here")
        assert store.submit(c2, says).result(20).said.seq == 2
        left = LeavesMessage(ClientId("left"), "call me", {"phone": "1"})
        assert store.submit(c2, left).result(20).state.stage is Stage.WAITING_FOR_STAFF
        assert transcripts.audit.first_broken() is None


def test_row_29_the_newest_step_is_the_one_tested() -> None:
    steps = sorted((HERE.parents[1] / "bot/transcripts/migrations/versions").glob("0*.py"))
    assert steps[-1].name.startswith(NEWEST)
    assert [dump.stem for dump in SCHEMAS] == [step.name[:4] for step in steps[: len(SCHEMAS)]]


def _kill_often(dump: Path, folder: Path, writes: range) -> int:
    """Kill the upgrade at each of these writes; gives how many kills struck."""
    struck = 0
    for last in writes:
        path = folder / f"killed-{last}.sqlite3"
        before = _load(dump, path)
        child = [sys.executable, str(HERE / "upgrading_child.py"), f"sqlite:///{path}", str(last)]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
        died = subprocess.run(child, env=environment, capture_output=True, text=True)
        assert died.returncode in (0, 9), died.stderr
        struck += died.returncode == 9
        assert _lost(before, _rows(path)) == [], f"killed at write {last}"
        open_database(f"sqlite:///{path}").close()
        assert (_step(path), _lost(before, _rows(path))) == (NEWEST, [])
    return struck


@pytest.mark.parametrize("dump", SCHEMAS, ids=lambda dump: dump.stem)
def test_row_29_an_upgrade_that_is_killed_is_done_at_the_next_start(
    dump, tmp_path, record_property
) -> None:
    struck = _kill_often(dump, tmp_path, range(1, 40, 8))
    assert struck >= 3
    record_property("kills in the middle", struck)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("dump", SCHEMAS, ids=lambda dump: dump.stem)
def test_row_29_an_upgrade_that_is_killed_at_any_write_is_done_at_the_next_start(
    dump, tmp_path, record_property
) -> None:
    record_property("kills in the middle", _kill_often(dump, tmp_path, range(1, 60)))
