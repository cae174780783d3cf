"""Tells an entry that answers a question from one that is only about the same thing.

"Does the courier ring first?" is as near to an entry on delivery times as "how long does it take?"
is. How near two texts are does not show it, but where they differ does: a small network looks at
the vectors of question, phrasing and answer together. It was learnt from small shops that were
written for it (`training/ship_told.py`), for one pair of encoders; figures in
docs/measurements/known-answers.md. What stands in the words themselves a `reader` tells beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import first_of, second_of

TOLD_FILE = "told.safetensors"
FIRST, SECOND = "multilingual-e5-small", "all-MiniLM-L6-v2"  # whose vectors it was learnt from
READ = 2.0  # what a reader's odds weigh beside the network's
# With so many phrasings an entry the shop's own questions tell more (the demo shop has twelve).
MANY_PHRASINGS = 6.0


@dataclass(frozen=True, slots=True)
class ToldVectors:
    """A question, a phrasing of an entry and its answer.

    Attributes:
        first: the three in the first space, centred, (3, dimensions).
        second: the same in the second space; None where one of them has no place in it.
    """

    first: Vectors
    second: Vectors | None


@dataclass(frozen=True, slots=True)
class ToldNetwork:
    """A few networks that agree on a mean; each maps vectors into few directions and has one layer.

    Attributes:
        maps: of question, phrasing and answer in the first space, (networks, 3, dimensions,
            directions).
        second_maps: the same in the second space.
        cosine_scale: what cosines are multiplied with, (networks, 1).
        inner: (networks, 2 * (4 * directions + 3) + 1, hidden).
        inner_bias: (networks, hidden).
        outer: (networks, hidden).
        outer_bias: (networks,).
    """

    maps: Vectors
    second_maps: Vectors
    cosine_scale: Vectors
    inner: Vectors
    inner_bias: Vectors
    outer: Vectors
    outer_bias: Vectors

    def log_odds(self, of: ToldVectors) -> float:
        """Logarithm of the odds that the entry answers, as in the shops it was learnt from."""
        seen = self._seen(of.first, self.maps)
        beside, there = np.zeros_like(seen), np.zeros((len(seen), 1), dtype=np.float32)
        if of.second is not None:
            beside, there = self._seen(of.second, self.second_maps), there + 1.0
        inputs = np.hstack([seen, beside, there])
        hidden = np.matmul(inputs[:, None], self.inner)[:, 0] + self.inner_bias
        odds = (np.maximum(hidden, 0.0) * self.outer).sum(axis=1) + self.outer_bias
        return float(odds.mean())

    def _seen(self, vectors: Vectors, maps: Vectors) -> Vectors:
        question, phrasing, answer = np.matmul(vectors[:, None, None], maps.swapaxes(0, 1))[:, :, 0]
        cosines = (vectors[[0, 0, 1]] * vectors[[1, 2, 2]]).sum(axis=1)
        return np.hstack(
            [
                question * phrasing,
                question * answer,
                np.abs(question - phrasing),
                np.abs(question - answer),
                self.cosine_scale * cosines,
            ]
        )

    def save(self, path: Path) -> None:
        """Write the file that is shipped, in half precision."""
        arrays = {one.name: getattr(self, one.name).astype(np.float16) for one in fields(self)}
        path.write_bytes(save({name: np.ascontiguousarray(one) for name, one in arrays.items()}))


def told_network(encoder: Encoder) -> ToldNetwork | None:
    """The network that is shipped; None for an encoder that it was not learnt for."""
    second = second_of(encoder)
    if first_of(encoder).name != FIRST or (second is not None and second.name != SECOND):
        return None
    return _shipped()


def with_read(odds: float, read: float) -> float:
    """The logarithm of the odds by the network, and by a `knowledge_base.reader`, as one."""
    return (odds + READ * read) / (1.0 + READ)


def has_few_phrasings(phrasings: int, facts: int) -> bool:
    """Whether the network tells something new in a knowledge base of so many phrasings."""
    return 0 < phrasings < MANY_PHRASINGS * facts


@cache
def _shipped() -> ToldNetwork:
    kept = load(files(__package__).joinpath(TOLD_FILE).read_bytes())
    return ToldNetwork(**{name: array.astype(np.float32) for name, array in kept.items()})
