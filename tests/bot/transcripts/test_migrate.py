import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.transcripts import migrations
from bot.transcripts.database import open_database
from bot.transcripts.errors import StoreNotSafe
from bot.transcripts.migrate import current_revision, newest_revision, upgrade
from bot.transcripts.tables import metadata


def test_the_steps_make_exactly_the_tables_that_the_program_knows(url: str) -> None:
    database = open_database(url)
    with database.writer.begin() as connection:
        options = {"compare_type": True, "target_metadata": metadata}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)
    database.close()
    assert differences == []


def test_a_second_start_changes_nothing(url: str) -> None:
    for _ in range(2):
        database = open_database(url)
        with database.writer.begin() as connection:
            assert current_revision(connection) == "0012"
        database.close()


def test_the_names_of_the_files_tell_what_alembic_tells() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    steps = ScriptDirectory.from_config(config)
    assert steps.get_current_head() == newest_revision()
    for step in steps.walk_revisions():
        assert Path(step.path).name.startswith(f"{step.revision}_")


def test_a_start_that_finds_the_tables_of_today_needs_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    program = (
        "import sys; from bot.transcripts.database import open_database; "
        f"open_database({url!r}).close(); print('alembic' in sys.modules)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    database = open_database(url)
    with database.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreNotSafe, match="9999"):
        open_database(url)


def test_steps_that_are_interrupted_leave_nothing_half_done(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    database = open_database(url)
    with database.writer.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DROP TABLE {table.name}"))
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(KeyboardInterrupt), database.writer.begin() as connection:
        upgrade(connection)
        raise KeyboardInterrupt
    with sqlite3.connect(tmp_path / "shop.sqlite3") as reader:
        tables = reader.execute("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
        assert tables.fetchall() == []
    reader.close()
    database.close()
    open_database(url).close()
