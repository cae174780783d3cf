"""The phrasings of entries in one flat order, their vectors, and the table of exact questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import for_second, second_of
from knowledge_base.entry import Entry
from knowledge_base.question_key import joined_key, question_key

ENCODED_AT_ONCE = 64  # phrasings per call of the encoder; the progress moves once per call
ENCODED_ANSWER_CHARACTERS = 300  # more costs time and finds nothing better
MAX_ENCODED_ANSWERS = 20_000  # an answer costs ten times what a question does
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


def spaced_table(exact: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Of an `exact_table` the questions with a space between digits, by their joined keys."""
    table: dict[str, tuple[int, ...]] = {}
    for key, positions in exact.items():
        if " " in key:
            joined = joined_key(key)
            table[joined] = (*table.get(joined, ()), *positions)
    return table


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder made of entries, untouched.

    Attributes:
        questions: (n phrasings, dimensions).
        answers: (n entries, dimensions); no rows when there are too many entries to encode them.
        second: the same by the second encoder of a pair, of the texts that it is asked about
            (`for_second`) and no others.
    """

    questions: Vectors
    answers: Vectors
    second: Encoded | None = None


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """Vectors that the same encoder has made before, by text."""

    questions: Mapping[str, Vectors] = field(default_factory=dict)
    answers: Mapping[str, Vectors] = field(default_factory=dict)
    second: KnownVectors | None = None

    @classmethod
    def of(cls, entries: Sequence[Entry], encoded: Encoded) -> KnownVectors:
        """Everything that was encoded for entries."""
        questions, answers = texts_of(entries)
        second = None
        if encoded.second is not None:
            second = cls(
                dict(zip(_kept(questions), encoded.second.questions, strict=True)),
                dict(zip(_kept(answers), encoded.second.answers, strict=False)),
            )
        return cls(
            dict(zip(questions, encoded.questions, strict=True)),
            dict(zip(answers, encoded.answers, strict=False)),  # which may not be encoded
            second,
        )


def texts_of(entries: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """Every phrasing and, unless there are too many, the part of every answer that is encoded."""
    questions = [phrasing.question for phrasing in phrasings_of(entries)]
    answers = [_passage(entry) for entry in entries] if len(entries) <= MAX_ENCODED_ANSWERS else []
    return questions, answers


def encode_entries(
    entries: Sequence[Entry],
    encoder: Encoder,
    known: KnownVectors | None = None,
    progress: Progress | None = None,
) -> Encoded:
    """Encode every phrasing and every answer.

    Args:
        known: what this very encoder has made before and need not make again.
        progress: called with how many of the missing texts are done.
    """
    known = known or KnownVectors()
    texts = texts_of(entries)
    second = second_of(encoder)
    beside = (known.second or KnownVectors()) if second else None
    halves = (_kept(texts[0]), _kept(texts[1]))
    missing = _missing(texts, known) + (_missing(halves, beside) if beside else 0)
    count = _Count(missing, progress)
    first = _encoded(texts, encoder, known, count)
    if second is None or beside is None:
        return first
    return replace(first, second=_encoded(halves, second, beside, count))


def _encoded(
    texts: tuple[list[str], list[str]], encoder: Encoder, known: KnownVectors, count: _Count
) -> Encoded:
    questions, answers = texts
    return Encoded(
        _vectors(questions, encoder.encode_questions, known.questions, encoder.dimensions, count),
        _vectors(answers, encoder.encode_passages, known.answers, encoder.dimensions, count),
    )


def _missing(texts: tuple[list[str], list[str]], known: KnownVectors) -> int:
    return len(set(texts[0]) - set(known.questions)) + len(set(texts[1]) - set(known.answers))


def _kept(texts: Sequence[str]) -> list[str]:
    """The texts that a second encoder is asked about, in their order."""
    return [texts[row] for row in for_second(texts)]


@dataclass(slots=True)
class _Count:
    """Counts encoded texts for a progress bar."""

    total: int
    progress: Progress | None
    done: int = 0

    def add(self, number: int) -> None:
        self.done += number
        if self.progress:
            self.progress(self.done, self.total)


def _vectors(
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], Vectors],
    known: Mapping[str, Vectors],
    dimensions: int,
    count: _Count,
) -> Vectors:
    vectors = np.empty((len(texts), dimensions), dtype=np.float32)
    missing: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        if text in known:
            vectors[position] = known[text]
        else:
            missing.setdefault(text, []).append(position)
    ordered = sorted(missing, key=lambda text: (len(text), text))  # equal lengths waste no padding
    for start in range(0, len(ordered), ENCODED_AT_ONCE):
        batch = ordered[start : start + ENCODED_AT_ONCE]
        for text, vector in zip(batch, encode(batch), strict=True):
            vectors[missing[text]] = vector
        count.add(len(batch))
    return vectors


def _passage(entry: Entry) -> str:
    """The part of an answer that is encoded: its beginning says what it is about."""
    return entry.answer[:ENCODED_ANSWER_CHARACTERS]
