import json
import struct

import numpy as np
import pytest
from safetensors.numpy import load_file

from knowledge_base.errors import ModelFolderRefused
from training.convert_e5 import E5File, unigram_tokenizer, write_sentence_transformers_folder

HIDDEN, INNER, LAYERS, HEADS, POSITIONS = 32, 64, 1, 2, 8
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0),
          ("▁return", -3.0), ("退货", -4.0), ("～", -4.0), ("<mask>", 0.0)]  # fmt: skip
SHAPES = {
    "emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN), "emb.type": (2, HIDDEN),
    "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,),
    "l0.q.w": (HIDDEN, HIDDEN), "l0.k.w": (HIDDEN, HIDDEN), "l0.v.w": (HIDDEN, HIDDEN),
    "l0.ao.w": (HIDDEN, HIDDEN), "l0.fi.w": (INNER, HIDDEN), "l0.fo.w": (HIDDEN, INNER),
    "l0.q.b": (HIDDEN,), "l0.k.b": (HIDDEN,), "l0.v.b": (HIDDEN,), "l0.ao.b": (HIDDEN,),
    "l0.fi.b": (INNER,), "l0.fo.b": (HIDDEN,), "l0.aln.w": (HIDDEN,), "l0.aln.b": (HIDDEN,),
    "l0.oln.w": (HIDDEN,), "l0.oln.b": (HIDDEN,),
}  # fmt: skip
PACKED = {"emb.word", *(f"l0.{one}.w" for one in ("q", "k", "v", "ao", "fi", "fo"))}


def four_bit(values):
    """Pack weights that are whole multiples of 0.5 between -4 and 3.5, 32 to a block."""
    codes = (values.reshape(-1, 32) * 2 + 8).astype(np.uint8)
    scale = np.full((len(codes), 1), 0.5, "<f2").view(np.uint8)
    return np.concatenate([scale, codes[:, :16] | (codes[:, 16:] << 4)], axis=1).tobytes()


def packed_file(tensors):
    blob = b"".join(piece.encode() for piece, _ in PIECES)
    ends = np.cumsum([0] + [len(piece.encode()) for piece, _ in PIECES]).tolist()
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, INNER, len(PIECES),
                                 POSITIONS, 2, 1e-12, 32)  # fmt: skip
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += struct.pack(f"<{len(ends)}I", *ends)
    head += struct.pack(f"<{len(PIECES)}f", *(score for _, score in PIECES)) + blob
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 9, 1, 32)
    names = [name.encode() for name in tensors]
    directory_bytes = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name in names)
    at, directory, body = len(head) + directory_bytes, struct.pack("<i", len(names)), b""
    for name, values in tensors.items():
        raw = four_bit(values) if name in PACKED else values.astype("<f4").tobytes()
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", name in PACKED, values.size, at + len(body), len(raw))
        body += raw
    return head + directory + body


@pytest.fixture(scope="module")
def tensors():
    random = np.random.default_rng(4)
    return {name: random.integers(-8, 8, shape) / 2 for name, shape in SHAPES.items()}


def test_every_weight_comes_out_as_it_went_in(tensors, tmp_path):
    (tmp_path / "e5.bin").write_bytes(packed_file(tensors))
    (tmp_path / "out").mkdir()
    write_sentence_transformers_folder(tmp_path / "e5.bin", tmp_path / "out")
    weights = load_file(tmp_path / "out" / "model.safetensors")
    assert len(weights) == len(SHAPES)
    theirs = {
        "embeddings.word_embeddings.weight": "emb.word",
        "encoder.layer.0.attention.self.value.weight": "l0.v.w",
        "encoder.layer.0.intermediate.dense.weight": "l0.fi.w",
        "encoder.layer.0.output.dense.weight": "l0.fo.w",
        "encoder.layer.0.attention.output.LayerNorm.bias": "l0.aln.b",
    }
    for name, ours in theirs.items():
        np.testing.assert_array_equal(weights[name], tensors[ours].astype(np.float32))
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert (config["hidden_size"], config["num_hidden_layers"]) == (HIDDEN, LAYERS)
    assert (config["vocab_size"], config["intermediate_size"]) == (len(PIECES), INNER)


def test_the_tokenizer_folds_width_and_blanks_but_keeps_the_full_width_tilde(tensors):
    tokenizer = unigram_tokenizer(E5File(packed_file(tensors)).pieces)
    assert tokenizer.encode(" ｒｅｔｕｒｎ\u200b\t退货～ ").tokens == [
        "<s>", "▁return", "▁", "退货", "～", "</s>"
    ]  # fmt: skip


@pytest.mark.parametrize("spoil", [b"", b"E5S2" + bytes(200), b"E5S1" + bytes(200), None])
def test_a_file_of_another_kind_or_cut_short_is_refused(tensors, spoil):
    file = packed_file(tensors)[:300] if spoil is None else spoil
    with pytest.raises(ModelFolderRefused):
        E5File(file)
