"""Fits the head of an intent classifier, without calibration.

A linear support-vector machine, one against the rest, over the centred vector and the character
pieces side by side (scikit-learn's LinearSVC): one fit of both was better than the mean of two on
every set tried, see docs/quality.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from bot.answering.calibration import Calibration
from bot.answering.intent_classifier import (
    FEATURES,
    OUT_OF_SCOPE,
    Examples,
    Head,
    IntentClassifier,
)
from bot.answering.ngram_space import NgramIndex, NgramSpace, Weighed
from knowledge_base.centring import Centres
from knowledge_base.encoder import Vectors
from knowledge_base.script import language_of

RARE_PIECES_FROM = 3_000  # with this many phrases, a piece must stand in two of them
START_TEMPERATURE = 4.0
DENSE_WEIGHT = 1.5  # of the encoder's vector beside the pieces, both of unit length
SOLVER_ROUNDS = 400
SOLVER_TOLERANCE = 1e-2
# Out-of-scope phrases become a class of the head only when there are enough to learn it from.
LEAST_OUTSIDE = 10


@dataclass(frozen=True)
class Labelled:
    """Phrases with their intents and vectors; `OUT_OF_SCOPE` may be one of the intents."""

    texts: tuple[str, ...]
    intents: tuple[str, ...]
    vectors: Vectors

    def at(self, rows: NDArray[np.int64]) -> Labelled:
        """Some of them, in the order of `rows`."""
        return Labelled(
            tuple(self.texts[row] for row in rows),
            tuple(self.intents[row] for row in rows),
            self.vectors[rows],
        )

    @property
    def known(self) -> tuple[str, ...]:
        """The intents of the shop, sorted, without `OUT_OF_SCOPE`."""
        return tuple(sorted(set(self.intents) - {OUT_OF_SCOPE}))


def fit_head(
    labelled: Labelled, cost: float, similarity_weight: float, seed: int
) -> IntentClassifier:
    """Fit a classifier whose confidence means nothing yet.

    Args:
        labelled: at least two intents in all.
        cost: of the support-vector machine; higher follows the phrases more closely.
        similarity_weight: see `Head`.
    """
    intents = labelled.known
    names = [*intents, OUT_OF_SCOPE]
    place = {name: at for at, name in enumerate(names)}
    labels = np.array([place[intent] for intent in labelled.intents], dtype=np.int32)
    order = np.argsort(labels, kind="stable")
    ordered, labels = labelled.at(order), labels[order]
    spoken = [language_of(text) for text in ordered.texts]
    centres = Centres.of(ordered.vectors, spoken)
    centred = centres.without(ordered.vectors, spoken)
    space = NgramSpace.of(ordered.texts, 2 if len(order) >= RARE_PIECES_FROM else 1)
    weighed = [space.weigh(text) for text in ordered.texts]
    columns = len(space.vocabulary)
    weights, bias = _fit(centred, _matrix(weighed, columns), labels, len(intents), cost, seed)
    dimensions = centred.shape[1]
    head = Head(
        centres,
        np.ascontiguousarray(weights[:, :dimensions]),
        np.ascontiguousarray(weights[:, dimensions:].T.astype(np.float16)),
        bias,
        START_TEMPERATURE,
        similarity_weight,
    )
    examples = Examples(ordered.texts, labels, centred, NgramIndex.of(weighed, columns))
    return IntentClassifier(intents, head, space, examples, {"all": neutral()}, {})


def neutral() -> Calibration:
    """A calibration that says one half of everything: what stands before fitting."""
    inputs = len(FEATURES)
    return Calibration(np.zeros(inputs), np.ones(inputs), np.zeros((inputs, 2)), np.zeros(2))


def _fit(
    centred: Vectors,
    pieces: sparse.csr_matrix,
    labels: NDArray[np.int32],
    known: int,
    cost: float,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (classes, dimensions + columns) and bias (classes,); out of scope may be the last."""
    outside = labels == known
    used = ~outside if outside.sum() < LEAST_OUTSIDE and known > 1 else np.ones(len(labels), bool)
    dense = sparse.csr_matrix(centred * DENSE_WEIGHT)
    inputs = sparse.hstack([dense, pieces], format="csr")[used]
    machine = LinearSVC(C=cost, tol=SOLVER_TOLERANCE, max_iter=SOLVER_ROUNDS, random_state=seed)
    with warnings.catch_warnings():
        # Stopping early costs nothing that can be measured; noisy labels never converge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(inputs, labels[used])
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    weights[:, : centred.shape[1]] *= DENSE_WEIGHT
    return weights.astype(np.float32), bias.astype(np.float32)


def _matrix(weighed: Sequence[Weighed], columns: int) -> sparse.csr_matrix:
    starts = np.concatenate([[0], np.cumsum([len(one.ids) for one in weighed])])
    ids = np.concatenate([one.ids for one in weighed])
    values = np.concatenate([one.weights for one in weighed])
    return sparse.csr_matrix((values, ids, starts), shape=(len(weighed), columns))
