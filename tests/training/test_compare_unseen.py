import numpy as np
import pytest

from knowledge_base.hashed_encoder import HashedEncoder
from tests.training.test_train_intent_classifier import shop_phrases
from training.compare_unseen import compare_unseen
from training.intent_settings import IntentSettings
from training.labelled_text import LabelledText, Phrase
from training.train_intent_classifier import train_intents
from training.unseen import UNSEEN


def trained(rows):
    phrases = tuple(Phrase(text, intent, at, "a.csv") for at, (text, intent) in enumerate(rows, 2))
    made = train_intents(LabelledText(phrases, ()), HashedEncoder(), IntentSettings(folds=2))
    return made.classifier


@pytest.fixture(scope="module")
def good():
    return trained(shop_phrases())


def test_a_model_keeps_what_was_said_of_phrases_before_they_were_learnt(good):
    said = good.made_from[UNSEEN]
    assert 0 < len(said) <= len(shop_phrases())
    assert {right for right, _ in said.values()} <= {0.0, 1.0}
    assert all(0 <= confidence <= 1 for _, confidence in said.values())


def test_a_training_is_no_worse_than_itself(good):
    comparison = compare_unseen(good, good)
    assert comparison is not None and not comparison.is_worse
    assert (comparison.accuracy.low, comparison.accuracy.high) == (0.0, 0.0)
    assert comparison.phrases == len(good.made_from[UNSEEN])


def test_a_training_on_shuffled_labels_is_worse_though_hardly_a_phrase_is_the_same(good):
    rows = shop_phrases()
    labels = np.random.default_rng(5).permutation([intent for _, intent in rows]).tolist()
    shuffled = [(text, label) for (text, _), label in zip(rows, labels, strict=True)]
    comparison = compare_unseen(good, trained(shuffled))
    assert comparison is not None and comparison.is_worse


def test_a_training_for_another_shop_is_not_compared(good):
    other = [(text, f"other {intent}") for text, intent in shop_phrases()]
    assert compare_unseen(good, trained(other)) is None


def test_a_model_from_before_is_not_compared(good):
    old = trained(shop_phrases())
    del old.made_from[UNSEEN]
    assert compare_unseen(old, good) is None
