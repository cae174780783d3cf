"""Texts in, unit vectors out: the one door to sentence encoders.

Everything that is built from vectors (index, intent head, thresholds) is built with the very
runtime that serves, because an int8 export agrees with its float original only roughly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Encodes shoppers' messages and the questions of entries into one space.

    Attributes:
        name: catalogue name, e.g. "multilingual-e5-small".
        digest: changes whenever the same text could give another vector (weights, runtime, pooling).
        dimensions: length of a vector.
    """

    name: str
    digest: str
    dimensions: int

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Encode what shoppers write and what phrasings ask: (n, dimensions), float32, L2 norm 1.

        The same text alone or in a batch of any order gives the same vector to 1e-3 cosine.
        """
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode answers and other longer texts that are searched for: as above."""
        ...
