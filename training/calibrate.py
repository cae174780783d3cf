"""Fits probabilities to what happened, and picks the threshold that keeps a promised error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.answering.calibration import Calibration
from training.metrics import clopper_pearson

# Strength of the pull towards small weights: what 1,000 examples need least and 50 need most.
INVERSE_REGULARISATION = 1.0
# When nothing or everything happened, probabilities stay this far from 0 and 1 (Laplace's rule).
FEW_EXAMPLES = 2.0
NEVER = 1.01  # a threshold that no probability reaches


def calibrate(
    inputs: NDArray[np.float64],
    outcomes: NDArray[np.bool_],
    weights: NDArray[np.float64] | None = None,
    told: NDArray[np.bool_] | None = None,
) -> Calibration:
    """Fit one logistic model for each outcome.

    Args:
        inputs: (n, inputs); nan where unknown.
        outcomes: (n, outcomes), what happened.
        weights: how much each example counts, (n,); all alike when None.
        told: which examples tell of which outcome, (n, outcomes), at least one of each; all of
            every one when None.
    """
    counts = np.ones(len(inputs)) if weights is None else weights
    tells = np.ones(outcomes.shape, dtype=bool) if told is None else told
    centre, spread = _standards(inputs)
    standard = np.nan_to_num((inputs - centre) / spread, nan=0.0)
    fitted = [
        _logistic(standard[own], happened[own], counts[own])
        for own, happened in zip(tells.T, outcomes.T, strict=True)
    ]
    return Calibration(
        centre,
        spread,
        np.stack([slopes for slopes, _ in fitted], axis=1),
        np.array([bias for _, bias in fitted]),
    )


def _standards(inputs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = np.isfinite(inputs)
    filled = np.where(known, inputs, 0.0)
    counts = np.maximum(known.sum(axis=0), 1)
    centre = filled.sum(axis=0) / counts
    spread = np.sqrt((np.where(known, inputs - centre, 0.0) ** 2).sum(axis=0) / counts)
    return centre, np.where(spread > 1e-9, spread, 1.0)


def _logistic(
    standard: NDArray[np.float64], happened: NDArray[np.bool_], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    total, share = counts.sum(), (counts * happened).sum()
    if happened.all() or not happened.any():
        chance = (share + FEW_EXAMPLES / 2) / (total + FEW_EXAMPLES)
        return np.zeros(standard.shape[1]), float(np.log(chance / (1 - chance)))
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000)
    model.fit(standard, happened, sample_weight=counts)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """A threshold and what it led to where it was chosen.

    Attributes:
        at: the least probability to answer.
        answered: share of the questions at or above it.
        wrong: share of wrong ones among those.
        low, high: its 95 % interval (Clopper-Pearson, on the effective number of questions).
    """

    at: float
    answered: float
    wrong: float
    low: float
    high: float


def threshold_for(
    right: NDArray[np.bool_],
    confidence: NDArray[np.float64],
    promised_wrong: float,
    weights: NDArray[np.float64] | None = None,
) -> ThresholdChoice:
    """The lowest threshold that keeps the promise, with one wrong answer more than was seen.

    The extra one is the correction of conformal risk control (Angelopoulos and others, 2022): the
    next question may be the wrong one. When nothing keeps the promise, nothing is answered.
    """
    counts = np.ones(len(right)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not counts.any():
        return ThresholdChoice(NEVER, 0.0, 0.0, 0.0, 1.0)
    order = np.argsort(-confidence, kind="stable")
    sure, weight = confidence[order], counts[order]
    answered, wrong = np.cumsum(weight), np.cumsum(weight * ~right[order])
    heaviest = counts.max()
    keeps = (wrong + heaviest) / (answered + heaviest) <= promised_wrong
    keeps &= np.append(sure[:-1] != sure[1:], True)[: len(sure)]
    if not keeps.any():
        return ThresholdChoice(NEVER, 0.0, 0.0, 0.0, 1.0)
    last = int(np.flatnonzero(keeps)[-1])
    share = float(wrong[last] / answered[last])
    effective = round(float(answered[last] ** 2 / (weight[: last + 1] ** 2).sum()))
    low, high = clopper_pearson(round(share * effective), effective)
    return ThresholdChoice(
        float(sure[last]), float(answered[last] / counts.sum()), share, low, high
    )
