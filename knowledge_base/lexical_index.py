"""Finds texts that share words with a question: BM25 over phrasings or answers.

Knows no entries and no languages: texts have positions, and a search gives a score for each.
bm25s makes the index and its files; to search it takes a few lines and no further library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.words import words_of

Scores = NDArray[np.float32]
MAX_QUERY_WORDS = 256  # a question of 4,000 characters costs no more than one of 500
_FILES = {name: f"{name}.csc.index.npy" for name in ("data", "indices", "indptr")}
_VOCABULARY, _PARAMETERS = "vocab.index.json", "params.index.json"


@dataclass(frozen=True, slots=True)
class Columns:
    """What every word of the vocabulary gives to the texts that hold it; bm25s's own layout.

    Attributes:
        vocabulary: the column of each word.
        starts: where each column begins, and where the last ends, (columns + 1,).
        texts: positions of the texts, column by column, (m,).
        scores: what the word gives to each, (m,).
    """

    vocabulary: Mapping[str, int]
    starts: NDArray[np.integer[Any]]
    texts: NDArray[np.integer[Any]]
    scores: Scores

    @classmethod
    def of(cls, model: Any) -> Columns:
        """Take them from an index that bm25s has made."""
        made = model.scores
        return cls(model.vocab_dict, made["indptr"], made["indices"], made["data"])

    @classmethod
    def load(cls, folder: Path) -> Columns:
        """Read them from the files that bm25s has written."""
        read = {name: np.load(folder / file, allow_pickle=False) for name, file in _FILES.items()}
        vocabulary = json.loads((folder / _VOCABULARY).read_text(encoding="utf-8"))
        return cls(vocabulary, read["indptr"], read["indices"], read["data"])


class LexicalIndex:
    """BM25 (the variant of Lucene, k1 1.2, b 0.4: phrasings are short) over texts."""

    def __init__(self, columns: Columns | None, size: int, model: Any | None = None) -> None:
        self._columns = columns  # None when no text has a word
        self._size = size
        self._model = model  # what it was made with, to be saved
        self._best = np.empty(0, dtype=np.float32) if columns is None else _best_scores(columns)
        self._rarest = float(self._best.max(initial=0.0))

    @classmethod
    def of(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index texts; the position of a text is its id."""
        words = [words_of(text) for text in texts]
        if not any(words):
            return cls(None, len(texts))
        import bm25s  # slow to import; what serves only reads what it has written

        model = bm25s.BM25(k1=1.2, b=0.4, method="lucene")
        model.index(words, show_progress=False)
        return cls(Columns.of(model), len(texts), model)

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
        scores = np.zeros(self._size, dtype=np.float32)
        if self._columns is None:
            return scores, 1.0
        known = self._columns.vocabulary
        # Each word once: saying it twice does not make a question ask for it more.
        words = list(dict.fromkeys(asked[:MAX_QUERY_WORDS]))
        ids = [known[word] for word in words if word in known]
        if not ids:
            return scores, 1.0
        starts, ends = self._columns.starts[ids].tolist(), self._columns.starts[1:][ids].tolist()
        for start, end in zip(starts, ends, strict=True):
            scores[self._columns.texts[start:end]] += self._columns.scores[start:end]
        unknown = (len(words) - len(ids)) * self._rarest
        return scores, float(self._best[ids].sum()) + unknown

    def holds(self, words: Sequence[str]) -> bool:
        """Tell whether each of these words stands in some text."""
        known = self._columns.vocabulary if self._columns else {}
        return all(word in known for word in words)

    def holders(self) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
        """Every word, in how many texts it stands, and the positions of those, word by word."""
        if self._columns is None:
            return [], np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        counts = np.diff(self._columns.starts).astype(np.int64)
        words = [""] * len(counts)
        for word, column in self._columns.vocabulary.items():
            if column < len(words):
                words[column] = word
        return words, counts, self._columns.texts.astype(np.int64)

    def save(self, folder: Path) -> None:
        """Write the index as .npy and JSON files into a new folder."""
        folder.mkdir()
        (folder / "size.json").write_text(json.dumps({"size": self._size}), encoding="utf-8")
        if self._columns is not None:
            if self._model is None:
                raise ValueError("an index that was read from a folder is not saved again")
            self._model.save(folder, allow_pickle=False, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote; the caller has verified the files.

        Raises:
            OSError, ValueError, KeyError: the folder holds something else.
        """
        size = int(json.loads((folder / "size.json").read_text(encoding="utf-8"))["size"])
        if not (folder / _VOCABULARY).exists():
            return cls(None, size)
        parameters = json.loads((folder / _PARAMETERS).read_text(encoding="utf-8"))
        if int(parameters["num_docs"]) != size:
            raise ValueError("the lexical index holds another number of texts than it says")
        return cls(Columns.load(folder), size)


def _best_scores(columns: Columns) -> Scores:
    """The highest score that each word gives to any text."""
    best: Scores = np.maximum.reduceat(columns.scores, columns.starts[:-1])
    return best
