import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from knowledge_base.encoder import (
    FLOAT_FOLDER,
    Encoder,
    SentenceTransformersEncoder,
    clean,
    encode_question_beside,
    load_encoder,
)
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.model_folder import Manifest, new_folder, read_manifest

ODD_TEXTS = [
    "",
    " ",
    "？",
    "😀👍🏽",
    "\u200b\u200b",
    "a\u200bb",
    "\ud800",
    "\x00",
    "</s>",
    "ｆｕｌｌ　ｗｉｄｔｈ",
]
TEXTS = [
    "怎么退货",
    "How do I return an item?",
    "快递到哪了？单号SF1234567890123",
    "亲～这件还有货吗",
    "Where is my parcel? It has not moved since Monday and I am leaving on Friday.",
    *ODD_TEXTS,
    "收到的杯子碎了，怎么处理？" * 60,
    "the zipper broke " * 300,
]


@pytest.fixture(params=["hashed", pytest.param("onnx", marks=pytest.mark.weights)])
def encoder(request) -> Encoder:
    if request.param == "hashed":
        return HashedEncoder()
    return request.getfixturevalue("converted_encoder")


@pytest.fixture(scope="module")
def reference(state_folder) -> SentenceTransformersEncoder:
    folder = state_folder / "models" / "multilingual-e5-small"
    encoder = SentenceTransformersEncoder(folder / FLOAT_FOLDER, read_manifest(folder))
    encoder.load()
    return encoder


def test_every_text_however_odd_becomes_a_vector_of_length_one(encoder):
    vectors = encoder.encode_questions(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_become_no_vectors(encoder):
    assert encoder.encode_questions([]).shape == (0, encoder.dimensions)
    assert encoder.encode_passages([]).shape == (0, encoder.dimensions)


def test_a_text_has_the_same_vector_alone_and_in_any_batch(encoder):
    alone = np.concatenate([encoder.encode_questions([text]) for text in TEXTS])
    order = list(range(len(TEXTS)))
    Random(7).shuffle(order)
    shuffled = encoder.encode_questions([TEXTS[at] for at in order])
    np.testing.assert_allclose((alone[order] * shuffled).sum(axis=1), 1.0, atol=1e-5)


def test_chinese_in_traditional_characters_has_the_vector_of_the_same_words_in_simplified(encoder):
    for encode in (encoder.encode_questions, encoder.encode_passages):
        traditional = encode(["我的訂單還沒有收到，怎麼辦？", "這個 iPhone 保護殼還有現貨嗎"])
        simplified = encode(["我的订单还没有收到，怎么办？", "这个 iPhone 保护壳还有现货吗"])
        np.testing.assert_array_equal(traditional, simplified)


def test_japanese_keeps_its_characters():
    assert clean("電話で注文できますか", 256) == "電話で注文できますか"
    assert clean("電話訂購 OK 嗎", 256) == "电话订购 OK 吗"


def test_a_hundred_thousand_characters_are_cut_and_encoded(encoder):
    (vector,) = encoder.encode_questions(["退货 " * 50_000])
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_importing_the_encoder_loads_no_model_library():
    code = (
        "import sys, knowledge_base.encoder;"
        "print({'torch', 'sentence_transformers', 'onnxruntime', 'tokenizers'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_cutting_a_text_keeps_its_words_and_folds_blanks():
    assert clean("  two \n\t words ", 256) == "two words"
    assert clean("\ud800", 256) == "?"
    assert len(clean("x" * 100_000, 256)) == 256 * 16


@pytest.mark.weights
def test_the_same_question_in_two_languages_is_nearer_than_another_question(converted_encoder):
    questions = ["怎么申请退货", "How do I return an item?", "几点开门", "When do you open?"]
    similarity = converted_encoder.encode_questions(questions)
    similarity = similarity @ similarity.T
    assert similarity[0, 1] > similarity[0, 3] + 0.03
    assert similarity[2, 3] > similarity[2, 1] + 0.02


@pytest.mark.weights
def test_several_threads_at_once_get_the_vectors_of_one(converted_encoder):
    expected = converted_encoder.encode_questions(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: converted_encoder.encode_questions(TEXTS), range(8)):
            np.testing.assert_allclose(vectors, expected, atol=1e-6)


@pytest.mark.weights
def test_other_work_begins_when_only_the_model_is_left_to_run(converted_encoder, monkeypatch):
    order, encoder = [], converted_encoder

    def noted(name, step):
        def run(*given):
            order.append(name)
            return step(*given)

        return run

    alone = encoder.encode_questions(["How do I return an item?"])
    monkeypatch.setattr(encoder, "_inputs", noted("inputs", encoder._inputs))
    monkeypatch.setattr(encoder, "_pooled", noted("model", encoder._pooled))
    begin = lambda: order.append("other work")  # noqa: E731
    vector = encode_question_beside(encoder, "How do I return an item?", begin)
    assert order == ["inputs", "other work", "model"]
    np.testing.assert_array_equal(vector, alone)


def test_an_encoder_that_cannot_tell_has_other_work_begun_first():
    begun = []
    vector = encode_question_beside(HashedEncoder(), "refund", lambda: begun.append(1))
    np.testing.assert_array_equal(vector, HashedEncoder().encode_questions(["refund"]))
    assert begun == [1]


def test_questions_and_passages_are_told_apart_by_their_prefix(converted_encoder):
    question = converted_encoder.encode_questions(["退货政策"])
    passage = converted_encoder.encode_passages(["退货政策"])
    assert 0.8 < float((question * passage).sum()) < 0.999


@pytest.mark.weights
def test_the_serving_encoder_agrees_with_float32_by_value(converted_encoder, reference):
    texts = [text for text in TEXTS if text != "</s>"]  # special tokens for the reference alone
    served = converted_encoder.encode_questions(texts)
    cosines = (served * reference.encode_questions(texts)).sum(axis=1)
    assert cosines.min() > 0.99
    assert cosines.mean() > 0.997
    assert reference.digest != converted_encoder.digest


@pytest.mark.weights
def test_the_neighbours_of_a_question_are_those_of_float32(converted_encoder, reference):
    shop = [
        "退货",
        "换货",
        "发票",
        "运费",
        "优惠券",
        "保修",
        "尺码",
        "refund",
        "invoice",
        "warranty",
    ]
    texts = [f"{one}{other}" for one, other in pairwise([*shop, *shop[::2], *shop[::3]])]
    served, truth = (one.encode_questions(texts) for one in (converted_encoder, reference))
    assert np.abs(served @ served.T - truth @ truth.T).max() < 0.01


def test_a_missing_model_is_refused_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(ModelFolderRefused, match="shopkeeper models fetch multilingual-e5-small"):
        load_encoder(tmp_path / "multilingual-e5-small")


def test_a_folder_of_an_older_version_is_refused_with_the_command_that_makes_it_anew(tmp_path):
    older = Manifest("multilingual-e5-small", "encoder", {}, {"dimensions": 384})
    with new_folder(tmp_path / "older", older) as folder:
        (folder / "serving").mkdir()
        (folder / "serving" / "model.onnx").write_bytes(b"any")
    with pytest.raises(ModelFolderRefused, match="models fetch multilingual-e5-small --again"):
        load_encoder(tmp_path / "older")


@pytest.mark.weights
def test_a_graph_of_an_older_version_is_refused_and_how_to_make_it_again_is_said(converted_encoder):
    from onnx import TensorProto, helper

    padded = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "tokens", 384])
        for name in ("words", "states")
    ]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["words"], ["states"])], "older", padded[:1], padded[1:]
    )
    opsets = [helper.make_opsetid("", 20)]
    older = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    with pytest.raises(ModelFolderRefused, match="shopkeeper models fetch multilingual-e5-small"):
        converted_encoder.with_graph(older, "older")


@pytest.mark.weights
@pytest.mark.parametrize("tokens", [1, 30, 100_000])
def test_texts_are_computed_together_by_length_and_none_is_left_out(
    converted_encoder, monkeypatch, tokens
):
    texts = [f"{'多久发货？' * (at % 7)}{at}" for at in range(40)]
    alone = np.concatenate([converted_encoder.encode_questions([text]) for text in texts])
    monkeypatch.setattr("knowledge_base.encoder.BATCH_TOKENS", tokens)
    np.testing.assert_allclose(converted_encoder.encode_questions(texts), alone, atol=1e-5)


@pytest.mark.weights
def test_the_runtime_of_the_encoder_reports_to_nobody(state_folder, tmp_path) -> None:
    # It would keep what it is going to report in the home folder, and report it from a thread.
    folder = state_folder.absolute() / "models" / "multilingual-e5-small"
    asks = (
        "import os, sys; from pathlib import Path\n"
        "from knowledge_base.encoder import load_encoder\n"
        "load_encoder(Path(sys.argv[1])).encode_questions(['hi'])\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", asks, str(folder)],
        env={"HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "1"
    assert list(tmp_path.iterdir()) == []
