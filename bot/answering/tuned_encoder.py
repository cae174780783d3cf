"""A copy of an encoder whose last layers were fine-tuned to tell one shop's intents apart.

It stands beside the linear head, which asks encoders that know no shop: `log_shares` is a second
opinion about the intent, from the nearness of a text to one prototype for each intent. Training is
in `training/tune_encoder.py`; serving is the same runtime as for the encoder it was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.answering.ngram_space import Floats
from knowledge_base.encoder import Encoder, OnnxEncoder
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.script import language_of

Asked = Literal["zh", "rest"]  # which texts it is asked about: Chinese ones, or all others


@dataclass(frozen=True)
class Prototypes:
    """What a text is compared with.

    Attributes:
        centre: mean of the training texts' vectors, taken out of each, (dimensions,).
        directions: one for each intent, length 1; 0 for an intent that it knows no text of,
            (intents, dimensions).
        bias: (intents,).
        scale: what cosines are multiplied by before they become shares.
        weight: of the logarithms of the shares, beside those of the linear head.
    """

    centre: Floats
    directions: Floats
    bias: Floats
    scale: float
    weight: float


class TunedEncoder:
    """The fine-tuned layers with their prototypes.

    Attributes:
        asked: which texts it is asked about.
        graph: the layers, as ONNX.
        prototypes: in the order of the classifier's intents.
        digest: what the layers depend on.
    """

    def __init__(
        self, base: OnnxEncoder, asked: Asked, graph: bytes, digest: str, prototypes: Prototypes
    ) -> None:
        self.asked = asked
        self.base_name = base.name
        self.graph = graph
        self.prototypes = prototypes
        self.digest = digest
        self._encoder = base.with_graph(graph, digest)
        self._known = np.flatnonzero(np.abs(prototypes.directions).sum(axis=1))

    def rows(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Positions of the texts that it is asked about."""
        return np.array(
            [at for at, text in enumerate(texts) if asked_about(text, self.asked)], dtype=np.int64
        )

    def nearness(self, texts: Sequence[str]) -> Floats:
        """How near texts are to each intent, (n, intents); an unknown intent is as near as most."""
        found = self.prototypes
        rest = self._encoder.encode_questions(texts) - found.centre
        rest /= np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6)
        near = rest @ found.directions.T * found.scale + found.bias
        if len(self._known) < near.shape[1]:
            unknown = np.setdiff1d(np.arange(near.shape[1]), self._known)
            near[:, unknown] = np.median(near[:, self._known], axis=1, keepdims=True)
        return np.asarray(near, dtype=np.float32)


def asked_about(text: str, asked: Asked) -> bool:
    """Whether a text is one of those."""
    return (language_of(text) == "zh") == (asked == "zh")


def log_shares(nearness: Floats) -> Floats:
    """Logarithms of the shares that nearness stands for, (n, intents)."""
    rest = nearness - nearness.max(axis=1, keepdims=True)
    return np.asarray(rest - np.log(np.exp(rest).sum(axis=1, keepdims=True)), dtype=np.float32)


def serving_encoder(encoder: Encoder) -> OnnxEncoder | None:
    """The encoder itself, inside those that remember vectors; None for one without layers."""
    inside: object = encoder
    while not isinstance(inside, OnnxEncoder):
        inside = getattr(inside, "encoder", getattr(inside, "first", None))
        if inside is None:
            return None
    return inside


def tuned_from(encoder: Encoder, name: str) -> OnnxEncoder:
    """The encoder that fine-tuned layers of this name are put on.

    Raises:
        ModelFolderRefused: it is not the one that is here.
    """
    found = serving_encoder(encoder)
    if found is None or found.name != name:
        raise ModelFolderRefused(f"The intents were fine-tuned with {name!r}, which is not in use.")
    return found
