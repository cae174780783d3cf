"""Texts as weighted character pieces: the half of the intent classifier that needs no encoder.

Spelling errors, part numbers and single Chinese characters weigh here what a sentence encoder
smooths away. Pure Python and numpy; training and serving use the very same code.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from knowledge_base.question_key import simplified_text

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

MAX_CHARACTERS = 1_000  # of one text; a longer one tells nothing more about the intent
MANY_TEXTS, VERY_MANY = 50, 0.05  # a piece in more texts than both does not count as likeness
_SHORTEST, _LONGEST = 2, 4
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_CHUNKS = re.compile(rf"[{_HAN}]+|[^\s{_HAN}]+")
_LONG_NUMBER = re.compile(r"\d{4,}")


def folded(text: str) -> str:
    """One form for texts that read alike: width, case, script, spacing and invisible characters.

    Traditional characters become simplified ones. Numbers of four and more digits become "0000":
    an order number says that there is one.
    """
    plain = unicodedata.normalize("NFKC", text[: 4 * MAX_CHARACTERS]).casefold()
    seen = "".join(c for c in simplified_text(plain) if c in "\n\t" or _is_visible(c))
    return _LONG_NUMBER.sub("0000", " ".join(seen.split()))[:MAX_CHARACTERS]


@lru_cache(maxsize=4_096)  # shoppers may write any of a million characters
def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cf", "Cc", "Cs")


def pieces(text: str) -> list[str]:
    """Every piece of a text, with repeats.

    Words and word pairs, the 2- to 4-character pieces of every word in its frame of spaces, and
    for Chinese, which has no spaces, every single character.
    """
    chunks: list[str] = _CHUNKS.findall(folded(text))
    found: list[str] = []
    for chunk in chunks:
        if _HAN_CHARACTER.match(chunk):
            found += chunk
        else:
            found.append(f"={chunk}")
        framed = f" {chunk} "
        for length in range(_SHORTEST, min(_LONGEST, len(framed)) + 1):
            found += [framed[at : at + length] for at in range(len(framed) - length + 1)]
    found += [f"={first[-12:]} {second[:12]}" for first, second in pairwise(chunks)]
    return found


@lru_cache(maxsize=256)
def _counted(text: str) -> Counter[str]:
    """The pieces of a text; kept for a while, because intents and moods look at the same turn."""
    return Counter(pieces(text))


@dataclass(frozen=True)
class Weighed:
    """One text in the space: which pieces, and how much each weighs (L2 norm 1, or empty)."""

    ids: Ints
    weights: Floats


@dataclass(frozen=True)
class NgramSpace:
    """A fixed vocabulary of pieces with their rarity.

    Attributes:
        vocabulary: piece -> column.
        rarity: inverse document frequency of each column, (len(vocabulary),).
    """

    vocabulary: Mapping[str, int]
    rarity: Floats

    @classmethod
    def of(cls, texts: Sequence[str], min_texts: int = 1, max_pieces: int = 60_000) -> NgramSpace:
        """Learn the pieces that stand in at least `min_texts` texts, the most frequent first."""
        frequency: Counter[str] = Counter()
        for text in texts:
            frequency.update(set(pieces(text)))
        kept = sorted(
            (piece for piece, count in frequency.items() if count >= min_texts),
            key=lambda piece: (-frequency[piece], piece),
        )[:max_pieces]
        counts = np.array([frequency[piece] for piece in kept], dtype=np.float32)
        rarity = np.log((1.0 + len(texts)) / (1.0 + counts)) + 1.0
        return cls({piece: column for column, piece in enumerate(kept)}, rarity.astype(np.float32))

    def weigh(self, text: str) -> Weighed:
        """Place one text: sublinear frequency times rarity, L2 norm 1; empty when all is new."""
        counted = _counted(text)
        columns = list(map(self.vocabulary.get, counted))
        found = [column for column in columns if column is not None]
        ids = np.array(found, dtype=np.int32)
        counts = [
            count
            for column, count in zip(columns, counted.values(), strict=True)
            if column is not None
        ]
        occurrences = np.array(counts, dtype=np.float32)
        weights = (1.0 + np.log(occurrences)) * self.rarity[ids]
        norm = float(np.sqrt(weights @ weights))
        return Weighed(ids, (weights / (norm or 1.0)).astype(np.float32))


@dataclass(frozen=True)
class NgramIndex:
    """Similarity of a text to each of n known texts, by posting lists.

    Attributes:
        starts: first posting of each column, (columns + 1,).
        texts: which text a posting is about.
        weights: how much the column weighs in it.
        size: number of texts.
    """

    starts: NDArray[np.int64]
    texts: Ints
    weights: Floats
    size: int

    @classmethod
    def of(cls, weighed: Iterable[Weighed], columns: int) -> NgramIndex:
        """Turn weighed texts into posting lists.

        Pieces that stand in very many texts are left out: they tell texts apart least and cost
        most of the time.
        """
        rows = list(weighed)
        ids = np.concatenate([row.ids for row in rows]) if rows else np.zeros(0, np.int32)
        weights = np.concatenate([row.weights for row in rows]) if rows else np.zeros(0, np.float32)
        owners = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row.ids) for row in rows])
        counts = np.bincount(ids, minlength=columns)
        rare = counts[ids] <= max(MANY_TEXTS, VERY_MANY * len(rows))
        ids, weights, owners = ids[rare], weights[rare], owners[rare]
        order = np.argsort(ids, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(ids, minlength=columns)))).astype(
            np.int64
        )
        return cls(starts, owners[order], weights[order], len(rows))

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def similarities(self, text: Weighed) -> Floats:
        """Cosine with every known text, (size,), in [0, 1]."""
        lengths = self._lengths[text.ids]
        total = int(lengths.sum())
        if not total:
            return np.zeros(self.size, np.float32)
        ends = np.cumsum(lengths)
        at = np.arange(total) + np.repeat(self.starts[text.ids] - (ends - lengths), lengths)
        products = self.weights[at] * np.repeat(text.weights, lengths)
        found = np.bincount(self.texts[at], weights=products, minlength=self.size)
        return found.astype(np.float32)
