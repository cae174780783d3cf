"""Tells classes of texts apart from the encoder's vector, character pieces and marks.

Two parts that err differently are averaged:

* a linear one over the vector, the marks and the pieces, each piece weighed by how much more
  often it stands in one class than in the others (the NB-SVM of Wang and Manning, 2012);
* a few small networks with one hidden layer over the vector, the marks and the pieces brought to
  few dimensions.

numpy only; `training/fit_text_machine.py` makes one. It knows nothing of moods.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from bot.answering.ngram_space import NgramSpace, Weighed
from knowledge_base.encoder import Vectors

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]  # tables with a row for each piece: half the memory, no difference

LINEAR_SHARPNESS = 2.0  # brings margins of the linear part to the scale of log odds
_SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class MachineWords:
    """What a machine makes of n texts without their vectors.

    Attributes:
        marks: scaled, (n, m).
        pulls: what the pieces add to the margin of each class, (n, k).
        few: the pieces brought to few dimensions, (n, b).
    """

    marks: Floats
    pulls: Floats
    few: Floats


@dataclass(frozen=True)
class TextMachine:
    """A classifier of texts.

    Attributes:
        classes: names, in the order of the columns of `probabilities`.
        space: the character pieces known, c of them.
        centre, spread: of the vectors, (d,).
        marks_centre, marks_spread: of the marks, (m,).
        marks_weight: of a scaled mark beside the unit vector.
        ratios: how much a piece speaks for a class, >= 0, float16, (c, k).
        piece_weights: float16, (c, k).
        dense_weights, bias: of the centred unit vector and the scaled marks, (d + m, k) and (k,).
        basis: pieces to few dimensions, float16, (c, b).
        inner, inner_bias: of n networks, (n, d + m + b, h) and (n, h).
        outer, outer_bias: (n, h, k) and (n, k).
        offsets: added to the logarithm of the mean probability, (k,).
        sharpness: what that is then multiplied by, so that a probability means what it says.
    """

    classes: tuple[str, ...]
    space: NgramSpace
    centre: Floats
    spread: Floats
    marks_centre: Floats
    marks_spread: Floats
    marks_weight: float
    ratios: Halves
    piece_weights: Halves
    dense_weights: Floats
    bias: Floats
    basis: Halves
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats
    offsets: Floats
    sharpness: float

    def probabilities(self, texts: Sequence[Weighed], vectors: Vectors, marks: Floats) -> Floats:
        """Probability of each class.

        Args:
            texts: placed in `space`, n of them.
            vectors: of the encoder that the machine was made with, (n, d).
            marks: (n, m).

        Returns:
            (n, len(classes)), rows add up to 1.
        """
        return self.judged(self.read(texts, marks), vectors)

    def judged(self, words: MachineWords, vectors: Vectors) -> Floats:
        """Probability of each class of texts that were `read`; see `probabilities`."""
        return softmax(self.sharpness * self._scores(words, vectors))

    def scores(self, texts: Sequence[Weighed], vectors: Vectors, marks: Floats) -> Floats:
        """What is sharpened into probabilities, (n, len(classes))."""
        return self._scores(self.read(texts, marks), vectors)

    def read(
        self, texts: Sequence[Weighed], marks: Floats, few: Floats | None = None
    ) -> MachineWords:
        """Do what needs no vectors; this may be done while an encoder is at work.

        Args:
            few: `MachineWords.few` of another machine with the very same `basis`.
        """
        pulls = np.empty((len(texts), len(self.classes)), dtype=np.float32)
        for row, text in enumerate(texts):
            lengths = np.sqrt((text.weights * text.weights) @ self._squares.take(text.ids, axis=0))
            pulls[row] = text.weights @ self._pulls.take(text.ids, axis=0)
            pulls[row] /= np.maximum(lengths, _SMALLEST)
        scaled = (marks - self.marks_centre) / self.marks_spread
        return MachineWords(scaled, pulls, self._few(texts) if few is None else few)

    def _few(self, texts: Sequence[Weighed]) -> Floats:
        few = np.zeros((len(texts), self.basis.shape[1]), dtype=np.float32)
        for row, text in enumerate(texts):
            few[row] = text.weights @ self.basis.take(text.ids, axis=0).astype(np.float32)
        return few

    def _scores(self, words: MachineWords, vectors: Vectors) -> Floats:
        linear = softmax(LINEAR_SHARPNESS * self._linear(words, vectors))
        mean = (linear + self._networks(words, vectors)) / 2
        return np.asarray(np.log(mean + _SMALLEST) + self.offsets, dtype=np.float32)

    def _linear(self, words: MachineWords, vectors: Vectors) -> Floats:
        units = centred_units(vectors, self.centre)
        dense = np.concatenate([units, self.marks_weight * words.marks], axis=1)
        margins: Floats = dense @ self.dense_weights + self.bias
        margins += words.pulls
        return margins

    def _networks(self, words: MachineWords, vectors: Vectors) -> Floats:
        inputs = np.concatenate(
            [(vectors - self.centre) / self.spread, words.marks, words.few], axis=1
        )
        hidden = np.maximum(np.matmul(inputs, self.inner) + self.inner_bias[:, None], 0.0)
        shares = softmax(np.matmul(hidden, self.outer) + self.outer_bias[:, None])
        return np.asarray(shares.mean(axis=0), dtype=np.float32)

    @cached_property
    def _pulls(self) -> Floats:
        """What a piece of weight 1 speaks for each class, (c, k)."""
        return self.ratios.astype(np.float32) * self.piece_weights

    @cached_property
    def _squares(self) -> Floats:
        """What it adds to the squared length of a text as each class sees it, (c, k)."""
        return np.square(self.ratios, dtype=np.float32)

    # -- files -------------------------------------------------------------------------------

    def as_files(self, name: str) -> dict[str, bytes]:
        """Two files from which `from_files` makes an equal machine."""
        arrays = {
            field.name: np.ascontiguousarray(getattr(self, field.name))
            for field in fields(self)
            if field.name not in ("classes", "space", "marks_weight", "sharpness")
        }
        words = {
            "classes": list(self.classes),
            "marks_weight": self.marks_weight,
            "sharpness": self.sharpness,
            "pieces": [piece for piece, _ in sorted(self.space.vocabulary.items(), key=_column)],
        }
        return {
            f"{name}.safetensors": save({**arrays, "rarity": self.space.rarity}),
            f"{name}.json": json.dumps(words, ensure_ascii=False).encode(),
        }

    @classmethod
    def from_files(cls, name: str, files: Mapping[str, bytes]) -> TextMachine:
        """Read what `as_files` wrote.

        Raises:
            ValueError: a file is missing, cannot be read, or the shapes do not fit together.
        """
        try:
            arrays: dict[str, Any] = load(files[f"{name}.safetensors"])
            words = json.loads(files[f"{name}.json"])
            space = NgramSpace(
                {piece: column for column, piece in enumerate(words["pieces"])},
                arrays.pop("rarity"),
            )
            machine = cls(
                classes=tuple(words["classes"]),
                space=space,
                marks_weight=float(words["marks_weight"]),
                sharpness=float(words["sharpness"]),
                **arrays,
            )
        except (KeyError, TypeError, ValueError, SafetensorError) as error:
            raise ValueError(f"{name} is no text machine: {error}") from error
        machine._check_shapes(name)
        return machine

    def _check_shapes(self, name: str) -> None:
        pieces, classes = len(self.space.vocabulary), len(self.classes)
        dense = len(self.centre) + len(self.marks_centre)
        n, _, hidden = self.inner.shape if self.inner.ndim == 3 else (0, 0, 0)
        few = self.basis.shape[-1]
        expected = {
            "spread": self.centre.shape,
            "marks_spread": self.marks_centre.shape,
            "ratios": (pieces, classes),
            "piece_weights": (pieces, classes),
            "dense_weights": (dense, classes),
            "bias": (classes,),
            "basis": (pieces, few),
            "inner": (n, dense + few, hidden),
            "inner_bias": (n, hidden),
            "outer": (n, hidden, classes),
            "outer_bias": (n, classes),
            "offsets": (classes,),
        }
        wrong = [part for part, shape in expected.items() if getattr(self, part).shape != shape]
        if self.space.rarity.shape != (pieces,):
            wrong.append("rarity")
        finite = all(np.isfinite(getattr(self, part)).all() for part in expected)
        if wrong or not n or not finite:
            raise ValueError(f"the parts of {name} do not fit together: {', '.join(wrong)}")


def softmax(scores: Floats) -> Floats:
    """Rows of numbers as rows of probabilities."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)


def centred_units(vectors: Vectors, centre: Floats) -> Floats:
    """Vectors less the centre, scaled to length one."""
    centred = vectors - centre
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(lengths, _SMALLEST), dtype=np.float32)


def _column(pair: tuple[str, int]) -> int:
    return pair[1]
