"""Keeps the indexes of a version in a folder, and tells whether they are still the right ones.

Indexes can always be made again from the entries, so nothing here is ever worth an error: what
does not fit is `None`, and the caller builds anew.
"""

from __future__ import annotations

import json
from pathlib import Path

from knowledge_base.encoder import Encoder
from knowledge_base.faiss_index import FaissIndex
from knowledge_base.folder import digests_of, new_folder
from knowledge_base.lexical_index import LexicalIndex
from knowledge_base.search import Indexes

INDEX_FORMAT = 1  # raise it whenever words, keys or files change their meaning
_MANIFEST = "index.json"
_NEAREST = "nearest.faiss"


def index_folder_name(encoder: Encoder) -> str:
    """Each encoder has its own folder beside the others."""
    name = "".join(c if c.isalnum() else "-" for c in encoder.digest)[:40]
    return f"index-{name}"


def save_indexes(folder: Path, indexes: Indexes, encoder: Encoder, entries_sha256: str) -> None:
    """Write indexes into a new folder, all or nothing."""
    with new_folder(folder) as unfinished:
        indexes.nearest.save(unfinished / _NEAREST)
        indexes.words.save(unfinished / "words")
        indexes.answer_words.save(unfinished / "answer_words")
        manifest = _facts(encoder, entries_sha256) | {
            "phrasings": len(indexes.nearest),
            "files": digests_of(unfinished),
        }
        (unfinished / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def load_indexes(
    folder: Path, encoder: Encoder, entries_sha256: str, phrasings: int, entries: int
) -> Indexes | None:
    """Read indexes; None when they are missing, spoiled, or of other entries or another encoder."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files = digests_of(folder)
        files.pop(_MANIFEST)
        expected = _facts(encoder, entries_sha256) | {"phrasings": phrasings, "files": files}
        if manifest != expected:
            return None
        indexes = Indexes(
            nearest=FaissIndex.load(folder / _NEAREST, files[_NEAREST], encoder.dimensions),
            words=LexicalIndex.load(folder / "words"),
            answer_words=LexicalIndex.load(folder / "answer_words"),
        )
    except (OSError, ValueError, KeyError):
        return None
    sizes = (len(indexes.nearest), len(indexes.words), len(indexes.answer_words))
    return indexes if sizes == (phrasings, phrasings, entries) else None


def _facts(encoder: Encoder, entries_sha256: str) -> dict[str, object]:
    return {
        "format": INDEX_FORMAT,
        "encoder": {
            "name": encoder.name,
            "digest": encoder.digest,
            "dimensions": encoder.dimensions,
        },
        "entries_sha256": entries_sha256,
    }
