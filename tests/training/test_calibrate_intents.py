import numpy as np
import pytest

from bot.answering.intent_classifier import FEATURES, OUT_OF_SCOPE
from training.calibrate import calibrate
from training.calibrate_intents import calibrate_intents
from training.unseen import Unseen

RIGHT, INSIDE, OUTSIDE = range(3)


def heard(count, outside=0.1, noise=0.0, seed=1):
    """Texts of which one input tells what is in scope and another which of those are right.

    Returns them, and how likely each is to be right, and to be in scope.
    """
    chance = np.random.default_rng(seed)
    features = np.zeros((count, len(FEATURES)))
    strange = chance.random(count) < outside
    features[:, 0] = chance.normal(size=count) - 2.0 * strange
    features[:, 1] = chance.normal(size=count) * 2.0 + 2.0
    odds = np.exp(2.0 * features[:, 0] + 2.0) * (1 - outside) / outside
    inside = odds / (1.0 + odds)  # two normal curves of the same width, two apart
    right = 1.0 / (1.0 + np.exp(-features[:, 1]))
    happens = chance.random(count) < right
    lies = chance.random(count) < noise
    truth = tuple(
        OUT_OF_SCOPE if away else "a" if good and not lie else "b"
        for away, good, lie in zip(strange, happens, lies, strict=True)
    )
    rows = np.where(strange, -1, 0)
    texts = Unseen(rows, ("en",) * count, truth, ("a",) * count, features)
    return texts, right * inside, inside


def test_both_opinions_claim_what_is_true():
    unseen, right, inside = heard(20_000)
    told = calibrate_intents(unseen, np.ones(20_000)).probabilities(unseen.features)
    assert np.abs(told[:, OUTSIDE] - (1 - inside)).mean() < 0.01
    assert np.abs(told[:, INSIDE] * (1 - told[:, OUTSIDE]) - right).mean() < 0.01
    # One model cannot say both at once: it is right on the whole, and not of each.
    assert told[:, RIGHT].mean() == pytest.approx(right.mean(), abs=0.005)
    assert np.abs(told[:, RIGHT] - right).mean() > 0.05


def test_what_is_out_of_scope_has_the_share_expected_and_not_the_one_given():
    unseen, _, _ = heard(6_000, outside=0.5)
    weights = np.where(unseen.outside, 0.1 / 0.9, 1.0)
    told = calibrate_intents(unseen, weights).probabilities(unseen.features)
    happened = np.average(unseen.right, weights=weights)
    assert np.average(told[:, RIGHT], weights=weights) == pytest.approx(happened, abs=0.005)
    assert np.average(told[:, OUTSIDE], weights=weights) == pytest.approx(0.1, abs=0.005)


def test_wrong_labels_make_neither_opinion_less_sure():
    unseen, right, _ = heard(6_000, noise=0.3)
    spoiled = calibrate_intents(unseen, np.ones(6_000)).probabilities(unseen.features)
    assert unseen.right[~unseen.outside].mean() < 0.62
    for opinion in (spoiled[:, RIGHT], spoiled[:, INSIDE] * (1 - spoiled[:, OUTSIDE])):
        assert opinion.mean() == pytest.approx(right.mean(), abs=0.03)


@pytest.mark.parametrize("outside", [0.0, 1.0])
def test_texts_of_one_kind_alone_still_give_chances(outside):
    unseen, _, _ = heard(60, outside=max(min(outside, 1 - 1e-9), 1e-9))
    told = calibrate_intents(unseen, np.ones(60)).probabilities(unseen.features)
    assert ((told > 0) & (told < 1)).all()
    assert (told[:, OUTSIDE] > 0.9).all() if outside else (told[:, OUTSIDE] < 0.1).all()


def few(seed, count=50, asked=2000):
    """Few phrases of a shop as most are, many others of it, and how likely these are right."""
    chance = np.random.default_rng(seed)
    features = chance.normal(size=(count + asked, len(FEATURES)))
    strange = chance.random(count + asked) < 0.2
    rejection, share = FEATURES.index("rejection"), FEATURES.index("share")
    features[:, rejection] += 2.5 * strange
    inside = 1.0 / (1.0 + np.exp(2.5 * features[:, rejection] - 3.125 - np.log(4.0)))
    right = 1.0 / (1.0 + np.exp(-1.5 * features[:, share] - 1.0))
    happens = chance.random(count + asked) < right
    truth = tuple(
        OUT_OF_SCOPE if away else "a" if good else "b"
        for away, good in zip(strange, happens, strict=True)
    )
    every = Unseen(
        np.where(strange, -1, 0), ("en",) * len(truth), truth, ("a",) * len(truth), features
    )
    rows = np.arange(len(truth))
    return every.at(rows[:count]), every.at(rows[count:]), (right * inside)[count:]


def test_fifty_phrases_are_told_better_than_by_themselves():
    errors = []
    for seed in range(10):
        taught, asked, truth = few(seed)
        both = calibrate_intents(taught, np.ones(len(taught.rows)))
        alone = calibrate(taught.features, taught.right[:, None])
        told = both.probabilities(asked.features)
        claimed = (told[:, RIGHT] + told[:, INSIDE] * (1 - told[:, OUTSIDE])) / 2
        plain = alone.probabilities(asked.features)[:, 0]
        errors.append([np.abs(one - truth).mean() for one in (claimed, plain)])
    with_usual, by_themselves = np.mean(errors, axis=0)
    assert with_usual < 0.7 * by_themselves


def test_a_shop_with_phrases_enough_is_told_by_these_alone():
    unseen, _, _ = heard(1_000)
    fitted = calibrate_intents(unseen, np.ones(1_000))
    inside = ~unseen.outside
    assert inside.sum() > 600
    alone = calibrate(
        unseen.features,
        np.stack([unseen.right, unseen.outside], axis=1),
        told=np.stack([inside, np.ones(1_000, dtype=bool)], axis=1),
    )
    np.testing.assert_array_equal(fitted.weights[:, INSIDE:], alone.weights)


def test_phrases_that_were_asked_twice_are_no_more_phrases():
    taught, _, _ = few(3)
    twice = Unseen.joined([taught, taught])
    once = calibrate_intents(taught, np.ones(len(taught.rows)))
    again = calibrate_intents(twice, np.full(len(twice.rows), 0.5))
    np.testing.assert_allclose(again.weights, once.weights, atol=1e-3)
