"""Row 29: every released schema is brought forward, also when the upgrade is killed in the middle.

`released_schemas/` holds dumps of databases as the code of each step really made and filled them
(`dump_schema.py`). A released step's dumps are never changed; a new step adds two.
"""

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.conversation.commands import GoesOnWithBot, LeavesMessage, ShopperSays
from bot.conversation.events import ClientId, ConversationId, Stage
from bot.transcripts.database import open_database
from bot.transcripts.open import open_transcripts

HERE = Path(__file__).parent
STEPS = [
    step.name[:4]
    for step in sorted((HERE.parents[1] / "bot/transcripts/migrations/versions").glob("0*.py"))
]
NEWEST = STEPS[-1]
DUMPS = {"sqlite": HERE / "released_schemas", "postgres": HERE / "released_schemas/postgresql"}
Rows = dict[str, list[tuple[object, ...]]]


class SqliteFile:
    """A database that is a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def load(self, dump: Path) -> Rows:
        """Make the database of a dump, and give its rows by table."""
        self.path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as database:
            database.executescript(dump.read_text(encoding="utf-8"))
            database.execute("PRAGMA journal_mode=WAL").fetchall()
            database.commit()
        return self.rows()

    def rows(self) -> Rows:
        with closing(sqlite3.connect(self.path)) as database:
            names = database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            return {
                name: database.execute(f"SELECT * FROM {name}").fetchall()
                for (name,) in names
                if name != "alembic_version"
            }

    def step(self) -> str:
        with closing(sqlite3.connect(self.path)) as database:
            return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])

    def run(self, statement: str) -> None:
        """Change something by hand."""
        with closing(sqlite3.connect(self.path)) as database:
            database.execute(statement)
            database.commit()


class PostgresDatabase:
    """A database on a real server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def load(self, dump: Path) -> Rows:
        """Make the database of a dump, and give its rows by table."""
        with psycopg.connect(self.url, autocommit=True) as database:
            database.execute("DROP SCHEMA public CASCADE")
            database.execute("CREATE SCHEMA public")
            database.execute(dump.read_bytes())
        return self.rows()

    def rows(self) -> Rows:
        with psycopg.connect(self.url) as database:
            names = database.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            return {
                name: database.execute(f"SELECT * FROM {name}".encode()).fetchall()
                for (name,) in names
                if name != "alembic_version"
            }

    def step(self) -> str:
        with psycopg.connect(self.url) as database:
            row = database.execute("SELECT version_num FROM alembic_version").fetchone()
        assert row is not None
        return str(row[0])

    def run(self, statement: str) -> None:
        """Change something by hand."""
        with psycopg.connect(self.url) as database:
            database.execute(statement.encode())


Kept = SqliteFile | PostgresDatabase


def _lost(before: Rows, after: Rows) -> list[str]:
    """Tables in which an old row is no longer the beginning of a row."""
    return [
        table
        for table, rows in before.items()
        if rows and Counter(rows) - Counter(row[: len(rows[0])] for row in after.get(table, []))
    ]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kept(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if kind == "postgres":
        return PostgresDatabase(str(request.getfixturevalue("postgres_url")))
    return SqliteFile(tmp_path / "shop.sqlite3")


@pytest.mark.parametrize("step", STEPS)
def test_row_29_a_released_database_is_brought_forward_and_goes_on(
    step: str, kind: str, kept: Kept
) -> None:
    before = kept.load(DUMPS[kind] / f"{step}.sql")
    assert kept.step() == step
    open_database(kept.url).close()
    assert (kept.step(), _lost(before, kept.rows())) == (NEWEST, [])
    with closing(open_transcripts(kept.url)) as transcripts:
        store = transcripts.store
        c2 = ConversationId("c2")
        assert store.check() == ()
        assert store.after(c2, 0).events[0].text == "你好 hello 2"
        says = ShopperSays(ClientId("new"), "still here")
        assert store.submit(c2, says).result(20).said.seq == 2
        left = LeavesMessage(ClientId("left"), "call me", {"phone": "1"})
        assert store.submit(c2, left).result(20).state.stage is Stage.WAITING_FOR_STAFF
        assert transcripts.audit.first_broken() is None
        assert sum(store.counts().conversations.values()) == len(before["conversations"])


def _say_to_people(kept: Kept) -> None:
    """In the tables of step 0010: two who wait write, and a third is answered."""
    for talk, seq, kind in (
        ("c4", 4, "shopper_said"), ("c4", 5, "bot_notice"), ("c4", 6, "shopper_said"),
        ("c7", 4, "message_left"),
        ("c12", 7, "shopper_said"), ("c12", 8, "staff_said"), ("c12", 9, "shopper_said"),
        ("c17", 7, "shopper_said"), ("c17", 8, "staff_said"),
    ):  # fmt: skip
        kept.run(
            "INSERT INTO events (conversation, seq, kind, at, author, text, client_id, turn, body)"
            f" VALUES ('{talk}', {seq}, '{kind}', 1772323300000000, 'shopper', 'words',"
            " NULL, NULL, '{}')"
        )
        kept.run(f"UPDATE conversations SET last_seq = {seq} WHERE id = '{talk}'")


def test_row_29_what_nobody_had_answered_at_the_upgrade_the_bot_still_takes_up(
    kind: str, kept: Kept
) -> None:
    kept.load(DUMPS[kind] / "0010.sql")
    _say_to_people(kept)
    with closing(open_transcripts(kept.url)) as transcripts:
        store = transcripts.store
        states = {talk: store.state(ConversationId(talk)) for talk in ("c4", "c7", "c12", "c17")}
        owed = {talk: state and state.unanswered_from for talk, state in states.items()}
        assert owed == {"c4": 4, "c7": None, "c12": 9, "c17": None}
        went_on = store.submit(ConversationId("c4"), GoesOnWithBot()).result(20)
        (context,) = store.turns([went_on.turns[0].id])
        assert context is not None and context.texts == ("words", "words")


@pytest.mark.parametrize("kind_of", DUMPS)
def test_row_29_every_step_has_a_dump_and_the_newest_is_the_one_tested(kind_of: str) -> None:
    dumps = sorted(dump.stem for dump in DUMPS[kind_of].glob("*.sql"))
    assert dumps == STEPS, (
        "python -m tests.reliability.dump_schema tests/reliability/released_schemas"
    )


def _kill_often(dump: Path, kept: Kept, last: range | tuple[int, ...]) -> int:
    """Kill the upgrade at each of these writes or statements; gives how many kills struck."""
    struck = 0
    for at in last:
        before = kept.load(dump)
        child = [sys.executable, str(HERE / "upgrading_child.py"), kept.url, str(at)]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
        died = subprocess.run(child, env=environment, capture_output=True, text=True)
        assert died.returncode in (0, 9), died.stderr
        struck += died.returncode == 9
        assert _lost(before, kept.rows()) == [], f"killed at {at}"
        open_database(kept.url).close()
        assert (kept.step(), _lost(before, kept.rows())) == (NEWEST, [])
    return struck


@pytest.mark.parametrize("step", (STEPS[0], STEPS[-2]))
def test_row_29_an_upgrade_that_is_killed_is_done_at_the_next_start(
    step: str, kind: str, kept: Kept, record_property: Callable[[str, object], None]
) -> None:
    struck = _kill_often(DUMPS[kind] / f"{step}.sql", kept, (1, 6, 11))
    assert struck >= 2
    record_property("kills in the middle", struck)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", STEPS[:-1])
def test_row_29_an_upgrade_that_is_killed_anywhere_is_done_at_the_next_start(
    step: str, kind: str, kept: Kept, record_property: Callable[[str, object], None]
) -> None:
    struck = _kill_often(DUMPS[kind] / f"{step}.sql", kept, range(1, 60, 2))
    record_property("kills in the middle", struck)
