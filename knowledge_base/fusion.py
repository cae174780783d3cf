"""Joins what several searches found into one order; measured in docs/decisions/0003."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
RANK_OFFSET = 10.0  # the k of reciprocal rank fusion
DENSE_WEIGHT = 0.7
WORDS_WEIGHT = 0.2  # words shared with the best phrasing
ANSWER_WORDS_WEIGHT = 0.1  # words shared with the answer


def fused_scores(similarities: Floats, words: Floats, answer_words: Floats) -> Floats:
    """Reciprocal rank fusion of n candidates: (n,), in [0, 1]; 1 for the first of every order.

    Args:
        similarities: cosine of each candidate's best phrasing.
        words: BM25 of each candidate's best phrasing; one with 0 has no rank.
        answer_words: BM25 of each candidate's answer; one with 0 has no rank.
    """
    total = DENSE_WEIGHT / (RANK_OFFSET + _ranks(similarities))
    for weight, values in ((WORDS_WEIGHT, words), (ANSWER_WORDS_WEIGHT, answer_words)):
        total += np.where(values > 0, weight / (RANK_OFFSET + _ranks(values)), 0.0)
    best = (DENSE_WEIGHT + WORDS_WEIGHT + ANSWER_WORDS_WEIGHT) / (RANK_OFFSET + 1)
    return (total / best).astype(np.float32)


def _ranks(values: Floats) -> NDArray[np.int64]:
    """1 for the greatest; equal values share the better rank."""
    return np.searchsorted(np.sort(-values), -values, side="left") + 1
