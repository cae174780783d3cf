import numpy as np
import pytest

from knowledge_base.encoder import FLOAT_FOLDER, SERVING_FOLDER, load_encoder
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import catalogue
from knowledge_base.model_folder import Manifest, new_folder
from training.export_encoder import export_encoder
from training.smoothing import (
    SMOOTHING_FILE,
    measured_smoothing,
    read_smoothing,
    shipped_smoothing,
    smoothing_for,
    write_smoothing,
)


def test_inputs_and_weights_are_made_alike_and_what_still_stands_out_is_set_apart():
    sizes = np.ones(64, np.float32)
    sizes[[3, 40]] = 50.0
    weight = np.random.default_rng(1).normal(size=(32, 64)).astype(np.float32)

    found = smoothing_for(sizes, weight)

    assert {3, 40} <= set(found.outliers.tolist()) and len(found.outliers) == 16
    assert found.factors[3] > 5 * np.median(found.factors)
    np.testing.assert_array_equal(found.factors, found.factors.astype(np.float16))


def test_what_was_measured_of_a_small_bert_comes_back_from_its_file(tmp_path):
    from tests.training.small_encoder import CONFIG, write_small_encoder

    encoder = write_small_encoder(tmp_path / "small")
    tokens = encoder.question_tokens(["where is my parcel", "退款"])

    measured = measured_smoothing(tmp_path / "small" / FLOAT_FOLDER, tokens)
    write_smoothing(measured, tmp_path / "smoothing.safetensors")
    read = read_smoothing(tmp_path / "smoothing.safetensors")

    assert len(read) == 4 * CONFIG["num_hidden_layers"] and read.keys() == measured.keys()
    for name, one in read.items():
        np.testing.assert_array_equal(one.factors, measured[name].factors)
        np.testing.assert_array_equal(one.outliers, measured[name].outliers)


def test_the_serving_form_takes_the_smoothing_that_lies_beside_the_weights(tmp_path):
    from tests.training.small_encoder import FACTS, write_small_encoder

    plain = write_small_encoder(tmp_path / "small")
    floats = tmp_path / "small" / FLOAT_FOLDER
    texts = ["where is my parcel", "how much does the lamp cost", "退款"]
    measured = measured_smoothing(floats, plain.question_tokens(texts))
    write_smoothing(measured, floats / SMOOTHING_FILE)

    with new_folder(tmp_path / "even", Manifest("even", "encoder", {}, FACTS)) as folder:
        export_encoder(floats, folder / SERVING_FOLDER, "smoothed", "tokenizers")
    even = load_encoder(tmp_path / "even")

    near = (even.encode_questions(texts) * plain.encode_questions(texts)).sum(axis=1)
    assert even.digest != plain.digest and near.min() > 0.999


def test_every_smoothed_model_of_the_catalogue_ships_its_smoothing():
    smoothed = [one.name for one in catalogue().values() if one.facts.get("products") == "smoothed"]

    assert smoothed == ["all-MiniLM-L6-v2"]
    for name in smoothed:
        read = read_smoothing(shipped_smoothing(name))
        assert len(read) == 24
        for one in read.values():
            assert (one.factors > 0).all() and len(set(one.outliers.tolist())) == 16
            assert 0 <= one.outliers.min() and one.outliers.max() < len(one.factors)


def test_a_model_without_a_smoothing_is_refused():
    with pytest.raises(ModelFolderRefused, match=r"training/smoothing\.py"):
        shipped_smoothing("nobody")
