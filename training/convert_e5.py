"""Turns the packed 4-bit file of multilingual-e5-small into a sentence-transformers folder.

The packed file is little endian: header, tokenizer (pieces, unigram scores, normalisation), then
named tensors that are float32 or blocks of 32 four-bit weights (DESIGN section 3 of the project
describes every field). The folder that is written holds float32 safetensors, a `tokenizer.json`
and the small JSON files that sentence-transformers reads; nothing in it is pickled.

    python -m training.convert_e5 e5-small-q4.bin FOLDER
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import write_json

MAGIC = b"E5S1"
BLOCK = 32  # weights that share one scale
BLOCK_BYTES = 18  # a float16 scale and 16 bytes of two weights each
FULL_WIDTH_TILDE = "～"  # kept as it is by the original tokenizer, though NFKC would fold it
KEPT_ASIDE = "\ue000"  # a private-use character that stands for it while NFKC runs
REMOVED = r"[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
BLANKS = r"[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class E5Shape:
    """Sizes of the model, as the header states them."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Tensor:
    packed: bool
    count: int
    offset: int
    bytes: int


class E5File:
    """The packed file, read lazily: tensors are unpacked when asked for.

    Attributes:
        shape: sizes from the header.
        pieces: the tokenizer's pieces with their unigram scores, by id.
    """

    def __init__(self, packed: bytes) -> None:
        reader = _Reader(packed)
        if reader.take(4) != MAGIC or reader.one("I") != 1:
            raise ModelFolderRefused("This is no packed e5 file of version 1; fetch it again.")
        self.shape = E5Shape(*reader.many("7if"))
        if reader.one("i") != BLOCK:
            raise ModelFolderRefused(f"The packed e5 file does not use blocks of {BLOCK}.")
        self.pieces = list(_pieces(reader))
        self._tensors = dict(_directory(reader))
        self._packed = packed

    def tensor(self, name: str, columns: int | None = None) -> Matrix:
        """Unpack one tensor as float32: (count,) or (count / columns, columns)."""
        tensor = self._tensors[name]
        raw = np.frombuffer(self._packed, np.uint8, tensor.bytes, tensor.offset)
        values = _unpack(raw) if tensor.packed else raw.view("<f4").astype(np.float32)
        return values if columns is None else values.reshape(-1, columns)


class _Reader:
    """Reads the little-endian fields of the header one after another."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._at = 0

    def take(self, count: int) -> bytes:
        taken = self._packed[self._at : self._at + count]
        if len(taken) != count:
            raise ModelFolderRefused("The packed e5 file ends too early; fetch it again.")
        self._at += count
        return taken

    def many(self, form: str) -> tuple[Any, ...]:
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def one(self, form: str) -> int:
        return int(self.many(form)[0])


def _pieces(reader: _Reader) -> Iterator[tuple[str, float]]:
    count, *_special = reader.many("5i")
    blob_bytes = reader.one("Q")
    offsets = reader.many(f"{count + 1}I")
    scores = reader.many(f"{count}f")
    blob = reader.take(blob_bytes)
    reader.one(
        "i"
    )  # entries of the normalisation table: NFKC but for REMOVED, BLANKS and the tilde
    reader.take(reader.one("I"))
    for number in range(count):
        yield blob[offsets[number] : offsets[number + 1]].decode("utf-8"), scores[number]


def _directory(reader: _Reader) -> Iterator[tuple[str, _Tensor]]:
    for _ in range(reader.one("i")):
        name = reader.take(reader.one("H")).decode("ascii")
        packed, count, offset, size = reader.many("BIQQ")
        yield name, _Tensor(bool(packed), count, offset, size)


def _unpack(raw: NDArray[np.uint8]) -> Matrix:
    """Unpack blocks of 32 weights: the low halves of the 16 bytes come first, then the high."""
    blocks = raw.reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    codes = blocks[:, 2:]
    weights = np.concatenate([codes & 15, codes >> 4], axis=1).astype(np.float32) - 8
    unpacked: Matrix = (weights * scales).reshape(-1)
    return unpacked


def bert_weights(file: E5File) -> dict[str, Matrix]:
    """Give every tensor under the name that transformers' `BertModel` gives it."""
    hidden, inner = file.shape.hidden, file.shape.inner
    weights = {
        "embeddings.word_embeddings.weight": file.tensor("emb.word", hidden),
        "embeddings.position_embeddings.weight": file.tensor("emb.pos", hidden),
        "embeddings.token_type_embeddings.weight": file.tensor("emb.type", hidden),
        "embeddings.LayerNorm.weight": file.tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": file.tensor("emb.ln.b"),
    }
    linear = {
        "q": ("attention.self.query", hidden),
        "k": ("attention.self.key", hidden),
        "v": ("attention.self.value", hidden),
        "ao": ("attention.output.dense", hidden),
        "fi": ("intermediate.dense", hidden),
        "fo": ("output.dense", inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(file.shape.layers):
        ours, theirs = f"l{layer}.", f"encoder.layer.{layer}."
        for short, (long, columns) in linear.items():
            weights[f"{theirs}{long}.weight"] = file.tensor(f"{ours}{short}.w", columns)
            weights[f"{theirs}{long}.bias"] = file.tensor(f"{ours}{short}.b")
        for short, long in norms.items():
            weights[f"{theirs}{long}.weight"] = file.tensor(f"{ours}{short}.w")
            weights[f"{theirs}{long}.bias"] = file.tensor(f"{ours}{short}.b")
    return weights


def unigram_tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """Build the tokenizer: NFKC, blanks collapsed, Metaspace, unigram, `<s> A </s>`."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(FULL_WIDTH_TILDE, KEPT_ASIDE),
            normalizers.Replace(Regex(REMOVED), ""),
            normalizers.Replace(Regex(BLANKS), " "),
            normalizers.NFKC(),
            normalizers.Replace(KEPT_ASIDE, FULL_WIDTH_TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(word, special=True) for word in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    )
    return tokenizer


def write_sentence_transformers_folder(source: Path, folder: Path) -> None:
    """Convert the packed file at `source` into `folder`, which must exist and be empty.

    Raises:
        ModelFolderRefused: the file is no packed e5 file.
    """
    file = E5File(source.read_bytes())
    save_file(bert_weights(file), folder / "model.safetensors", {"format": "pt"})
    unigram_tokenizer(file.pieces).save(str(folder / "tokenizer.json"))
    for name, content in _small_files(file.shape).items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_json(folder / name, content)


def _small_files(shape: E5Shape) -> dict[str, Any]:
    """The JSON files that transformers and sentence-transformers read, by name."""
    modules = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.inner,
            "layer_norm_eps": 1e-12,  # what the header's float32 means
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": 1,
            "type_vocab_size": shape.types,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
        "modules.json": [
            {
                "idx": at,
                "name": str(at),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for at, (path, kind) in enumerate(modules.items())
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "similarity_fn_name": "cosine",
        },
    }


def main(
    source: Annotated[Path, typer.Argument(help="The packed file, e5-small-q4.bin.")],
    folder: Annotated[Path, typer.Argument(help="The folder to write; it must not exist yet.")],
) -> None:
    """Convert the packed 4-bit file of multilingual-e5-small to a sentence-transformers folder."""
    folder.mkdir(parents=True)
    write_sentence_transformers_folder(source, folder)


if __name__ == "__main__":
    typer.run(main)
