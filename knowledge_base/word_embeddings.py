"""The word embeddings of an encoder: one row of numbers for each token, out of mapped files.

The tables are far larger than all else that an encoder needs (100 MB), and of their rows a shop's
talks use a few thousand. So they stay in their files, and the rows that were used are kept.
"""

from __future__ import annotations

import mmap
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CODES_FILE, SCALES_FILE = "words.codes.npy", "words.scales.npy"
KEPT_ROWS = 4096  # 1.7 MB; a power of two
LET_GO_TOKENS = 32  # read before the mapped tables are let go
_NONE = -1


class WordEmbeddings:
    """The word embeddings of an encoder, 8 bits a number.

    With each row that is read the system maps its whole neighbourhood, 64 kB, and what is mapped
    counts as memory of the process: 90 MB after a thousand questions. So the tables are let go now
    and then; their pages stay in the system's cache. But mapping again takes 20 µs a row, a tenth
    of what a question costs, and most tokens were read before: a row is kept until another comes
    that belongs into the same place.

    Safe to call from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._codes: NDArray[np.int8] = _mapped(folder / CODES_FILE)
        self._scales: NDArray[np.float16] = _mapped(folder / SCALES_FILE)
        self._lock = threading.Lock()
        self._kept = np.full(KEPT_ROWS, _NONE, dtype=np.int64)
        self._kept_codes = np.zeros((KEPT_ROWS, self._codes.shape[1]), dtype=np.int8)
        self._kept_scales = np.zeros((KEPT_ROWS, self._scales.shape[1]), dtype=np.float16)
        self._read = 0

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the embeddings of tokens: (tokens, dimensions)."""
        with self._lock:
            codes, scales = self._rows(ids)
        blocks = codes.reshape(*scales.shape, -1).astype(np.float32)
        blocks *= scales[..., None]
        return blocks.reshape(codes.shape)

    def _rows(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
        places = ids % KEPT_ROWS
        new = np.flatnonzero(self._kept[places] != ids)
        codes, scales = self._kept_codes[places], self._kept_scales[places]
        if len(new):
            codes[new], scales[new] = self._codes[ids[new]], self._scales[ids[new]]
            # Of two that belong into one place the last is kept, in all three alike.
            self._kept[places[new]] = ids[new]
            self._kept_codes[places[new]] = codes[new]
            self._kept_scales[places[new]] = scales[new]
            self._let_go_behind(len(new))
        return codes, scales

    def _let_go_behind(self, read: int) -> None:
        self._read += read
        if self._read >= LET_GO_TOKENS:
            self._read = 0
            for table in (self._codes, self._scales):
                _let_go(table)


def _mapped(path: Path) -> Any:
    """Map a file of numbers; pages are read when a word is first used."""
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _let_go(mapped: NDArray[Any]) -> None:
    """Unmap the pages of a mapped file; they are mapped again when they are read again."""
    file: object = mapped.base
    if isinstance(file, mmap.mmap) and sys.platform == "linux":
        file.madvise(mmap.MADV_DONTNEED)
