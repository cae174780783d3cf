"""Compares two intent models on the same phrases, with paired intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentClassifier
from bot.answering.intent_folder import read_intents
from bot.assemble.encoders import encoder_named
from bot.assemble.places import intents_folder
from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.errors import ModelFolderRefused
from training.compare_unseen import compare_unseen
from training.labelled_text import read_labelled
from training.metrics import Comparison, bootstrap


def compare_on(
    held_out: Sequence[Path], settings: Settings, new: IntentClassifier, encoder: Encoder
) -> Comparison | None:
    """Compare with the model in place: on held-out phrases, else on what neither had learnt.

    None where there is no model for this encoder, or it was trained on something else altogether.
    """
    try:
        old = read_intents(intents_folder(settings), encoder.digest, encoder_named(settings))
    except ModelFolderRefused:
        return None
    labelled = read_labelled(held_out)
    if labelled.texts:
        return compare(old, new, labelled.texts, labelled.intents, encoder)
    return compare_unseen(old, new)


def compare(
    old: IntentClassifier,
    new: IntentClassifier,
    texts: Sequence[str],
    truth: Sequence[str],
    encoder: Encoder,
) -> Comparison:
    """Compare two models phrase by phrase."""
    vectors = encoder.encode_questions(texts)
    inside = np.array([intent != OUT_OF_SCOPE for intent in truth], bool)
    right, error = [], []
    for model in (old, new):
        guesses = model.classify(texts, vectors)
        hits = np.array([a.intent == b for a, b in zip(guesses, truth, strict=True)], float)
        right.append(hits[inside])
        error.append((hits - np.array([guess.confidence for guess in guesses])) ** 2)
    gained, saved = right[1] - right[0], error[0] - error[1]
    return Comparison(
        len(texts),
        bootstrap(lambda rows: float(gained[rows].mean()), len(gained), seed=1),
        bootstrap(lambda rows: float(saved[rows].mean()), len(saved), seed=1),
    )
