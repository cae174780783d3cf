"""Fits how sure an intent is, by what heads said about phrases they had not seen.

Two opinions are fitted, and their mean serves. One logistic model tells what is right from all that
is not; it is shown as much out of scope as is feared, by which it tells that better, and is then
brought back to the share that is expected. The other is two models: whether the intent is right
where the question is in scope, and whether it is. On public sets either alone loses somewhere, and
the mean nowhere: docs/measurements/confidence.md.

A shop with few phrases cannot tell eleven slopes from them. They are pulled to those that are
usual, the more the more phrases lack of `ENOUGH_PHRASES`, and not at all where none does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from bot.answering.calibration import Calibration
from bot.answering.intent_classifier import FEATURES
from training.calibrate import Usual, calibrate
from training.unseen import Unseen, feared

NEARLY = 1e-12  # so near 0 and 1 odds are told apart
ENOUGH_PHRASES = 600.0
WORTH = 0.5  # of each phrase that lacks, beside one that is there
# In spreads of an input. Round numbers: those that shops drawn from public sets have lie about them
# (docs/measurements/confidence.md), and nothing else of those sets is in here.
USUAL = {
    "right": {"gap": 1.0, "share": 2.0, "rejection": -1.0},
    "right_inside": {"gap": 1.0, "share": 2.0},
    "outside": {"rejection": 2.0},
}


def calibrate_intents(
    unseen: Unseen, weights: NDArray[np.float64], ceiling: float | None = None
) -> Calibration:
    """Fit the outcomes of `bot.answering.intent_classifier.OUTCOMES`, in their order.

    Args:
        weights: how much each text counts, with what is out of scope as often as expected, (n,).
            Those in scope add up to how many phrases there are, however often each was asked.
        ceiling: share of the labels in scope that are right; as `unseen` tells it when None.
    """
    ceiling = unseen.labels_right() if ceiling is None else ceiling
    all_told = calibrate(
        unseen.features,
        np.stack([unseen.right, unseen.outside], axis=1),
        weights,
        told=np.stack([~unseen.outside, np.ones(len(weights), dtype=bool)], axis=1),
        ceilings=(ceiling, 1.0),
        usual=_usual(("right_inside", "outside"), unseen, weights),
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
    wary = calibrate(
        unseen.features,
        right,
        feared(unseen, weights),
        ceilings=(ceiling,),
        usual=_usual(("right",), unseen, weights),
    )
    chances = np.clip(wary.probabilities(unseen.features), NEARLY, 1.0 - NEARLY)
    back = calibrate(logit(chances), right, weights, ceilings=(ceiling,))
    slope = float(back.weights[0, 0] / back.spread[0])
    bias = float(back.bias[0] - back.centre[0] * slope)
    return wary.weights[:, 0] * slope, float(wary.bias[0] * slope + bias)


def _usual(outcomes: Sequence[str], unseen: Unseen, weights: NDArray[np.float64]) -> Usual | None:
    """What is usual for some outcomes; None where there are phrases enough."""
    phrases = max(float(weights[~unseen.outside].sum()), 1.0)
    if phrases >= ENOUGH_PHRASES:
        return None
    slopes = [[USUAL[outcome].get(name, 0.0) for outcome in outcomes] for name in FEATURES]
    return Usual(np.array(slopes), WORTH * (ENOUGH_PHRASES - phrases) / phrases)
