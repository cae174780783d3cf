"""A second encoder beside the one that all languages share; it is asked what is not Chinese.

A small encoder that knows nothing but English tells English questions apart far better than one
that knows a hundred languages (figures in docs/decisions/0003). It stands beside the first, which
alone compares texts of two languages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

import numpy as np

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.head_start import head_start_thread
from knowledge_base.script import language_of
from knowledge_base.spelling import KnowsWords

Done = TypeVar("Done")

REMEMBERED_TEXTS = 256
MOST_BEGUN = 8  # texts encoded ahead at one time; more would only keep others waiting


class EncoderPair:
    """An `Encoder` that is its first one, and carries a second; the digest names both."""

    def __init__(self, first: Encoder, second: Encoder) -> None:
        self.first = first
        self.second = second
        self.name = f"{first.name}+{second.name}"
        self.digest = pair_digest(first.digest, second.digest)
        self.dimensions = first.dimensions

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See Encoder: the first encoder's vectors."""
        return self.first.encode_questions(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder: the first encoder's vectors."""
        return self.first.encode_passages(texts)


def pair_of(first: Encoder, second: Encoder | None) -> Encoder:
    """Both as one encoder, or the first alone where there is no second."""
    return first if second is None else EncoderPair(first, second)


def first_of(encoder: Encoder) -> Encoder:
    """The encoder of all languages: the first of a pair, or the encoder itself."""
    return encoder.first if isinstance(encoder, EncoderPair) else encoder


def pair_digest(first: str, second: str | None) -> str:
    """The digest of `pair_of`, from the digests of both."""
    return first if second is None else f"{first}+{second}"


def second_of(encoder: Encoder) -> Encoder | None:
    """The second encoder of a pair; None for any other encoder."""
    return encoder.second if isinstance(encoder, EncoderPair) else None


def for_second(texts: Sequence[str]) -> list[int]:
    """Positions of the texts that a second encoder is asked about: all that are not Chinese."""
    return [row for row, text in enumerate(texts) if language_of(text) != "zh"]


class RememberingEncoder:
    """An `Encoder` that keeps the vectors of the last questions, and can begin with some ahead.

    Intents and search look at the same turns, and a message can be read while it is being stored.
    Safe to call from several threads.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.name, self.digest = encoder.name, encoder.digest
        self.dimensions = encoder.dimensions
        self._known: dict[str, Vectors] = {}
        self._begun: dict[str, Future[dict[str, Vectors]]] = {}
        self._changing = threading.Lock()
        self._ahead = head_start_thread("encoding")

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; what was asked just before costs nothing, and what was begun is awaited."""
        with self._changing:
            found = {text: self._known[text] for text in texts if text in self._known}
            begun = {self._begun[text] for text in texts if text in self._begun}
        for work in begun:
            if work.exception() is None:
                found |= work.result()
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            found |= self._make(missing)
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([found[text] for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; passages are not remembered."""
        return self.encoder.encode_passages(texts)

    def knows_word(self, word: str) -> bool:
        """See KnowsWords: as the encoder inside does."""
        return isinstance(self.encoder, KnowsWords) and self.encoder.knows_word(word)

    def begin(self, texts: Sequence[str]) -> None:
        """Begin to encode, in a thread of its own, what a second encoder is asked about.

        What nobody asks for after all is forgotten like any other.
        """
        texts = [texts[row] for row in for_second(texts)]
        with self._changing:
            taken = self._known.keys() | self._begun.keys()
            fresh = [text for text in dict.fromkeys(texts) if text not in taken]
            if fresh and len(self._begun) + len(fresh) <= MOST_BEGUN:
                work = self._ahead.submit(self._make, fresh)
                self._begun |= dict.fromkeys(fresh, work)

    def afterwards(self, work: Callable[[], Done]) -> Future[Done]:
        """Do something in the thread that `begin` uses, after what was begun there."""
        return self._ahead.submit(work)

    def _make(self, texts: Sequence[str]) -> dict[str, Vectors]:
        try:
            made = dict(zip(texts, self.encoder.encode_questions(texts), strict=True))
            with self._changing:
                self._known |= made
                for text in list(self._known)[: max(0, len(self._known) - REMEMBERED_TEXTS)]:
                    del self._known[text]
            return made
        finally:
            with self._changing:
                for text in texts:
                    self._begun.pop(text, None)
