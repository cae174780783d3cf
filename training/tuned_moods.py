"""A second opinion on labels of texts: an encoder's layers fine-tuned on them.

It stands beside the machine and is heard only where that makes texts that neither learnt likelier.
Moods are few classes with many texts each: unlike for intents, all layers of a small encoder learn,
slowly, and after three passes it begins to learn by heart (docs/measurements/moods.md).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from bot.answering.text_machine import softmax
from bot.answering.tuned_encoder import Asked, TunedEncoder, asked_about, log_shares
from training.fit_text_machine import sharpness_for
from training.prepare_shop import digest_of
from training.progress import Progress
from training.tune_encoder import Tuned, TuningRecipe, short_numbers, tune
from training.tuned_intents import LEAST_GAIN, LEAST_PHRASES, Tunable

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

MOST_ROWS = 8_000  # of one language; seven thousand tweets take a quarter of an hour of one core
MOST_LAYERS = 6
VERSION = 1  # changes when the same texts would be told in another way
KEPT_FILES = 200
WEIGHTS = (0.2, 0.3, 0.5, 0.7, 1.0, 1.5)  # of an opinion, beside the machine's 1


def recipe_for_labels(layers: int) -> TuningRecipe:
    """How an encoder of so many layers is tuned; its weight is chosen later, see `heard`."""
    return TuningRecipe(
        min(layers, MOST_LAYERS), 1e-4, 3, 32, contrast=0.0, averaged=0.0, moved=0.0, weight=0.0
    )


@dataclass(frozen=True)
class Opinion:
    """What fine-tuned layers said of texts that they had not learnt.

    Attributes:
        asked: which texts they are asked about.
        encoder: name of the encoder that was tuned.
        rows: the texts, by their place, (m,).
        logs: logarithms of the shares of the classes, (m, k).
    """

    asked: Asked
    encoder: str
    rows: Rows
    logs: Floats


def opinions_of(
    texts: Sequence[str],
    truth: Rows,
    fold_of: Rows,
    tunable: Sequence[Tunable],
    seed: int,
    progress: Progress,
) -> list[Opinion]:
    """Ask each encoder, tuned on the other folds alone, about every text of its languages.

    Args:
        truth: the class of each text, from 0 on, (n,).
        fold_of: the fold of each text, (n,).
        tunable: where one has too few texts, or more than can be learnt in an hour, it is left out.
        seed: of dropout and the order of texts.
    """
    found = []
    for one in tunable:
        rows = np.array(
            [row for row, text in enumerate(texts) if asked_about(text, one.asked)], dtype=np.int64
        )
        if LEAST_PHRASES <= len(rows) <= MOST_ROWS and len(set(truth[rows].tolist())) > 1:
            logs = _cross_tuned(one, texts, truth, fold_of, rows, seed, progress)
            found.append(Opinion(one.asked, one.encoder.name, rows, logs))
    return found


def _cross_tuned(
    one: Tunable,
    texts: Sequence[str],
    truth: Rows,
    fold_of: Rows,
    rows: Rows,
    seed: int,
    progress: Progress,
) -> Floats:
    classes = int(truth.max()) + 1
    logs = np.zeros((len(rows), classes), dtype=np.float32)
    folds = np.unique(fold_of[rows])
    for at, fold in enumerate(folds):
        own = fold_of[rows] == fold
        learnt = rows[~own]

        def say(done: int, total: int, before: int = at) -> None:
            progress("fine-tune", before * total + done, len(folds) * total)

        lesson = Lesson(
            tuple(texts[row] for row in learnt), truth[learnt], classes, seed,
            tuple(texts[row] for row in rows[own]),
        )  # fmt: skip
        logs[own] = _said(one, lesson, say)
    return logs


@dataclass(frozen=True)
class Lesson:
    """What is learnt, and which texts are asked then.

    Attributes:
        texts, labels: what is learnt, (n,), labels from 0 to `classes` - 1.
        asked: other texts.
    """

    texts: tuple[str, ...]
    labels: Rows
    classes: int
    seed: int
    asked: tuple[str, ...]

    def digest(self, one: Tunable) -> str:
        """What the answers depend on."""
        recipe = asdict(recipe_for_labels(one.layers))
        made = [VERSION, one.encoder.digest, self.seed, recipe, short_numbers()]
        learnt = [self.classes, self.texts, self.labels.tolist(), self.asked]
        return digest_of([json.dumps([*made, *learnt])])


def _said(one: Tunable, lesson: Lesson, progress: Callable[[int, int], None]) -> Floats:
    """What a tuned encoder says of the texts asked; kept, so that a measurement goes on."""
    path = one.kept.parent / "opinions" / f"{lesson.digest(one)}.safetensors"
    shape = (len(lesson.asked), lesson.classes)
    try:
        logs: Floats = load_file(path)["logs"]
        if logs.shape == shape:
            return logs
    except (OSError, SafetensorError, KeyError):
        pass  # not kept, or not whole
    made = _tuned(one, lesson, progress)
    layers = TunedEncoder(one.encoder, one.asked, made.graph, path.stem, made.prototypes)
    logs = log_shares(layers.nearness(lesson.asked))
    _keep(path, logs)
    return logs


def _keep(path: Path, logs: Floats) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    save_file({"logs": np.ascontiguousarray(logs)}, fresh)
    fresh.replace(path)
    by_age = sorted(path.parent.glob("*.safetensors"), key=lambda one: one.stat().st_mtime)
    for old in by_age[: max(0, len(by_age) - KEPT_FILES)]:
        old.unlink(missing_ok=True)


def _tuned(one: Tunable, lesson: Lesson, progress: Callable[[int, int], None]) -> Tuned:
    return tune(
        one.encoder.question_tokens(lesson.texts),
        lesson.labels,
        lesson.classes,
        one.float_folder,
        one.products,
        recipe_for_labels(one.layers),
        lesson.seed,
        progress,
    )


@dataclass(frozen=True)
class Heard:
    """Scores of a machine with the opinions that gain.

    Attributes:
        sure: probabilities, (n, k).
        weights: of each opinion, its mean over the folds; 0 where none took it.
    """

    sure: Floats
    weights: tuple[float, ...]


def heard(scores: Floats, opinions: Sequence[Opinion], truth: Rows, fold_of: Rows) -> Heard:
    """Add opinions to a machine's scores and calibrate: each fold as the others want it.

    Args:
        scores: of a machine, each row by one that did not learn it, (n, k).
    """
    sure = np.zeros_like(scores)
    weights = []
    for fold in np.unique(fold_of):
        others, own = fold_of != fold, fold_of == fold
        mixed, taken = scores.copy(), []
        for one in opinions:
            known = others[one.rows]
            taken.append(weight_for(scores[one.rows][known], one.logs[known],
                                    truth[one.rows][known]))  # fmt: skip
            mixed[one.rows] += taken[-1] * one.logs
        weights.append(taken)
        sure[own] = softmax(sharpness_for(mixed[others], truth[others]) * mixed[own])
    return Heard(sure, tuple(np.mean(weights, axis=0).tolist()))


def weight_for(scores: Floats, logs: Floats, truth: Rows) -> float:
    """The weight of an opinion under which the truth is likeliest; 0 where that gains too little.

    Both are compared at the sharpness that suits them best.
    """
    losses = [_loss(scores + weight * logs, truth) for weight in WEIGHTS]
    best = int(np.argmin(losses))
    return WEIGHTS[best] if losses[best] < (1.0 - LEAST_GAIN) * _loss(scores, truth) else 0.0


def _loss(scores: Floats, truth: Rows) -> float:
    logs = log_shares(sharpness_for(scores, truth) * scores)
    return float(-logs[np.arange(len(truth)), truth].mean())
