from dataclasses import replace

import numpy as np
import pytest

from bot.answering.intent_classifier import FEATURES, OUT_OF_SCOPE
from training.labelled_text import LabelledText, Phrase
from training.unseen import FEARED_OUTSIDE, Unseen, measured


class Claims:
    """A classifier whose confidence has the first thing it looks at as its log-odds."""

    def probabilities(self, features, languages):
        sure = 1 / (1 + np.exp(-features[:, 0]))
        return np.stack([sure, 1 - sure], axis=1)


def unseen(inside, outside, noise=0.0):
    """Phrases in scope and out of scope with the confidences given; labels wrong at random."""
    chance = np.random.default_rng(2)
    sure = np.concatenate([inside, outside])
    right = chance.random(len(sure)) < sure
    spoiled = chance.random(len(sure)) < noise
    truth = [
        OUT_OF_SCOPE if at >= len(inside) else "a" if right[at] and not spoiled[at] else "b"
        for at in range(len(sure))
    ]
    features = np.zeros((len(sure), len(FEATURES)))
    features[:, 0] = np.log(sure / (1 - sure))
    rows = np.where(np.arange(len(sure)) < len(inside), 0, -1)
    return Unseen(rows, ("en",) * len(sure), tuple(truth), ("a",) * len(sure), features)


@pytest.fixture
def phrases():
    chance = np.random.default_rng(1)
    return unseen(np.sort(chance.uniform(0.2, 0.999, 1500)), chance.uniform(0.2, 0.8, 150))


def bars_of(found, weights, acting=()):
    labelled = LabelledText((Phrase("where is it", "b", 2, "intents.en.csv"),), ())
    bars, report = measured(Claims(), found, weights, labelled, 0.05, acting)
    return bars["all"], report


def test_the_bar_keeps_the_promise_where_twice_as_much_is_out_of_scope(phrases):
    weights = np.ones(len(phrases.rows))
    feared, _ = bars_of(phrases, weights)
    expected, _ = bars_of(phrases, weights, acting=("a",))
    assert feared.at > expected.at
    raised = np.where(phrases.outside, 1500 * FEARED_OUTSIDE / (1 - FEARED_OUTSIDE) / 150, 1.0)
    acted = Claims().probabilities(phrases.features, ())[:, 0] >= feared.at
    wrong = (raised * ~phrases.right)[acted].sum() / raised[acted].sum()
    assert wrong == pytest.approx(feared.wrong) and wrong <= 0.05


def test_questions_near_the_shop_raise_the_bar_more_than_far_ones(phrases):
    weights = np.ones(len(phrases.rows))
    far, _ = bars_of(phrases, weights)
    near, _ = bars_of(replace(phrases, rows=np.zeros(len(weights), dtype=np.int64)), weights)
    assert near.at == far.at  # all alike: there is nothing to prefer
    half = replace(phrases, rows=np.where(phrases.features[:, 0] > 0, 0, -1))
    mixed, _ = bars_of(half, weights)  # those that are sure of themselves are near the shop
    assert mixed.at > far.at


def test_nothing_is_acted_on_that_is_more_likely_wrong_than_right():
    chance = np.random.default_rng(3)
    found = unseen(chance.uniform(0.2, 0.9, 800), np.zeros(0))
    found = replace(found, truth=("a",) * 800)  # everything happens to be right
    bar, _ = bars_of(found, np.ones(800))
    assert 0.5 <= bar.at < 0.51


def test_wrong_labels_are_not_taken_for_wrong_guesses():
    chance = np.random.default_rng(1)
    sure = 1 / (1 + np.exp(-chance.normal(1.5, 3.0, 2400)))
    noisy = unseen(sure, np.zeros(0), noise=0.3)
    bar, report = bars_of(noisy, np.ones(len(sure)))
    assert report["figures"]["all"]["labels_right"] == pytest.approx(0.7, abs=0.05)
    assert 0.3 < bar.answered < 0.7


def test_few_phrases_cannot_tell_that_labels_are_wrong():
    assert unseen(np.full(200, 0.9), np.zeros(0), noise=0.4).labels_right() == 1.0
