"""The phrasings of entries in one flat order, their vectors, and the table of exact questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.entry import Entry
from knowledge_base.question_key import question_key

ENCODED_AT_ONCE = 64  # phrasings per call of the encoder; the progress moves once per call
Progress = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One question of one entry.

    Attributes:
        entry: position of the entry in its version.
        question: the words, as the shop wrote them.
    """

    entry: int
    question: str


def phrasings_of(entries: Sequence[Entry]) -> tuple[Phrasing, ...]:
    """Every phrasing, entry by entry. Its position is its id in every index."""
    return tuple(
        Phrasing(position, question)
        for position, entry in enumerate(entries)
        for question in entry.questions
    )


def exact_table(phrasings: Sequence[Phrasing]) -> dict[str, tuple[int, ...]]:
    """Key of a question -> positions of the phrasings that have it, in order."""
    table: dict[str, tuple[int, ...]] = {}
    for position, phrasing in enumerate(phrasings):
        key = question_key(phrasing.question)
        table[key] = (*table.get(key, ()), position)
    return table


def encode_phrasings(
    phrasings: Sequence[Phrasing],
    encoder: Encoder,
    known: Mapping[str, Vectors] | None = None,
    progress: Progress | None = None,
) -> Vectors:
    """The vectors of phrasings: (n, dimensions), float32.

    Args:
        known: vectors of questions that this very encoder has made before; they are not made again.
        progress: called with how many of the missing ones are done.
    """
    known = known or {}
    vectors = np.empty((len(phrasings), encoder.dimensions), dtype=np.float32)
    missing: dict[str, list[int]] = {}
    for position, phrasing in enumerate(phrasings):
        if phrasing.question in known:
            vectors[position] = known[phrasing.question]
        else:
            missing.setdefault(phrasing.question, []).append(position)
    texts = sorted(missing, key=lambda text: (len(text), text))  # equal lengths waste no padding
    for start in range(0, len(texts), ENCODED_AT_ONCE):
        batch = texts[start : start + ENCODED_AT_ONCE]
        for text, vector in zip(batch, encoder.encode_questions(batch), strict=True):
            vectors[missing[text]] = vector
        if progress:
            progress(min(start + ENCODED_AT_ONCE, len(texts)), len(texts))
    return vectors
