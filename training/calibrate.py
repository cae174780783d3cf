"""Fits probabilities to what happened, and picks the threshold that keeps a promised error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from bot.answering.calibration import Calibration
from training.metrics import clopper_pearson

# Strength of the pull towards small weights: what 1,000 examples need least and 50 need most.
INVERSE_REGULARISATION = 1.0
# When nothing or everything happened, probabilities stay this far from 0 and 1 (Laplace's rule).
FEW_EXAMPLES = 2.0
NEVER = 1.01  # a threshold that no probability reaches
# Labels count as wrong only where that explains them better by so much (of the logarithm of their
# likelihood), and where at least one in twenty is.
LEAST_EVIDENCE, HIGHEST_CEILING = 5.0, 0.95


@dataclass(frozen=True, slots=True)
class Usual:
    """Slopes that are usual, to which a fit on few examples is pulled.

    Attributes:
        slopes: of each input, in spreads of it, for each outcome, (inputs, outcomes).
        worth: how many times as strong this pull is as the one towards small weights.
    """

    slopes: NDArray[np.float64]
    worth: float

    def pulls(self) -> list[Pull]:
        """Both pulls as one, for each outcome."""
        strength = 1.0 + self.worth
        return [Pull(slopes * self.worth / strength, strength) for slopes in self.slopes.T]


@dataclass(frozen=True, slots=True)
class Pull:
    """Slopes that a fit is pulled to, (inputs,), and by how many times the pull to small ones."""

    slopes: NDArray[np.float64]
    strength: float


def calibrate(
    inputs: NDArray[np.float64],
    outcomes: NDArray[np.bool_],
    weights: NDArray[np.float64] | None = None,
    told: NDArray[np.bool_] | None = None,
    ceilings: Sequence[float] | None = None,
    usual: Usual | None = None,
) -> Calibration:
    """Fit one logistic model for each outcome.

    Args:
        inputs: (n, inputs); nan where unknown.
        outcomes: (n, outcomes), what happened.
        weights: how much each example counts, (n,); all alike when None.
        told: which examples tell of which outcome, (n, outcomes), at least one of each; all of
            every one when None.
        ceilings: of each outcome, how often it is noted where it happened; 1 when None. See
            `agreement_ceiling`.
        usual: slopes to start from; none when None.
    """
    counts = np.ones(len(inputs)) if weights is None else weights
    tells = np.ones(outcomes.shape, dtype=bool) if told is None else told
    centre, spread = _standards(inputs)
    standard = np.nan_to_num((inputs - centre) / spread, nan=0.0)
    kinds = outcomes.shape[1]
    pulls = usual.pulls() if usual else [None] * kinds
    fitted = [
        _logistic(standard[own], happened[own], counts[own], ceiling, pull)
        for own, happened, ceiling, pull in zip(
            tells.T, outcomes.T, ceilings or [1.0] * kinds, pulls, strict=True
        )
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


def agreement_ceiling(inputs: NDArray[np.float64], agreed: NDArray[np.bool_]) -> float:
    """How often labels are right, told by how often the surest predictions agree with them.

    A prediction that is all but certain agrees with a right label; where even the surest agree with
    seven labels in ten, three in ten are wrong. A logistic model with a ceiling (psychologists'
    lapse rate) is fitted beside one without. 1 where the labels give no reason to doubt them.

    Args:
        inputs: (n, inputs); nan where unknown.
        agreed: whether the prediction was the label, (n,).
    """
    if agreed.all() or not agreed.any():
        return 1.0
    centre, spread = _standards(inputs)
    standard = np.nan_to_num((inputs - centre) / spread, nan=0.0)
    even = np.ones(len(inputs))
    start = np.append(np.zeros(inputs.shape[1] + 1), 2.0)

    def loss(free: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        return _loss(standard, agreed, even, free[:-1], float(expit(free[-1])))

    plain = minimize(lambda free: _without_last(*loss(np.append(free, 30.0))), start[:-1], jac=True)
    capped = minimize(loss, start, jac=True)
    ceiling = float(expit(capped.x[-1]))
    return ceiling if plain.fun - capped.fun > LEAST_EVIDENCE and ceiling < HIGHEST_CEILING else 1.0


def _without_last(value: float, slope: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    return value, slope[:-1]


def _loss(
    standard: NDArray[np.float64],
    happened: NDArray[np.bool_],
    counts: NDArray[np.float64],
    free: NDArray[np.float64],
    ceiling: float,
    pull: Pull | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """Penalised loss of a logistic model under a ceiling, and its slopes.

    Args:
        free: the weights of the inputs, then the bias.

    Returns:
        The slopes are those of `free`, then that of the ceiling's log-odds.
    """
    chance = expit(standard @ free[:-1] + free[-1])
    noted = np.clip(ceiling * chance, 1e-9, 1 - 1e-9)
    value = -(counts * np.where(happened, np.log(noted), np.log1p(-noted))).sum()
    # d loss / d log(noted), of which both the logit and the ceiling are parts.
    by_log = counts * np.where(happened, -1.0, noted / (1 - noted))
    by_logit = by_log * (1 - chance)
    slopes = np.append(by_logit @ standard, [by_logit.sum(), by_log.sum() * (1 - ceiling)])
    away = free[:-1] if pull is None else free[:-1] - pull.slopes
    strength = (1.0 if pull is None else pull.strength) / INVERSE_REGULARISATION
    slopes[:-2] += strength * away
    return float(value + strength * (away @ away) / 2), slopes


def _logistic(
    standard: NDArray[np.float64],
    happened: NDArray[np.bool_],
    counts: NDArray[np.float64],
    ceiling: float = 1.0,
    pull: Pull | None = None,
) -> tuple[NDArray[np.float64], float]:
    total, share = counts.sum(), (counts * happened).sum()
    if happened.all() or not happened.any():
        chance = (share + FEW_EXAMPLES / 2) / (total + FEW_EXAMPLES)
        return np.zeros(standard.shape[1]), float(np.log(chance / (1 - chance)))
    if ceiling < 1.0 or pull is not None:
        found = minimize(
            lambda free: _without_last(*_loss(standard, happened, counts, free, ceiling, pull)),
            np.zeros(standard.shape[1] + 1),
            jac=True,
        )
        return found.x[:-1], float(found.x[-1])
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
    ceiling: float = 1.0,
    least: float = 0.0,
) -> ThresholdChoice:
    """The lowest threshold that keeps the promise, with one wrong answer more than was seen.

    The extra one is the correction of conformal risk control (Angelopoulos and others, 2022): the
    next question may be the wrong one. When nothing keeps the promise, nothing is answered.

    Args:
        ceiling: how often what is right was noted as right; see `agreement_ceiling`.
        least: no threshold is lower.
    """
    counts = np.ones(len(right)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not counts.any():
        return ThresholdChoice(NEVER, 0.0, 0.0, 0.0, 1.0)
    order = np.argsort(-confidence, kind="stable")
    sure, weight = confidence[order], counts[order]
    answered = np.cumsum(weight)
    wrong = np.maximum(answered - np.cumsum(weight * right[order]) / ceiling, 0.0)
    heaviest = counts.max()
    keeps = (wrong + heaviest) / (answered + heaviest) <= promised_wrong
    keeps &= np.append(sure[:-1] != sure[1:], True)[: len(sure)]
    keeps &= sure >= least
    if not keeps.any():
        return ThresholdChoice(NEVER, 0.0, 0.0, 0.0, 1.0)
    last = int(np.flatnonzero(keeps)[-1])
    share = float(wrong[last] / answered[last])
    effective = round(float(answered[last] ** 2 / (weight[: last + 1] ** 2).sum()))
    low, high = clopper_pearson(round(share * effective), effective)
    return ThresholdChoice(
        float(sure[last]), float(answered[last] / counts.sum()), share, low, high
    )
