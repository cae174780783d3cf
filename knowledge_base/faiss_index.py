"""The vector index that serves: FAISS, exact up to 50,000 vectors and a graph beyond.

The only module that imports faiss. Always one thread: on two, small searches were 2 to 20 times
slower, and FAISS keeps the number of threads per calling thread.

A graph cannot forget a vector, since others are reached through it. What is removed stays in it as
a step on the way and is kept out of every result, also after saving and loading.
"""

from __future__ import annotations

import hashlib
import math
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Vectors
from knowledge_base.vector_index import NO_ID, Ids, check_new, filled, positions_of

FLAT_UP_TO = 50_000  # vectors; an exact search of 384 dimensions takes about 2.5 ms there
GRAPH_NEIGHBOURS = 32
GRAPH_BUILD_EFFORT = 100  # HNSW efConstruction
# HNSW efSearch at 100,000 vectors, and it grows with their square root. 64 finds 0.945 of the ten
# nearest there, 256 finds 0.987 in half a millisecond (questions like a shop's:
# docs/measurements/index.md).
GRAPH_SEARCH_EFFORT, EFFORT_MEASURED_AT = 320, 100_000

_HEADER = struct.Struct("<8sQ")  # file type, rows; then ids (int64), kept or not (bits), FAISS's
_FILE_TYPE = b"vectors2"

Kept = NDArray[np.bool_]

_library: Any = faiss  # for what its own type declarations leave out
_one_thread = threading.local()


class FaissIndex:
    """A `VectorIndex` on FAISS. Adding and removing must not happen beside one another.

    Attributes:
        dimensions: length of a vector.
        kind: "flat" (exact) or "graph" (HNSW), by the number of vectors held.
    """

    def __init__(self, dimensions: int, flat_up_to: int = FLAT_UP_TO) -> None:
        self.dimensions = dimensions
        self._flat_up_to = flat_up_to
        self.kind: Literal["flat", "graph"] = "flat"
        self._index = _new_index("flat", dimensions)
        self._rows = _Rows(np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))

    def __len__(self) -> int:
        return self._rows.held

    @property
    def removed(self) -> int:
        """How many removed vectors the graph still leads through; 0 in a flat index."""
        return len(self._rows.ids) - self._rows.held

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """See `VectorIndex.add`. Crossing the limit of the flat index builds the graph, once."""
        rows = check_new(ids, vectors, self.dimensions, self._rows.held_ids())
        if self.kind == "flat" and len(self) + len(rows) > self._flat_up_to:
            rows = np.concatenate([self.vectors(), rows])
            self.kind, self._index = "graph", _new_index("graph", self.dimensions)
        _use_one_thread()
        self._index.add(rows)
        self._rows = self._rows.with_more(np.asarray(ids, dtype=np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        """See `VectorIndex.remove`. Builds no graph anew: what is left of one is searched.

        When so few are left that a flat index can hold them, they go into one.
        """
        rows = self._rows.without(ids)
        if self.kind == "graph" and rows.held > self._flat_up_to:
            self._rows = rows
            return
        kept_vectors = self._all_vectors()[rows.kept]
        fresh = FaissIndex(self.dimensions, self._flat_up_to)
        fresh.add(rows.held_ids().tolist(), kept_vectors)
        self.kind, self._index, self._rows = fresh.kind, fresh._index, fresh._rows

    def search(self, vectors: Vectors, k: int) -> tuple[Vectors, Ids]:
        """See `VectorIndex.search`. A graph may miss a near one; a flat index never does."""
        _use_one_thread()
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        known, wanted = self._rows, max(1, min(k, len(self)))
        cosines, positions = self._index.search(rows, wanted, params=self._effort(known))
        if not known.held:
            return filled(cosines[:, :0], positions[:, :0], k)
        ids = np.where(positions >= 0, known.ids[positions], NO_ID)
        cosines = np.where(positions >= 0, cosines, -np.inf).astype(np.float32)
        order = np.lexsort((ids, -cosines), axis=-1)[:, :k]
        return filled(np.take_along_axis(cosines, order, 1), np.take_along_axis(ids, order, 1), k)

    def _effort(self, known: _Rows) -> Any:
        """How a graph is searched: further, the more of it are only steps on the way."""
        if self.kind == "flat":
            return None
        growth = max(1.0, len(known.ids) / EFFORT_MEASURED_AT) ** 0.5
        effort = math.ceil(GRAPH_SEARCH_EFFORT * growth * len(known.ids) / max(known.held, 1))
        if known.held == len(known.ids):
            return _library.SearchParametersHNSW(efSearch=effort)
        return _library.SearchParametersHNSW(efSearch=effort, sel=known.selector())

    def save(self, path: Path) -> str:
        """Write the index to one file, whose SHA-256 (hex) is returned."""
        ids, kept = self._rows.ids, self._rows.kept
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for part in (
                _HEADER.pack(_FILE_TYPE, len(ids)),
                ids.astype("<i8").tobytes(),
                np.packbits(kept, bitorder="little").tobytes(),
                memoryview(_library.serialize_index(self._index)),
            ):
                file.write(part)
                digest.update(part)
        return digest.hexdigest()

    @classmethod
    def load(
        cls, path: Path, sha256: str, dimensions: int, flat_up_to: int = FLAT_UP_TO
    ) -> FaissIndex:
        """Read what `save` wrote. FAISS sees the bytes only after their SHA-256 was checked.

        Raises:
            ValueError: the file is another than the one that was saved, or of an older form.
            OSError: the file cannot be read.
        """
        written = path.read_bytes()
        if hashlib.sha256(written).hexdigest() != sha256:
            raise ValueError(f"{path.name} is not the file that was saved")
        rows, start = _read_rows(path, written)
        index = faiss.deserialize_index(np.frombuffer(written, dtype=np.uint8)[start:])
        if index.d != dimensions or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise ValueError(f"{path.name} holds vectors of another kind")
        if index.ntotal != len(rows.ids):
            raise ValueError(f"{path.name} has ids for other vectors")
        loaded = cls(dimensions, flat_up_to)
        loaded._index, loaded._rows = index, rows
        loaded.kind = "flat" if isinstance(index, faiss.IndexFlat) else "graph"
        return loaded

    def vectors(self) -> Vectors:
        """Look at the vectors held: (n, dimensions), in the order of adding.

        Nothing is copied unless something was removed from a graph, so the view must not outlive
        the index nor the next `add` or `remove`.
        """
        rows = self._all_vectors()
        return rows[self._rows.kept] if self.removed else rows

    def _all_vectors(self) -> Vectors:
        """The vectors where FAISS holds them, those that are removed from a graph included."""
        count = len(self._rows.ids)
        if not count:
            return np.empty((0, self.dimensions), dtype=np.float32)
        flat: Any = (
            self._index if self.kind == "flat" else faiss.downcast_index(self._index.storage)
        )
        flat_rows = faiss.rev_swig_ptr(flat.get_xb(), count * self.dimensions)
        rows: Vectors = flat_rows.reshape(count, self.dimensions)
        return rows


class _Rows:
    """Which id the vector at each position has, and whether it is still held. Never changes."""

    def __init__(self, ids: Ids, kept: Kept) -> None:
        self.ids, self.kept = ids, kept
        self.held = int(kept.sum())
        self._selector: Any = None

    def held_ids(self) -> Ids:
        return self.ids if self.held == len(self.ids) else self.ids[self.kept]

    def with_more(self, ids: Ids) -> _Rows:
        return _Rows(
            np.concatenate([self.ids, ids]), np.concatenate([self.kept, np.ones(len(ids), bool)])
        )

    def without(self, ids: Sequence[int]) -> _Rows:
        """Raises KeyError for an id that is not held."""
        positions = positions_of(ids, self.held_ids())
        kept = self.kept.copy()
        kept[np.flatnonzero(self.kept)[positions]] = False
        return _Rows(self.ids, kept)

    def selector(self) -> Any:
        """What tells FAISS which positions may be results; it looks into memory kept here."""
        if self._selector is None:
            bits = np.packbits(self.kept, bitorder="little")
            selector = _library.IDSelectorBitmap(len(bits), _library.swig_ptr(bits))
            selector.bits = bits
            self._selector = selector
        return self._selector


def _read_rows(path: Path, written: bytes) -> tuple[_Rows, int]:
    """The rows of a file, and where FAISS's own part starts."""
    if len(written) < _HEADER.size or not written.startswith(_FILE_TYPE):
        raise ValueError(f"{path.name} is of an older form")
    _, count = _HEADER.unpack_from(written)
    bits_at = _HEADER.size + 8 * count
    start = bits_at + -(-count // 8)
    if len(written) < start:
        raise ValueError(f"{path.name} is cut short")
    ids = np.frombuffer(written, dtype="<i8", count=count, offset=_HEADER.size).astype(np.int64)
    bits = np.frombuffer(written, dtype=np.uint8, count=start - bits_at, offset=bits_at)
    return _Rows(ids, np.unpackbits(bits, count=count, bitorder="little").astype(bool)), start


def _new_index(kind: Literal["flat", "graph"], dimensions: int) -> Any:
    if kind == "flat":
        return faiss.IndexFlatIP(dimensions)
    graph = faiss.IndexHNSWFlat(dimensions, GRAPH_NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = GRAPH_BUILD_EFFORT
    return graph


def _use_one_thread() -> None:
    if not getattr(_one_thread, "set", False):
        faiss.omp_set_num_threads(1)
        _one_thread.set = True
