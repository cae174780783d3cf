"""Finds the vectors nearest to a vector: the contract, and the plain index it is measured against.

Vectors have L2 norm 1, so the inner product is the cosine. Ids are whole numbers >= 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Vectors

Ids = NDArray[np.int64]
NO_ID = -1  # fills the rows of a search that found fewer than k


class VectorIndex(Protocol):
    """Holds vectors by id and finds the nearest of them. Searching is safe in several threads."""

    dimensions: int

    def __len__(self) -> int:
        """How many vectors are held."""
        ...

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Hold vectors (n, dimensions) under new ids.

        Raises:
            ValueError: an id is held already, or the shapes disagree; nothing is added then.
        """
        ...

    def remove(self, ids: Sequence[int]) -> None:
        """Let go of vectors.

        Raises:
            KeyError: an id is not held; nothing is removed then.
        """
        ...

    def search(self, vectors: Vectors, k: int) -> tuple[Vectors, Ids]:
        """The k nearest of each of n vectors: cosines (n, k), falling, and their ids (n, k).

        Where fewer than k are held, the rest is filled with -inf and `NO_ID`.
        """
        ...


def check_new(ids: Sequence[int], vectors: Vectors, dimensions: int, held: Ids) -> Vectors:
    """The vectors as float32 rows, if they may be added.

    Args:
        held: every id that is held already.

    Raises:
        ValueError: wrong shape, a number that is not finite, or an id that is held or doubled.
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    given = np.asarray(ids, dtype=np.int64)
    if rows.shape != (len(given), dimensions):
        raise ValueError(f"vectors have the shape {rows.shape}, not ({len(given)}, {dimensions})")
    if not np.isfinite(rows).all():
        raise ValueError("a vector holds a number that is not finite")
    if len(np.unique(given)) != len(given) or np.isin(given, held).any():
        raise ValueError("an id is given twice")
    if (given < 0).any():
        raise ValueError("ids are never negative")
    return rows


def positions_of(ids: Sequence[int], held: Ids) -> Ids:
    """Where ids stand among those held, in the order of `held`.

    Raises:
        KeyError: one is not held.
    """
    wanted = np.unique(np.asarray(ids, dtype=np.int64))
    positions: Ids = np.flatnonzero(np.isin(held, wanted))
    if len(positions) != len(wanted):
        raise KeyError(int(np.setdiff1d(wanted, held)[0]))
    return positions


class PlainVectorIndex:
    """Compares with every vector, in numpy: exact, and slow only beyond tens of thousands."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._ids: Ids = np.empty(0, dtype=np.int64)
        self._vectors: Vectors = np.empty((0, dimensions), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """See `VectorIndex.add`."""
        rows = check_new(ids, vectors, self.dimensions, self._ids)
        self._ids = np.concatenate([self._ids, np.asarray(ids, dtype=np.int64)])
        self._vectors = np.concatenate([self._vectors, rows])

    def remove(self, ids: Sequence[int]) -> None:
        """See `VectorIndex.remove`."""
        kept = np.ones(len(self), bool)
        kept[positions_of(ids, self._ids)] = False
        self._ids, self._vectors = self._ids[kept], self._vectors[kept]

    def search(self, vectors: Vectors, k: int) -> tuple[Vectors, Ids]:
        """See `VectorIndex.search`."""
        cosines = np.asarray(vectors, dtype=np.float32) @ self._vectors.T
        ids = np.broadcast_to(self._ids, cosines.shape)
        order = np.lexsort((ids, -cosines), axis=-1)[:, :k]
        return filled(np.take_along_axis(cosines, order, 1), np.take_along_axis(ids, order, 1), k)


def filled(cosines: Vectors, ids: Ids, k: int) -> tuple[Vectors, Ids]:
    """Widen the result of a search to k columns."""
    short = ((0, 0), (0, k - cosines.shape[1]))
    return (
        np.pad(cosines, short, constant_values=-np.inf),
        np.pad(ids, short, constant_values=NO_ID),
    )
