import sqlite3

import pytest

from bot.assemble.outside import open_store
from bot.assemble.places import DATABASE
from bot.assemble.refusals import database_refusals
from bot.assemble.shop import load_actions, load_shop
from bot.errors import PartMissing, SettingsRefused, StartRefused
from bot.settings import load_settings
from bot.transcripts.errors import OutOfReach, StorageRefused


def settings_of(folder):
    return load_settings(None, {"SHOPKEEPER_STATE_FOLDER": str(folder)})


def test_a_second_server_on_one_folder_is_told_what_serves_there(tmp_path):
    first = open_store(settings_of(tmp_path), serving=True)
    with pytest.raises(StartRefused, match="serves from this database already"):
        open_store(settings_of(tmp_path), serving=True)
    first.store.close()
    open_store(settings_of(tmp_path), serving=True).store.close()


def test_a_database_that_cannot_be_opened_is_told_by_its_cause(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"no database, " * 100)
    with pytest.raises(StartRefused, match=r"file is not a database \(SQLITE_NOTADB\)"):
        open_store(settings_of(tmp_path))


def test_a_database_that_another_program_holds_is_told_so_and_not_to_be_a_matter_of_rights():
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorname = "SQLITE_BUSY"
    with pytest.raises(StartRefused, match=r"\(SQLITE_BUSY\)\. Another program holds it"):
        with database_refusals():
            raise locked


def test_an_address_that_cannot_be_reached_never_shows_its_password(tmp_path):
    address = "postgresql://shop:very-secret@127.0.0.1:1/shop"
    settings = load_settings(
        None, {"SHOPKEEPER_STATE_FOLDER": str(tmp_path), "SHOPKEEPER_DATABASE_URL": address}
    )
    with pytest.raises(StartRefused, match="database_url") as refused:
        open_store(settings)
    assert "very-secret" not in str(refused.value)


def test_what_the_transcripts_refuse_is_told_as_they_say_it():
    with pytest.raises(StartRefused, match="The copy could not be written: disk full"):
        with database_refusals():
            raise StorageRefused("The copy could not be written: disk full")
    with pytest.raises(OutOfReach), database_refusals():
        raise OutOfReach("The database is away.")


def shop_of(folder, intents):
    (folder / "intents.toml").write_text(intents, "utf-8")
    (folder / "shop.toml").write_text(
        'name = "New"\ntime_zone = "Europe/London"\n[opening_hours]\nmonday = ["09:00-17:00"]\n',
        "utf-8",
    )
    return load_settings(None, {"SHOPKEEPER_SHOP_FOLDER": str(folder)})


def test_a_shop_without_orders_starts_as_long_as_no_intent_asks_for_them(tmp_path):
    settings = shop_of(tmp_path, '[order_status]\nleads_to = "person"\n')
    shop = load_shop(settings)
    assert load_actions(settings, shop).names == frozenset()
    assert shop.hours_text == {"en": "Monday 09:00–17:00 (London time)",
                               "zh": "周一 9:00–17:00（Europe/London）"}  # fmt: skip


def test_an_action_that_nothing_knows_is_told_at_the_start_with_what_would_know_it(tmp_path):
    settings = shop_of(tmp_path, '[order_status]\nleads_to = "action:action_order_status"\n')
    with pytest.raises(PartMissing, match=r"\[order_status\] .* needs .*orders\.json"):
        load_actions(settings, load_shop(settings))
    (tmp_path / "orders.json").write_text("[]", "utf-8")
    assert "action_order_status" in load_actions(settings, load_shop(settings)).names


@pytest.mark.parametrize(
    ("code", "why"),
    [(None, "ModuleNotFoundError"), ("import nowhere_at_all", "nowhere_at_all"), ("1 / 0", "zero")],
)
def test_a_module_of_actions_that_cannot_be_imported_is_told_at_the_start(
    tmp_path, monkeypatch, code, why
):
    if code is not None:
        (tmp_path / "a_shops_actions.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    settings = load_settings(None, {}, action_modules=("a_shops_actions",))
    with pytest.raises(SettingsRefused, match=f"a_shops_actions cannot be imported .*{why}"):
        load_actions(settings, load_shop(settings))
