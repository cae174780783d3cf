"""A unigram tokenizer for a vocabulary of a quarter of a million pieces, small enough to serve.

Gives the ids that the `tokenizers` library gives for the tokenizer of multilingual-e5 (a test
compares them), in 10 MB instead of 295 and loaded in a tenth of the time; encoding a question
takes a few hundredths of the model's time. Text that looks like a special token is plain text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.word_table import BEGINNING, WordTable

PIECES_FILE = "pieces.txt"
SCORES_FILE = "scores.npy"
BEGIN, END, UNKNOWN = 0, 2, 3
LONGEST_PIECE = 16
UNKNOWN_PENALTY = 10.0  # below the worst piece, as sentencepiece has it
REMEMBERED_WORDS = 8_192
WORD_SIGN = "▁"

_FULL_WIDTH_TILDE = "～"  # kept as it is, though NFKC would fold it
_KEPT_ASIDE = "\ue000"
_REMOVED = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]")
_BLANKS = re.compile(r"[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]")
_SPACES = re.compile(" {2,}")


class UnigramTokenizer:
    """Cuts text into the most probable pieces. Safe to use from several threads."""

    def __init__(self, table: WordTable, scores: Sequence[float]) -> None:
        self._ids = table.get
        self._scores = scores
        self._unknown_score = min(scores) - UNKNOWN_PENALTY
        self._word = lru_cache(REMEMBERED_WORDS)(self._cut)

    @classmethod
    def of(cls, pieces: str, scores: NDArray[np.floating[Any]]) -> UnigramTokenizer:
        """Make one of pieces, one a line and the special ones first, and their scores."""
        characters = np.frombuffer(pieces.encode("utf-32-le"), dtype=np.uint32)
        ends = np.append(np.flatnonzero(characters == ord("\n")), len(characters))
        if len(ends) != len(scores):
            raise ValueError(f"{len(ends)} pieces, but {len(scores)} scores")
        starts = np.append(0, ends[:-1] + 1)
        ids = np.arange(len(ends))
        plain = slice(UNKNOWN + 1, None)
        table = WordTable.of(pieces, starts[plain], (ends - starts)[plain], ids[plain])
        return cls(table, scores.astype(np.float64).data)

    @classmethod
    def load(cls, folder: Path) -> UnigramTokenizer:
        """Read the pieces and their scores from a serving folder."""
        pieces = (folder / PIECES_FILE).read_bytes().decode("utf-8")
        return cls.of(pieces, np.load(folder / SCORES_FILE, allow_pickle=False))

    def encode(self, text: str) -> list[int]:
        """The ids of a text, between the ids of its begin and its end."""
        ids = [BEGIN]
        for word in normalised(text).split(" "):
            if word:
                ids += self._word(WORD_SIGN + word)
        return [*ids, END]

    def _cut(self, word: str) -> tuple[int, ...]:
        """The best way through one word: a table over its characters, then back from its end."""
        length = len(word)
        best = [float("-inf")] * (length + 1)
        best[0] = 0.0
        came: list[tuple[int, int]] = [(0, UNKNOWN)] * (length + 1)
        for start in range(length):
            so_far = best[start]
            has_single = False
            for end in range(start + 1, min(start + LONGEST_PIECE, length) + 1):
                piece = self._ids(word[start:end])
                if piece is None:
                    break  # nothing longer can be one
                if piece == BEGINNING:
                    continue
                has_single = has_single or end == start + 1
                if so_far + self._scores[piece] > best[end]:
                    best[end] = so_far + self._scores[piece]
                    came[end] = (start, piece)
            if not has_single and so_far + self._unknown_score > best[start + 1]:
                best[start + 1] = so_far + self._unknown_score
                came[start + 1] = (start, UNKNOWN)
        return _back(came, length)


def _back(came: list[tuple[int, int]], at: int) -> tuple[int, ...]:
    """Read the way back; neighbouring unknown characters are one token."""
    ids: list[int] = []
    while at > 0:
        at, piece = came[at]
        if not (piece == UNKNOWN and ids and ids[-1] == UNKNOWN):
            ids.append(piece)
    return tuple(reversed(ids))


def normalised(text: str) -> str:
    """The text as the pieces were learnt from: NFKC, one kind of blank, none at the ends."""
    text = _REMOVED.sub("", text.replace(_FULL_WIDTH_TILDE, _KEPT_ASIDE))
    text = unicodedata.normalize("NFKC", _BLANKS.sub(" ", text))
    return _SPACES.sub(" ", text.replace(_KEPT_ASIDE, _FULL_WIDTH_TILDE)).strip()


def write_vocabulary(pieces: list[tuple[str, float]], folder: Path) -> None:
    """Write the files that `UnigramTokenizer.load` reads; no piece may hold a line end."""
    (folder / PIECES_FILE).write_text("\n".join(piece for piece, _ in pieces), encoding="utf-8")
    scores = np.array([score for _, score in pieces], dtype=np.float32)
    np.save(folder / SCORES_FILE, scores, allow_pickle=False)
