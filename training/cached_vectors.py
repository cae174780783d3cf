"""Encodes each text once: vectors are kept on disk by the encoder's digest and the text's own.

Repeated evaluations and trainings of the same files then take no encoder time at all. The folder
may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.spelling import KnowsWords

ENCODED_AT_ONCE = 128
MOST_THREADS = 4
KEPT_BYTES = 1_000_000_000  # of vectors on disk; beyond it the oldest go
# Written between two looks at how much is kept, which takes longer the more files there are.
LOOKED_EVERY_BYTES = KEPT_BYTES // 50
Progress = Callable[[int, int], None]  # how many are done, of how many


class CachedEncoder:
    """An `Encoder` that remembers what it has encoded, in memory and, where given, in a folder.

    Attributes:
        name, digest, dimensions: those of the encoder inside.
        progress: told how many of the missing texts are done.
    """

    def __init__(
        self, encoder: Encoder, folder: Path | None = None, progress: Progress | None = None
    ) -> None:
        self.encoder = encoder
        self.name = encoder.name
        self.digest = encoder.digest
        self.dimensions = encoder.dimensions
        self.progress = progress
        self._folder = folder / encoder.digest if folder else None
        self._known: dict[bytes, Vectors] = {}
        self._looked = False
        self._unweighed = LOOKED_EVERY_BYTES  # bytes written since; looks when it first writes

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; what was encoded before costs nothing."""
        return self._encode(b"question", texts, self.encoder.encode_questions)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; as above."""
        return self._encode(b"passage", texts, self.encoder.encode_passages)

    def knows_word(self, word: str) -> bool:
        """See KnowsWords: as the encoder inside does."""
        return isinstance(self.encoder, KnowsWords) and self.encoder.knows_word(word)

    def _encode(
        self, kind: bytes, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        self._look()
        keys = [_key(kind, text) for text in texts]
        missing = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in self._known
        }
        if missing:
            self._make(missing, encode)
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = self._known[key]
        return vectors

    def _make(self, missing: dict[bytes, str], encode: Callable[[Sequence[str]], Vectors]) -> None:
        # Texts of like length together waste no padding.
        items = sorted(missing.items(), key=lambda item: (len(item[1]), item[1]))
        starts = range(0, len(items), ENCODED_AT_ONCE)
        batches = [items[start : start + ENCODED_AT_ONCE] for start in starts]
        # An encoder computes one call on one thread and may be called from several.
        with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as threads:
            all_made = threads.map(lambda batch: encode([text for _, text in batch]), batches)
            done = 0
            for batch, made in zip(batches, all_made, strict=True):
                self._known.update(zip([key for key, _ in batch], made, strict=True))
                done += len(batch)
                if self.progress:
                    self.progress(done, len(items))
        self._keep([key for key, _ in items])

    def _look(self) -> None:
        """Read the folder once; a spoiled file is deleted, its texts are encoded again."""
        if self._looked or self._folder is None:
            return
        self._looked = True
        for path in sorted(self._folder.glob("*.safetensors")):
            try:
                shelf = load_file(path)
                keys, vectors = shelf["keys"], shelf["vectors"]
            except (SafetensorError, KeyError, OSError):
                path.unlink(missing_ok=True)
                continue
            if vectors.shape == (len(keys), self.dimensions):
                self._known.update(zip([row.tobytes() for row in keys], vectors, strict=True))

    def _keep(self, keys: Sequence[bytes]) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        vectors = np.stack([self._known[key] for key in keys])
        rows = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1)
        fresh = self._folder / f".{secrets.token_hex(8)}.new"
        save_file({"keys": rows, "vectors": vectors}, fresh)
        fresh.rename(fresh.with_name(f"{secrets.token_hex(8)}.safetensors"))
        self._unweighed += vectors.nbytes
        if self._unweighed >= LOOKED_EVERY_BYTES:
            self._unweighed = 0
            _forget_oldest(self._folder.parent)


def _forget_oldest(folder: Path) -> None:
    """Delete what is beyond `KEPT_BYTES`; another program may be deleting just then."""
    found: list[tuple[float, int, Path]] = []
    for path in folder.glob("*/*.safetensors"):
        with suppress(FileNotFoundError):
            about = path.stat()
            found.append((about.st_mtime, about.st_size, path))
    total = 0
    for _, size, path in sorted(found, reverse=True):
        total += size
        if total > KEPT_BYTES:
            path.unlink(missing_ok=True)


def _key(kind: bytes, text: str) -> bytes:
    return hashlib.sha256(kind + b"\0" + text.encode("utf-8", errors="surrogatepass")).digest()[:16]
