"""What a shopper wants: the intent of a text, how sure that is, and whether it is none of them.

One linear head over the centred vector of the encoder and over character pieces decides, with a
little help from the nearest training example of each intent and, where training found that it
gains, from a copy of the encoder that was fine-tuned for these intents. How sure it is comes from a
calibration fitted on phrases that the head had not seen. numpy only: training
(`training/train_intent_classifier.py`) fits the numbers and builds this very class from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.calibration import Calibration
from bot.answering.ngram_space import Floats, Ints, NgramIndex, NgramSpace, Weighed
from bot.answering.second_half import SecondHalf, beside, halves_of
from bot.answering.tuned_encoder import TunedEncoder, log_shares
from knowledge_base.centring import Centres
from knowledge_base.encoder import Vectors
from knowledge_base.entry import Language
from knowledge_base.products import products
from knowledge_base.script import language_of

OUT_OF_SCOPE = "out_of_scope"
NEAREST_SHOWN = 3
MOST_LIKELY = 5  # intents whose shares are told; the rest together is next to nothing
AT_ONCE = 256  # texts compared with all examples together; more only takes memory
# Right; right where the question is in scope; none of the intents. See `probabilities`.
OUTCOMES = ("right", "right_inside", "outside")
# What calibration looks at; see `Scored.features`.
FEATURES = (
    "margin",
    "gap",
    "share",
    "dense",
    "ngram",
    "dense_own",
    "ngram_own",
    "rejection",
    "tuned_best",
    "tuned_own",
    "familiarity",
)


@dataclass(frozen=True, slots=True)
class NearestExample:
    """A training example that is like the text: why the classifier thinks so.

    Attributes:
        similarity: mean of the cosine in the centred encoder space and that of the pieces.
        weight: how much it speaks for the guessed intent and against the runner-up, as a share of
            all that speaks for or against it; below 0 it speaks for the runner-up.
    """

    text: str
    intent: str
    similarity: float
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class IntentGuess:
    """What one text asks for.

    Attributes:
        intent: the best intent of the shop, never `OUT_OF_SCOPE`.
        confidence: calibrated probability that the text is in scope and this intent is right.
        runner_up: the second intent, None when the shop has only one.
        runner_up_confidence: the same probability for it.
        out_of_scope: calibrated probability that it is none of the shop's intents;
            `confidence + runner_up_confidence + out_of_scope <= 1`.
        nearest: the most similar training examples, most similar first.
        likely: the first few intents with their share of all, most likely first, uncalibrated.
    """

    intent: str
    confidence: float
    runner_up: str | None
    runner_up_confidence: float
    out_of_scope: float
    nearest: tuple[NearestExample, ...] = ()
    likely: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Head:
    """The fitted numbers that turn a text into one score for each class.

    Attributes:
        centres: means of the training vectors, for each language.
        dense: weights over centred vectors, (classes, dimensions).
        pieces: weights over the columns of the n-gram space, (columns, classes).
        bias: (classes,).
        dense_weight: of the centred vectors beside the pieces, when the weights were fitted.
        temperature: what scores are multiplied by before they become shares.
        similarity_weight: how much the nearest example of an intent adds to its score.
    """

    centres: Centres
    dense: Floats
    pieces: NDArray[np.floating[Any]]
    bias: Floats
    dense_weight: float
    temperature: float
    similarity_weight: float


@dataclass(frozen=True)
class Scored:
    """Texts as the head sees them, before calibration.

    Attributes:
        scores: one score for each intent of the shop, (n, intents).
        similarities: mean of both cosines with each example, (n, examples).
        likeness: the same as the head was fitted on, (n, examples): what pulls are multiplied by.
        features: what calibration looks at, (n, len(FEATURES)).
    """

    scores: Floats
    similarities: Floats
    likeness: Floats
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IntentWords:
    """What n texts say without the vectors of the first encoder.

    Attributes:
        pieces: what their pieces add to the score of each class, (n, classes).
        likeness: cosines of their pieces with those of each example, (n, examples).
        halves: what the second encoder adds to their vectors; None where there is none.
        second_dots: products of these with the second halves of each example, (n, examples).
        nearness: what fine-tuned layers say, nan where nobody was asked, (n, intents).
        first_dots: products of their vectors with the first halves of each example, (n, examples),
            where they were compared ahead.
    """

    pieces: Floats
    likeness: Floats
    halves: Floats | None
    second_dots: Floats | None
    nearness: Floats
    first_dots: Floats | None = None


@dataclass(frozen=True)
class Examples:
    """The training phrases, sorted by intent; those out of scope come last.

    Attributes:
        texts: the phrases.
        labels: position of the intent of each, (n,).
        vectors: centred vectors with their second halves, (n, dimensions).
        index: similarity of pieces.
        pulls: how much a text that is like an example gains for each class by it, (n, classes):
            the head's weights are the sum of its examples, each times its pulls.
    """

    texts: tuple[str, ...]
    labels: Ints
    vectors: Floats
    index: NgramIndex
    pulls: NDArray[np.floating[Any]]


class IntentClassifier:
    """A trained classifier. Constructing is cheap; `load` reads a folder and checks it.

    Attributes:
        intents: the shop's intents, sorted, without `OUT_OF_SCOPE`.
        version: changes with anything that was fitted; empty before it was written.
        made_from: facts about the training, JSON values.
        second: what an encoder adds that is asked beside the one whose vectors are handed in.
        tuned: fine-tuned layers; no text is asked of two of them.
    """

    def __init__(
        self,
        intents: Sequence[str],
        head: Head,
        space: NgramSpace,
        examples: Examples,
        calibrations: Mapping[str, Calibration],
        made_from: Mapping[str, Any],
        version: str = "",
        second: SecondHalf | None = None,
        tuned: Sequence[TunedEncoder] = (),
    ) -> None:
        self.second = second
        self.tuned = tuple(tuned)
        self.intents = tuple(intents)
        self.head = head
        self.space = space
        self.examples = examples
        self.calibrations = dict(calibrations)
        self.made_from = dict(made_from)
        self.version = version
        counts = np.bincount(examples.labels, minlength=len(self.intents))[: len(self.intents)]
        self._ends = np.cumsum(counts)
        self._starts = self._ends - counts

    def classify(
        self,
        texts: Sequence[str],
        vectors: Vectors,
        languages: Sequence[Language | None] | None = None,
        words: IntentWords | None = None,
    ) -> list[IntentGuess]:
        """Guess the intent of each text; raises nothing for any text.

        Args:
            vectors: what the encoder makes of the texts, (n, dimensions), unit length.
            languages: language of each text for its calibration; told by the script when None.
            words: what `read` gave for these texts, at most `AT_ONCE`, where that was done before.
        """
        spoken = languages or [language_of(text) for text in texts]
        guesses: list[IntentGuess] = []
        for start in range(0, len(texts), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            read = words if len(texts) <= AT_ONCE else None
            scored = self.score(texts[part], vectors[part], read)
            chances = self.probabilities(scored.features, spoken[part])
            guesses += [self._guess(scored, row, *chance) for row, chance in enumerate(chances)]
        return guesses

    def probabilities(
        self, features: NDArray[np.float64], languages: Sequence[Language | None]
    ) -> NDArray[np.float64]:
        """Probability of right and of out of scope, (n, 2); their sum is at most 1.

        Right is the mean of two opinions (`training/calibrate_intents.py`): one model of all that
        is not right, and one of another intent beside one of what is out of scope.
        """
        chances = np.empty((len(features), len(OUTCOMES)))
        spoken = np.array([language or "" for language in languages])
        for language in set(spoken.tolist()):
            rows = spoken == language
            calibration = self.calibrations.get(language, self.calibrations["all"])
            chances[rows] = calibration.probabilities(features[rows])
        right, inside, outside = chances.T
        told = np.stack([(right + inside * (1.0 - outside)) / 2, outside], axis=1)
        return np.asarray(told / np.maximum(1.0, told.sum(axis=1, keepdims=True)))

    def read(self, texts: Sequence[str]) -> IntentWords:
        """Do what needs no vectors of the first encoder, which may be at work meanwhile."""
        weighed = [self.space.weigh(text) for text in texts]
        halves = halves_of(texts, self.second)
        return IntentWords(
            self._piece_scores(weighed),
            np.stack([self.examples.index.similarities(one) for one in weighed]),
            halves,
            self._second_dots(halves),
            self._nearness(texts),
        )

    def compared(self, words: IntentWords, texts: Sequence[str], vectors: Vectors) -> IntentWords:
        """What `read` gave, with the products of the vectors with all examples."""
        spoken = [language_of(text) for text in texts]
        return replace(
            words, first_dots=self._first_dots(self.head.centres.without(vectors, spoken))
        )

    def _first_dots(self, first: Vectors) -> Floats:
        return products(first, self.examples.vectors[:, : first.shape[1]])

    def _second_dots(self, halves: Floats | None) -> Floats | None:
        """Products of second halves with those of the examples; None where all are 0."""
        if halves is None or not halves.any():
            return None
        return products(halves, self.examples.vectors[:, -halves.shape[1] :])

    def score(
        self, texts: Sequence[str], vectors: Vectors, words: IntentWords | None = None
    ) -> Scored:
        """What the head and the nearest examples say, uncalibrated; see `classify`."""
        words = self.read(texts) if words is None else words
        spoken = [language_of(text) for text in texts]
        first = self.head.centres.without(vectors, spoken)
        centred = beside(first, words.halves)
        logits = centred @ self.head.dense.T + self.head.bias + words.pieces
        dots = self._first_dots(first) if words.first_dots is None else words.first_dots
        if words.second_dots is not None:
            dots = dots + words.second_dots
        dense = dots / np.maximum((centred * centred).sum(axis=1, keepdims=True), 1e-6)
        ngrams = words.likeness
        known = len(self.intents)
        own_dense, own_ngrams = self._nearest_of_each(dense), self._nearest_of_each(ngrams)
        support = self.head.similarity_weight * (own_dense + own_ngrams)
        scores = (logits[:, :known] + support).astype(np.float32)
        self._add_tuned(scores, texts, words.nearness)
        rejection = logits[:, known] if logits.shape[1] > known else None
        features = _features(
            scores, own_dense, own_ngrams, words.nearness, rejection, self.head.temperature
        )
        familiar = self.head.centres.familiarity(vectors, spoken)
        features = np.column_stack([features, familiar.astype(np.float64)])
        likeness = self.head.dense_weight**2 * dots + ngrams
        return Scored(scores, ((dense + ngrams) / 2).astype(np.float32), likeness, features)

    def _nearness(self, texts: Sequence[str]) -> Floats:
        """What fine-tuned layers say, nan where nobody was asked, (n, intents)."""
        nearness = np.full((len(texts), len(self.intents)), np.nan, dtype=np.float32)
        for one in self.tuned:
            rows = one.rows(texts)
            if len(rows):
                nearness[rows] = one.nearness([texts[row] for row in rows])
        return nearness

    def _add_tuned(self, scores: Floats, texts: Sequence[str], nearness: Floats) -> None:
        for one in self.tuned:
            rows = one.rows(texts)
            if len(rows):
                counts = one.prototypes.weight / self.head.temperature
                scores[rows] += log_shares(nearness[rows]) * counts

    def _piece_scores(self, weighed: Sequence[Weighed]) -> Floats:
        rows = [one.weights @ self.head.pieces[one.ids].astype(np.float32) for one in weighed]
        return np.stack(rows).astype(np.float32)

    def _nearest_of_each(self, similarities: Floats) -> Floats:
        """Highest similarity among the examples of each intent, (n, intents)."""
        inside = similarities[:, : self._ends[-1]]
        return np.maximum.reduceat(inside, self._starts, axis=1)

    def _guess(self, scored: Scored, row: int, right: float, outside: float) -> IntentGuess:
        scores = scored.scores[row]
        best, second = _two_best(scores)
        runner_up, left = None, 0.0
        if second is not None:
            runner_up = self.intents[second]
            shares = np.exp((scores - scores[best]) * self.head.temperature)
            others = float(shares.sum()) - 1.0
            left = (1.0 - right - outside) * float(shares[second]) / others if others > 0 else 0.0
        return IntentGuess(
            intent=self.intents[best],
            confidence=float(right),
            runner_up=runner_up,
            runner_up_confidence=max(left, 0.0),
            out_of_scope=float(outside),
            nearest=self._nearest(scored, row, best, second),
            likely=self._likely(scores),
        )

    def _likely(self, scores: Floats) -> tuple[tuple[str, float], ...]:
        shares = np.exp((scores - scores.max()) * self.head.temperature)
        shares /= shares.sum()
        first = np.argsort(-shares, kind="stable")[:MOST_LIKELY]
        return tuple((self.intents[at], float(shares[at])) for at in first)

    def _nearest(
        self, scored: Scored, row: int, best: int, second: int | None
    ) -> tuple[NearestExample, ...]:
        similarities = scored.similarities[row]
        pulls = self.examples.pulls[:, best].astype(np.float32)
        if second is not None:
            pulls = pulls - self.examples.pulls[:, second]
        weights = pulls * scored.likeness[row]
        weights /= max(float(np.abs(weights).sum()), 1e-9)
        shown = min(NEAREST_SHOWN, len(similarities))
        rows = np.argpartition(-similarities, shown - 1)[:shown]
        return tuple(
            NearestExample(
                self.examples.texts[row],
                (*self.intents, OUT_OF_SCOPE)[self.examples.labels[row]],
                min(max(float(similarities[row]), 0.0), 1.0),
                float(weights[row]),
            )
            for row in rows[np.argsort(-similarities[rows], kind="stable")]
        )


def _features(
    scores: Floats,
    own_dense: Floats,
    own_ngrams: Floats,
    nearness: Floats,
    rejection: Floats | None,
    temperature: float,
) -> NDArray[np.float64]:
    """What calibration looks at, in the order of `FEATURES` but for the last, (n, features - 1)."""
    rows = np.arange(len(scores))
    best = scores.argmax(axis=1)
    top = scores[rows, best]
    others = np.where(np.arange(scores.shape[1]) == best[:, None], -np.inf, scores)
    second = np.maximum(others.max(axis=1), top - 10.0)
    share = 1.0 / np.exp((scores - top[:, None]) * temperature).sum(axis=1)
    columns = (
        top,
        top - second,
        np.log(share / (1.0 + 1e-6 - share)),
        own_dense.max(axis=1),
        own_ngrams.max(axis=1),
        own_dense[rows, best],
        own_ngrams[rows, best],
        np.zeros(len(scores)) if rejection is None else rejection - top,
        nearness.max(axis=1),
        nearness[rows, best],
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _two_best(scores: Floats) -> tuple[int, int | None]:
    if len(scores) == 1:
        return 0, None
    first, second = (int(at) for at in np.argpartition(-scores, 1)[:2])
    return (first, second) if scores[first] >= scores[second] else (second, first)
