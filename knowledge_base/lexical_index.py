"""Finds texts that share words with a question: BM25 over phrasings or answers.

Knows no entries and no languages: texts have positions, and a search gives a score for each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base.words import words_of

Scores = NDArray[np.float32]
MAX_QUERY_WORDS = 256  # a question of 4,000 characters costs no more than one of 500


class LexicalIndex:
    """BM25 (the variant of Lucene, k1 1.2, b 0.4: phrasings are short) over texts."""

    def __init__(self, model: Any | None, size: int) -> None:
        self._model = model  # None when no text has a word
        self._size = size
        self._best = np.empty(0, dtype=np.float32) if model is None else _best_scores(model)

    @classmethod
    def of(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index texts; the position of a text is its id."""
        words = [words_of(text) for text in texts]
        if not any(words):
            return cls(None, len(texts))
        model = bm25s.BM25(k1=1.2, b=0.4, method="lucene")
        model.index(words, show_progress=False)
        return cls(model, len(texts))

    def __len__(self) -> int:
        return self._size

    def scores(self, text: str) -> Scores:
        """BM25 of the question with every text: (n,), float32, >= 0; 0 where no word is shared."""
        return self.scores_and_best(words_of(text))[0]

    def scores_and_best(self, asked: Sequence[str]) -> tuple[Scores, float]:
        """Like `scores`, and the score of a text that would hold every word of the question.

        A word that no text holds counts as much as the rarest one does.

        Args:
            asked: the words of the question (`words_of`).
        """
        if self._model is None:
            return np.zeros(self._size, dtype=np.float32), 1.0
        known = self._model.vocab_dict
        # Each word once: saying it twice does not make a question ask for it more.
        words = list(dict.fromkeys(asked[:MAX_QUERY_WORDS]))
        ids = [known[word] for word in words if word in known]
        if not ids:
            return np.zeros(self._size, dtype=np.float32), 1.0
        scores: Scores = self._model.get_scores_from_ids(ids)
        unknown = (len(words) - len(ids)) * float(self._best.max())
        return scores, float(self._best[ids].sum()) + unknown

    def holders(self) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
        """Every word, in how many texts it stands, and the positions of those, word by word."""
        if self._model is None:
            return [], np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        columns = self._model.scores["indptr"]
        by_column = sorted(self._model.vocab_dict.items(), key=lambda pair: int(pair[1]))
        words = [word for word, column in by_column if int(column) < len(columns) - 1]
        texts = self._model.scores["indices"].astype(np.int64)
        return words, np.diff(columns).astype(np.int64)[: len(words)], texts

    def save(self, folder: Path) -> None:
        """Write the index as .npy and JSON files into a new folder."""
        folder.mkdir()
        (folder / "size.json").write_text(json.dumps({"size": self._size}), encoding="utf-8")
        if self._model is not None:
            self._model.save(folder, allow_pickle=False, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote; the caller has verified the files.

        Raises:
            OSError, ValueError, KeyError: the folder holds something else.
        """
        size = int(json.loads((folder / "size.json").read_text(encoding="utf-8"))["size"])
        if not (folder / "vocab.index.json").exists():
            return cls(None, size)
        model = bm25s.BM25.load(folder, allow_pickle=False, show_progress=False)
        if int(model.scores["num_docs"]) != size:
            raise ValueError("the lexical index holds another number of texts than it says")
        return cls(model, size)


def _best_scores(model: Any) -> Scores:
    """The highest score that each word gives to any text."""
    columns = model.scores["indptr"]
    best: Scores = np.maximum.reduceat(model.scores["data"], columns[:-1])
    return best
