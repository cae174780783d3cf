"""Fits the head of an intent classifier, without calibration.

One linear head over the centred vector and the character pieces side by side: one fit of both was
better than the mean of two on every set tried. With few phrases it is a multinomial logistic
regression, with many a support-vector machine, one against the rest (scikit-learn's both); each is
better where it is used, and the second is also faster there. Figures: docs/measurements/intents.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from bot.answering.calibration import Calibration
from bot.answering.intent_classifier import (
    FEATURES,
    OUT_OF_SCOPE,
    OUTCOMES,
    Examples,
    Head,
    IntentClassifier,
)
from bot.answering.ngram_space import Floats, NgramIndex, NgramSpace, Weighed
from bot.answering.second_half import SecondHalf, beside, halves_of
from bot.answering.tuned_encoder import log_shares
from knowledge_base.centring import Centres
from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.script import language_of

RARE_PIECES_FROM = 3_000  # with this many phrases, a piece must stand in two of them
FEW_PHRASES = 3_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a head is fitted; the figures were chosen by cross-validation on public sets.

    Attributes:
        cost: inverse strength of regularisation.
        dense_weight: of the encoder's vector beside the pieces, both of unit length.
        temperature, similarity_weight: see `bot.answering.intent_classifier.Head`.
        machine: whether it is a support-vector machine, and no logistic regression.
        rounds, tolerance: when the solver stops.
        evened: how far intents with few phrases are raised beside those with many: a phrase counts
            as the size of its intent to the power of minus this, in the mean 1.
    """

    cost: float
    dense_weight: float
    temperature: float
    similarity_weight: float
    machine: bool
    rounds: int
    tolerance: float
    evened: float = 0.0


OF_FEW = Recipe(6.0, 1.5, 1.0, 0.7, machine=False, rounds=60, tolerance=1e-3)
OF_MANY = Recipe(0.5, 1.5, 4.0, 0.5, machine=True, rounds=400, tolerance=1e-2)
OF_NOISY = replace(OF_MANY, cost=0.1)  # where many labels are wrong, follow each of them less
# Beside a second encoder vectors are longer, and pieces and single examples count for more.
BESIDE_SECOND = replace(OF_MANY, cost=0.3, dense_weight=1.1, similarity_weight=1.0)
OF_TRUSTED = replace(OF_MANY, cost=0.6)  # where it is known how far each label can be trusted
TRIED_PHRASES = 6_000  # at most, to tell whether labels are noisy
LEAST_GAIN = 0.01

LOWEST, HIGHEST = 0.25, 8.0  # temperatures between which `least_loss` looks

# Out-of-scope phrases become a class of the head only when there are enough to learn it from.
LEAST_OUTSIDE = 10
FAR_COST = 0.3  # inverse strength of regularisation where far questions are told from phrases


@dataclass(frozen=True)
class Labelled:
    """Phrases with their intents and vectors; `OUT_OF_SCOPE` may be one of the intents.

    Attributes:
        counts: how much each counts, in (0, 1]; all alike when None.
        doubted: whether that is because many labels are wrong, see `training.noisy_labels`.
    """

    texts: tuple[str, ...]
    intents: tuple[str, ...]
    vectors: Vectors
    counts: NDArray[np.float32] | None = None
    doubted: bool = False

    def trusted(self, trust: NDArray[np.float32]) -> Labelled:
        """The same, with how far each label can be trusted."""
        counts = trust if self.counts is None else trust * self.counts
        return replace(self, counts=counts, doubted=True)

    def at(self, rows: NDArray[np.int64]) -> Labelled:
        """Some of them, in the order of `rows`."""
        return Labelled(
            tuple(self.texts[row] for row in rows),
            tuple(self.intents[row] for row in rows),
            self.vectors[rows],
            None if self.counts is None else self.counts[rows],
            self.doubted,
        )

    @property
    def known(self) -> tuple[str, ...]:
        """The intents of the shop, sorted, without `OUT_OF_SCOPE`."""
        return tuple(sorted(set(self.intents) - {OUT_OF_SCOPE}))

    def followed_by(self, others: Labelled) -> Labelled:
        """These and then others, which count fully."""
        counts = self.counts
        if counts is not None:
            counts = np.concatenate([counts, np.ones(len(others.texts), dtype=np.float32)])
        return Labelled(
            self.texts + others.texts,
            self.intents + others.intents,
            np.concatenate([self.vectors, others.vectors]),
            counts,
            self.doubted,
        )


def recipe_for(labelled: Labelled, seed: int, second: Encoder | None = None) -> Recipe:
    """The recipe for these phrases: by how many there are, and tried out where there are many."""
    if len(labelled.texts) <= FEW_PHRASES:
        return OF_FEW
    order = np.random.default_rng(seed).permutation(len(labelled.texts))[:TRIED_PHRASES]
    third = len(order) // 3
    taught, asked = labelled.at(order[third:]), labelled.at(order[:third])
    many, noisy = (
        _share_right(fit_head(taught, one, seed, second), asked) for one in (OF_MANY, OF_NOISY)
    )
    return OF_NOISY if noisy > many + LEAST_GAIN else OF_MANY


def least_loss(scores: Floats, truth: NDArray[np.int64]) -> float:
    """The log loss of scores at the temperature that suits them best, a sum over rows.

    The log loss tells with few phrases what their accuracy does not: a few hundred differ by
    chance by more points than is gained. The temperature is left open, as calibration comes later.
    The loss has one lowest point in it. Steps of the square root of two miss that by up to 4 % of
    the loss, which is more than what names or tuned layers must gain.

    Args:
        scores: (n, intents).
        truth: the place of the right intent of each, (n,).
    """
    own = np.arange(len(truth))

    def loss(power: float) -> float:
        return float(-log_shares(scores * np.float32(np.exp(power)))[own, truth].sum())

    bounds = np.log((LOWEST, HIGHEST))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    return float(found.fun)


def loss_on(
    taught: Labelled, asked: Labelled, recipe: Recipe, seed: int, second: Encoder | None
) -> float:
    """What a head that learnt some phrases loses on others of the intents that it knows."""
    head = fit_head(taught, recipe, seed, second)
    place = {intent: at for at, intent in enumerate(head.intents)}
    rows = np.array([row for row, one in enumerate(asked.intents) if one in place], dtype=np.int64)
    if not len(rows):
        return 0.0
    some = asked.at(rows)
    truth = np.array([place[intent] for intent in some.intents], dtype=np.int64)
    return least_loss(head.score(some.texts, some.vectors).scores, truth)


def with_second(recipe: Recipe, second: Encoder | None) -> Recipe:
    """The recipe where a second encoder is asked as well."""
    return BESIDE_SECOND if second is not None and recipe == OF_MANY else recipe


def _share_right(classifier: IntentClassifier, asked: Labelled) -> float:
    guesses = classifier.classify(asked.texts, asked.vectors)
    return float(np.mean([a.intent == b for a, b in zip(guesses, asked.intents, strict=True)]))


def fit_head(
    labelled: Labelled,
    recipe: Recipe,
    seed: int,
    second: Encoder | None = None,
    far: Labelled | None = None,
) -> IntentClassifier:
    """Fit a classifier whose confidence means nothing yet.

    Args:
        labelled: at least two intents in all; the vectors are those of the first encoder.
        second: an encoder to ask beside it.
        far: questions that no shop answers, to learn out of scope from; for phrases that have no
            class of such. Nothing else of the head changes with them.
    """
    intents = labelled.known
    names = [*intents, OUT_OF_SCOPE]
    place = {name: at for at, name in enumerate(names)}
    labels = np.array([place[intent] for intent in labelled.intents], dtype=np.int32)
    order = np.argsort(labels, kind="stable")
    ordered, labels = labelled.at(order), labels[order]
    spoken = [language_of(text) for text in ordered.texts]
    centres = Centres.of(ordered.vectors, spoken)
    half = SecondHalf.of(ordered.texts, second) if second else None
    centred = beside(centres.without(ordered.vectors, spoken), halves_of(ordered.texts, half))
    space = NgramSpace.of(ordered.texts, 2 if len(order) >= RARE_PIECES_FROM else 1)
    weighed = [space.weigh(text) for text in ordered.texts]
    columns = len(space.vocabulary)
    pieces = _matrix(weighed, columns)
    fitted = _fit(centred, pieces, labels, ordered.counts, len(intents), recipe, seed)
    weights, bias = fitted.weights, fitted.bias
    dimensions = centred.shape[1]
    if far is not None and len(bias) == len(intents):
        languages = [language_of(text) for text in far.texts]
        strange = beside(centres.without(far.vectors, languages), halves_of(far.texts, half))
        row, offset = _rejection(centred, labels == len(intents), strange, recipe)
        weights = np.vstack([weights, np.pad(row, (0, columns))])
        bias = np.append(bias, offset)
    head = Head(
        centres,
        np.ascontiguousarray(weights[:, :dimensions]),
        np.ascontiguousarray(weights[:, dimensions:].T.astype(np.float16)),
        bias,
        recipe.dense_weight,
        recipe.temperature,
        recipe.similarity_weight,
    )
    index = NgramIndex.of(weighed, columns)
    examples = Examples(ordered.texts, labels, centred, index, fitted.pulls)
    return IntentClassifier(intents, head, space, examples, {"all": neutral()}, {}, second=half)


def neutral() -> Calibration:
    """A calibration that says one half of every outcome: what stands before fitting."""
    inputs, outcomes = len(FEATURES), len(OUTCOMES)
    weights = np.zeros((inputs, outcomes))
    return Calibration(np.zeros(inputs), np.ones(inputs), weights, np.zeros(outcomes))


@dataclass(frozen=True)
class Fitted:
    """A linear model over vectors and pieces; out of scope may be the last class.

    Attributes:
        weights: (classes, dimensions + columns).
        bias: (classes,).
        pulls: of each example on each class, (examples, classes); see `Examples`.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    pulls: NDArray[np.float16]


def _fit(
    centred: Vectors,
    pieces: sparse.csr_matrix,
    labels: NDArray[np.int32],
    counts: NDArray[np.float32] | None,
    known: int,
    recipe: Recipe,
    seed: int,
) -> Fitted:
    outside = labels == known
    used = ~outside if outside.sum() < LEAST_OUTSIDE and known > 1 else np.ones(len(labels), bool)
    counts = _evened(labels, counts, recipe.evened)
    dense = sparse.csr_matrix(centred * recipe.dense_weight)
    inputs = sparse.hstack([dense, pieces], format="csr")[used]
    stops = {"C": recipe.cost, "max_iter": recipe.rounds, "tol": recipe.tolerance}
    model = LinearSVC(random_state=seed, **stops) if recipe.machine else LogisticRegression(**stops)
    with warnings.catch_warnings():
        # Stopping early costs nothing that can be measured; noisy labels never converge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # One phrase an intent is little, which the reader of the file tells; it is no regression.
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        model.fit(inputs, labels[used], sample_weight=None if counts is None else counts[used])
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    scores = np.asarray(inputs @ weights.T) + bias
    pulls = np.zeros((len(labels), len(weights)), dtype=np.float16)
    pulls[used] = _pulls(scores, np.searchsorted(model.classes_, labels[used]), recipe)
    if counts is not None:
        pulls *= counts.astype(np.float16)[:, None]
    weights[:, : centred.shape[1]] *= recipe.dense_weight
    return Fitted(weights.astype(np.float32), bias.astype(np.float32), pulls)


def _evened(
    labels: NDArray[np.int32], counts: NDArray[np.float32] | None, power: float
) -> NDArray[np.float32] | None:
    if not power:
        return counts
    sizes = np.bincount(labels)[labels].astype(np.float32)
    raised = sizes**-power
    raised /= raised.mean()
    return np.asarray(raised if counts is None else raised * counts, dtype=np.float32)


def _rejection(
    centred: Vectors, outside: NDArray[np.bool_], far: Vectors, recipe: Recipe
) -> tuple[NDArray[np.float32], np.float32]:
    """What tells far questions from the shop's phrases: weights over vectors alone, and a bias.

    A class among the intents would take phrases from those that answer general questions.
    """
    vectors = np.concatenate([centred, far]) * recipe.dense_weight
    strange = np.append(outside, np.ones(len(far), dtype=bool))
    model = LogisticRegression(C=FAR_COST, max_iter=200).fit(vectors, strange)
    weights = (model.coef_[0] * recipe.dense_weight).astype(np.float32)
    return weights, np.float32(model.intercept_[0])


def _pulls(
    scores: NDArray[np.float64], truth: NDArray[np.int64], recipe: Recipe
) -> NDArray[np.float64]:
    """What each example adds to the weights of each class, as a multiple of itself, (n, classes).

    Where the loss is least, its slope and that of the regularisation cancel: the weights are the
    sum of the examples, each times the cost and the slope of its own loss.
    """
    own = np.arange(scores.shape[1]) == truth[:, None]
    if recipe.machine:
        signs = np.where(own, 1.0, -1.0)
        return np.asarray(2 * recipe.cost * signs * np.maximum(0.0, 1.0 - signs * scores))
    scaled = scores if scores.shape[1] > 2 else scores / 2  # of two classes each is half of it
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return np.asarray(recipe.cost * (own - shares))


def _matrix(weighed: Sequence[Weighed], columns: int) -> sparse.csr_matrix:
    starts = np.concatenate([[0], np.cumsum([len(one.ids) for one in weighed])])
    ids = np.concatenate([one.ids for one in weighed])
    values = np.concatenate([one.weights for one in weighed])
    return sparse.csr_matrix((values, ids, starts), shape=(len(weighed), columns))
