"""Fits how sure an intent is, by what heads said about phrases they had not seen.

Two opinions are fitted, and their mean serves. One logistic model tells what is right from all that
is not; it is shown as much out of scope as is feared, by which it tells that better, and is then
brought back to the share that is expected. The other is two models: whether the intent is right
where the question is in scope, and whether it is. On public sets either alone loses somewhere, and
the mean nowhere: docs/measurements/confidence.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from bot.answering.calibration import Calibration
from training.calibrate import calibrate
from training.unseen import Unseen, feared

NEARLY = 1e-12  # so near 0 and 1 odds are told apart


def calibrate_intents(unseen: Unseen, weights: NDArray[np.float64]) -> Calibration:
    """Fit the outcomes of `bot.answering.intent_classifier.OUTCOMES`, in their order.

    Args:
        weights: how much each text counts, with what is out of scope as often as expected, (n,).
    """
    ceiling = unseen.labels_right()
    all_told = calibrate(
        unseen.features,
        np.stack([unseen.right, unseen.outside], axis=1),
        weights,
        told=np.stack([~unseen.outside, np.ones(len(weights), dtype=bool)], axis=1),
        ceilings=(ceiling, 1.0),
    )
    slopes, bias = _wary(unseen, weights, ceiling)
    return Calibration(
        all_told.centre,
        all_told.spread,
        np.column_stack([slopes, all_told.weights]),
        np.append(bias, all_told.bias),
    )


def _wary(
    unseen: Unseen, weights: NDArray[np.float64], ceiling: float
) -> tuple[NDArray[np.float64], float]:
    """Slopes and bias of what is right, learnt from more out of scope than is expected."""
    right = unseen.right[:, None]
    wary = calibrate(unseen.features, right, feared(unseen, weights), ceilings=(ceiling,))
    chances = np.clip(wary.probabilities(unseen.features), NEARLY, 1.0 - NEARLY)
    back = calibrate(logit(chances), right, weights, ceilings=(ceiling,))
    slope = float(back.weights[0, 0] / back.spread[0])
    bias = float(back.bias[0] - back.centre[0] * slope)
    return wary.weights[:, 0] * slope, float(wary.bias[0] * slope + bias)
