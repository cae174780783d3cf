"""Builds the ONNX graph of a reader: the upper layers of an encoder, looking at two texts.

The tokens of a question go up through the layers, and in each they see one another and, as it was
on the way into that layer, every token of what is read beside them (`knowledge_base.reader`). What
is read does not see the question, so it is computed once for all questions. From what has become of
the question's tokens a small network tells whether what was read answers it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper

from training.encoder_graph import FUSED, BertShape, EncoderGraph, Matrix

KINDS = "kinds"  # (layers, 2, hidden): added to a phrasing's and to an answer's tokens
HEAD = ("head.inner.weight", "head.inner.bias", "head.outer.weight", "head.outer.bias")


class ReaderGraph(EncoderGraph):
    """The graph under construction; one question and one entry, so that nothing is padded.

    Inputs: `question` (asked, hidden) float32, its tokens on the way into the lowest layer that
    reads; `read` (layers, seen, hidden) float32, the tokens of phrasing and answer on the way into
    each; `kinds` (seen,) int64, 0 for those of the phrasing and 1 for those of the answer.
    Output: `log_odds` (1, 1) float32.

    Args:
        weights: of the encoder, its upper layers changed, and of what was learnt beside.
        layers: how many of the upper layers read.
    """

    def __init__(self, weights: Mapping[str, Matrix], shape: BertShape, layers: int) -> None:
        super().__init__(weights, shape)
        self._layers = layers

    def build(self) -> onnx.ModelProto:
        """Lay all layers and what tells the odds, and check the result."""
        self._count_rows("question", "row_middles")
        first, state = self._shape.layers - self._layers, "question"
        for number in range(self._layers):
            state = self._reading(f"encoder.layer.{first + number}.", number, state)
        self._tell(state)
        hidden, values = self._shape.hidden, helper.make_tensor_value_info
        return self._checked(
            "reader",
            [
                values("question", TensorProto.FLOAT, ["asked", hidden]),
                values("read", TensorProto.FLOAT, [self._layers, "seen", hidden]),
                values("kinds", TensorProto.INT64, ["seen"]),
            ],
            [values("log_odds", TensorProto.FLOAT, [1, 1])],
        )

    def _reading(self, name: str, number: int, state: str) -> str:
        """One layer, in which the question sees itself and what is read."""
        which = self._constant(f"{name}number", np.array([number], np.int64))
        front = self._constant("first_axis", np.array([0], np.int64))
        kinds = self._constant(f"{name}kinds", self._weights[KINDS][number])
        self._node("Gather", ["read", which], f"{name}layer", axis=0)
        self._node("Squeeze", [f"{name}layer", front], f"{name}read")
        self._node("Gather", [kinds, "kinds"], f"{name}kind", axis=0)
        self._node("Add", [f"{name}read", f"{name}kind"], f"{name}beside")
        everything = self._node("Concat", [state, f"{name}beside"], f"{name}all", axis=0)
        if number == 0:
            self._count_rows(everything, "all_middles")
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        query = self._linear(state, parts[:1], f"{name}asks")
        joined = self._linear(everything, parts[1:], f"{name}offers")
        self._nodes.append(helper.make_node("Split", [joined], parts[1:], axis=-1, num_outputs=2))
        texts = [
            self._node("Unsqueeze", [one, front], f"{one}.text") for one in (query, *parts[1:])
        ]
        seen = self._node(
            "MultiHeadAttention",
            texts,
            f"{name}seen",
            domain=FUSED,
            num_heads=self._shape.heads,
        )
        rows = self._node("Squeeze", [seen, front], f"{name}seen.rows")
        return self._beyond_attention(name, rows, state)

    def _middles(self, rows: str) -> str:
        return "all_middles" if rows.endswith(".all") else "row_middles"

    def _tell(self, state: str) -> None:
        """From the mean of the question's tokens and the one that begins it."""
        front = self._constant("first_axis", np.array([0], np.int64))
        mean = self._node("ReduceMean", [state, front], "mean", keepdims=1)
        begins = self._node("Gather", [state, front], "begins", axis=0)
        both = self._node("Concat", [mean, begins], "both", axis=1)
        inner, inner_bias, outer, outer_bias = (
            self._constant(name, self._weights[name].T) for name in HEAD
        )
        self._node("MatMul", [both, inner], "inner")
        self._node("Add", ["inner", inner_bias], "inner.sum")
        self._node("Relu", ["inner.sum"], "inner.out")
        self._node("MatMul", ["inner.out", outer], "outer")
        self._node("Add", ["outer", outer_bias], "log_odds")
