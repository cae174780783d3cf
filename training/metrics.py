"""Figures that say how good a model is. numpy only; every function is pure.

`right` is always one truth value per question, `confidence` the claimed probability of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def accuracy(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Share of equal labels; 0 for nothing."""
    return float(np.mean([a == b for a, b in zip(truth, predicted, strict=True)])) if truth else 0.0


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Mean F1 over every label that occurs in either; 0 for nothing."""
    hits = Counter(a for a, b in zip(truth, predicted, strict=True) if a == b)
    sizes = Counter(truth) + Counter(predicted)
    scores = [2 * hits[label] / size for label, size in sizes.items()]
    return float(np.mean(scores)) if scores else 0.0


def area_under_roc(positive: ArrayLike, score: ArrayLike) -> float:
    """Probability that a positive scores above a negative, ties count half; nan without both."""
    flags, scores = np.asarray(positive, dtype=bool), np.asarray(score, dtype=np.float64)
    ups, downs = int(flags.sum()), int((~flags).sum())
    if not ups or not downs:
        return float("nan")
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[group]
    return float((ranks[flags].sum() - ups * (ups + 1) / 2) / (ups * downs))


def matthews(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Multi-class Matthews correlation (Gorodkin's R_K) in [-1, 1]; 0 where it is undefined."""
    trues, said = Counter(truth), Counter(predicted)
    total = len(truth)
    hits = sum(a == b for a, b in zip(truth, predicted, strict=True))
    upper = hits * total - sum(count * said[label] for label, count in trues.items())
    true_part = total**2 - sum(count**2 for count in trues.values())
    said_part = total**2 - sum(count**2 for count in said.values())
    return float(upper / np.sqrt(float(true_part) * said_part)) if true_part and said_part else 0.0


def best_matthews(
    truth: Sequence[str], predicted: Sequence[str], confidence: ArrayLike, none: str
) -> tuple[float, float]:
    """Highest Matthews correlation over thresholds below which `none` is said, and that threshold.

    At most 100 thresholds are tried, at quantiles of the confidence.
    """
    sure = np.asarray(confidence, dtype=np.float64)
    tried = np.unique(np.quantile(sure, np.linspace(0, 1, 100))) if len(sure) else np.zeros(1)
    said = [
        [label if p >= at else none for label, p in zip(predicted, sure, strict=True)]
        for at in tried
    ]
    values = [matthews(truth, one) for one in said]
    best = int(np.argmax(values))
    return values[best], float(tried[best])


def calibration_error(
    right: ArrayLike, confidence: ArrayLike, bins: int = 15, weights: ArrayLike | None = None
) -> float:
    """Expected calibration error over bins of equal width, (low, high] as is usual.

    Args:
        weights: how much each question counts; all alike when None.
    """
    found = reliability(right, confidence, bins, weights)
    return float(sum(one.share * abs(one.right - one.claimed) for one in found))


def calibration_error_by_chance(
    confidence: ArrayLike, bins: int = 15, *, seed: int = 1, rounds: int = 200
) -> float:
    """The calibration error to expect if every claim were exactly true: chance alone, in few rows.

    An error no larger than this shows nothing; of one that is larger, about the difference of the
    squares is real.
    """
    sure = np.asarray(confidence, dtype=np.float64)
    chance = np.random.default_rng(seed)
    drawn = [calibration_error(chance.random(len(sure)) < sure, sure, bins) for _ in range(rounds)]
    return float(np.mean(drawn))


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram: claimed against true, and its share of all questions."""

    low: float
    high: float
    claimed: float
    right: float
    share: float


def reliability(
    right: ArrayLike, confidence: ArrayLike, bins: int = 15, weights: ArrayLike | None = None
) -> list[Bin]:
    """The bars of a reliability diagram, empty ones left out."""
    flags, sure = np.asarray(right, dtype=np.float64), np.asarray(confidence, dtype=np.float64)
    counts = np.ones(len(flags)) if weights is None else np.asarray(weights, dtype=np.float64)
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for at in range(bins):
        own = place == at
        if (weight := counts[own].sum()) > 0:
            claimed = float(np.average(sure[own], weights=counts[own]))
            true = float(np.average(flags[own], weights=counts[own]))
            share = float(weight / counts.sum())
            found.append(Bin(at / bins, (at + 1) / bins, claimed, true, share))
    return found


def brier(right: ArrayLike, confidence: ArrayLike) -> float:
    """Mean squared distance of the claimed probability from what happened."""
    return float(np.mean((np.asarray(right, float) - np.asarray(confidence, float)) ** 2))


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Answering all at or above `threshold`: how much that is, and how much of it is wrong."""

    threshold: float
    coverage: float
    risk: float


def risk_coverage(right: ArrayLike, confidence: ArrayLike) -> list[RiskPoint]:
    """One point for each distinct confidence, from the most careful threshold to the least."""
    flags, sure = np.asarray(right, dtype=bool), np.asarray(confidence, dtype=np.float64)
    order = np.argsort(-sure, kind="stable")
    wrong = np.cumsum(~flags[order])
    last = np.flatnonzero(np.diff(sure[order], append=-np.inf))
    return [
        RiskPoint(float(sure[order[i]]), (i + 1) / len(sure), float(wrong[i] / (i + 1)))
        for i in last
    ]


def area_under_risk(right: ArrayLike, confidence: ArrayLike) -> float:
    """Mean wrong share over every coverage 1/n … 1; smaller is better."""
    flags, sure = np.asarray(right, dtype=bool), np.asarray(confidence, dtype=np.float64)
    wrong = np.cumsum(~flags[np.argsort(-sure, kind="stable")])
    return float(np.mean(wrong / np.arange(1, len(sure) + 1)))


def coverage_at_risk(right: ArrayLike, confidence: ArrayLike, risk: float) -> float:
    """Highest share answered with at most this share of wrong ones among them."""
    return max(
        (p.coverage for p in risk_coverage(right, confidence) if p.risk <= risk), default=0.0
    )


def recall_at(ranked: Sequence[Sequence[str]], wanted: Sequence[str], k: int) -> float:
    """Share of questions whose wanted id is among the first k."""
    return (
        float(np.mean([one in ids[:k] for ids, one in zip(ranked, wanted, strict=True)]))
        if wanted
        else 0.0
    )


def mean_reciprocal_rank(ranked: Sequence[Sequence[str]], wanted: Sequence[str]) -> float:
    """Mean of 1 / rank of the wanted id, 0 where it is not found."""
    ranks = [
        1.0 / (list(ids).index(one) + 1) if one in ids else 0.0
        for ids, one in zip(ranked, wanted, strict=True)
    ]
    return float(np.mean(ranks)) if ranks else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """The new model minus the old one.

    Attributes:
        phrases: on how many that neither has learnt.
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


def bootstrap(
    figure: Callable[[NDArray[np.int64]], float],
    size: int,
    *,
    seed: int,
    rounds: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Percentile bootstrap of a figure.

    Args:
        figure: computes it from the positions of the questions drawn.
        size: number of questions.
    """
    every = np.arange(size)
    if not size:
        return Interval(float("nan"), float("nan"), float("nan"))
    chance = np.random.default_rng(seed)
    drawn = [figure(chance.integers(0, size, size)) for _ in range(rounds)]
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(figure(every), float(low), float(high))


def clopper_pearson(wrong: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Exact two-sided interval for a share, by bisection of the binomial distribution."""
    if total == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = (
        0.0
        if wrong == 0
        else _solve(lambda p: 1 - _at_most(wrong - 1, total, p) - tail, rising=True)
    )
    high = (
        1.0 if wrong == total else _solve(lambda p: _at_most(wrong, total, p) - tail, rising=False)
    )
    return low, high


def share_of(count: int, total: int) -> dict[str, float | None]:
    """A share with its exact interval, JSON values; none where there is nothing to count."""
    low, high = clopper_pearson(count, total)
    return {"value": count / total if total else None, "low": low, "high": high}


def _at_most(count: int, total: int, p: float) -> float:
    """Probability of at most `count` among `total` when each has probability p."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return float(count >= total)
    ks = np.arange(total + 1)
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, total + 1)))))
    terms = logs[total] - logs[ks] - logs[total - ks] + ks * np.log(p) + (total - ks) * np.log1p(-p)
    return float(np.exp(terms[: count + 1]).sum())


def _solve(excess: Callable[[float], float], *, rising: bool) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if (excess(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2
