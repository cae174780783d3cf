from dataclasses import replace

import numpy as np
import pytest
import torch

from bot.answering.intent_classifier import FEATURES
from bot.answering.intent_folder import read_intents, write_intents
from bot.answering.tuned_encoder import TunedEncoder, log_shares
from knowledge_base.errors import ModelFolderRefused
from tests.training.small_encoder import write_small_encoder
from tests.training.test_train_intent_classifier import labelled
from training.intent_folds import how_many_folds, where_it_gains
from training.intent_head import OF_FEW, Labelled, fit_head
from training.intent_settings import IntentSettings
from training.train_intent_classifier import train_intents
from training.tune_encoder import (
    TuningRecipe,
    class_loss,
    contrast,
    recipe_for_tuning,
    short_numbers,
    tune,
)
from training.tuned_intents import Trial, Tunable, gains
from training.unseen import Unseen

# Word order alone tells the first two apart, which neither pieces nor a mean of words can.
FIRST, SECOND = "where is {} my parcel {}", "my parcel {} is where {}"
FILLERS = ["now", "please", "the lamp", "a bowl", "order", "track it", "money", "back", "how much",
           "refund", "cost", "price", "it", "does it", "lamp bowl", "please now"]  # fmt: skip


def phrases():
    pairs = [(FIRST.format(a, b), "first") for a in FILLERS for b in FILLERS[:6]]
    pairs += [(SECOND.format(a, b), "second") for a in FILLERS for b in FILLERS[:6]]
    return pairs


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_small_encoder(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture
def tunable(encoder, tmp_path):
    folder = encoder.folder.parent / "float"
    return Tunable(encoder, folder, "rows", 2, "rest", tmp_path / "kept")


def known(encoder, pairs):
    texts, intents = zip(*pairs, strict=True)
    return Labelled(texts, intents, encoder.encode_questions(texts))


def steps_of(told):
    return lambda *step: told.append(step)


def test_fine_tuning_learns_what_the_encoder_did_not_know(encoder, tunable):
    taught, told = known(encoder, phrases()[::2]), []
    made = tune(
        encoder.question_tokens(taught.texts),
        np.array([intent == "second" for intent in taught.intents], dtype=np.int64),
        2,
        tunable.float_folder,
        "rows",
        TuningRecipe(
            layers=2,
            rate=1e-3,
            passes=20,
            batch=32,
            contrast=1.0,
            averaged=0.9,
            moved=0.5,
            weight=1.0,
        ),
        1,
        steps_of(told),
    )
    one = TunedEncoder(encoder, "rest", made.graph, "digest", made.prototypes)
    asked = phrases()[1::2]
    near = one.nearness([text for text, _ in asked])
    said = [("first", "second")[at] for at in near.argmax(axis=1)]
    assert np.mean([a == b for a, (_, b) in zip(said, asked, strict=True)]) > 0.95
    assert told[0] == (0, 60) and told[-1] == (60, 60)


def test_what_was_tuned_once_is_taken_from_the_folder_and_a_damaged_file_is_not(encoder, tunable):
    taught = known(encoder, phrases()[:150:3] + phrases()[96::3])
    first = tunable.tuned(taught, ("first", "second"), 1, steps_of([]))
    told = []
    again = tunable.tuned(taught, ("first", "second"), 1, steps_of(told))
    assert told == [] and again.graph == first.graph and again.digest == first.digest
    (kept,) = tunable.kept.iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    repaired = tunable.tuned(taught, ("first", "second"), 1, steps_of(told))
    assert told and repaired.graph == first.graph


def test_a_classifier_with_tuned_layers_is_saved_and_loaded_whole(encoder, tunable, tmp_path):
    taught = known(encoder, phrases()[::4])
    classifier = fit_head(taught, OF_FEW, seed=1)
    classifier.tuned = (tunable.tuned(taught, classifier.intents, 1, steps_of([])),)
    write_intents(classifier, tmp_path / "intents", encoder.name, encoder.digest)
    loaded = read_intents(tmp_path / "intents", encoder.digest, lambda name: encoder)
    texts = ["my parcel now is where", "where is my parcel", "我要退款"]
    vectors = encoder.encode_questions(texts)
    before, after = classifier.score(texts, vectors), loaded.score(texts, vectors)
    np.testing.assert_array_equal(before.scores, after.scores)
    np.testing.assert_array_equal(before.features, after.features)
    with pytest.raises(ModelFolderRefused, match="need the encoder 'small'"):
        read_intents(tmp_path / "intents", encoder.digest)


def test_chinese_is_not_asked_of_layers_that_are_for_the_rest(encoder, tunable):
    taught = known(encoder, phrases()[::4])
    classifier = fit_head(taught, OF_FEW, seed=1)
    texts = ["我要退款", "where is my parcel"]
    vectors = encoder.encode_questions(texts)
    plain = classifier.score(texts, vectors).scores
    classifier.tuned = (tunable.tuned(taught, classifier.intents, 1, steps_of([])),)
    tuned = classifier.score(texts, vectors).scores
    np.testing.assert_array_equal(plain[0], tuned[0])
    assert np.abs(plain[1] - tuned[1]).max() > 0.01


def test_an_intent_without_phrases_is_neither_favoured_nor_ruled_out(encoder, tunable):
    taught = known(encoder, phrases()[::4])
    one = tunable.tuned(taught, ("first", "none", "second"), 1, steps_of([]))
    near = one.nearness(["where is my parcel", "my parcel is where"])
    assert (near[:, 1] == np.median(near[:, [0, 2]], axis=1)).all()
    np.testing.assert_allclose(np.exp(log_shares(near)).sum(axis=1), 1.0, rtol=1e-5)


def said(*rows):
    """Unseen phrases: language, truth, and what was predicted."""
    languages, truth, predicted = zip(*rows, strict=True)
    features = np.full((len(rows), len(FEATURES)), float(predicted[0] == "b"))
    return Unseen(np.arange(len(rows)), languages, truth, predicted, features)


def test_what_is_fine_tuned_is_kept_for_the_language_in_which_it_gains():
    plain = said(("en", "a", "a"), ("en", "b", "a"), ("zh", "a", "a"), (None, "b", "a"))
    tuned = said(("en", "a", "b"), ("en", "b", "b"), ("zh", "a", "b"), (None, "b", "b"))
    chinese, rest = (Tunable(None, None, "rows", 2, asked, None) for asked in ("zh", "rest"))
    better = where_it_gains(plain, tuned, [rest])
    assert where_it_gains(plain, tuned, [chinese]).predicted == ("a", "a", "b", "a")
    assert better.predicted == ("b", "b", "a", "b")
    assert better.features[:, 0].tolist() == [1.0, 1.0, 0.0, 1.0]


def test_fine_tuning_gains_when_the_truth_becomes_likelier_whatever_the_temperature():
    texts, truth = ("a", "b", "c", "我要退款"), np.array([0, 1, 0, 1])
    plain = np.array([[1.0, 0.5], [1.0, 1.2], [0.2, 0.6], [0.0, 9.0]], dtype=np.float32)
    sharper = Trial(texts, truth, plain, plain * 2)
    assert not gains([sharper], "rest") and not gains([sharper], "zh")
    clearer = np.array([[2, 0], [0, 2], [0.2, 0.6], [9, 0]], dtype=np.float32)
    better = Trial(texts, truth, plain, clearer)
    assert gains([sharper, better], "rest") and not gains([better], "zh")


def test_phrases_that_are_told_apart_anyway_are_not_fine_tuned_for(encoder, tunable):
    pairs = [
        (f"{begin} {one} {other}", intent)
        for begin, intent in (("where is", "first"), ("refund", "second"))
        for one in FILLERS
        for other in FILLERS[:5]
    ]
    settings = IntentSettings(folds=3)
    with_it = train_intents(labelled(pairs), encoder, settings, tunable=[tunable])
    assert with_it.classifier.tuned == () and with_it.classifier.made_from["fine_tuned"] == {}


@pytest.mark.parametrize(
    ("phrases", "passes", "contrast"),
    [(200, 12, 1.0), (400, 7, 1.0), (2_500, 6, 1.0), (10_000, 4, 0.0)],
)
def test_how_long_it_takes_is_bounded(phrases, passes, contrast):
    recipe = recipe_for_tuning(phrases, 6)
    assert (recipe.layers, recipe.passes, recipe.contrast) == (3, passes, contrast)


@pytest.mark.parametrize(
    ("phrases", "tuning", "cut", "asked"),
    [(770, True, 4, 4), (5_000, True, 4, 2), (9_000, True, 3, 1), (770, False, 5, 5)],
)
def test_with_few_phrases_every_one_is_asked_of_layers_that_did_not_learn_it(
    phrases, tuning, cut, asked
):
    assert how_many_folds(phrases, 5, tuning) == (cut, asked)


@pytest.mark.parametrize(("moved", "least", "most"), [(0.0, -1.0, 0.5), (1.0, 0.99, 1.01)])
def test_prototypes_are_moved_to_the_means_of_their_phrases(encoder, tunable, moved, least, most):
    texts = [text for text, _ in phrases()[::8]]
    labels = np.array([intent == "second" for _, intent in phrases()[::8]], dtype=np.int64)
    recipe = replace(recipe_for_tuning(200, 2), layers=2, rate=1e-3, moved=moved)
    tokens = encoder.question_tokens(texts)
    made = tune(tokens, labels, 3, tunable.float_folder, "rows", recipe, 1)
    rest = encoder.with_graph(made.graph, "moved").encode_questions(texts) - made.prototypes.centre
    rest /= np.linalg.norm(rest, axis=1, keepdims=True)
    means = np.stack([rest[labels == at].sum(axis=0) for at in (0, 1)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    found = made.prototypes.directions
    alike = (found[:2] * means).sum(axis=1)
    assert least < alike.min() and alike.max() < most
    assert not found[2].any()  # of which there is no phrase


def test_a_phrase_is_compared_with_all_others_but_never_with_itself():
    unit = torch.eye(3)
    labels, itself = torch.tensor([0, 0, 1]), torch.eye(3, dtype=torch.bool)
    alone = torch.zeros(1, 3, dtype=torch.bool)
    near = contrast(unit[:1], labels[:1], unit, torch.tensor([0, 1, 1]), alone).item()
    far = contrast(unit[:1], labels[:1], unit, torch.tensor([1, 0, 1]), alone).item()
    assert near == pytest.approx(np.log1p(2 * np.exp(-10.0)), rel=1e-3)
    assert far - near == pytest.approx(10.0, rel=1e-3)
    # Two of a class as far from each other as from the third: a half each; the third has no other.
    assert contrast(unit, labels, unit, labels, itself).item() == pytest.approx(np.log(2) * 2 / 3)


def test_the_same_seed_gives_the_same_layers(encoder, tunable):
    taught = known(encoder, phrases()[::8])
    labels = np.array([intent == "second" for intent in taught.intents], dtype=np.int64)
    tokens = encoder.question_tokens(taught.texts)
    recipe = recipe_for_tuning(200, 2)
    one, other, third = (
        tune(tokens, labels, 2, tunable.float_folder, "rows", recipe, seed) for seed in (1, 1, 2)
    )
    assert one.graph == other.graph and one.graph != third.graph


def test_a_label_counts_as_far_as_it_is_trusted_while_layers_are_tuned():
    near = [torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]])]
    labels, half = torch.tensor([0, 1, 1]), torch.tensor([1.0, 0.5, 0.0])
    first, second = (float(np.log1p(np.exp(-gap))) for gap in (2.0, 1.0))
    found = class_loss(near * 2, labels, half, 0.0).item()  # the third label is not believed
    assert found == pytest.approx((first + second / 2) / 1.5)
    assert class_loss(near, labels, half, 0.3).item() > found


def test_what_was_tuned_with_other_trust_is_not_taken_from_the_folder(encoder, tunable):
    taught = known(encoder, phrases()[::6])
    plain = tunable.tuned(taught, ("first", "second"), 1, steps_of([]))
    counts = np.linspace(0.1, 1.0, len(taught.texts), dtype=np.float32)
    trusted = tunable.tuned(replace(taught, counts=counts), ("first", "second"), 1, steps_of([]))
    assert trusted.digest != plain.digest and trusted.graph != plain.graph
    doubted = replace(taught, counts=counts, doubted=True)  # whose labels are smoothed more
    smoothed = tunable.tuned(doubted, ("first", "second"), 1, steps_of([]))
    assert smoothed.digest != trusted.digest and smoothed.graph != trusted.graph


@pytest.mark.parametrize(
    ("told", "short"),
    [
        ("flags : fpu avx512f avx512_bf16 avx512_vnni", True),
        ("Features : fp asimd bf16 i8mm", True),
        ("flags : fpu avx2 avx512f avx512_vnni", False),
    ],
)
def test_short_numbers_are_used_where_the_processor_multiplies_them(tmp_path, told, short):
    (tmp_path / "cpuinfo").write_text(told + "\n")
    assert short_numbers(tmp_path / "cpuinfo") is short
    assert not short_numbers(tmp_path / "missing")
