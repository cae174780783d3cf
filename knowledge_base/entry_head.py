"""Tells entries apart by what their own phrasings and answers taught: one linear score for each.

Nearness alone gives every direction of the encoder's space the same weight. The head has learnt,
for one version of the knowledge base, in which directions its entries differ
(`learn_head.py`; figures in docs/decisions/0003).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge_base.encoder import Vectors

_WEIGHTS, _BIAS = "head_weights.npy", "head_bias.npy"


@dataclass(frozen=True, slots=True)
class EntryHead:
    """What was learnt about the facts of one version.

    Attributes:
        weights: over centred vectors, (facts, dimensions), numbers that float16 holds exactly.
        bias: (facts,).
    """

    weights: Vectors
    bias: Vectors

    def log_chances(self, vectors: Vectors) -> Vectors:
        """Logarithm of the chance of each fact, if one of them is meant.

        Args:
            vectors: centred vectors of questions, (n, dimensions).

        Returns:
            (n, facts), <= 0.
        """
        scores = vectors @ self.weights.T + self.bias
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return scores.astype(np.float32, copy=False)

    def save(self, folder: Path) -> None:
        """Write two .npy files into a folder."""
        np.save(folder / _WEIGHTS, self.weights.astype(np.float16), allow_pickle=False)
        np.save(folder / _BIAS, self.bias, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, facts: int, dimensions: int) -> EntryHead | None:
        """Read what `save` wrote; None where nothing was learnt.

        Raises:
            OSError, ValueError: a file is missing, of another shape, or no finite numbers.
        """
        if not (folder / _WEIGHTS).exists():
            return None
        weights = np.load(folder / _WEIGHTS, allow_pickle=False).astype(np.float32)
        bias = np.load(folder / _BIAS, allow_pickle=False)
        if weights.shape != (facts, dimensions) or bias.shape != (facts,):
            raise ValueError("the head was learnt for other entries")
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise ValueError("the head holds no finite numbers")
        return cls(weights, bias)
