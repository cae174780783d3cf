"""Measures moods: on a labelled file by cross-validation, or on our own messages kept apart.

    shopkeeper evaluate mood --data REVIEWS.csv --text review --label label
    shopkeeper evaluate mood

The same machine and settings whatever the labels are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from bot.answering.mood import mood_of
from bot.answering.mood_classifier import ANGRY, MoodClassifier
from knowledge_base.encoder import Encoder
from knowledge_base.script import language_of
from training.fit_text_machine import (
    MachineSettings,
    Seen,
    fit_machine,
    weighed_rows,
)
from training.labelled_rows import read_rows
from training.metrics import (
    area_under_roc,
    bootstrap,
    calibration_error,
    clopper_pearson,
    macro_f1,
)
from training.progress import Progress, silent
from training.refusal_texts import LabelledTextRefused
from training.train_mood_classifier import (
    LANGUAGES,
    MoodPhrase,
    calm_phrases,
    own_phrases,
    train_moods,
)
from training.tuned_intents import Tunable
from training.tuned_moods import heard, opinions_of

HEADING = ("text", "label", "predicted", "confidence")
Rows = NDArray[np.int64]
DRAWS = 300  # of the bootstrap; a figure over fifty thousand rows takes a while


@dataclass(frozen=True)
class MeasuredMood:
    """What came of it.

    Attributes:
        rows: one for each row of the file, in its order, as in `HEADING`.
        summary: figures, JSON values.
    """

    rows: list[tuple[str, str, str, float]]
    summary: dict[str, Any]


def measure_file(
    path: Path,
    text_column: str,
    label_column: str,
    encoder: Encoder,
    *,
    folds: int = 5,
    settings: MachineSettings = MachineSettings(),  # noqa: B008 (frozen)
    tunable: Sequence[Tunable] = (),
    progress: Progress = silent,
) -> MeasuredMood:
    """Cross-validate on a file: every row is judged by a machine that never saw its text.

    Args:
        tunable: encoders whose layers are fine-tuned and heard beside it, where that gains.

    Raises:
        LabelledTextRefused: the file cannot be read, or a label has fewer rows than folds.
    """
    texts, labels = _read(path, text_column, label_column, folds)
    seen = Seen.of(texts, encoder.encode_questions(texts))
    classes = tuple(sorted(set(labels)))
    truth = np.searchsorted(np.array(classes), np.array(labels))
    fold_of = _folds(texts, truth, folds, settings.seed)
    scores = np.zeros((len(texts), len(classes)), dtype=np.float32)
    for fold in range(folds):
        progress("folds", fold, folds)
        train, test = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        machine = fit_machine(seen, labels, train, settings)
        weighed = weighed_rows(machine, seen, test)
        scores[test] = machine.scores(weighed, seen.vectors[test], seen.marks[test])
    progress("folds", folds, folds)
    opinions = opinions_of(texts, truth, fold_of, tunable, settings.seed, progress)
    found = heard(scores, opinions, truth, fold_of)
    sure = found.sure
    summary = _figures(classes, truth, sure, fold_of, settings)
    summary["fine_tuned"] = {
        one.encoder: round(weight, 3)
        for one, weight in zip(opinions, found.weights, strict=True)
        if weight
    }
    predicted = sure.argmax(axis=1)
    rows = [
        (text, label, classes[at], round(float(confidence), 6))
        for text, label, at, confidence in zip(
            texts, labels, predicted, sure.max(axis=1), strict=True
        )
    ]
    return MeasuredMood(rows, summary)


def _read(path: Path, text: str, label: str, folds: int) -> tuple[list[str], list[str]]:
    pairs = [(cells[text], cells[label].strip()) for _, cells in read_rows(path, (text, label))]
    pairs = [pair for pair in pairs if pair[0].strip() and pair[1]]
    rows_of = Counter(label for _, label in pairs)
    few = sorted(label for label, count in rows_of.items() if count < folds)
    if len(rows_of) < 2 or few:
        raise LabelledTextRefused(
            f"{path.name} needs two labels or more in the column {label!r}, each on {folds} rows "
            f"or more. Too few rows: {', '.join(few) or 'no label'}."
        )
    return [text for text, _ in pairs], [label for _, label in pairs]


def _folds(texts: Sequence[str], truth: Rows, folds: int, seed: int) -> Rows:
    """The fold of each row; a text that stands in several rows is in one fold only."""
    split = StratifiedKFold(folds, shuffle=True, random_state=seed).split(truth, truth)
    fold_of = np.zeros(len(truth), dtype=np.int64)
    for fold, (_, test) in enumerate(split):
        fold_of[test] = fold
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        fold_of[row] = fold_of[first.setdefault(text.strip(), row)]
    return fold_of


def _figures(
    classes: tuple[str, ...],
    truth: Rows,
    sure: NDArray[np.float32],
    fold_of: Rows,
    settings: MachineSettings,
) -> dict[str, Any]:
    predicted = sure.argmax(axis=1)
    right = predicted == truth

    def f1(rows: Rows) -> float:
        return _macro_f1(truth[rows], predicted[rows], len(classes))

    by_fold = [np.flatnonzero(fold_of == fold) for fold in np.unique(fold_of)]
    return {
        "rows": len(truth),
        "classes": {name: int((truth == at).sum()) for at, name in enumerate(classes)},
        "accuracy": asdict(
            bootstrap(lambda rows: float(right[rows].mean()), len(truth), seed=1, rounds=DRAWS)
        ),
        "macro_f1": asdict(bootstrap(f1, len(truth), seed=1, rounds=DRAWS)),
        "worst_fold": {
            "accuracy": min(float(right[rows].mean()) for rows in by_fold),
            "macro_f1": min(f1(rows) for rows in by_fold),
        },
        "calibration_error": calibration_error(right, sure.max(axis=1)),
        "folds": len(by_fold),
        "seed": settings.seed,
    }


def _macro_f1(truth: Rows, predicted: Rows, classes: int) -> float:
    table = np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)
    both = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(2 * np.diag(table) / np.maximum(both, 1)))


# -- our own messages, kept apart ------------------------------------------------------------------


def measure_own(
    classifier: MoodClassifier, phrases: Sequence[MoodPhrase], encoder: Encoder
) -> dict[str, Any]:
    """Figures on messages that the classifier was not trained on, each language apart."""
    return {
        language: _own_figures(
            classifier, [one for one in phrases if one.language == language], encoder
        )
        for language in LANGUAGES
    }


def _own_figures(
    classifier: MoodClassifier, phrases: Sequence[MoodPhrase], encoder: Encoder
) -> dict[str, Any]:
    texts = [phrase.text for phrase in phrases]
    moods = classifier.judge(texts, encoder.encode_questions(texts))
    angry = np.array([phrase.angry for phrase in phrases])
    urgent = [phrase.urgent for phrase in phrases]
    called = np.array([mood.name == ANGRY for mood in moods])
    by_words = np.array([mood_of(text).name == ANGRY for text in texts])
    levels = [phrase.level for phrase in phrases]
    found = [mood.level for mood in moods]
    return {
        "messages": len(phrases),
        "level_accuracy": float(np.mean([a == b for a, b in zip(levels, found, strict=True)])),
        "level_macro_f1": macro_f1(levels, found),
        "anger_found": share(called[angry]),
        "anger_found_by_words_alone": share(by_words[angry]),
        "false_anger": share(called[~angry]),
        "anger_auc": area_under_roc(angry, [mood.points for mood in moods]),
        "urgency_auc": area_under_roc(urgent, [mood.urgency for mood in moods]),
    }


def share(flags: NDArray[np.bool_]) -> dict[str, float | int]:
    """A share with its exact 95 % interval."""
    count, total = int(flags.sum()), len(flags)
    low, high = clopper_pearson(count, total)
    return {"value": count / max(total, 1), "low": low, "high": high, "of": total}


def false_anger(
    calm: Sequence[str],
    train: Callable[[Sequence[str]], MoodClassifier],
    encoder: Encoder,
    *,
    folds: int = 5,
    seed: int = 1,
    progress: Progress = silent,
) -> NDArray[np.bool_]:
    """Whether each calm phrase is called angry by a classifier that was not trained on it.

    Args:
        train: makes a classifier from calm phrases.
    """
    fold_of = np.random.default_rng(seed).integers(0, folds, len(calm))
    called = np.zeros(len(calm), dtype=bool)
    for fold in range(folds):
        progress("folds", fold, folds)
        classifier = train([text for text, at in zip(calm, fold_of, strict=True) if at != fold])
        asked = [text for text, at in zip(calm, fold_of, strict=True) if at == fold]
        moods = classifier.judge(asked, encoder.encode_questions(asked))
        called[fold_of == fold] = [mood.name == ANGRY for mood in moods]
    progress("folds", folds, folds)
    return called


def measure_shop(
    shop_folder: Path, encoder: Encoder, progress: Progress = silent
) -> dict[str, Any]:
    """What ships, on our own messages kept apart, and false anger on a shop's plain phrases.

    Raises:
        LabelledTextRefused: the shop has no phrases.
        ShopRefused: the shop cannot be read.
    """
    phrases, published = calm_phrases(shop_folder)
    classifier = train_moods(encoder, [*published, *phrases], progress=progress)
    called = false_anger(
        phrases,
        lambda calm: train_moods(encoder, [*published, *calm]),
        encoder,
        progress=progress,
    )
    languages = np.array([language_of(text) for text in phrases])
    return {
        "own_messages_kept_apart": measure_own(classifier, own_phrases(held_out=True), encoder),
        "false_anger_on_plain_phrases": {
            language: share(called[languages == language]) for language in LANGUAGES
        },
        "called_angry": [text for text, flag in zip(phrases, called, strict=True) if flag],
    }
