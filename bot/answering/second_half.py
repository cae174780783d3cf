"""The second half of a text's vector, where a second encoder helps to tell intents.

The second encoder knows English only, so it is asked about English texts alone; of a Chinese text
that half is empty. The first half is the same for both, so that what is learnt in one language
still helps in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.centring import ASSUMED_TEXTS
from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import for_second


@dataclass(frozen=True)
class SecondHalf:
    """A second encoder, with the mean of what it made of the training phrases.

    Attributes:
        centre: what is taken out of its vectors, (dimensions,).
    """

    encoder: Encoder
    centre: Vectors

    @classmethod
    def of(cls, texts: Sequence[str], encoder: Encoder) -> SecondHalf:
        """Take the mean over the texts that are not Chinese."""
        asked = [texts[row] for row in for_second(texts)]
        total = encoder.encode_questions(asked).sum(axis=0) if asked else np.float32(0)
        centre = np.broadcast_to(total / (len(asked) + ASSUMED_TEXTS), (encoder.dimensions,))
        return cls(encoder, centre.astype(np.float32))

    def of_texts(self, texts: Sequence[str]) -> Vectors:
        """What stands beside the first half: (n, dimensions), length 1, or 0 for Chinese."""
        half = np.zeros((len(texts), self.encoder.dimensions), dtype=np.float32)
        asked = for_second(texts)
        if asked:
            rest = self.encoder.encode_questions([texts[row] for row in asked]) - self.centre
            half[asked] = rest / np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6)
        return half


def halves_of(texts: Sequence[str], second: SecondHalf | None) -> Vectors | None:
    """The second halves of texts, (n, dimensions); None where there is no second encoder."""
    return None if second is None else second.of_texts(texts)


def beside(first: Vectors, halves: Vectors | None) -> Vectors:
    """The centred vectors of texts with their second halves, (n, dimensions of both).

    Length 1 without a second half and for Chinese, the root of 2 otherwise.
    """
    return first if halves is None else np.hstack([first, halves])
