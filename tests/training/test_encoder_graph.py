import os

import numpy as np
import pytest

from training.encoder_graph import BertShape, EncoderGraph
from training.export_encoder import pack_words
from training.smoothing import smoothing_for

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as `knowledge_base.encoder` says it
import onnxruntime

SHAPE = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 64,
         "intermediate_size": 128, "layer_norm_eps": 1e-12, "vocab_size": 50,
         "max_position_embeddings": 32, "type_vocab_size": 2}  # fmt: skip


@pytest.fixture(scope="module")
def bert():
    """A small BERT of transformers with random weights."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(3)
    model = BertModel(BertConfig(**SHAPE, hidden_act="gelu"), add_pooling_layer=False).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    return model


def cosines(one, other):
    one, other = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (one, other))
    return (one * other).sum(axis=-1)


def smoothing_of(weights):
    """A smoothing for every product, as if some inputs were far larger than the others."""
    chance = np.random.default_rng(4)
    return {
        name.removesuffix(".weight"): smoothing_for(
            chance.lognormal(sigma=1.5, size=weight.shape[1]).astype(np.float32), weight
        )
        for name, weight in weights.items()
        if name.endswith(("query.weight", "dense.weight"))
    }


@pytest.mark.parametrize("products", ["rows", "blocks", "smoothed"])
def test_the_graph_agrees_with_transformers_in_batches_and_alone(bert, products):
    import torch

    weights = {name: weight.detach().numpy() for name, weight in bert.named_parameters()}
    shape, smoothing = BertShape.from_config(SHAPE), smoothing_of(weights)
    model = EncoderGraph(weights, shape, products, smoothing).build()
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    lengths = [9, 3, 1, 6]
    ids = np.random.default_rng(1).integers(0, 50, (4, 9))
    mask = torch.tensor(np.arange(9) < np.array(lengths)[:, None])
    with torch.inference_mode():
        truth = bert(torch.tensor(ids), attention_mask=mask).last_hidden_state.numpy()
    words = weights["embeddings.word_embeddings.weight"][ids]

    def run(rows):
        """The states of some texts, one behind the other, split again."""
        asked = np.array([lengths[row] for row in rows])
        first = np.concatenate(([0], np.cumsum(asked)[:-1]))
        places = np.arange(asked.max())
        inside = places < asked[:, None]
        feed = {
            "words": words[rows, : asked.max()][inside],
            "places": np.nonzero(inside)[1],
            "lengths": asked.astype(np.int32),
            "spread": np.where(inside, first[:, None] + places, 0),
            "kept": np.flatnonzero(inside),
        }
        return np.split(session.run(None, feed)[0], first[1:])

    batch = run([0, 1, 2, 3])
    for row, length in enumerate(lengths):
        assert cosines(batch[row], truth[row, :length]).min() > 0.99
        np.testing.assert_allclose(batch[row], run([row])[0], atol=2e-4)


def test_packed_words_are_exact_to_half_a_step():
    words = np.random.default_rng(2).normal(size=(40, 64)).astype(np.float32)
    words[3] = 0.0
    codes, scales = pack_words(words)
    unpacked = codes.reshape(40, 2, 32) * scales.astype(np.float32)[..., None]
    steps = np.abs(words.reshape(40, 2, 32)).max(axis=2) / 127
    assert (np.abs(unpacked - words.reshape(40, 2, 32)) <= 0.56 * steps[..., None] + 1e-7).all()
