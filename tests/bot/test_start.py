"""What happens while a server starts: loading side by side, and the accounts of a first start."""

import sys
import threading

import pytest

from bot.assemble.encoders import Loading
from bot.assemble.first_accounts import FIRST_ACCOUNTS, begin_first_accounts
from bot.assemble.outside import open_store
from bot.errors import PartMissing
from bot.settings import load_settings
from bot.shell.serve import _tell_passwords


@pytest.fixture
def settings(tmp_path):
    return load_settings(None, {}, state_folder=tmp_path, encoder="hashed", generator="off")


def test_loading_ends_without_a_thread_and_shares_the_interpreter_as_before(settings) -> None:
    usual = sys.getswitchinterval()
    loading = Loading(settings)
    assert sys.getswitchinterval() < usual
    assert loading.encoders().first.name == "hashed"
    loading.end()
    assert sys.getswitchinterval() == pytest.approx(usual)
    assert not [one for one in threading.enumerate() if one.name.startswith("loading")]


def test_a_model_that_is_missing_is_told_where_it_is_asked_for(tmp_path) -> None:
    loading = Loading(load_settings(None, {}, state_folder=tmp_path))
    with pytest.raises(PartMissing):
        loading.encoders()
    loading.end()


def test_first_accounts_are_made_once_and_told_once(settings, capfd) -> None:
    transcripts = open_store(settings)
    first = begin_first_accounts(transcripts)
    made = dict(first.result(60))
    assert list(made) == [login for login, *_ in FIRST_ACCOUNTS]
    _tell_passwords(first)
    told = capfd.readouterr().err
    assert all(password in told for password in made.values())
    again = begin_first_accounts(transcripts)
    assert again.result(60) == []
    _tell_passwords(again)
    assert "password" not in capfd.readouterr().err
    transcripts.close()


def test_accounts_that_cannot_be_stored_stop_nobody(settings, capfd, caplog) -> None:
    transcripts = open_store(settings)
    transcripts.close()
    first = begin_first_accounts(transcripts)
    assert first.exception(60) is not None
    _tell_passwords(first)
    # Where it goes depends on whether logs were set up before.
    assert "accounts.not_made" in "".join((*capfd.readouterr(), caplog.text))
