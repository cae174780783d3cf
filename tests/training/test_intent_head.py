from dataclasses import replace

import numpy as np
import pytest

from bot.answering.intent_classifier import FEATURES
from bot.answering.second_half import SecondHalf, beside, halves_of
from knowledge_base.hashed_encoder import HashedEncoder
from training import intent_head
from training.intent_head import (
    OF_FEW,
    OF_MANY,
    OF_NOISY,
    OF_TRUSTED,
    Labelled,
    fit_head,
    least_loss,
    recipe_for,
)
from training.second_encoder import chosen_second

WORDS = [f"word{n}" for n in range(12)]


def phrases(count, wrong, seed=5):
    """Phrases with one telling word among others; a share of the labels is wrong."""
    chance = np.random.default_rng(seed)
    texts, intents = [], []
    for _ in range(count):
        intent = int(chance.integers(12))
        texts.append(" ".join([WORDS[intent], *(f"x{n}" for n in chance.integers(400, size=6))]))
        intents.append(f"i{intent if chance.random() >= wrong else int(chance.integers(12)):02d}")
    return Labelled(tuple(texts), tuple(intents), HashedEncoder(64).encode_questions(texts))


@pytest.fixture(autouse=True)
def small_sets_are_many(monkeypatch):
    monkeypatch.setattr(intent_head, "FEW_PHRASES", 500)


def test_few_phrases_are_learnt_by_regression():
    assert recipe_for(phrases(300, 0.0), seed=1) is OF_FEW


def test_many_clean_phrases_are_followed_closely():
    assert recipe_for(phrases(900, 0.0), seed=1) is OF_MANY


def test_many_wrong_labels_are_followed_less():
    assert recipe_for(phrases(900, 0.5), seed=1) is OF_NOISY


@pytest.mark.parametrize("recipe", [OF_FEW, OF_MANY])
def test_two_intents_and_many_are_told_apart_by_either_recipe(recipe):
    labelled = phrases(400, 0.0)
    guesses = fit_head(labelled, recipe, seed=1).classify(labelled.texts, labelled.vectors)
    right = [a.intent == b for a, b in zip(guesses, labelled.intents, strict=True)]
    assert np.mean(right) > 0.95
    two = [row for row, intent in enumerate(labelled.intents) if intent in ("i00", "i01")]
    pair = labelled.at(np.array(two))
    guesses = fit_head(pair, recipe, seed=1).classify(pair.texts, pair.vectors)
    assert [one.intent for one in guesses] == list(pair.intents)


@pytest.mark.parametrize("recipe", [OF_FEW, OF_TRUSTED])
def test_a_label_counts_as_far_as_it_is_trusted(recipe):
    clean = phrases(600, 0.0)
    chance = np.random.default_rng(8)
    wrong = chance.random(600) < 0.6
    others = chance.permutation(clean.intents).tolist()
    mixed = [
        other if lie else own for own, other, lie in zip(clean.intents, others, wrong, strict=True)
    ]
    spoiled = replace(clean, intents=tuple(mixed))
    trust = np.where(wrong, 0.02, 1.0).astype(np.float32)
    trusted = fit_head(replace(spoiled, counts=trust), recipe, seed=1)
    believed = fit_head(spoiled, recipe, seed=1)
    right = [
        np.mean([a.intent == b for a, b in zip(guesses, clean.intents, strict=True)])
        for guesses in (head.classify(clean.texts, clean.vectors) for head in (trusted, believed))
    ]
    assert right[0] > right[1] + 0.1


@pytest.mark.parametrize("recipe", [OF_FEW, OF_MANY])
@pytest.mark.parametrize("intents", [2, 12])
def test_the_weights_are_the_sum_of_the_examples_times_their_pulls(recipe, intents):
    labelled = phrases(300, 0.1)
    names = sorted(set(labelled.intents))[:intents]
    kept = [row for row, intent in enumerate(labelled.intents) if intent in names]
    fitted = fit_head(labelled.at(np.array(kept)), recipe, seed=1)
    summed = recipe.dense_weight**2 * (
        fitted.examples.pulls.astype(np.float32).T @ fitted.examples.vectors
    )
    for own, expected in zip(fitted.head.dense, summed, strict=True):
        cosine = own @ expected / np.linalg.norm(own) / np.linalg.norm(expected)
        assert cosine > 0.95  # not 1, as the solver stops early


def test_an_example_of_the_intent_speaks_for_it_and_one_of_the_runner_up_against():
    fitted = fit_head(phrases(400, 0.0), OF_FEW, seed=1)
    asked = "word3 word3 word3 word7"
    guess = fitted.classify([asked], HashedEncoder(64).encode_questions([asked]))[0]
    assert (guess.intent, guess.runner_up) == ("i03", "i07")
    weights = {near.intent: near.weight for near in guess.nearest}
    assert weights["i03"] > 0.001 and all(
        near.weight < 0 for near in guess.nearest if near.intent == "i07"
    )
    assert sum(abs(near.weight) for near in guess.nearest) <= 1.0


class WordsOnly:
    """A second encoder that knows exactly which telling word a text has."""

    name, digest, dimensions = "words-only", "1", 12

    def encode_questions(self, texts):
        vectors = np.zeros((len(texts), 12), np.float32)
        for row, text in enumerate(texts):
            vectors[row, [int(word[4:]) for word in text.split() if word.startswith("word")]] = 1.0
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)

    encode_passages = encode_questions


def test_far_questions_tell_what_is_out_of_scope_and_change_no_intent():
    labelled, encoder = phrases(300, 0.0), HashedEncoder(64)
    far = tuple(f"sun moon star {n}" for n in range(40))
    taught = Labelled(far, ("",) * len(far), encoder.encode_questions(far))
    plain, knowing = fit_head(labelled, OF_FEW, seed=1), fit_head(labelled, OF_FEW, 1, far=taught)
    asked = (*labelled.texts[:50], "star sun moon 41")
    vectors = encoder.encode_questions(asked)
    before, after = plain.score(asked, vectors), knowing.score(asked, vectors)
    assert np.array_equal(before.scores, after.scores)
    rejection = after.features[:, FEATURES.index("rejection")]
    assert rejection[-1] > rejection[:-1].max()
    assert not before.features[:, FEATURES.index("rejection")].any()


@pytest.mark.parametrize("scale", [0.3, 0.55, 1.2, 3.1])
def test_scores_are_compared_at_the_very_temperature_that_suits_them(scale):
    chance = np.random.default_rng(4)
    truth = chance.integers(6, size=400)
    scores = chance.normal(size=(400, 6))
    scores[np.arange(400), truth] += 1.5
    scores = (scores * scale).astype(np.float32)
    losses = []
    for temperature in np.geomspace(0.25, 8.0, 3_000):
        shares = scores * temperature
        whole = np.log(np.exp(shares).sum(axis=1))
        losses.append(float((whole - shares[np.arange(400), truth]).sum()))
    assert least_loss(scores, truth) == pytest.approx(min(losses), rel=1e-5)


def test_a_second_encoder_is_taken_where_it_gains_and_only_there():
    hard = phrases(240, 0.25)
    assert chosen_second(hard, OF_FEW, 1, WordsOnly()).name == "words-only"
    assert chosen_second(hard, OF_FEW, 1, HashedEncoder(64)) is None
    assert chosen_second(hard, OF_FEW, 1, None) is None


def test_a_second_encoder_is_never_asked_about_chinese():
    texts = ["word1 please", "请问什么时候发货"]
    vectors = HashedEncoder(64).encode_questions(texts)
    both = beside(vectors, halves_of(texts, SecondHalf.of(texts, WordsOnly())))
    assert both.shape == (2, 76)
    np.testing.assert_array_equal(both[:, :64], vectors)
    np.testing.assert_allclose(np.linalg.norm(both[:, 64:], axis=1), [1.0, 0.0], atol=1e-6)
    assert beside(vectors, halves_of(texts, None)) is vectors
    chinese = Labelled(tuple(texts[1:] * 60), ("a", "b") * 30, np.repeat(vectors[1:], 60, axis=0))
    assert chosen_second(chinese, OF_FEW, 1, WordsOnly()) is None
