"""Builds the ONNX graph of a BERT encoder by hand, with 8-bit products, out of float32 weights.

Why by hand: it is a dozen equal layers, the padding mask is right by construction, and the fused
operators of onnxruntime are named instead of hoped for.

How the products are made small, by default ("rows"): each row of activations (one token) is scaled
to 8 bits by its own maximum, each output channel of a weight to 7 bits. Scaling per row makes a
text's vector independent of what else is in its batch, which the usual scaling per tensor does not
(cosine 0.993 alone against in a batch). Seven bits cannot overflow the 16-bit sums of CPUs without
VNNI, so every machine gets the same vectors; next to eight bits they cost nothing (cosine to
float32 0.99853 against 0.99861). Some models have a few very large activations, beside which all
others of a row vanish; for them ("blocks") activations and weights are scaled 32 by 32, which is
nearer to float32 (MiniLM: cosine at worst 0.998 against 0.980) and takes up to twice as long; or
("smoothed") rows are made even before they are scaled, and the largest inputs stay in 32 bits (see
`smoothing`; MiniLM: cosine at worst 0.99).
Word embeddings stay outside the graph: they are looked up in a mapped file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from knowledge_base.encoder import BELOW
from training.smoothing import SMOOTHING_FILE, Smoothing, read_smoothing

Matrix = NDArray[np.float32]
Products = Literal["rows", "blocks", "smoothed"]
BLOCK = 32
EIGHT_BIT_ACTIVATIONS = 4  # onnxruntime's number for it
WEIGHT_LIMIT = 63  # 255 * 63 * 2 fits into the 16-bit sums of AVX2
ROW_LIMIT = 127
ZERO_POINT = 128
FUSED = "com.microsoft"  # onnxruntime's own operators
OPSETS = {"": 20, FUSED: 1}


@dataclass(frozen=True, slots=True)
class BertShape:
    """Sizes of the encoder, from transformers' `config.json`."""

    layers: int
    heads: int
    hidden: int
    epsilon: float

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> BertShape:
        """Read the sizes out of a BERT configuration."""
        return cls(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            hidden=int(config["hidden_size"]),
            epsilon=float(config["layer_norm_eps"]),
        )


class EncoderGraph:
    """The graph under construction.

    The tokens of all texts follow each other as rows, without padding: only attention, which is
    among the tokens of one text, sees texts of one length. In a batch of 16 shoppers' questions
    three of ten rows would be padding.

    Inputs: `words` (tokens, hidden) float32, a row for each token of all texts; `places` (tokens,)
    int64, where in its text each stands; `lengths` (texts,) int32; `spread` (texts, longest) int64,
    which row each place of each text is, any one beyond its length; `kept` (tokens,) int64, where
    each row is among those places.
    Outputs: `states` (tokens, hidden) float32, and for a reader (`reader_graph`) what the upper
    layers are given, `below.LAYER`, in the same shape.

    Args:
        read: how many of the upper layers a reader wants to see the inputs of.
    """

    def __init__(
        self,
        weights: Mapping[str, Matrix],
        shape: BertShape,
        products: Products = "rows",
        smoothing: Mapping[str, Smoothing] | None = None,
        read: int = 0,
    ) -> None:
        self._weights = weights
        self._shape = shape
        self._products = products
        self._smoothing = smoothing or {}
        self._read = read
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def build(self) -> onnx.ModelProto:
        """Lay all layers and check the result."""
        state = self._embed()
        given = []
        for layer in range(self._shape.layers):
            if layer >= self._shape.layers - self._read:
                given.append(self._node("Identity", [state], f"{BELOW}{layer}"))
            state = self._layer(f"encoder.layer.{layer}.", state)
        self._node("Identity", [state], "states")
        hidden = self._shape.hidden
        values = helper.make_tensor_value_info
        return self._checked(
            "sentence_encoder",
            [
                values("words", TensorProto.FLOAT, ["tokens", hidden]),
                values("places", TensorProto.INT64, ["tokens"]),
                values("lengths", TensorProto.INT32, ["texts"]),
                values("spread", TensorProto.INT64, ["texts", "longest"]),
                values("kept", TensorProto.INT64, ["tokens"]),
            ],
            [values(name, TensorProto.FLOAT, ["tokens", hidden]) for name in ["states", *given]],
        )

    def _checked(
        self, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, name, inputs, outputs, constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        onnx.checker.check_model(model)
        return model

    def _embed(self) -> str:
        positions = self._weights["embeddings.position_embeddings.weight"]
        types = self._weights["embeddings.token_type_embeddings.weight"]
        table = self._constant("positions", positions + types[:1])
        self._node("Gather", [table, "places"], "place_rows")
        self._node("Add", ["words", "place_rows"], "placed_rows")
        self._count_rows("placed_rows", "row_middles")
        return self._normalised("placed_rows", "embeddings.LayerNorm")

    def _count_rows(self, rows: str, middles: str) -> None:
        """Make as many zero points as there are rows."""
        self._node("Shape", [rows], f"{middles}.count", end=1)
        middle = helper.make_tensor("middle", TensorProto.UINT8, [1], [ZERO_POINT])
        self._node("ConstantOfShape", [f"{middles}.count"], middles, value=middle)

    def _layer(self, name: str, state: str) -> str:
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        joined = self._linear(state, parts, f"{name}attention")
        texts = self._node("Gather", [joined, "spread"], f"{name}attention.texts")
        self._nodes.append(helper.make_node("Split", [texts], parts, axis=-1, num_outputs=3))
        seen = self._node(
            "MultiHeadAttention",
            [*parts, "", "lengths"],
            f"{name}seen",
            domain=FUSED,
            num_heads=self._shape.heads,
        )
        rows = self._constant("as_rows", np.array([-1, self._shape.hidden], np.int64))
        seen = self._node("Reshape", [seen, rows], f"{name}seen.places")
        seen = self._node("Gather", [seen, "kept"], f"{name}seen.rows")
        return self._beyond_attention(name, seen, state)

    def _beyond_attention(self, name: str, seen: str, state: str) -> str:
        """The rest of a layer, from what its attention saw."""
        seen = self._linear(seen, [f"{name}attention.output.dense"], f"{name}attended")
        state = self._add_and_norm(seen, state, f"{name}attention.output.LayerNorm")
        inner = self._linear(state, [f"{name}intermediate.dense"], f"{name}inner")
        inner = self._node("Gelu", [inner], f"{name}gelu", domain=FUSED)
        outer = self._linear(inner, [f"{name}output.dense"], f"{name}outer")
        return self._add_and_norm(outer, state, f"{name}output.LayerNorm")

    def _linear(self, rows: str, parts: list[str], name: str) -> str:
        """Multiply as `products` says; parts with one input become one product."""
        weight = np.concatenate([self._weights[f"{part}.weight"] for part in parts])
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        if self._products == "blocks":
            return self._by_blocks(rows, weight, bias, name)
        if self._products == "smoothed":
            return self._smoothed(rows, weight, bias, self._smoothing[parts[0]], name)
        return self._by_rows(rows, weight, bias, name)

    def _smoothed(
        self, rows: str, weight: Matrix, bias: Matrix, smoothing: Smoothing, name: str
    ) -> str:
        """Multiply even inputs in 8 bits, and those that stand out beside them in 32."""
        even, shares = weight * smoothing.factors, 1 / smoothing.factors
        even[:, smoothing.outliers] = 0.0
        shares[smoothing.outliers] = 0.0
        shares_name = self._constant(f"{name}.shares", shares.astype(np.float32))
        self._node("Mul", [rows, shares_name], f"{name}.even")
        most = self._by_rows(f"{name}.even", even, bias, f"{name}.most")
        places = self._constant(f"{name}.outliers", smoothing.outliers)
        self._node("Gather", [rows, places], f"{name}.standing_out", axis=1)
        large = self._constant(f"{name}.large", weight[:, smoothing.outliers].T)
        self._node("MatMul", [f"{name}.standing_out", large], f"{name}.rest")
        return self._node("Add", [most, f"{name}.rest"], f"{name}.out")

    def _by_rows(self, rows: str, weight: Matrix, bias: Matrix, name: str) -> str:
        """Multiply 8-bit rows with 7-bit weights."""
        scales = np.maximum(np.abs(weight).max(axis=1), 1e-12) / WEIGHT_LIMIT
        codes = np.round(weight / scales[:, None]).astype(np.int8)
        packed, row_scales = self._rows(rows, name)
        zero = self._constant("zero_point", np.array(ZERO_POINT, np.uint8))
        self._node(
            "MatMulIntegerToFloat",
            [
                packed,
                self._constant(f"{name}.codes", codes.T),
                self._constant("one", np.array(1, np.float32)),
                self._constant(f"{name}.scales", scales.astype(np.float32)),
                zero,
            ],
            f"{name}.by_channel",
            domain=FUSED,
        )
        self._node("Mul", [f"{name}.by_channel", row_scales], f"{name}.by_row")
        bias_name = self._constant(f"{name}.bias", bias)
        return self._node("Add", [f"{name}.by_row", bias_name], f"{name}.out")

    def _by_blocks(self, rows: str, weight: Matrix, bias: Matrix, name: str) -> str:
        """Multiply with weights that share a scale 32 by 32; activations are treated alike."""
        outputs, inputs = weight.shape
        blocks = weight.reshape(outputs, inputs // BLOCK, BLOCK)
        scales = np.maximum(np.abs(blocks).max(axis=2), 1e-12) / ROW_LIMIT
        codes = (np.round(blocks / scales[..., None]) + ZERO_POINT).astype(np.uint8)
        return self._node(
            "MatMulNBits",
            [
                rows,
                self._constant(f"{name}.codes", codes),
                self._constant(f"{name}.scales", scales.astype(np.float32)),
                "",
                "",
                self._constant(f"{name}.bias", bias),
            ],
            f"{name}.out",
            domain=FUSED,
            K=inputs,
            N=outputs,
            bits=8,
            block_size=BLOCK,
            accuracy_level=EIGHT_BIT_ACTIVATIONS,
        )

    def _rows(self, rows: str, name: str) -> tuple[str, str]:
        """Scale every row to 8 bits by its own maximum: the codes, and the scales (rows, 1)."""
        last = self._constant("last_axis", np.array([-1], np.int64))
        limit = self._constant("row_limit", np.array(ROW_LIMIT, np.float32))
        self._node("Abs", [rows], f"{name}.sizes")
        self._node("ReduceMax", [f"{name}.sizes", last], f"{name}.largest", keepdims=1)
        # A row of zeros has the scale 0: whatever its codes are, they come to nothing.
        self._node("Div", [f"{name}.largest", limit], f"{name}.row_scales")
        self._node("Squeeze", [f"{name}.row_scales", last], f"{name}.scale_list")
        self._node(
            "QuantizeLinear",
            [rows, f"{name}.scale_list", self._middles(rows)],
            f"{name}.rows",
            axis=0,
        )
        return f"{name}.rows", f"{name}.row_scales"

    def _middles(self, rows: str) -> str:
        """The zero point of every row."""
        return "row_middles"

    def _add_and_norm(self, change: str, state: str, norm: str) -> str:
        self._node("Add", [change, state], f"{norm}.sum")
        return self._normalised(f"{norm}.sum", norm)

    def _normalised(self, rows: str, norm: str) -> str:
        weight, bias = self._norm(norm)
        return self._node(
            "LayerNormalization",
            [rows, weight, bias],
            f"{norm}.out",
            axis=-1,
            epsilon=self._shape.epsilon,
        )

    def _norm(self, name: str) -> list[str]:
        return [
            self._constant(f"{name}.{part}", self._weights[f"{name}.{part}"])
            for part in ("weight", "bias")
        ]

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _node(
        self, operator: str, inputs: list[str], output: str, domain: str = "", **facts: Any
    ) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **facts))
        return output


def graph_of(
    weights: Mapping[str, Matrix], float_folder: Path, products: Products, read: int = 0
) -> onnx.ModelProto:
    """Build the graph of an encoder.

    Args:
        weights: its own, or with other layers.
        float_folder: holds its `config.json`, and for smoothed products the smoothing.
        read: how many of the upper layers a reader wants to see the inputs of.
    """
    smoothing = read_smoothing(float_folder / SMOOTHING_FILE) if products == "smoothed" else None
    return EncoderGraph(weights, shape_of(float_folder), products, smoothing, read).build()


def shape_of(float_folder: Path) -> BertShape:
    """Sizes of the encoder in a folder of float32 weights."""
    config = json.loads((float_folder / "config.json").read_text(encoding="utf-8"))
    return BertShape.from_config(config)
