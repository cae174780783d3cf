from bot.answering.mood_classifier import MoodClassifier
from knowledge_base.hashed_encoder import HashedEncoder
from tests.conftest import ROOT
from training.fit_text_machine import MachineSettings
from training.prepare_moods import prepare_moods

DEMO = ROOT / "demo_shop"
SMALL = MachineSettings(few=8, hidden=4, networks=1, passes=1, most_pieces=2_000)


class Loaded:
    """An encoder that is there already, and counts how often it was wanted."""

    def __init__(self):
        self.digest = HashedEncoder(32).digest
        self.loads = 0

    def load(self):
        self.loads += 1
        return HashedEncoder(32)


def shop(folder, question):
    folder.mkdir(exist_ok=True)
    (folder / "shop.toml").write_text((DEMO / "shop.toml").read_text(encoding="utf-8"))
    (folder / "intents.toml").write_text(
        '[price]\nleads_to = "known"\nzh = "价格"\nen = "Price"\n', encoding="utf-8"
    )
    (folder / "intents.en.csv").write_text(f"text,intent\n{question},price\n", encoding="utf-8")
    return folder


def test_moods_are_trained_once_and_again_when_the_shops_phrases_change(tmp_path):
    encoder, state = Loaded(), tmp_path / "state"
    folder = shop(tmp_path / "shop", "how much is it")
    first, made = prepare_moods(folder, state, encoder, settings=SMALL)
    assert made
    assert MoodClassifier.load(state / "moods", encoder.digest).version == first
    assert prepare_moods(folder, state, encoder, settings=SMALL) == (first, False)
    assert encoder.loads == 1
    shop(folder, "what does it cost")
    assert prepare_moods(folder, state, encoder, settings=SMALL)[1]


def test_a_spoiled_classifier_is_made_again(tmp_path):
    encoder, state = Loaded(), tmp_path / "state"
    folder = shop(tmp_path / "shop", "how much is it")
    prepare_moods(folder, state, encoder, settings=SMALL)
    (state / "moods" / "anger.json").write_text("{}")
    assert prepare_moods(folder, state, encoder, settings=SMALL)[1]
