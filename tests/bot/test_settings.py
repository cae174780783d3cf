from pathlib import Path

import pytest

from bot.errors import SettingsRefused
from bot.settings import GROUPS, Settings, load_settings, settings_page, unknown_variables

ROOT = Path(__file__).parents[2]


def test_every_setting_is_documented_with_its_default():
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")

    assert page == settings_page(), "run python -m bot.settings"


def test_every_setting_stands_in_one_group():
    named = [name for group in GROUPS.values() for name in group.model_fields]

    assert sorted(named) == sorted(Settings.model_fields)


def test_every_limit_says_why():
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        assert field.description, name
        if isinstance(field.default, int | float) and name != "port":
            assert extra["reason"], name


def test_the_environment_stands_above_the_file_and_the_file_above_the_default(tmp_path):
    file = tmp_path / "shop.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\nallowed_origins = ["https://a.example"]\n')

    settings = load_settings(file, {"SHOPKEEPER_PORT": "9001"})

    assert (settings.port, settings.host) == (9001, "0.0.0.0")
    assert settings.allowed_origins == ("https://a.example",)
    assert settings.text_characters == 4000


def test_an_option_of_the_command_stands_above_all(tmp_path):
    assert load_settings(None, {"SHOPKEEPER_PORT": "9001"}, port=0).port == 0


def test_the_environment_names_the_file(tmp_path):
    file = tmp_path / "shop.toml"
    file.write_text("port = 9000\n")

    assert load_settings(None, {"SHOPKEEPER_CONFIG": str(file)}).port == 9000


def test_lists_in_the_environment_are_separated_by_commas():
    environ = {"SHOPKEEPER_ALLOWED_ORIGINS": "https://a.example, https://b.example:8443"}

    assert load_settings(None, environ).allowed_origins == (
        "https://a.example",
        "https://b.example:8443",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 9000", "did you mean port?"),
        ("port = 70000", "port"),
        ('port = "a lot"', "port"),
        ('allowed_origins = ["https://Shop.example/"]', "is not an origin"),
        ('allowed_origins = ["*"]', "is not an origin"),
        ('allowed_origins = ["https://a;script-src *"]', "is not an origin"),
        ('allowed_origins = ["https://*.shop.example"]', "is not an origin"),
        ('allowed_origins = ["https://@shop.example"]', "is not an origin"),
        ('trusted_proxies = ["everyone"]', "trusted_proxies"),
        ('public_url = "chat.example"', "public_url"),
        ('public_url = "https://chat.example/help"', "at its root"),
        ("queue_events = 0", "queue_events"),
        ("tick_seconds = inf", "tick_seconds: .*at most 31,536,000"),
        ("tick_seconds = nan", "tick_seconds"),
        ("drain_seconds = 1e300", "drain_seconds"),
        ("keep_closed_days = 99999999999", "at most 36,500"),
        ("session_hours = 1", "did you mean session_"),
        ("messages_burst = 999999999999999999999", "messages_burst"),
        ("port = ", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_name_of_what_is_wrong(tmp_path, text, says):
    file = tmp_path / "shop.toml"
    file.write_text(text)

    with pytest.raises(SettingsRefused, match=says.replace("?", r"\?")):
        load_settings(file, {})


def test_a_settings_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsRefused, match="no settings file"):
        load_settings(tmp_path / "none.toml", {})


def test_a_misspelt_variable_is_told():
    environ = {
        "SHOPKEEPER_PROT": "1",
        "SHOPKEEPER_PORT": "1",
        "SHOPKEEPER_CONFIG": "x",
        "HOME": "/",
    }

    assert unknown_variables(environ) == ["SHOPKEEPER_PROT (did you mean SHOPKEEPER_PORT?)"]


def test_cookies_are_for_https_alone_when_the_public_address_is():
    assert load_settings(None, {}, public_url="https://chat.example/").secure_cookies
    assert not load_settings(None, {}).secure_cookies
