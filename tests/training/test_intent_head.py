import numpy as np
import pytest

from knowledge_base.hashed_encoder import HashedEncoder
from training import intent_head
from training.intent_head import OF_FEW, OF_MANY, OF_NOISY, Labelled, fit_head, recipe_for

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
