import subprocess
import sys

import numpy as np
import pytest

from bot.answering.calibration import Calibration
from bot.answering.intent_classifier import FEATURES
from bot.answering.intent_folder import read_intents, write_intents
from bot.answering.trace import trace_example
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.hashed_encoder import HashedEncoder
from training.intent_head import OF_FEW, Labelled, fit_head

PHRASES = {
    "cost": ["运费多少钱", "邮费怎么算", "寄到上海要多少运费", "what is the delivery fee"],
    "status": ["我的快递到哪了", "订单发货了吗", "查一下物流", "where is my parcel"],
    "refund": ["我要退款", "钱什么时候退", "怎么申请退款", "i want my money back"],
}


@pytest.fixture(scope="module")
def encoder():
    return HashedEncoder()


@pytest.fixture
def classifier(encoder):
    pairs = [(text, intent) for intent, texts in PHRASES.items() for text in texts]
    texts, intents = zip(*pairs, strict=True)
    labelled = Labelled(texts, intents, encoder.encode_questions(texts))
    return fit_head(labelled, OF_FEW, seed=1)


@pytest.fixture
def folder(classifier, encoder, tmp_path):
    write_intents(classifier, tmp_path / "intents", encoder.name, encoder.digest)
    return tmp_path / "intents"


def intents_of(classifier, encoder, *texts):
    found = classifier.classify(texts, encoder.encode_questions(texts))
    return [guess.intent for guess in found]


def test_chinese_and_english_shoppers_are_understood_alike(classifier, encoder):
    found = intents_of(classifier, encoder, "运费是多少", "退款退款", "is my parcel on its way")
    assert found == ["cost", "refund", "status"]


def test_traditional_characters_width_and_case_make_no_difference(classifier, encoder):
    texts = ["運費多少錢", "ＷＨＥＲＥ　ＩＳ　ＭＹ　ＰＡＲＣＥＬ", "查一下\u200b物流"]
    assert intents_of(classifier, encoder, *texts) == ["cost", "status", "status"]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\ud800", "\u202e", "😀" * 500, "a" * 100_000, "\0"]
)
def test_no_text_breaks_it(classifier, encoder, text):
    vector = np.full((1, encoder.dimensions), 1 / 16, dtype=np.float32)
    (guess,) = classifier.classify([text], vector)
    assert guess.intent in classifier.intents and 0 <= guess.confidence <= 1


def test_how_sure_an_intent_is_is_the_mean_of_two_opinions(classifier):
    inputs = len(FEATURES)
    weights = np.zeros((inputs, 3))
    weights[[0, 1, 2], [0, 1, 2]] = 1.0  # each outcome has its log-odds for itself
    told = Calibration(np.zeros(inputs), np.ones(inputs), weights, np.zeros(3))
    classifier.calibrations = {"all": told}
    seen = np.zeros((3, inputs))
    seen[:, :3] = np.log([[4.0, 9.0, 0.25], [4.0, 9.0, 4.0], [0.25, 4.0, 9.0]])
    chances = classifier.probabilities(seen, ["en", "zh", None])
    right = [(0.8 + 0.9 * 0.8) / 2, (0.8 + 0.9 * 0.2) / 2, (0.2 + 0.8 * 0.1) / 2]
    np.testing.assert_allclose(chances[0], [right[0], 0.2])
    # What is more than all together is brought down to it.
    for row, outside in ((1, 0.8), (2, 0.9)):
        whole = right[row] + outside
        np.testing.assert_allclose(chances[row], [right[row] / whole, outside / whole])


def test_a_guess_tells_the_shares_of_the_likeliest_intents(classifier, encoder):
    vectors = encoder.encode_questions(["我要退款"])
    (guess,) = classifier.classify(["我要退款"], vectors)
    scores = classifier.score(["我要退款"], vectors).scores[0]
    shares = np.exp(scores) / np.exp(scores).sum()  # few phrases: scores are logits as they are
    assert guess.likely[0][0] == "refund"
    expected = sorted(zip(classifier.intents, shares, strict=True), key=lambda pair: -pair[1])
    for (intent, share), (name, value) in zip(guess.likely, expected, strict=True):
        assert intent == name and share == pytest.approx(value, rel=1e-4)


def test_no_texts_give_no_guesses(classifier, encoder):
    assert classifier.classify([], np.zeros((0, encoder.dimensions), np.float32)) == []


def test_a_loaded_classifier_scores_as_the_saved_one(classifier, encoder, folder):
    loaded = read_intents(folder, encoder.digest)
    texts = ["运费", "refund", "完全无关的话"]
    vectors = encoder.encode_questions(texts)
    for name in ("scores", "similarities", "features"):
        before = getattr(classifier.score(texts, vectors), name)
        np.testing.assert_array_equal(before, getattr(loaded.score(texts, vectors), name))


def test_another_encoder_is_refused_and_the_repair_is_named(folder):
    with pytest.raises(ModelFolderRefused, match="shopkeeper train"):
        read_intents(folder, "another-digest")


def test_a_missing_folder_is_refused_and_the_repair_is_named(tmp_path):
    with pytest.raises(ModelFolderRefused, match="shopkeeper train"):
        read_intents(tmp_path / "nothing", "digest")


@pytest.mark.parametrize("name", ["tensors.safetensors", "model.json", "manifest.json"])
@pytest.mark.parametrize("harm", ["deleted", "altered", "emptied"])
def test_a_spoiled_file_is_refused_and_the_repair_is_named(folder, encoder, name, harm):
    path = folder / name
    content = path.read_bytes()
    if harm == "deleted":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "emptied" else content[:-2] + b"\x00\x00")
    with pytest.raises(ModelFolderRefused, match="shopkeeper train"):
        read_intents(folder, encoder.digest)


def test_serving_loads_no_training_library():
    code = (
        "import sys, bot.answering.intent_classifier, bot.answering.doubt;"
        "heavy = ('torch', 'sklearn', 'scipy', 'transformers', 'training');"
        "print([name for name in heavy if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


class Second(HashedEncoder):
    """An encoder of another name, to stand beside the first."""

    def __init__(self, digest="second-1"):
        super().__init__(32)
        self.name, self.digest = "second", digest


@pytest.fixture
def with_second(encoder, tmp_path):
    pairs = [(text, intent) for intent, texts in PHRASES.items() for text in texts]
    texts, intents = zip(*pairs, strict=True)
    labelled = Labelled(texts, intents, encoder.encode_questions(texts))
    classifier = fit_head(labelled, OF_FEW, seed=1, second=Second())
    write_intents(classifier, tmp_path / "both", encoder.name, encoder.digest)
    return classifier


def test_a_classifier_of_two_encoders_scores_after_loading_as_before(
    with_second, encoder, tmp_path
):
    loaded = read_intents(tmp_path / "both", encoder.digest, lambda name: Second())
    texts = ["运费", "where is my refund"]
    vectors = encoder.encode_questions(texts)
    before, after = with_second.classify(texts, vectors), loaded.classify(texts, vectors)
    assert before == after and after[1].nearest[0].weight != 0


def test_a_second_encoder_that_is_missing_or_another_is_refused_in_words(
    with_second, encoder, tmp_path
):
    folder = tmp_path / "both"
    with pytest.raises(ModelFolderRefused, match="needs a second encoder, 'second'"):
        read_intents(folder, encoder.digest)
    with pytest.raises(ModelFolderRefused, match=r"another second .* shopkeeper train"):
        read_intents(folder, encoder.digest, lambda name: Second("second-2"))


def test_the_trace_names_the_examples_that_are_most_like_the_turn(classifier, encoder):
    (guess,) = classifier.classify(["我要退款吗"], encoder.encode_questions(["我要退款吗"]))
    assert guess.nearest[0].text == "我要退款" and guess.nearest[0].weight > 0
    assert trace_example(guess.nearest[0]) == {
        "text": "我要退款",
        "intent": "refund",
        "similarity": round(guess.nearest[0].similarity, 4),
        "weight": round(guess.nearest[0].weight, 4),
    }
