import json

import pytest
from typer.testing import CliRunner

from knowledge_base.model_catalogue import catalogue_model
from knowledge_base.model_folder import Manifest, new_folder
from training.commands_models import models

NAME = "all-MiniLM-L6-v2"


@pytest.fixture
def shell(tmp_path):
    def run(*words):
        return CliRunner().invoke(models, [*words, "--state-folder", str(tmp_path)])

    return run


@pytest.fixture
def made(tmp_path):
    model = catalogue_model(NAME)
    target = tmp_path / "models" / NAME
    with new_folder(target, Manifest(NAME, model.kind, {}, {})) as folder:
        (folder / "weights").write_bytes(b"weights")
    return target


def test_the_list_says_what_each_model_is_and_whether_it_is_here(shell, made):
    said = shell("list", "--json")
    rows = {row["name"]: row for row in json.loads(said.stdout)}
    assert said.exit_code == 0
    assert rows[NAME]["here"] is True
    assert rows["multilingual-e5-small"]["here"] is False
    assert rows["multilingual-e5-small"]["languages"] == ["zh", "en"]
    assert "gemma-3-270m" in shell("list").stdout


def test_the_path_of_a_model_is_printed_only_when_it_is_here(shell, made):
    assert shell("path", NAME).stdout.strip() == str(made)
    missing = shell("path", "multilingual-e5-small")
    assert missing.exit_code == 3
    assert "shopkeeper models fetch multilingual-e5-small" in missing.stderr


def test_the_models_of_a_settings_file_lie_where_it_says(tmp_path, made):
    file = tmp_path / "shop.toml"
    file.write_text(f'state_folder = "{tmp_path}"\n')

    said = CliRunner().invoke(models, ["path", NAME, "--config", str(file)])

    assert said.stdout.strip() == str(made)


def test_weights_that_were_fetched_before_are_taken_from_the_cache_of_the_settings(tmp_path, made):
    file = tmp_path / "shop.toml"
    cache = tmp_path / "a file, not a folder"
    cache.write_bytes(b"")
    file.write_text(f'state_folder = "{tmp_path}"\nweights_cache = "{cache}"\n')

    said = CliRunner().invoke(models, ["fetch", NAME, "--config", str(file)])

    assert said.exit_code != 0
    assert str(cache) in said.stderr


def test_an_altered_model_is_named_with_the_repairing_command(shell, made):
    assert shell("verify").exit_code == 0
    (made / "weights").write_bytes(b"Weights")
    said = shell("verify", "--json")
    assert said.exit_code == 3
    assert f"shopkeeper models fetch {NAME}" in json.loads(said.stdout)[NAME]


def test_an_unknown_model_is_refused_with_the_names_there_are(shell):
    for command in ("fetch", "verify", "path"):
        said = shell(command, "no-such-model")
        assert said.exit_code == 3
        assert "multilingual-e5-small" in said.stderr
