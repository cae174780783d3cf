"""Whether a shop's intents are told better with a second encoder beside the first, and which.

A small English encoder knows English better than one that knows a hundred languages, and costs a
millisecond a message. It is tried on the shop's own phrases and taken only where it gains.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.answering.intent_classifier import IntentClassifier
from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.encoder_pair import for_second
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import model_folder
from training.cached_vectors import CachedEncoder
from training.encoder_on_demand import EncoderOnDemand
from training.intent_head import Labelled, Recipe, fit_head, with_second

LEAST_ENGLISH = 50  # phrases; fewer cannot tell whether it gains
TRIED_PHRASES, TRIAL_FOLDS = 6_000, 3
LEAST_GAIN = 0.003  # of accuracy over all phrases; it costs time and memory


def second_on_demand(settings: Settings) -> EncoderOnDemand | None:
    """The second encoder of the settings; None when it is off, not here, or the first already."""
    name = settings.second_encoder
    if name in ("off", settings.encoder) or settings.encoder == "hashed":
        return None
    try:
        return EncoderOnDemand(model_folder(settings.state_folder, name))
    except ModelFolderRefused:
        return None


def second_encoder(settings: Settings) -> CachedEncoder | None:
    """The same, loaded, with its vectors kept in the state folder."""
    found = second_on_demand(settings)
    if found is None:
        return None
    return CachedEncoder(found.load(), settings.state_folder / "cache" / "vectors")


def chosen_second(
    labelled: Labelled, recipe: Recipe, seed: int, second: Encoder | None
) -> Encoder | None:
    """The second encoder where it gains, by cross-validation on the phrases; else None."""
    english = len(for_second(labelled.texts))
    if second is None or english < LEAST_ENGLISH or len(labelled.known) < 2:
        return None
    order = np.random.default_rng(seed).permutation(len(labelled.texts))[:TRIED_PHRASES]
    folds = [order[fold::TRIAL_FOLDS] for fold in range(TRIAL_FOLDS)]
    # With many phrases one fold tells enough; with few every phrase is asked once.
    tried = folds if len(order) < TRIED_PHRASES // 2 else folds[:1]
    gains = [_gain(labelled, order, asked, recipe, seed, second) for asked in tried]
    return second if float(np.mean(np.concatenate(gains))) > LEAST_GAIN else None


def _gain(
    labelled: Labelled,
    order: NDArray[np.int64],
    asked: NDArray[np.int64],
    recipe: Recipe,
    seed: int,
    second: Encoder,
) -> NDArray[np.float64]:
    """For each phrase asked: 1 where only both encoders are right, -1 where only the first is."""
    taught, strange = labelled.at(np.setdiff1d(order, asked)), labelled.at(asked)
    alone, both = (
        _right(fit_head(taught, with_second(recipe, one), seed, one), strange)
        for one in (None, second)
    )
    return both - alone


def _right(classifier: IntentClassifier, asked: Labelled) -> NDArray[np.float64]:
    guesses = classifier.classify(asked.texts, asked.vectors)
    return np.array([a.intent == b for a, b in zip(guesses, asked.intents, strict=True)], float)
