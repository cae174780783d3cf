"""Takes out of vectors what every text of a language has in common.

Sentence encoders put all texts of a shop into one narrow cone, and each language into its own part
of it. Without the mean of its language, the cosine of two texts tells far more about them, and a
question finds an entry of the other language more often (figures in docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.encoder import Vectors
from knowledge_base.entry import Language

ASSUMED_TEXTS = 20  # as many zero vectors are counted in, so that few texts give a small centre
_ROWS: dict[Language | None, int] = {None: 0, "zh": 1, "en": 2}


@dataclass(frozen=True, slots=True)
class Centres:
    """The mean of all texts, and of those in each language.

    Attributes:
        means: (3, dimensions): all texts, Chinese, English.
    """

    means: Vectors

    @classmethod
    def of(cls, vectors: Vectors, languages: Sequence[Language | None]) -> Centres:
        """Take the means of vectors (n, dimensions). A language with few texts leans on all."""
        everything = vectors.sum(axis=0) / (len(vectors) + ASSUMED_TEXTS)
        means = [everything]
        for language in ("zh", "en"):
            some = vectors[[one == language for one in languages]]
            weighted = some.sum(axis=0) + ASSUMED_TEXTS * everything
            means.append(weighted / (len(some) + ASSUMED_TEXTS))
        return cls(np.stack(means).astype(np.float32))

    def without(self, vectors: Vectors, languages: Sequence[Language | None]) -> Vectors:
        """Subtract the mean of each vector's language: (n, dimensions), L2 norm 1."""
        rows = [_ROWS[language] for language in languages]
        rest = np.asarray(vectors, dtype=np.float32) - self.means[rows]
        lengths = np.linalg.norm(rest, axis=1, keepdims=True)
        centred: Vectors = rest / np.maximum(lengths, 1e-6)
        return centred

    def familiarity(self, vectors: Vectors, languages: Sequence[Language | None]) -> Vectors:
        """Cosine of each vector with the mean of its language: (n,).

        What centring takes out is what all questions of the shop have in common; a question from
        another world has less of it.
        """
        rows = [_ROWS[language] for language in languages]
        lengths = np.linalg.norm(self.means, axis=1)[rows] * np.linalg.norm(vectors, axis=1)
        products: Vectors = (vectors * self.means[rows]).sum(axis=1)
        familiar: Vectors = products / np.maximum(lengths, 1e-6)
        return familiar
