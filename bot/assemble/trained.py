"""Loads what was trained for the shop: intents, thresholds, moods, and when a person takes over.

One of them that was made with another encoder is refused with the command that mends it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.assemble.encoders import Encoders, encoder_named
from bot.assemble.refusals import model_refusals
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.answering.doubt import Doubt
    from bot.answering.intent_classifier import IntentClassifier
    from bot.answering.live_training import Trained
    from bot.answering.mood_classifier import MoodClassifier
    from bot.answering.takeover_model import TakeoverModel
    from bot.answering.trained_sets import MadeWith, TrainedSets
    from bot.transcripts.published import PublishedKnowledge
    from knowledge_base.encoder import Encoder


def trained_sets(
    settings: Settings, made_with: MadeWith, shared: PublishedKnowledge | None = None
) -> TrainedSets:
    """Where what was trained lies, here and, where nodes share it, in the database.

    Args:
        made_with: what the encoders of this machine are.
        shared: see `open_shared`.
    """
    from bot.answering.shared_sets import SharedSets
    from bot.answering.trained_sets import TrainedSets

    if shared is not None:
        return SharedSets(settings.state_folder, made_with, shared.trained)
    return TrainedSets(settings.state_folder, made_with, settings.shared_versions)


def load_trained(settings: Settings, encoders: Encoders, within: Path) -> Trained:
    """Open a whole trained set.

    Args:
        within: the folder that its folders lie in.

    Raises:
        PartMissing: a part is altered or was made with another encoder.
    """
    from bot.answering.live_training import Trained
    from knowledge_base.encoder_pair import second_of

    first, searching = encoders.first, encoders.searching
    return Trained(
        judge=load_doubt(within, searching),
        intents=load_intents(settings, within, first, second_of(searching)),
        moods=load_moods(within, first),
        takeover=load_takeover(within),
    )


def load_intents(
    settings: Settings, within: Path, encoder: Encoder, second: Encoder | None = None
) -> IntentClassifier | None:
    """Load the trained intent classifier; None before it was ever trained.

    Args:
        within: the folder that the folders of the set lie in.
        second: the second encoder, if it is loaded already.

    Raises:
        PartMissing: it is altered or was made with another encoder.
    """
    from bot.answering.intent_folder import read_intents

    folder = within / "intents"
    if not folder.exists():
        return None
    named = encoder_named(settings)
    loaded = {one.name: one for one in (encoder, second) if one is not None}
    with model_refusals():
        return read_intents(folder, encoder.digest, lambda name: loaded.get(name) or named(name))


def load_moods(within: Path, encoder: Encoder) -> MoodClassifier | None:
    """Load the mood classifier; None before it was ever trained: then words alone tell.

    Args:
        within: see `load_intents`.

    Raises:
        PartMissing: it is altered or was made with another encoder.
    """
    from bot.answering.mood_classifier import MoodClassifier

    folder = within / "moods"
    if not folder.exists():
        return None
    with model_refusals():
        return MoodClassifier.load(folder, encoder.digest)


def load_takeover(within: Path) -> TakeoverModel | None:
    """Load what the desk taught; None before it was ever trained: then the rules judge.

    Args:
        within: see `load_intents`.

    Raises:
        PartMissing: it is altered.
    """
    from bot.answering.takeover_model import TakeoverModel

    folder = within / "takeover"
    if not folder.exists():
        return None
    with model_refusals():
        return TakeoverModel.load(folder)


def load_doubt(within: Path, encoder: Encoder) -> Doubt:
    """Load the thresholds; those that come with the program before any were chosen.

    Args:
        within: see `load_intents`.
        encoder: what search asks.

    Raises:
        PartMissing: they are altered or were made with another encoder.
    """
    from bot.answering.doubt import Doubt

    folder = within / "doubt"
    if not folder.exists():
        return Doubt.shipped()
    with model_refusals():
        return Doubt.load(folder, encoder.digest)
