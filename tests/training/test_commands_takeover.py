import json

import pytest
from click.testing import CliRunner

from bot.answering.takeover_model import TakeoverModel
from bot.shell.lazy_group import load
from tests.training.test_train_takeover import conversation


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def chats(tmp_path):
    """Old chats in which a person should take over wherever the bot repeats itself."""
    path = tmp_path / "chats.jsonl"
    talks = [conversation(at) for at in range(72)]
    lines = [
        {
            "utterances": [
                {
                    "role": "customer" if said.by_shopper else "agent",
                    "token_ids": said.tokens,
                    "handoff": int(flag),
                }
                for said, flag in zip(talk.said, talk.person, strict=True)
            ]
        }
        for talk in talks
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return str(path)


def train(*arguments):
    return CliRunner().invoke(load("train"), ["takeover", *arguments])


def test_what_old_chats_teach_is_kept_and_serves(chats, state):
    told = train("--no-desk", "--chats", chats, "--folds", "3", "--force", "--json")
    figures = json.loads(told.stdout)
    assert told.exit_code == 0
    assert figures["learnt_from"] == {"chats": 72}
    assert figures["trees"]["area"]["value"] > 0.99
    model = TakeoverModel.load(state / "takeover")
    assert model.judge(conversation(75).said).need > 0.5


def test_a_shop_that_has_seen_nothing_is_told_what_to_bring(state):
    told = train()
    assert told.exit_code == 2
    assert "--chats" in told.stderr
    assert not (state / "takeover").exists()


def test_too_few_chats_are_refused_with_figures(tmp_path, state):
    path = tmp_path / "few.jsonl"
    path.write_text('{"messages": [{"who": "shopper", "text": "hi"}]}', encoding="utf-8")
    told = train("--no-desk", "--chats", str(path))
    assert told.exit_code == 2
    assert "1 conversations" in told.stderr
    assert not (state / "takeover").exists()
