"""The demo shop, made ready once for all dialogues."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from bot.answering.answerer import ShopAnswerer
from bot.answering.reply_generator import WrittenReply
from bot.assemble.brain import assemble_brain
from bot.assemble.shop import load_actions
from bot.settings import Settings
from tests.dialogues.player import Player
from tests.dialogues.script import Script
from training.encoder_on_demand import EncoderOnDemand
from training.prepare_shop import prepare_shop
from training.second_encoder import second_on_demand

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class ScriptedWriter:
    """A generator that writes what the dialogue says, whatever it is asked."""

    text: str
    model: str = "scripted@1"

    def write(self, question: str, evidence: Sequence[object], language: str) -> WrittenReply:
        return WrittenReply(self.text)


@pytest.fixture(scope="session")
def prepared_settings(state_folder, tmp_path_factory) -> Settings:
    """Settings of a state folder into which the demo shop was prepared.

    What was trained for `make demo` from the very same files is taken over, to save a minute.
    """
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "models").symlink_to((state_folder / "models").absolute())
    for trained in ("intents", "doubt"):
        if (state_folder / trained).is_dir():
            shutil.copytree(state_folder / trained, folder / trained)
    settings = Settings(state_folder=folder, generator="off")
    encoder = EncoderOnDemand(folder / "models" / settings.encoder)
    second = second_on_demand(settings)
    prepare_shop(settings.shop_folder, folder, encoder, now=NOW, second=second)
    return settings


@pytest.fixture(scope="session")
def play(prepared_settings) -> Callable[[Script], None]:
    """Plays a script with the real brain; orders are fresh for each, so no lock is carried over."""
    brain = assemble_brain(prepared_settings)
    parts = brain.answerer.parts
    buttons = tuple(parts.shop.texts["talk_to_person_button"].values())

    def play_script(script: Script) -> None:
        own = replace(
            parts,
            actions=load_actions(prepared_settings, parts.shop),
            writer=ScriptedWriter(script.writer) if script.writer else None,
        )
        Player(ShopAnswerer(own), buttons).play(script)

    return play_script
