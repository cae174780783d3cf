"""A second encoder beside the one that all languages share; it is asked what is not Chinese.

A small encoder that knows nothing but English tells English questions apart far better than one
that knows a hundred languages (figures in docs/decisions/0003). It stands beside the first, which
alone compares texts of two languages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.script import language_of

REMEMBERED_TEXTS = 1_000


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
    """An `Encoder` that keeps the vectors of the last questions, for those who ask after another.

    Intents and search look at the same turns. Safe to call from several threads.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.name, self.digest = encoder.name, encoder.digest
        self.dimensions = encoder.dimensions
        self._known: dict[str, Vectors] = {}
        self._changing = threading.Lock()

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; what was asked just before costs nothing."""
        return self._remembered(texts, self.encoder.encode_questions)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; passages are not remembered."""
        return self.encoder.encode_passages(texts)

    def _remembered(
        self, texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        with self._changing:
            found = {text: self._known[text] for text in texts if text in self._known}
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            made = dict(zip(missing, encode(missing), strict=True))
            found |= made
            with self._changing:
                self._known |= made
                for text in list(self._known)[: max(0, len(self._known) - REMEMBERED_TEXTS)]:
                    del self._known[text]
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([found[text] for text in texts])
