"""Joins what is known of a candidate into one score; weights measured in docs/decisions/0003."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Vectors
from knowledge_base.lexical_index import Scores

ANSWER_WEIGHT = 0.3  # meaning shared with the answer, beside 1 for that of the phrasings
WORDS_WEIGHT = 0.2  # words shared with the best phrasing
ANSWER_WORDS_WEIGHT = 0.05  # words shared with the answer
NO_CHANCE = 10.0  # a chance below exp(-10) counts as none
SHARPNESS = 5.0  # how much the nearest phrasings count more than the others of an entry
_ALL = 1 + ANSWER_WEIGHT + WORDS_WEIGHT + ANSWER_WORDS_WEIGHT


def pooled(cosines: Vectors, starts: NDArray[np.int64]) -> Vectors:
    """One similarity for each bag of phrasings: their mean, weighted by exp(5 cosine).

    The nearest phrasing decides, and others that are near as well confirm it; how many there are
    makes no difference, so entries with one phrasing are not at a disadvantage.

    Args:
        cosines: of all phrasings, bag after bag.
        starts: where each bag starts, rising.
    """
    weights = np.exp(SHARPNESS * cosines)
    means = np.add.reduceat(weights * cosines, starts) / np.add.reduceat(weights, starts)
    return means.astype(np.float32, copy=False)


def fused(similarities: Vectors, answers: Vectors, words: Scores, answer_words: Scores) -> Scores:
    """The score of n candidates: (n,), in [0, 1].

    Args:
        similarities: pooled cosine of the phrasings.
        answers: cosine of the answer.
        words, answer_words: share of the question's words (by weight) that the best phrasing and
            the answer hold, in [0, 1].
    """
    total = (
        similarities
        + ANSWER_WEIGHT * answers
        + WORDS_WEIGHT * words
        + ANSWER_WORDS_WEIGHT * answer_words
    )
    scores: Scores = np.clip(total / _ALL, 0.0, 1.0).astype(np.float32)
    return scores


def with_chances(likenesses: Scores, log_chances: Vectors) -> Scores:
    """Likeness and the chances that a head gives, joined half and half: (n,), in [0, 1]."""
    certain = np.clip(1.0 + log_chances / NO_CHANCE, 0.0, 1.0)
    scores: Scores = ((likenesses + certain) / 2).astype(np.float32)
    return scores
