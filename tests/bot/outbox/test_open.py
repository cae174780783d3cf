import pytest

from bot.outbox.errors import ChannelNotSafe
from bot.outbox.open import channels_of
from bot.settings import load_settings

MAIL = {"mail_host": "mail", "mail_sender": "bot@b", "mail_recipients": ("a@b",)}
HOOK = {"webhook_url": "https://hooks.example/", "webhook_secret": "a secret of the two"}


@pytest.mark.parametrize(
    ("facts", "names"),
    [({}, []), (HOOK, ["webhook"]), (MAIL, ["mail"]), (HOOK | MAIL, ["webhook", "mail"])],
)
def test_what_is_set_goes_out(facts, names: list[str]) -> None:
    settings = load_settings(environ={}, **facts)
    assert [channel.name for channel in channels_of(settings)] == names


@pytest.mark.parametrize(
    "facts",
    [
        {"webhook_url": "https://hooks.example/"},
        {"webhook_secret": "a secret of the two"},
        {"mail_host": "mail"},
        MAIL | {"mail_security": "none", "mail_password": "x"},
    ],
)
def test_half_a_channel_stops_the_start(facts) -> None:
    with pytest.raises(ChannelNotSafe):
        channels_of(load_settings(environ={}, **facts))


def test_secrets_are_not_shown_when_a_channel_is_printed() -> None:
    settings = load_settings(environ={}, **HOOK, **MAIL, mail_user="u", mail_password="p4ss")
    shown = repr(channels_of(settings))
    assert "a secret of the two" not in shown and "p4ss" not in shown
