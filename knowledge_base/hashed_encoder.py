"""A cheap, deterministic twin of a sentence encoder: no weights, works in any language.

Words, character trigrams (Chinese: characters and pairs) are hashed into a fixed number of
dimensions, so two texts are as similar as the pieces they share. It knows no synonyms. It serves
the tests, and a machine that has no weights yet.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from knowledge_base.encoder import Vectors, in_known_characters

_CHINESE = r"\u3400-\u9fff\uf900-\ufaff"
_CHINESE_RUNS = re.compile(f"[{_CHINESE}]+")
_OTHER_WORDS = re.compile(rf"[^\W_{_CHINESE}]+")
_FULL_WORD_CHARACTERS = 5  # short words ("how", "the") carry little meaning


class HashedEncoder:
    """An `Encoder` made of hashed pieces of text.

    Attributes:
        name: "hashed".
        digest: changes with the number of dimensions only.
        dimensions: length of a vector.
        asked: how many texts were encoded so far, for tests that count the model's work.
    """

    def __init__(self, dimensions: int = 256) -> None:
        self.name = "hashed"
        self.digest = f"hashed-2-{dimensions}"
        self.dimensions = dimensions
        self.asked = 0

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions: (n, dimensions), float32, L2 norm 1."""
        self.asked += len(texts)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for piece, weight in _pieces(text):
                code = zlib.crc32(piece.encode("utf-8", errors="surrogatepass"))
                sign = 1.0 if code & 0x80000000 else -1.0
                vectors[row, code % self.dimensions] += sign * weight
            if not vectors[row].any():
                vectors[row, zlib.crc32(b"") % self.dimensions] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode answers: the same as questions."""
        return self.encode_questions(texts)


def _pieces(text: str) -> Iterator[tuple[str, float]]:
    """Every hashed piece of a text with its weight."""
    folded = unicodedata.normalize("NFKC", in_known_characters(text)).casefold()
    for run in _CHINESE_RUNS.findall(folded):
        yield from ((character, 0.5) for character in run)
        yield from ((run[at : at + 2], 1.0) for at in range(len(run) - 1))
    for word in _OTHER_WORDS.findall(folded):
        weight = min(len(word), _FULL_WORD_CHARACTERS) / _FULL_WORD_CHARACTERS
        yield f"w:{word}", weight
        framed = f"^{word}$"
        yield from ((framed[at : at + 3], 0.3 * weight) for at in range(len(framed) - 2))
