"""Copies of the database that are read at leisure hold shoppers' words, and must not stay."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from bot.transcripts.open import open_transcripts
from bot.transcripts.read_copy import PREFIX, delete_left_copies, read_copy

READ_AND_DIE = """
import os, signal, sys
from pathlib import Path
from bot.transcripts.read_copy import read_copy
with read_copy(Path(sys.argv[1]), Path(sys.argv[2])) as copy:
    assert copy.is_file()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "shop.sqlite3"
    open_transcripts(f"sqlite:///{path}").close()
    return path


def copies(folder):
    return list(folder.glob(f"{PREFIX}*"))


def test_a_copy_lasts_as_long_as_it_is_read(database, tmp_path):
    with read_copy(database, tmp_path) as copy:
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT count(*) FROM conversations").fetchall() == [(0,)]
        assert delete_left_copies(tmp_path) == 0
        assert copy.is_file()
    assert copies(tmp_path) == []


def test_what_a_killed_reader_left_is_deleted(database, tmp_path):
    command = [sys.executable, "-c", READ_AND_DIE, str(database), str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -9
    (left,) = copies(tmp_path)
    assert (left / "copy.sqlite3").is_file()
    assert delete_left_copies(tmp_path) == 1
    assert copies(tmp_path) == []
    assert database.is_file()


def test_the_next_reader_deletes_what_another_left(database, tmp_path):
    (tmp_path / f"{PREFIX}of-old").mkdir()
    with read_copy(database, tmp_path) as copy:
        assert copies(tmp_path) == [copy.parent]
