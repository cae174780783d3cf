"""Phrasings and answers as a second encoder sees them, beside the space that all languages share.

Only texts that are not Chinese have a place in it. Where a question and a phrasing both have one,
their likeness is the mean of both cosines; otherwise the first space alone tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.centring import ASSUMED_TEXTS
from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import for_second
from knowledge_base.products import products
from knowledge_base.vector_index import Ids

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class SecondTexts:
    """Some texts in the second space.

    Attributes:
        centre: the mean of all, which is taken out, (dimensions,).
        vectors: centred, of length 1, (m, dimensions).
        at: row of each text in `vectors`, or `NOWHERE`, (n,).
    """

    centre: Vectors
    vectors: Vectors
    at: Ids

    @classmethod
    def of(cls, raw: Vectors, rows: Sequence[int], texts: int) -> SecondTexts:
        """Centre raw vectors (m, dimensions) of the texts in `rows`, of `texts` texts in all."""
        centre = (raw.sum(axis=0) / (len(raw) + ASSUMED_TEXTS)).astype(np.float32)
        at = np.full(texts, NOWHERE, dtype=np.int64)
        at[list(rows)] = np.arange(len(rows))
        return cls(centre, _centred(raw, centre), at)

    def spread(self) -> Vectors:
        """Every text's vector, 0 for those that have none: (n, dimensions)."""
        found = np.zeros((len(self.at), self.vectors.shape[1]), dtype=np.float32)
        found[self.at >= 0] = self.vectors[self.at[self.at >= 0]]
        return found

    def vector(self, text: int) -> Vectors | None:
        """One text's vector, (dimensions,); None for a text that has no place here."""
        row = self.at[text]
        return None if row == NOWHERE else self.vectors[row]

    def cosines(self, halves: Vectors, texts: Ids | None = None) -> Vectors | None:
        """Cosines of questions with the texts that have a place, (q, so many); None for none.

        Args:
            halves: the questions in the second space, 0 for those without a place, (q, dimensions).
            texts: which texts; all when None.
        """
        if not halves.any():
            return None
        return products(halves, self.vectors if texts is None else self.vectors[self._known(texts)])

    def blended(
        self, cosines: Vectors, halves: Vectors, seconds: Vectors | None, texts: Ids | None = None
    ) -> Vectors:
        """Cosines of the first space, averaged with those of the second where both are known.

        Args:
            cosines: of q questions with some texts, (q, texts).
            halves: the questions in the second space, 0 for those without a place, (q, dimensions).
            seconds: what `cosines` gives for these.
            texts: which texts; all when None.
        """
        if seconds is None or not seconds.size:
            return cosines
        asked = np.flatnonzero(halves.any(axis=1))
        known = np.flatnonzero((self.at if texts is None else self.at[texts]) >= 0)
        blended = cosines.copy()
        both = np.ix_(asked, known)
        blended[both] = (cosines[both] + seconds[asked]) / 2
        return blended

    def _known(self, texts: Ids) -> Ids:
        rows = self.at[texts]
        return rows[rows >= 0]


@dataclass(frozen=True, slots=True)
class SecondSpace:
    """What the second encoder made of a version.

    Attributes:
        answers: by the position of the entry; empty where answers are not encoded.
    """

    encoder: Encoder
    phrasings: SecondTexts
    answers: SecondTexts

    def of_questions(self, texts: Sequence[str]) -> Vectors:
        """Questions in this space, (n, dimensions); 0 for Chinese ones."""
        halves = np.zeros((len(texts), self.encoder.dimensions), dtype=np.float32)
        rows = for_second(texts)
        if rows:
            raw = self.encoder.encode_questions([texts[row] for row in rows])
            halves[rows] = _centred(raw, self.phrasings.centre)
        return halves


def _centred(raw: Vectors, centre: Vectors) -> Vectors:
    rest = np.asarray(raw, dtype=np.float32) - centre
    centred: Vectors = rest / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6)
    return centred
