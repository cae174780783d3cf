"""The vector index that serves: FAISS, exact up to 50,000 vectors and a graph beyond.

The only module that imports faiss. Always one thread: on two, small searches were 2 to 20 times
slower, and FAISS keeps the number of threads per calling thread.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np

from knowledge_base.encoder import Vectors
from knowledge_base.vector_index import NO_ID, Ids, check_new, filled

FLAT_UP_TO = 50_000  # vectors; an exact search of 384 dimensions takes about 2.5 ms there
GRAPH_NEIGHBOURS = 32
GRAPH_BUILD_EFFORT = 100  # HNSW efConstruction
GRAPH_SEARCH_EFFORT = 64  # HNSW efSearch: recall@10 1.000 at 100,000 vectors

_one_thread = threading.local()


class FaissIndex:
    """A `VectorIndex` on FAISS.

    Attributes:
        dimensions: length of a vector.
        kind: "flat" (exact) or "graph" (HNSW), by the number of vectors held.
    """

    def __init__(self, dimensions: int, flat_up_to: int = FLAT_UP_TO) -> None:
        self.dimensions = dimensions
        self._flat_up_to = flat_up_to
        self.kind: Literal["flat", "graph"] = "flat"
        self._ids: Ids = np.empty(0, dtype=np.int64)
        self._index = _new_index("flat", dimensions)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """See `VectorIndex.add`. Crossing the limit of the flat index builds the graph anew."""
        rows = check_new(ids, vectors, self.dimensions, set(self._ids.tolist()))
        if self.kind == "flat" and len(self) + len(rows) > self._flat_up_to:
            rows = np.concatenate([self.vectors(), rows])
            self.kind, self._index = "graph", _new_index("graph", self.dimensions)
        _use_one_thread()
        self._index.add(rows)
        self._ids = np.concatenate([self._ids, np.asarray(ids, dtype=np.int64)])

    def remove(self, ids: Sequence[int]) -> None:
        """See `VectorIndex.remove`. Builds the index anew, as a graph cannot forget."""
        missing = set(ids) - set(self._ids.tolist())
        if missing:
            raise KeyError(min(missing))
        kept = ~np.isin(self._ids, np.asarray(ids, dtype=np.int64))
        kept_ids, kept_vectors = self._ids[kept], self.vectors()[kept]
        fresh = FaissIndex(self.dimensions, self._flat_up_to)
        fresh.add(kept_ids.tolist(), kept_vectors)
        self.kind, self._index, self._ids = fresh.kind, fresh._index, fresh._ids

    def search(self, vectors: Vectors, k: int) -> tuple[Vectors, Ids]:
        """See `VectorIndex.search`. A graph may miss a near one; a flat index never does."""
        _use_one_thread()
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        cosines, positions = self._index.search(rows, max(1, min(k, len(self))))
        if not len(self):
            return filled(cosines[:, :0], positions[:, :0], k)
        ids = np.where(positions >= 0, self._ids[positions], NO_ID)
        cosines = np.where(positions >= 0, cosines, -np.inf).astype(np.float32)
        order = np.lexsort((ids, -cosines), axis=-1)[:, :k]
        return filled(np.take_along_axis(cosines, order, 1), np.take_along_axis(ids, order, 1), k)

    def save(self, path: Path) -> str:
        """Write the index to one file, whose SHA-256 (hex) is returned.

        Ids are not in it: they are the positions 0, 1, 2 … in every published version.

        Raises:
            ValueError: the ids are not 0, 1, 2 …
        """
        if not np.array_equal(self._ids, np.arange(len(self))):
            raise ValueError("only an index with the ids 0, 1, 2 … can be saved")
        written = faiss.serialize_index(self._index).tobytes()
        path.write_bytes(written)
        return hashlib.sha256(written).hexdigest()

    @classmethod
    def load(
        cls, path: Path, sha256: str, dimensions: int, flat_up_to: int = FLAT_UP_TO
    ) -> FaissIndex:
        """Read what `save` wrote. FAISS sees the bytes only after their SHA-256 was checked.

        Raises:
            ValueError: the file is another than the one that was saved.
            OSError: the file cannot be read.
        """
        written = path.read_bytes()
        if hashlib.sha256(written).hexdigest() != sha256:
            raise ValueError(f"{path.name} is not the file that was saved")
        index = faiss.deserialize_index(np.frombuffer(written, dtype=np.uint8))
        if index.d != dimensions or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise ValueError(f"{path.name} holds vectors of another kind")
        loaded = cls(dimensions, flat_up_to)
        loaded._index = index
        loaded.kind = "flat" if isinstance(index, faiss.IndexFlat) else "graph"
        loaded._ids = np.arange(index.ntotal, dtype=np.int64)
        return loaded

    def vectors(self) -> Vectors:
        """Look at the vectors where FAISS holds them: (n, dimensions), in the order of adding.

        Nothing is copied, so the view must not outlive the index nor the next `add` or `remove`.
        """
        if not len(self):
            return np.empty((0, self.dimensions), dtype=np.float32)
        flat: Any = (
            self._index if self.kind == "flat" else faiss.downcast_index(self._index.storage)
        )
        flat_rows = faiss.rev_swig_ptr(flat.get_xb(), len(self) * self.dimensions)
        rows: Vectors = flat_rows.reshape(len(self), self.dimensions)
        return rows


def _new_index(kind: Literal["flat", "graph"], dimensions: int) -> Any:
    if kind == "flat":
        return faiss.IndexFlatIP(dimensions)
    graph = faiss.IndexHNSWFlat(dimensions, GRAPH_NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = GRAPH_BUILD_EFFORT
    graph.hnsw.efSearch = GRAPH_SEARCH_EFFORT
    return graph


def _use_one_thread() -> None:
    if not getattr(_one_thread, "set", False):
        faiss.omp_set_num_threads(1)
        _one_thread.set = True
