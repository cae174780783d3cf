"""Compares two trainings of a shop that keeps no phrases apart.

Each is judged by what it said of its phrases in cross-validation, before it had learnt them; a
trained model keeps that in its manifest. Phrases that both files give the same intent are compared
one by one. Where there are too few of these, as after a column was sorted and the one beside it was
not, the shares are compared, as long as most intents are still called the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.intent_classifier import IntentClassifier
from training.metrics import Comparison, Interval, bootstrap
from training.unseen import UNSEEN

LEAST_PAIRS = 50
LEAST_SHARED = 0.5  # of the intents' names, for shares to be about the same thing
ROUNDS = 1_000

Said = tuple[NDArray[np.float64], NDArray[np.float64]]  # right, and confidence


def compare_unseen(old: IntentClassifier, new: IntentClassifier) -> Comparison | None:
    """The new model minus the old one, by their manifests; None where nothing can be compared."""
    theirs, ours = _said(old), _said(new)
    both = sorted(theirs.keys() & ours.keys())
    if len(both) >= LEAST_PAIRS:
        before, after = _columns(theirs, both), _columns(ours, both)
        gained, saved = after[0] - before[0], _errors(before) - _errors(after)
        return Comparison(
            len(both),
            bootstrap(lambda rows: float(gained[rows].mean()), len(both), seed=1),
            bootstrap(lambda rows: float(saved[rows].mean()), len(both), seed=1),
        )
    few = min(len(theirs), len(ours)) < LEAST_PAIRS
    return None if few or not _about_the_same(old, new) else _by_shares(theirs, ours)


def _by_shares(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Comparison:
    before, after = _columns(theirs, sorted(theirs)), _columns(ours, sorted(ours))
    return Comparison(
        len(ours),
        _difference(after[0], before[0]),
        _difference(-_errors(after), -_errors(before)),
    )


def _difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Interval:
    """The difference of two means of different phrases, with its 95 % interval."""
    chance = np.random.default_rng(1)
    drawn = [
        float(chance.choice(ours, len(ours)).mean() - chance.choice(theirs, len(theirs)).mean())
        for _ in range(ROUNDS)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(ours.mean() - theirs.mean()), float(low), float(high))


def _about_the_same(old: IntentClassifier, new: IntentClassifier) -> bool:
    shared, all_ = set(old.intents) & set(new.intents), set(old.intents) | set(new.intents)
    return len(shared) >= LEAST_SHARED * len(all_)


def _said(model: IntentClassifier) -> Mapping[str, Any]:
    said = model.made_from.get(UNSEEN)
    return said if isinstance(said, Mapping) else {}


def _columns(said: Mapping[str, Any], keys: Sequence[str]) -> Said:
    table = np.array([said[key] for key in keys], dtype=np.float64)
    return table[:, 0], table[:, 1]


def _errors(said: Said) -> NDArray[np.float64]:
    """How far each confidence was from the truth, squared."""
    return np.asarray((said[0] - said[1]) ** 2)
