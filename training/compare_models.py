"""Compares two intent models on the same held-out phrases, with paired intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentClassifier
from bot.assemble import encoder_named, intents_folder
from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.errors import ModelFolderRefused
from training.labelled_text import read_labelled
from training.metrics import Interval, bootstrap


@dataclass(frozen=True)
class Comparison:
    """The new model minus the old one.

    Attributes:
        phrases: held-out phrases.
        accuracy: difference of the share of in-scope phrases that are right.
        confidence: difference of the mean squared error of the confidence, turned so that more
            is better.
    """

    phrases: int
    accuracy: Interval
    confidence: Interval

    @property
    def is_worse(self) -> bool:
        """Whether one of the two has surely (95 %) become worse."""
        return self.accuracy.high < 0 or self.confidence.high < 0

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**asdict(self), "is_worse": self.is_worse}


def compare_on(
    held_out: Sequence[Path], settings: Settings, new: IntentClassifier, encoder: Encoder
) -> Comparison | None:
    """Compare with the model in place; None when there is none for this encoder, or no phrases."""
    if not held_out:
        return None
    try:
        old = IntentClassifier.load(
            intents_folder(settings), encoder.digest, encoder_named(settings)
        )
    except ModelFolderRefused:
        return None
    labelled = read_labelled(held_out)
    return compare(old, new, labelled.texts, labelled.intents, encoder) if labelled.texts else None


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
