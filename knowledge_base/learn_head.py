"""Learns the head of a version (`entry_head.py`) while it is published: in seconds, numpy alone.

A multinomial logistic regression over the centred vectors of the phrasings, and of the answers,
which say what a question about them would be about. Every fact weighs the same, however many
phrasings it has. In a large version each fact is told from its nearest rivals and from a sample of
the others, so that time grows with the number of phrasings and not with its square.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.encoder import Vectors
from knowledge_base.entry_head import EntryHead
from knowledge_base.phrasings import Progress
from knowledge_base.vector_index import Ids

# Chosen by cross-validation over phrasings: docs/decisions/0003.
COST = 10.0  # inverse strength of regularisation
ANSWER_COUNTS = 2.0  # as many phrasings as an answer counts for
EVENING = 0.1  # how far a fact with few examples is raised to those with many
LEAST_FACTS = 10
LEAST_SHARE = 0.5  # of the facts that must have two examples, or there is nothing to learn from
ROUNDS, ROUNDS_OF_MANY = 40, 20
TOLD_AT_ONCE = 600  # facts that are told from all others; beyond, in groups
GROUP, RIVALS, OTHERS = 128, 256, 256
SEED = 1
_REMEMBERED = 6  # steps from which L-BFGS learns the curvature (Nocedal, 1980)
_SHORTEST_STEP = 1e-4
_SMALLEST_GAIN = 1e-6

Gradient = Callable[[Vectors], tuple[float, Vectors]]


@dataclass(frozen=True, slots=True)
class HeadExamples:
    """What a head learns from.

    Attributes:
        phrasings: centred vectors, (n, dimensions).
        of_phrasing: the fact of each, (n,).
        answers: centred vectors of answers that tell facts apart, (m, dimensions).
        of_answer: the fact of each, (m,).
        facts: how many facts there are.
    """

    phrasings: Vectors
    of_phrasing: Ids
    answers: Vectors
    of_answer: Ids
    facts: int

    def teach(self) -> bool:
        """Tell whether there is enough to learn from."""
        owners = np.concatenate([self.of_phrasing, self.of_answer])
        counts = np.bincount(owners, minlength=self.facts)
        return self.facts >= LEAST_FACTS and float((counts >= 2).mean()) >= LEAST_SHARE


def learn_head(examples: HeadExamples, progress: Progress | None = None) -> EntryHead | None:
    """Learn to tell facts apart; None where there is too little to learn from.

    Args:
        progress: called with how many rounds are done, of how many at most.
    """
    if not examples.teach():
        return None
    vectors = np.concatenate([examples.phrasings, examples.answers]).astype(np.float32)
    owners = np.concatenate([examples.of_phrasing, examples.of_answer])
    counts = np.ones(len(vectors), dtype=np.float32)
    counts[len(examples.phrasings) :] = ANSWER_COUNTS
    totals = np.bincount(owners, counts, minlength=examples.facts).astype(np.float32)
    counts *= totals.mean() / totals[owners]
    groups = _groups(vectors, owners, examples.facts)
    loss = _Loss(vectors, owners, counts, groups, examples.facts)
    rounds = ROUNDS if len(groups) == 1 else ROUNDS_OF_MANY
    shape = (examples.facts, vectors.shape[1] + 1)
    learnt = _minimised(loss, np.zeros(shape, dtype=np.float32), rounds, progress)
    even = (totals.mean() / np.maximum(totals, 1.0)) ** EVENING
    weights = (learnt[:, :-1] * even[:, None]).astype(np.float16).astype(np.float32)
    return EntryHead(weights, np.ascontiguousarray(learnt[:, -1]))


@dataclass(frozen=True, slots=True)
class _Group:
    """Examples (rows) that are told from some facts only.

    Attributes:
        facts: their numbers.
        own: position in `facts` of the fact of each row.
        standing_for: logarithm of how many facts each of `facts` stands for; those that are drawn
            stand for those that are not, so the sum over all is guessed without bias.
    """

    rows: Ids
    facts: Ids
    own: Ids
    standing_for: Vectors


@dataclass(frozen=True, slots=True)
class _Loss:
    """Mean loss of the logistic regression; the last column of its argument is the bias."""

    vectors: Vectors
    owners: Ids
    counts: Vectors
    groups: Sequence[_Group]
    facts: int

    def __call__(self, weights: Vectors) -> tuple[float, Vectors]:
        """The loss at some weights, and its gradient of the same shape."""
        total = float(self.counts.sum())
        decay = 1.0 / (COST * total)
        gradient = decay * weights
        gradient[:, -1] = 0.0
        loss = 0.5 * decay * float((weights[:, :-1] ** 2).sum())
        for group in self.groups:
            share = self.counts[group.rows] / total
            own_loss, slopes = self._of_group(group, weights[group.facts], share)
            loss += own_loss
            gradient[group.facts] += slopes
        return loss, gradient

    def _of_group(self, group: _Group, weights: Vectors, share: Vectors) -> tuple[float, Vectors]:
        vectors = self.vectors[group.rows]
        scores = vectors @ weights[:, :-1].T + weights[:, -1] + group.standing_for
        scores -= scores.max(axis=1, keepdims=True)
        at = np.arange(len(scores))
        of_own = scores[at, group.own].copy()
        np.exp(scores, out=scores)
        sums = scores.sum(axis=1)
        loss = float((share * (np.log(sums) - of_own)).sum())
        scores /= sums[:, None]
        scores[at, group.own] -= 1.0
        scores *= share[:, None]
        slopes = np.concatenate([scores.T @ vectors, scores.sum(axis=0)[:, None]], axis=1)
        return loss, slopes


def _groups(vectors: Vectors, owners: Ids, facts: int) -> list[_Group]:
    """All examples against all facts, or like ones together against rivals and a sample."""
    if facts <= TOLD_AT_ONCE:
        everything = np.zeros(facts, dtype=np.float32)
        return [_Group(np.arange(len(vectors)), np.arange(facts), owners, everything)]
    means = np.zeros((facts, vectors.shape[1]), dtype=np.float32)
    np.add.at(means, owners, vectors)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
    chance = np.random.default_rng(SEED)
    return [
        _group(together, means, owners, chance) for together in _halved(means, np.arange(facts))
    ]


def _group(together: Ids, means: Vectors, owners: Ids, chance: np.random.Generator) -> _Group:
    nearness = means @ means[together].mean(axis=0)
    near = np.union1d(together, np.argpartition(-nearness, RIVALS)[:RIVALS])
    far = np.setdiff1d(np.arange(len(means)), near, assume_unique=True)
    drawn = chance.choice(far, min(OTHERS, len(far)), replace=False)
    facts = np.concatenate([near, drawn])
    standing_for = np.zeros(len(facts), dtype=np.float32)
    standing_for[len(near) :] = np.log(len(far) / max(len(drawn), 1))
    rows = np.flatnonzero(np.isin(owners, together))
    own = np.searchsorted(near, owners[rows])
    return _Group(rows, facts, own, standing_for)


def _halved(means: Vectors, facts: Ids) -> list[Ids]:
    """Halve facts along the line between two that are far apart, until the groups are small."""
    if len(facts) <= GROUP:
        return [facts]
    own = means[facts]
    far = own[int(np.argmin(own @ own.mean(axis=0)))]
    other = own[int(np.argmin(own @ far))]
    order = np.argsort(own @ (far - other), kind="stable")
    middle = len(facts) // 2
    return [*_halved(means, facts[order[:middle]]), *_halved(means, facts[order[middle:]])]


def _minimised(loss: Gradient, start: Vectors, rounds: int, progress: Progress | None) -> Vectors:
    """The argument of the smallest value of a smooth convex function, nearly: L-BFGS."""
    at, (value, gradient) = start, loss(start)
    steps: list[tuple[Vectors, Vectors]] = []
    for done in range(1, rounds + 1):
        direction = -_curved(gradient, steps)
        slope = float((direction * gradient).sum())
        length = 1.0 if steps else 1.0 / max(float(np.linalg.norm(gradient)), 1e-12)
        while length > _SHORTEST_STEP:
            tried = at + length * direction
            new_value, new_gradient = loss(tried)
            if new_value <= value + 1e-4 * length * slope:
                break
            length /= 2
        else:
            break
        steps = [*steps, (tried - at, new_gradient - gradient)][-_REMEMBERED:]
        gained = value - new_value
        at, value, gradient = tried, new_value, new_gradient
        if progress:
            progress(done, rounds)
        if gained < _SMALLEST_GAIN * max(value, 1e-3):
            break
    return at


def _curved(gradient: Vectors, steps: Sequence[tuple[Vectors, Vectors]]) -> Vectors:
    """The gradient times what the last steps tell of the inverse curvature (two-loop recursion)."""
    result = gradient.copy()
    kept: list[tuple[float, float]] = []
    for moved, changed in reversed(steps):
        inverse = 1.0 / max(float((moved * changed).sum()), 1e-20)
        share = inverse * float((moved * result).sum())
        result -= share * changed
        kept.append((inverse, share))
    if steps:
        moved, changed = steps[-1]
        scale = float((moved * changed).sum()) / max(float((changed * changed).sum()), 1e-20)
        result *= scale
    for (moved, changed), (inverse, share) in zip(steps, reversed(kept), strict=True):
        result += (share - inverse * float((changed * result).sum())) * moved
    return result
