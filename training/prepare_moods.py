"""Trains the mood classifier for a shop, unless that was done from the same phrases."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from bot.answering.mood_classifier import ANGRY_FROM, KIND
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import verify
from training.encoder_on_demand import EncoderOnDemand
from training.fit_text_machine import MachineSettings
from training.prepare_shop import INPUTS, digest_of, digests_of
from training.progress import Progress, silent
from training.shop_files import phrase_files
from training.train_mood_classifier import (
    SHIPPED,
    calm_phrases,
    made_from,
    mood_phrase_files,
    train_moods,
)

FOLDER = "moods"  # under the state folder


def prepare_moods(
    shop_folder: Path,
    state_folder: Path,
    encoder: EncoderOnDemand,
    *,
    again: bool = False,
    settings: MachineSettings = SHIPPED,
    report: Progress = silent,
) -> tuple[str, bool]:
    """Train on our own messages and the shop's plain phrases; gives the version, and if it is new.

    Published questions help, but a change of theirs does not train anew: they teach what is calm,
    and one more of these changes nothing.

    Raises:
        ShopRefused, FileRefused, LabelledTextRefused: a file of the shop cannot be used.
    """
    folder = state_folder / FOLDER
    files = [*phrase_files(shop_folder), *mood_phrase_files()]
    recipe = json.dumps({**asdict(settings), "angry_from": ANGRY_FROM, "kind": KIND})
    inputs = digest_of([encoder.digest, recipe, *digests_of(files)])
    if not again and _made_from(folder) == inputs:
        return verify(folder, KIND).digest(), False
    phrases, published = calm_phrases(shop_folder)
    calm = [*published, *phrases]
    trained = train_moods(encoder.load(), calm, settings, report)
    origin = {**made_from(calm, settings), INPUTS: inputs}
    return trained.save(folder, encoder.digest, origin).version, True


def _made_from(folder: Path) -> object:
    try:
        return verify(folder, KIND).made_from.get(INPUTS)
    except ModelFolderRefused:
        return None
