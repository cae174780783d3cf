"""Makes the serving form of a sentence encoder out of its float32 folder, and proves it by value.

Written are `model.onnx` (see `encoder_graph`), where a reader was learnt for the encoder
`reader.onnx` (see `reader_graph`), `words.codes.npy` and `words.scales.npy` (the word
embeddings as 8-bit codes with one float16 scale for 32 of them, exact to 0.4 % of the largest) and
the tokenizer (its pieces and scores, or `tokenizer.json`). The result is compared with
sentence-transformers on texts of every length, alone and in padded batches, and refused when any
cosine is below `LEAST_COSINE`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from safetensors.numpy import load_file

from knowledge_base.encoder import (
    FLOAT_FOLDER,
    SERVING_FOLDER,
    Encoder,
    OnnxEncoder,
    SentenceTransformersEncoder,
    Vectors,
)
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import Manifest
from knowledge_base.reader import READER_FILE
from knowledge_base.unigram_tokenizer import write_vocabulary
from knowledge_base.word_embeddings import CODES_FILE, SCALES_FILE
from training.adapter_files import AdapterFile
from training.encoder_graph import Products, graph_of, shape_of
from training.reader_graph import KINDS, ReaderGraph

LEAST_COSINE = 0.99
WORDS_PER_SCALE = 32
PROBES = (
    "怎么退货", "How do I return an item?", "发货了吗", "快递到哪了？单号SF1234567890123", "在吗",
    "hi", "", "  ", "？", "😀👍", "这件衣服 M 码还有货吗，身高170体重65kg适合穿哪个码",
    "I was charged twice for order 10442 and nobody answers my e-mails, what should I do now?",
    "退款什么时候到账", "refund", "Can I pay with PayPal or only by card?", "亲～可以便宜点吗",
    "物流三天没有更新了，是不是丢件了，麻烦帮我查一下谢谢", "你们支持7天无理由退换货吗",
    "The zipper broke after two days. I want a replacement or my money back. " * 6,
    "收到的杯子碎了，包装箱也压扁了，我已经拍了照片，请问怎么处理，是退款还是补发？" * 8,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """How near the export is to float32.

    Attributes:
        least_cosine, mean_cosine: over all probes, alone and in padded batches.
        least_batch_cosine: the same text alone against in a batch, both exported.
    """

    least_cosine: float
    mean_cosine: float
    least_batch_cosine: float


def export_encoder(
    float_folder: Path,
    serving_folder: Path,
    products: Products,
    tokenizer: str,
    reader: AdapterFile | None = None,
) -> None:
    """Write the serving form of the encoder in `float_folder` into `serving_folder`.

    Args:
        reader: what was learnt for a reader above the encoder's lower layers.

    Raises:
        ModelFolderRefused: the reader is for another model.
    """
    weights = load_file(float_folder / "model.safetensors")
    serving_folder.mkdir()
    layers = 0
    if reader is not None:
        graph, layers = reader_of_encoder(weights, float_folder, reader)
        onnx.save(graph, serving_folder / READER_FILE)
    onnx.save(graph_of(weights, float_folder, products, layers), serving_folder / "model.onnx")
    codes, scales = pack_words(weights["embeddings.word_embeddings.weight"])
    np.save(serving_folder / CODES_FILE, codes, allow_pickle=False)
    np.save(serving_folder / SCALES_FILE, scales, allow_pickle=False)
    if tokenizer == "unigram":
        raw = json.loads((float_folder / "tokenizer.json").read_text(encoding="utf-8"))
        write_vocabulary(raw["model"]["vocab"], serving_folder)
    else:
        shutil.copyfile(float_folder / "tokenizer.json", serving_folder / "tokenizer.json")


def reader_of_encoder(
    weights: Mapping[str, Vectors], float_folder: Path, reader: AdapterFile
) -> tuple[onnx.ModelProto, int]:
    """The graph of a reader, and how many of the upper layers it reads in.

    Raises:
        ModelFolderRefused: it is for another model.
    """
    changed = {name: weights[name] + change for name, change in reader.changes_of(weights)}
    beside = reader.beside()
    layers = len(beside[KINDS])
    everything = {**weights, **changed, **beside}
    return ReaderGraph(everything, shape_of(float_folder), layers).build(), layers


def pack_words(words: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Pack (n, d) embeddings into codes (n, d) and scales (n, d / 32)."""
    blocks = words.reshape(len(words), -1, WORDS_PER_SCALE)
    scales = (np.abs(blocks).max(axis=2) / 127).astype(np.float16)
    steps = np.maximum(scales.astype(np.float32), 1e-7)[..., None]
    codes = np.clip(np.round(blocks / steps), -127, 127).astype(np.int8)
    return codes.reshape(words.shape), scales


def check_export(folder: Path, manifest: Manifest) -> ExportCheck:
    """Compare the export in `folder` with its float32 original by value.

    Raises:
        ModelFolderRefused: a cosine is below `LEAST_COSINE`.
    """
    exported = OnnxEncoder(folder / SERVING_FOLDER, manifest)
    exported.load()
    original = SentenceTransformersEncoder(folder / FLOAT_FOLDER, manifest)
    original.load()
    check = compare(exported, original, PROBES)
    if check.least_cosine < LEAST_COSINE:
        raise ModelFolderRefused(
            f"The export of {manifest.name} differs from its float32 original (cosine "
            f"{check.least_cosine:.4f}, at least {LEAST_COSINE} is wanted), so it was not kept."
        )
    return check


def compare(exported: Encoder, original: Encoder, texts: Sequence[str]) -> ExportCheck:
    """Compare two encoders on the same texts."""
    batch = exported.encode_questions(texts)
    alone = np.concatenate([exported.encode_questions([text]) for text in texts])
    truth = original.encode_questions(texts)
    near = np.concatenate([(batch * truth).sum(axis=1), (alone * truth).sum(axis=1)])
    return ExportCheck(
        float(near.min()), float(near.mean()), float((batch * alone).sum(axis=1).min())
    )
