"""Keeps the indexes of a version in a folder, and tells whether they are still the right ones.

Indexes can always be made again from the entries, so nothing here is ever worth an error: what
does not fit is `None`, and the caller builds anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge_base.centring import Centres
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry
from knowledge_base.entry_head import EntryHead
from knowledge_base.faiss_index import FaissIndex
from knowledge_base.folder import digests_of, new_folder
from knowledge_base.indexes import Indexes, centred_answers, second_space
from knowledge_base.lexical_index import LexicalIndex
from knowledge_base.phrasings import Encoded, phrasings_of

INDEX_FORMAT = 2  # raise it whenever words, keys or files change their meaning
_MANIFEST = "index.json"
_NEAREST = "nearest.faiss"
_QUESTIONS = "questions.npy"  # as the encoder gave them, for the next version to take over
_ANSWERS = "answers.npy"
_CENTRES = "centres.npy"
_SECOND_QUESTIONS = "second_questions.npy"  # by the second encoder of a pair
_SECOND_ANSWERS = "second_answers.npy"


def index_folder_name(digest: str) -> str:
    """Each encoder, by its digest, has its own folder beside the others."""
    name = "".join(c if c.isalnum() else "-" for c in digest)[:40]
    return f"index-{name}"


def save_indexes(
    folder: Path, indexes: Indexes, encoded: Encoded, encoder: Encoder, entries_sha256: str
) -> None:
    """Write indexes, and the vectors they were made from, into a new folder, all or nothing."""
    with new_folder(folder) as unfinished:
        np.save(unfinished / _QUESTIONS, encoded.questions, allow_pickle=False)
        np.save(unfinished / _ANSWERS, encoded.answers, allow_pickle=False)
        if encoded.second is not None:
            np.save(unfinished / _SECOND_QUESTIONS, encoded.second.questions, allow_pickle=False)
            np.save(unfinished / _SECOND_ANSWERS, encoded.second.answers, allow_pickle=False)
        np.save(unfinished / _CENTRES, indexes.centres.means, allow_pickle=False)
        indexes.nearest.save(unfinished / _NEAREST)
        indexes.words.save(unfinished / "words")
        indexes.answer_words.save(unfinished / "answer_words")
        if indexes.head is not None:
            indexes.head.save(unfinished)
        manifest = _facts(encoder, entries_sha256) | {"files": digests_of(unfinished)}
        (unfinished / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def load_indexes(
    folder: Path, encoder: Encoder, entries: Sequence[Entry], entries_sha256: str
) -> Indexes | None:
    """Read indexes; None when they are missing, spoiled, or of other entries or another encoder."""
    files = _verified(folder, encoder, entries_sha256)
    if files is None:
        return None
    try:
        encoded = _encoded(folder)
        second = second_space(entries, encoded, encoder)
        both = encoder.dimensions + (second.encoder.dimensions if second else 0)
        indexes = Indexes(
            centres=Centres(np.load(folder / _CENTRES, allow_pickle=False)),
            nearest=FaissIndex.load(folder / _NEAREST, files[_NEAREST], encoder.dimensions),
            answers=centred_answers(entries, encoded.answers),
            words=LexicalIndex.load(folder / "words"),
            answer_words=LexicalIndex.load(folder / "answer_words"),
            head=EntryHead.load(folder, len({entry.id for entry in entries}), both),
            second=second,
        )
    except (OSError, ValueError, KeyError):
        return None
    phrasings = len(phrasings_of(entries))
    sizes = (len(indexes.nearest), len(indexes.words), len(indexes.answer_words))
    return indexes if sizes == (phrasings, phrasings, len(entries)) else None


def load_encoded(folder: Path, encoder: Encoder, entries_sha256: str) -> Encoded | None:
    """Read the vectors that indexes were made from; None when `load_indexes` would give None."""
    if _verified(folder, encoder, entries_sha256) is None:
        return None
    try:
        return _encoded(folder)
    except (OSError, ValueError):
        return None


def _encoded(folder: Path) -> Encoded:
    second = None
    if (folder / _SECOND_QUESTIONS).exists():
        second = Encoded(
            questions=np.load(folder / _SECOND_QUESTIONS, allow_pickle=False),
            answers=np.load(folder / _SECOND_ANSWERS, allow_pickle=False),
        )
    return Encoded(
        questions=np.load(folder / _QUESTIONS, allow_pickle=False),
        answers=np.load(folder / _ANSWERS, allow_pickle=False),
        second=second,
    )


def _verified(folder: Path, encoder: Encoder, entries_sha256: str) -> dict[str, str] | None:
    """SHA-256 of every file in the folder, when it is exactly what was once written."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files = digests_of(folder)
    except (OSError, ValueError):
        return None
    files.pop(_MANIFEST)
    return files if manifest == _facts(encoder, entries_sha256) | {"files": files} else None


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
