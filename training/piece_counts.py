"""Counts the character pieces of many texts once, so that no fold reads them again."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.answering.ngram_space import NgramSpace, Weighed, pieces

Rows = NDArray[np.int64]
Columns = NDArray[np.int64]


@dataclass(frozen=True)
class PieceCounts:
    """How often each piece stands in each text.

    Attributes:
        names: every piece met.
        table: (texts, pieces), sparse.
    """

    names: tuple[str, ...]
    table: sparse.csr_matrix

    @classmethod
    def of(cls, texts: Sequence[str]) -> PieceCounts:
        """Count the pieces of texts."""
        known: dict[str, int] = {}
        # Arrays, not lists: fifty thousand reviews have seven million pieces.
        columns, counts, starts = array("i"), array("f"), array("q", [0])
        for text in texts:
            for piece, count in Counter(pieces(text)).items():
                columns.append(known.setdefault(piece, len(known)))
                counts.append(count)
            starts.append(len(columns))
        table = sparse.csr_matrix(
            (np.array(counts), np.array(columns), np.array(starts)),
            shape=(len(texts), len(known)),
        )
        return cls(tuple(known), table)

    def space(self, rows: Rows, least_texts: int, most_pieces: int) -> tuple[NgramSpace, Columns]:
        """The space that `NgramSpace.of` would learn from these rows, and its columns here."""
        taken = self.table[rows]
        texts = np.bincount(taken.indices, minlength=len(self.names))
        kept = np.flatnonzero(texts >= least_texts)
        order = sorted(kept.tolist(), key=lambda column: (-texts[column], self.names[column]))
        columns = np.array(order[:most_pieces], dtype=np.int64)
        rarity = np.log((1.0 + len(rows)) / (1.0 + texts[columns])) + 1.0
        vocabulary = {self.names[column]: at for at, column in enumerate(columns)}
        return NgramSpace(vocabulary, rarity.astype(np.float32)), columns

    def weighed(self, rows: Rows, columns: Columns, space: NgramSpace) -> sparse.csr_matrix:
        """Rows placed in a space, as `NgramSpace.weigh` would, (rows, columns)."""
        taken = sparse.csr_matrix(self.table[rows][:, columns])
        taken.data = 1.0 + np.log(taken.data)
        taken = sparse.csr_matrix(taken.multiply(space.rarity[None, :]))
        lengths = np.sqrt(np.asarray(taken.multiply(taken).sum(axis=1)).ravel())
        scale = np.where(lengths > 0, 1.0 / np.maximum(lengths, 1e-12), 0.0)
        return sparse.csr_matrix(sparse.diags(scale.astype(np.float32)) @ taken)

    def rows_in(self, rows: Rows, space: NgramSpace) -> list[Weighed]:
        """The same, as serving wants it."""
        place = {name: at for at, name in enumerate(self.names)}
        columns = np.array([place[piece] for piece in space.vocabulary], dtype=np.int64)
        table = self.weighed(rows, columns, space)
        return [
            Weighed(
                table.indices[start:end].astype(np.int32), table.data[start:end].astype(np.float32)
            )
            for start, end in zip(table.indptr, table.indptr[1:], strict=False)
        ]
