import numpy as np
import pytest

from training.calibrate import NEVER, Usual, agreement_ceiling, calibrate, threshold_for
from training.metrics import calibration_error


def test_a_fit_claims_what_happens():
    chance = np.random.default_rng(3)
    inputs = chance.normal(size=(4000, 2))
    truth = 1 / (1 + np.exp(-(1.5 * inputs[:, 0] - 1)))
    happened = chance.random(4000) < truth
    claimed = calibrate(inputs, happened[:, None]).probabilities(inputs)[:, 0]
    assert calibration_error(happened, claimed) < 0.03
    assert np.abs(claimed - truth).mean() < 0.03


def test_weights_are_as_good_as_repeats():
    chance = np.random.default_rng(4)
    inputs, happened = chance.normal(size=(60, 1)), chance.random((60, 1)) < 0.4
    weights = np.where(happened[:, 0], 3.0, 1.0)
    repeated = np.repeat(np.arange(60), weights.astype(int))
    weighted = calibrate(inputs, happened, weights)
    again = calibrate(inputs[repeated], happened[repeated])
    at = np.linspace(-1, 1, 5)[:, None]
    np.testing.assert_allclose(weighted.probabilities(at), again.probabilities(at), atol=0.01)


def test_an_outcome_is_fitted_on_the_examples_that_tell_of_it_alone():
    chance = np.random.default_rng(5)
    inputs = chance.normal(size=(80, 1))
    happened = np.stack([chance.random(80) < 0.5, inputs[:, 0] > 0], axis=1)
    told = np.stack([np.ones(80, bool), np.arange(80) < 40], axis=1)
    fitted = calibrate(inputs, happened, told=told)
    spoiled = happened.copy()
    spoiled[40:, 1] = ~spoiled[40:, 1]
    again = calibrate(inputs, spoiled, told=told)
    np.testing.assert_array_equal(fitted.weights, again.weights)
    assert fitted.probabilities(np.array([[2.0]]))[0, 1] > 0.9


def claims_and_truth(count, usual, seed):
    """Claims of a fit on `count` examples of eight inputs, of which the first two tell."""
    chance = np.random.default_rng(seed)
    inputs = chance.normal(size=(count + 500, 8))
    truth = 1 / (1 + np.exp(-(inputs[:, 0] + 2 * inputs[:, 1])))
    happened = (chance.random(count) < truth[:count])[:, None]
    fitted = calibrate(inputs[:count], happened, usual=usual)
    return fitted.probabilities(inputs[count:])[:, 0], truth[count:]


def error(count, usual):
    pairs = [claims_and_truth(count, usual, seed) for seed in range(20)]
    return np.mean([np.abs(claimed - truth).mean() for claimed, truth in pairs])


def test_few_examples_lean_on_slopes_that_are_usual():
    nearly = np.array([[1.5, 1.5, 0, 0, 0, 0, 0, 0]]).T
    assert error(40, Usual(nearly, 300 / 40)) < 0.75 * error(40, None)
    # A shop that is not as usual is not told worse than without, once it has phrases enough.
    wrong = Usual(-nearly, 300 / 10_000)
    assert error(10_000, wrong) == pytest.approx(error(10_000, None), abs=0.001)


def test_a_pull_of_no_worth_changes_nothing():
    free, _ = claims_and_truth(40, None, 1)
    pulled, _ = claims_and_truth(40, Usual(np.ones((8, 1)), 0.0), 1)
    np.testing.assert_allclose(pulled, free, atol=1e-3)


def labelled(noise, count=3000):
    """Inputs, whether each prediction is right, and whether it agrees with a label."""
    chance = np.random.default_rng(6)
    inputs = chance.normal(size=(count, 2))
    truth = 1 / (1 + np.exp(-(2.5 * inputs[:, 0] + 1.5)))
    right = chance.random(count) < truth
    return inputs, truth, right & (chance.random(count) >= noise)


def test_where_a_third_of_the_labels_is_wrong_the_truth_is_claimed_and_not_the_labels():
    inputs, truth, agreed = labelled(noise=0.35)
    ceiling = agreement_ceiling(inputs, agreed)
    assert ceiling == pytest.approx(0.65, abs=0.03)
    nobody_asked = np.column_stack([inputs, np.full(len(inputs), np.nan)])
    assert agreement_ceiling(nobody_asked, agreed) == pytest.approx(ceiling, abs=1e-6)
    honest = calibrate(inputs, agreed[:, None], ceilings=(ceiling,)).probabilities(inputs)[:, 0]
    misled = calibrate(inputs, agreed[:, None]).probabilities(inputs)[:, 0]
    assert np.abs(honest - truth).mean() < 0.04 < 0.15 < np.abs(misled - truth).mean()


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_hard_phrases_with_right_labels_are_not_taken_for_noise(noise):
    inputs, _, agreed = labelled(noise)
    assert agreement_ceiling(inputs, agreed) == 1.0
    assert agreement_ceiling(inputs[:5], np.ones(5, bool)) == 1.0


def test_a_bar_counts_what_only_the_label_calls_wrong_as_right():
    sure = np.linspace(1, 0, 1000)
    agreed = (np.arange(1000) < 500) & (np.arange(1000) % 10 < 7)
    assert threshold_for(agreed, sure, 0.05).at == NEVER
    chosen = threshold_for(agreed, sure, 0.05, ceiling=0.7)
    assert chosen.answered == pytest.approx(0.52, abs=0.01)
    assert chosen.wrong == pytest.approx(0.045, abs=0.006)


@pytest.mark.parametrize(("all_", "low", "high"), [(True, 0.7, 0.99), (False, 0.01, 0.3)])
def test_what_always_or_never_happened_is_never_claimed_for_certain(all_, low, high):
    outcomes = np.full((5, 1), all_)
    (claimed,) = calibrate(np.zeros((5, 2)), outcomes).probabilities(np.zeros((1, 2)))[0]
    assert low < claimed < high


def test_an_unknown_input_changes_nothing():
    inputs = np.array([[0.0, 1.0], [1.0, np.nan], [0.0, 3.0], [1.0, 2.0]])
    fitted = calibrate(inputs, np.array([[False], [True], [False], [True]]))
    known = fitted.probabilities(np.array([[1.0, 2.0]]))  # 2.0 is the mean of what is known
    np.testing.assert_allclose(fitted.probabilities(np.array([[1.0, np.nan]])), known)


def test_the_lowest_threshold_that_keeps_the_promise_is_chosen():
    sure = np.linspace(1, 0, 100)
    right = np.ones(100, bool)
    right[60:] = False
    chosen = threshold_for(right, sure, 0.05)
    # 62 answered with 2 wrong: (2 + 1) / (62 + 1) = 4.8 %; one more would break it
    assert chosen.answered == pytest.approx(0.62)
    assert chosen.wrong == pytest.approx(2 / 62)
    assert chosen.low < chosen.wrong < chosen.high


def test_equal_confidences_are_answered_together_or_not_at_all():
    sure = np.array([0.9] * 50 + [0.5] * 50)
    right = np.array([True] * 50 + [True, False] * 25)
    assert threshold_for(right, sure, 0.05).answered == pytest.approx(0.5)


@pytest.mark.parametrize("count", [0, 1, 10])
def test_a_promise_that_cannot_be_kept_answers_nothing(count):
    chosen = threshold_for(np.ones(count, bool), np.full(count, 0.9), 0.05)
    assert chosen.at == NEVER and chosen.answered == 0
