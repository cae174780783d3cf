"""On the shell a machine alone lists what it trained, and goes back."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from bot.shell.lazy_group import load
from tests.bot.answering.trained_shop import OtherEncoder, sets_in, train

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(tmp_path))
    monkeypatch.setenv("SHOPKEEPER_ENCODER", "hashed")
    return tmp_path


def keep(folder, *intents, **options):
    sets = sets_in(folder)
    with sets.being_made():
        train(folder, *intents, **options)
        return sets.share("train", NOW)


def shell(*arguments):
    return CliRunner().invoke(load("train"), [*arguments])


def test_what_was_trained_is_listed_and_the_one_before_comes_back(state):
    first, second = keep(state, "cost", "status"), keep(state, "cost", "status", "warranty")
    told = json.loads(shell("versions", "--json").stdout)
    assert told["serving"] == second
    assert [one["set"] for one in told["sets"]] == [second, first]
    assert f"* {second}  2026-11-26 09:00  train" in shell("versions").stderr

    assert json.loads(shell("rollback", "--json").stdout) == {"serving": first}
    assert sets_in(state).serving() == first
    assert f"{second} serves" in shell("rollback", second).stderr


def test_a_shop_that_was_never_trained_is_told_what_to_do(state):
    assert "shopkeeper prepare" in shell("versions").stderr
    gone = shell("rollback")
    assert gone.exit_code == 3
    assert "no earlier" in gone.stderr


def test_a_set_of_other_weights_does_not_come_back(state):
    first = keep(state, "cost", "status", encoder=OtherEncoder())
    second = keep(state, "cost", "status")
    refused = shell("rollback", first)
    assert refused.exit_code == 3
    assert "not in use here" in refused.stderr
    assert sets_in(state).serving() == second
