"""Measures intents: trains on one file alone, guesses another, and says how good that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentGuess
from knowledge_base.encoder import Encoder
from knowledge_base.entry import RowProblem
from knowledge_base.script import language_of
from training.intent_settings import IntentSettings
from training.labelled_rows import read_rows
from training.labelled_text import intent_named, read_labelled
from training.metrics import (
    area_under_risk,
    area_under_roc,
    best_matthews,
    bootstrap,
    brier,
    calibration_error,
    calibration_error_by_chance,
    clopper_pearson,
    coverage_at_risk,
    macro_f1,
    reliability,
)
from training.progress import Progress, silent
from training.refusal_texts import LabelledTextRefused
from training.train_intent_classifier import TrainedIntents, train_intents
from training.tuned_intents import Tunable

HEADING = ("text", "intent", "predicted", "confidence")


@dataclass(frozen=True)
class MeasuredIntents:
    """What came of it.

    Attributes:
        rows: one for each row of the test file, in its order, as in `HEADING`.
        summary: figures, JSON values.
        trained: the classifier with its report.
        problems: what is odd about the training file.
    """

    rows: list[tuple[str, str, str, float]]
    summary: dict[str, Any]
    trained: TrainedIntents
    problems: tuple[RowProblem, ...]


def measure_intents(
    train: Sequence[Path],
    test: Path,
    encoder: Encoder,
    settings: IntentSettings = IntentSettings(),  # noqa: B008 (frozen)
    progress: Progress = silent,
    second: Encoder | None = None,
    tunable: Sequence[Tunable] = (),
) -> MeasuredIntents:
    """Train on `train` alone and guess every row of `test`.

    Args:
        second, tunable: see `train_intents`.

    Raises:
        LabelledTextRefused: a file cannot be read or learnt from; says what to do.
    """
    asked = [(cells["text"], cells["intent"].strip()) for _, cells in read_rows(test, HEADING[:2])]
    if not asked:
        raise LabelledTextRefused(f"{test} has no rows to test on.")
    labelled = read_labelled(train)
    trained = train_intents(labelled, encoder, settings, progress, second, tunable)
    texts = [text for text, _ in asked]
    truth = [intent_named(intent) for _, intent in asked]
    guesses = trained.classifier.classify(texts, encoder.encode_questions(texts))
    summary = intent_figures(texts, truth, guesses)
    summary["at_the_bar"] = _at_the_bar(trained, truth, guesses)
    summary |= {
        "trained_on": {
            "phrases": trained.classifier.made_from["phrases"],
            "intents": len(trained.classifier.intents),
            "problems": len(labelled.problems),
            "unusable_rows": len(labelled.errors),
        },
        "unknown_intents_in_test": _unknown(trained, truth),
        "second_encoder": trained.classifier.made_from["second_encoder"] or "none",
        "names_learnt": trained.classifier.made_from["names_learnt"],
        "fine_tuned": trained.classifier.made_from["fine_tuned"],
        "seed": settings.seed,
        "seconds": trained.report["seconds"],
    }
    rows = [
        (text, intent, guess.intent, round(guess.confidence, 6))
        for (text, intent), guess in zip(asked, guesses, strict=True)
    ]
    return MeasuredIntents(rows, summary, trained, labelled.problems)


def _at_the_bar(
    trained: TrainedIntents, truth: Sequence[str], guesses: Sequence[IntentGuess]
) -> dict[str, float]:
    """What acting on every intent at or above the bar that training chose would have led to."""
    bar = trained.bars["all"].at
    acted = [
        intent == guess.intent
        for intent, guess in zip(truth, guesses, strict=True)
        if guess.confidence >= bar
    ]
    wrong = acted.count(False)
    low, high = clopper_pearson(wrong, len(acted))
    return {
        "bar": bar,
        "answered": len(acted) / len(truth),
        "wrong": wrong / len(acted) if acted else 0.0,
        "low": low,
        "high": high,
    }


def intent_figures(
    texts: Sequence[str], truth: Sequence[str], guesses: Sequence[IntentGuess]
) -> dict[str, Any]:
    """Figures over all rows, and for each language where there are two."""
    spoken = np.array([language_of(text) or "" for text in texts])
    everything = _figures(truth, guesses)
    languages = [language for language in ("zh", "en") if (spoken == language).any()]
    if len(languages) > 1:
        everything["languages"] = {
            language: _figures(
                [truth[row] for row in np.flatnonzero(spoken == language).tolist()],
                [guesses[row] for row in np.flatnonzero(spoken == language).tolist()],
            )
            for language in languages
        }
    return everything


def _figures(truth: Sequence[str], guesses: Sequence[IntentGuess]) -> dict[str, Any]:
    said = [guess.intent for guess in guesses]
    sure = np.array([guess.confidence for guess in guesses])
    inside = np.array([intent != OUT_OF_SCOPE for intent in truth], bool)
    right = np.array([a == b for a, b in zip(truth, said, strict=True)], bool)
    figures: dict[str, Any] = {
        "rows": len(truth),
        "in_scope": int(inside.sum()),
        "calibration_error": calibration_error(right, sure),
        "calibration_error_by_chance": calibration_error_by_chance(sure),
        "brier": brier(right, sure),
        "area_under_risk": area_under_risk(right, sure),
        "answered_at_5_percent_wrong": coverage_at_risk(right, sure, 0.05),
        "reliability": [asdict(bar) for bar in reliability(right, sure)],
    }
    if inside.any():
        own = np.flatnonzero(inside)
        figures |= {
            "accuracy": asdict(
                bootstrap(lambda rows: float(right[own[rows]].mean()), len(own), seed=1)
            ),
            "macro_f1": macro_f1(*_both(truth, said, own.tolist())),
        }
    if inside.any() and not inside.all():
        value, threshold = best_matthews(truth, said, sure, OUT_OF_SCOPE)
        figures |= {
            "out_of_scope_auroc": asdict(
                bootstrap(
                    lambda rows: area_under_roc(inside[rows], sure[rows]),
                    len(sure),
                    seed=1,
                    rounds=300,
                )
            ),
            "matthews": {"value": value, "threshold": threshold},
        }
    return figures


def _both(
    truth: Sequence[str], said: Sequence[str], rows: Sequence[int]
) -> tuple[list[str], list[str]]:
    return [truth[row] for row in rows], [said[row] for row in rows]


def _unknown(trained: TrainedIntents, truth: Sequence[str]) -> list[str]:
    """Intents that the test file asks for and the training file does not have."""
    return sorted(set(truth) - set(trained.classifier.intents) - {OUT_OF_SCOPE, ""})
