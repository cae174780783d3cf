"""Trains the mood classifier of `bot.answering.mood_classifier`.

    shopkeeper prepare
    shopkeeper evaluate mood

It learns from messages written for this project (`mood_phrases/`, both languages together) and
from phrases that are calm: general questions, and what the shop itself publishes. A shop's own
plain questions teach best what is no anger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from bot.answering.mood import Level, mood_of
from bot.answering.mood_classifier import (
    ANGRY,
    ANGRY_FROM,
    CALM,
    LEVELS,
    PATIENT,
    URGENT,
    MoodClassifier,
)
from bot.answering.shop import Shop
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Language
from training.fit_text_machine import MachineSettings, Seen, fit_machine, space_of
from training.labelled_rows import read_rows
from training.labelled_text import read_labelled
from training.progress import Progress, silent
from training.refusal_texts import LabelledTextRefused
from training.shop_files import entry_files, phrase_files, read_shop_entries

LANGUAGES: tuple[Language, ...] = ("zh", "en")
COLUMNS = ("text", "level", "angry", "urgent")
# Smaller than what the public sets are measured with: as good on our own messages, and three times
# as fast to train.
SHIPPED = MachineSettings(hidden=256, networks=2)
MOST_QUESTIONS = 1_000  # of published ones that training looks at
_FLAGS = {"0": False, "1": True}


@dataclass(frozen=True, slots=True)
class MoodPhrase:
    """A message with its mood as written by its author."""

    text: str
    level: Level
    angry: bool
    urgent: bool
    language: Language


def own_phrases(*, held_out: bool = False) -> list[MoodPhrase]:
    """The messages written for this project: those trained on, or those kept apart."""
    return [
        phrase
        for language, path in zip(LANGUAGES, mood_phrase_files(held_out=held_out), strict=True)
        for phrase in read_mood_phrases(path, language)
    ]


def mood_phrase_files(*, held_out: bool = False) -> list[Path]:
    """The files of these messages, in the order of `LANGUAGES`."""
    folder = Path(str(files("training").joinpath("mood_phrases")))
    prefix = "held_out." if held_out else ""
    return [folder / f"{prefix}{language}.csv" for language in LANGUAGES]


def read_mood_phrases(path: Path, language: Language) -> list[MoodPhrase]:
    """Read a file with the columns text, level, angry and urgent.

    Raises:
        LabelledTextRefused: names the row and what is wrong with it.
    """
    phrases = []
    for row, cells in read_rows(path, COLUMNS):
        level = next((one for one in LEVELS if one == cells["level"].strip()), None)
        angry, urgent = (_FLAGS.get(cells[name].strip()) for name in ("angry", "urgent"))
        if level is None or angry is None or urgent is None or not cells["text"].strip():
            raise LabelledTextRefused(
                f"{path.name}, row {row}: needs a text, a level ({', '.join(LEVELS)}), and 0 or 1 "
                "for angry and for urgent."
            )
        phrases.append(MoodPhrase(cells["text"].strip(), level, angry, urgent, language))
    return phrases


def general_calm() -> list[str]:
    """General questions in both languages; nobody is angry in them."""
    raw = json.loads(
        files("training").joinpath("general_questions.json").read_text(encoding="utf-8")
    )
    return [text for language in LANGUAGES for text in raw[language]]


def calm_phrases(shop_folder: Path) -> tuple[list[str], list[str]]:
    """Phrases of a shop in which nobody is angry: labelled ones, and questions of its entries.

    A labelled phrase counts as calm when its intent does not lead to a person. Of the questions,
    some are taken from all over, because thousands of them only make training longer.

    Raises:
        ShopRefused: the shop cannot be read.
        LabelledTextRefused, FileRefused: a file cannot be used.
    """
    shop = Shop.load(shop_folder)
    to_person = {name for name, intent in shop.intents.items() if intent.leads_to == "person"}
    labelled = read_labelled(phrase_files(shop_folder))
    phrases = [one.text for one in labelled.phrases if one.intent not in to_person]
    entries, _ = read_shop_entries(entry_files(shop_folder))
    published = [phrasing for entry in entries for phrasing in entry.questions]
    published = list(dict.fromkeys(published))
    return list(dict.fromkeys(phrases)), published[:: -(-len(published) // MOST_QUESTIONS) or 1]


def train_moods(
    encoder: Encoder,
    calm: Sequence[str] = (),
    settings: MachineSettings = SHIPPED,
    progress: Progress = silent,
) -> MoodClassifier:
    """Train on our own messages and calm phrases; takes well under a minute.

    Args:
        calm: phrases of the shop in which nobody is angry, such as its published questions; one
            with words of anger in it is left out.
    """
    phrases = own_phrases()
    own = len(phrases)
    known = {phrase.text for phrase in phrases}
    extra = [text for text in dict.fromkeys([*general_calm(), *calm]) if text not in known]
    extra = [text for text in extra if mood_of(text).name != ANGRY]
    texts = [phrase.text for phrase in phrases] + extra
    progress("mood", 0, 4)
    seen = Seen.of(texts, encoder.encode_questions(texts))
    rows, own_rows = np.arange(len(texts)), np.arange(own)
    placed = space_of(seen, rows, settings)
    rest = len(extra)
    progress("mood", 1, 4)
    anger = [ANGRY if phrase.angry else CALM for phrase in phrases] + [CALM] * rest
    angry = fit_machine(seen, anger, rows, settings, placed)
    progress("mood", 2, 4)
    urgency = [URGENT if phrase.urgent else PATIENT for phrase in phrases] + [PATIENT] * rest
    urgent = fit_machine(seen, urgency, own_rows, settings, placed)
    progress("mood", 3, 4)
    levels = [phrase.level for phrase in phrases] + ["neutral"] * rest
    level = fit_machine(seen, levels, own_rows, settings, placed)
    progress("mood", 4, 4)
    return MoodClassifier(level, angry, urgent, ANGRY_FROM)


def made_from(calm: Sequence[str], settings: MachineSettings) -> dict[str, object]:
    """What a trained folder says of its origin."""
    return {
        "own_phrases": len(own_phrases()),
        "calm_phrases": len(calm) + len(general_calm()),
        "settings": asdict(settings),
    }
