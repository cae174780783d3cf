"""What is learnt to read, and that it serves as it was learnt."""

import numpy as np
import pytest
import torch

from knowledge_base.encoder import FLOAT_FOLDER
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.reader import Reader, reader_of
from tests.training.small_encoder import CONFIG, write_small_encoder
from training.adapter_files import AdapterFile
from training.learn_reader import BATCH, LearningReader, ReadTexts, batches, learn
from training.told_examples import ReadExample
from training.upper_layers import LayerStates

LAYERS = 1
LAMP, BOWL = ("the lamp", "track the lamp now"), ("the bowl", "money back please")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_small_encoder(tmp_path_factory.mktemp("plain") / "small")


@pytest.fixture(scope="module")
def floats(encoder):
    return encoder.folder.parent / FLOAT_FOLDER


@pytest.fixture(scope="module")
def examples():
    """Whatever is asked, one entry tells it and the other does not."""
    asked = ("where is my lamp", "track the lamp", "refund the bowl", "how much", "my bowl")
    return [
        ReadExample(question, *entry, entry is LAMP, 1.0)
        for question in asked
        for entry in (LAMP, BOWL)
    ]


def reader_for(texts):
    return LearningReader(texts.asked.top, CONFIG["hidden_size"], CONFIG["num_attention_heads"])


@pytest.fixture
def texts(examples, encoder, floats):
    return ReadTexts(examples, encoder, floats, LAYERS)


def shaken(reader):
    """The reader as if it had learnt something, which at first changes nothing."""
    torch.manual_seed(2)
    for name, one in reader.named_parameters():
        if one.requires_grad and ("lora" in name or name in ("kinds", "inner.weight")):
            torch.nn.init.normal_(one, std=0.5)
    return reader.eval()


def test_a_reader_serves_as_it_was_learnt(texts, examples, tmp_path):
    reader = shaken(reader_for(texts))
    reader.save(tmp_path / "adapter.safetensors", texts.asked.first)
    serving = write_small_encoder(
        tmp_path / "small", AdapterFile(tmp_path / "adapter.safetensors", 1.0)
    )
    served = reader_of(serving)
    with torch.no_grad():
        learnt = reader(texts.given(np.arange(len(examples)))).numpy()
    odds = [served.log_odds(one.question, one.phrasing, one.answer) for one in examples]

    assert served is reader_of(serving)
    assert np.corrcoef(odds, learnt)[0, 1] > 0.9
    np.testing.assert_allclose(odds, learnt, atol=0.05)


def test_the_vectors_of_an_encoder_are_the_same_with_a_reader_above_it(encoder, texts, tmp_path):
    reader_for(texts).save(tmp_path / "adapter.safetensors", texts.asked.first)
    beside = write_small_encoder(
        tmp_path / "small", AdapterFile(tmp_path / "adapter.safetensors", 1.0)
    )
    questions = ["where is my parcel", "退款"]

    np.testing.assert_array_equal(
        beside.encode_questions(questions), encoder.encode_questions(questions)
    )
    assert beside.layers_shown() == [1] and encoder.layers_shown() == []
    assert beside.digest != encoder.digest


def test_it_learns_which_entry_answers(texts, examples, tmp_path, monkeypatch):
    for rate in ("RATE", "TELLING_RATE"):  # weights that mean nothing yet have a long way to go
        monkeypatch.setattr(f"training.learn_reader.{rate}", 5e-3)
    reader = reader_for(texts)
    everything = np.arange(len(examples))
    told = np.array([one.told for one in examples])

    learn(reader, texts, examples, 150, tmp_path / "adapter.safetensors")

    with torch.no_grad():
        odds = reader(texts.given(everything)).numpy()
    assert odds[told].min() > odds[~told].max()
    changed = AdapterFile(tmp_path / "adapter.safetensors", 1.0)
    assert {name.split(".")[2] for name, _ in changed.changes()} == {"1"}  # the upper layer alone


def test_a_reader_of_another_model_is_refused(texts, tmp_path):
    reader_for(texts).save(tmp_path / "adapter.safetensors", 7)

    with pytest.raises(ModelFolderRefused, match=r"encoder\.layer\.7"):
        write_small_encoder(tmp_path / "small", AdapterFile(tmp_path / "adapter.safetensors", 1.0))


def test_batches_hold_examples_of_like_length_and_those_that_weigh_nothing_never():
    weights = np.where(np.arange(4 * BATCH) % 2, 1.0, 0.0)
    seen = np.random.default_rng(1).integers(5, 100, len(weights))
    drawn = batches(weights, seen, np.random.default_rng(3))

    with pytest.raises(ValueError, match="Fewer non-zero"):
        next(drawn)
    drawn = batches(weights + 0.001, seen, np.random.default_rng(3))
    some = [next(drawn) for _ in range(4)]
    assert sorted(np.concatenate(some).tolist()) == list(range(4 * BATCH))
    assert max(np.ptp(seen[one]) for one in some) < np.ptp(seen) / 2


def test_states_are_those_of_the_layers_below(encoder, floats):
    tokens = encoder.question_tokens(["where is my parcel", "refund"])
    states = LayerStates.of(tokens, floats, LAYERS, 1)
    (both,), filled = states.padded(np.array([1, 0]))
    (alone,), _ = states.padded(np.array([1]))

    assert filled.sum(1).tolist() == [len(tokens[1]), len(tokens[0])]
    torch.testing.assert_close(both[0, : len(tokens[1])], alone[0])


@pytest.fixture
def reading(texts, tmp_path):
    """An encoder with a reader above it that has learnt nothing."""
    reader_for(texts).save(tmp_path / "adapter.safetensors", texts.asked.first)
    return write_small_encoder(
        tmp_path / "small", AdapterFile(tmp_path / "adapter.safetensors", 1.0)
    )


def computed(encoder, monkeypatch):
    """Notes every text whose layers are computed for a reader alone."""
    texts, below = [], encoder.states_below
    monkeypatch.setattr(
        encoder, "states_below", lambda ids, layers: texts.append(ids) or below(ids, layers)
    )
    return texts


def test_what_was_read_is_kept_and_what_was_encoded_is_taken_over(reading, monkeypatch):
    reader, made = reader_of(reading), computed(reading, monkeypatch)
    first = reader.log_odds("where is it", *LAMP)
    assert len(made) == 3  # question, phrasing, answer
    assert reader.log_odds("where is it", *LAMP) == first
    assert len(made) == 3

    reading.encode_questions(["how much is it", "track my order", "refund the bowl please"])
    reading.encode_question("the price", lambda: None)
    batched = [reader.log_odds(text, *LAMP) for text in ("track my order", "the price")]
    assert len(made) == 3
    alone = Reader(reading, reading.folder / "reader.onnx")
    assert batched == pytest.approx(
        [alone.log_odds(text, *LAMP) for text in ("track my order", "the price")], abs=1e-3
    )


def test_no_more_is_kept_than_a_number_of_tokens(reading, monkeypatch):
    monkeypatch.setattr("knowledge_base.reader.READ_TOKENS", 12)
    monkeypatch.setattr("knowledge_base.reader.ASKED_TOKENS", 12)
    reader = Reader(reading, reading.folder / "reader.onnx")
    first = reader.log_odds("where is it", *LAMP)
    reader.log_odds("how much does the lamp cost now", *BOWL)
    made = computed(reading, monkeypatch)
    assert reader.log_odds("where is it", *LAMP) == first
    assert len(made) == 3  # all had to be made again


def test_long_texts_are_cut(reading):
    reader = Reader(reading, reading.folder / "reader.onnx")
    reading.encode_questions(["lamp " * 500])

    assert np.isfinite(reader.log_odds("lamp " * 500, "bowl " * 500, "now " * 500))
    assert np.isfinite(reader.log_odds("", "", ""))
