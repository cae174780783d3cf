"""The bar for answers: where the share of wrong ones, drawn smooth, meets the promise.

Few of the questions that a shop asks itself are wrong near the bar, so their plain share jumps from
one to the next, and the bar with it: drawn from other phrasings it lies elsewhere. Here a line is
fitted through all of them (Platt, 1999), and the bar lies where that line keeps the promise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.calibrate import NEVER, ThresholdChoice, calibrate
from training.metrics import clopper_pearson

# A chance further out than this says no more than that it is sure.
SUREST = 0.9999


def answer_bar(
    right: NDArray[np.bool_],
    confidence: NDArray[np.float64],
    promised_wrong: float,
    weights: NDArray[np.float64],
    texts: Sequence[str],
) -> ThresholdChoice:
    """The lowest bar above which the fitted share of wrong answers, and one more, is promised.

    Args:
        right: whether each answer would be, (n,).
        confidence: of each, from a fit that did not see it, (n,).
        weights: how much each question counts, (n,).
        texts: the questions; one that was asked several times counts once in the interval.

    Returns:
        The share of wrong answers in it is what was seen, not what was fitted.
    """
    if not weights.any():
        return ThresholdChoice(NEVER, 0.0, 0.0, 0.0, 1.0)
    order = np.argsort(-confidence, kind="stable")
    sure, weight = confidence[order], weights[order]
    answered = np.cumsum(weight)
    wrong = np.cumsum(weight * (1.0 - _fitted(right, confidence, weights)[order]))
    one = weights.mean()
    keeps = (wrong + one) / (answered + one) <= promised_wrong
    keeps &= np.append(sure[:-1] != sure[1:], True)[: len(sure)]
    if not keeps.any():
        return ThresholdChoice(NEVER, 0.0, 0.0, 0.0, 1.0)
    last = int(np.flatnonzero(keeps)[-1])
    above = order[: last + 1]
    share = float((weights[above] * ~right[above]).sum() / answered[last])
    effective = _questions(weights[above], [texts[at] for at in above])
    low, high = clopper_pearson(round(share * effective), effective)
    return ThresholdChoice(
        float(sure[last]), float(answered[last] / weights.sum()), share, low, high
    )


def _fitted(
    right: NDArray[np.bool_], confidence: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The chance that each is right in this mixture: a line through the log-odds."""
    kept = np.clip(confidence, 1.0 - SUREST, SUREST)
    odds = np.log(kept / (1.0 - kept))[:, None]
    return calibrate(odds, right[:, None], weights).probabilities(odds)[:, 0]


def _questions(weights: NDArray[np.float64], texts: Sequence[str]) -> int:
    """To how many questions of one weight these amount (Kish), each text counted once."""
    _, group = np.unique(np.array(texts, dtype=object), return_inverse=True)
    each = np.bincount(group, weights)
    return round(float(each.sum() ** 2 / (each**2).sum()))
