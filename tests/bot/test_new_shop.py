import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.answering.shop import Shop
from bot.assemble.shop import load_actions, load_shop
from bot.assemble.whose_state import MARK, claim_state
from bot.cli import app
from bot.errors import StartRefused
from bot.settings import load_settings
from training.labelled_text import read_labelled

DEMO = Path(__file__).parents[2] / "demo_shop"


@pytest.fixture
def new(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        done = CliRunner().invoke(app, ["new", *words])
        assert done.exit_code == code, (done.exit_code, done.output, done.exception)
        return done.output

    return run


def test_a_new_shop_is_laid_out_and_can_be_opened_as_it_stands(new, tmp_path):
    new("shop", "--name", "Spoke & {Sprocket}", "--zone", "Europe/London")
    settings = load_settings(tmp_path / "shopkeeper.toml", {})
    assert settings.shop_folder == tmp_path / "shop"
    assert settings.state_folder == tmp_path / "shop-state"
    shop = load_shop(settings)
    assert shop.say("greeting", "en").startswith("Hello, and welcome to Spoke & {Sprocket}!")
    assert str(shop.time_zone) == "Europe/London"
    load_actions(settings, shop)
    commented = (tmp_path / "shop" / "shop.toml").read_text("utf-8")
    shown = "\n".join(
        line.removeprefix("# ") if line.startswith(("# [", "# en =", "# zh =", "# number", "# 20",
        "# tag", "# story", "# start", "# curr", "# other_")) else line
        for line in commented.splitlines()
    )  # fmt: skip
    with_all = tomllib.loads(shown)
    assert with_all["orders"]["number_pattern"] == r"SHOP-\d{6}"
    (tmp_path / "shop" / "shop.toml").write_text(shown, "utf-8")
    assert Shop.load(tmp_path / "shop").page["starters"]["zh"] == ["运费多少？"]


def test_what_every_shop_begins_with_names_no_other_shop(new, tmp_path):
    new("shop", "--name", "Mine")
    demo = Shop.load(DEMO)
    files = sorted((tmp_path / "shop").iterdir())
    said = "\n".join(file.read_text("utf-8") for file in files)
    for words in (*demo.names.values(), "LH2", "Ningbo", "宁波", "kettle", "手冲"):
        assert words not in said
    labelled = read_labelled([file for file in files if file.name.startswith("intents.") and
                              file.suffix == ".csv"])  # fmt: skip
    assert not labelled.problems
    assert set(labelled.intents) == set(Shop.load(tmp_path / "shop").intents)


def test_a_folder_that_holds_something_and_settings_that_are_there_stay_as_they_are(new, tmp_path):
    (tmp_path / "shopkeeper.toml").write_text("port = 9000\n", "utf-8")
    assert 'shop_folder = "' in new("shop", "--name", "Mine")
    assert (tmp_path / "shopkeeper.toml").read_text("utf-8") == "port = 9000\n"
    assert "not empty" in new("shop", "--name", "Mine", code=1)


def test_settings_that_are_elsewhere_are_named_and_none_are_written_here(
    new, tmp_path, monkeypatch
):
    monkeypatch.setenv("SHOPKEEPER_CONFIG", str(tmp_path / "etc" / "settings.toml"))
    assert "etc/settings.toml" in new("shop", "--name", "Mine")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "settings.toml").write_text(
        f'shop_folder = "{tmp_path / "other"}"\n', "utf-8"
    )
    assert "names it already" in new("other", "--name", "Mine")
    assert not (tmp_path / "shopkeeper.toml").exists()


@pytest.mark.parametrize("options", [("--name", 'a "b"'), ("--name", " "),
                                     ("--name", "a", "--zone", "Leeds")])  # fmt: skip
def test_a_name_or_a_zone_that_cannot_be_is_wrong_usage(new, tmp_path, options):
    new("shop", *options, code=2)
    assert not (tmp_path / "shop").exists()


def test_what_one_shop_published_never_answers_for_another(new, tmp_path):
    new("shop", "--name", "Mine")
    state = {"SHOPKEEPER_STATE_FOLDER": str(tmp_path / "var")}
    demo = load_settings(None, {**state, "SHOPKEEPER_SHOP_FOLDER": str(DEMO)})
    claim_state(demo, load_shop(demo))
    claim_state(demo, load_shop(demo))
    own = load_settings(None, {**state, "SHOPKEEPER_SHOP_FOLDER": str(tmp_path / "shop")})
    with pytest.raises(StartRefused, match=r"holds what Little Harbour published .* Mine"):
        claim_state(own, load_shop(own))
    (tmp_path / "var" / MARK).unlink()
    claim_state(own, load_shop(own))


def test_the_same_shop_in_another_folder_keeps_its_state(tmp_path):
    for name in ("shop.toml", "intents.toml"):
        shutil.copy(DEMO / name, tmp_path)
    state = {"SHOPKEEPER_STATE_FOLDER": str(tmp_path / "var")}
    for folder in (DEMO, tmp_path):
        settings = load_settings(None, {**state, "SHOPKEEPER_SHOP_FOLDER": str(folder)})
        claim_state(settings, load_shop(settings))
