import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from training.metrics import (
    accuracy,
    area_under_risk,
    area_under_roc,
    best_matthews,
    bootstrap,
    brier,
    calibration_error,
    calibration_error_by_chance,
    clopper_pearson,
    coverage_at_risk,
    macro_f1,
    matthews,
    mean_reciprocal_rank,
    recall_at,
    reliability,
    risk_coverage,
    share_of,
)

LABELS = st.lists(st.sampled_from("abc"), min_size=2, max_size=40)


def test_two_of_three_right_is_an_accuracy_of_two_thirds():
    assert accuracy(["a", "b", "c"], ["a", "b", "a"]) == pytest.approx(2 / 3)
    assert accuracy([], []) == 0.0


@given(LABELS, st.randoms(use_true_random=False))
def test_macro_f1_and_matthews_agree_with_scikit_learn(truth, chance):
    said = [chance.choice("abc") for _ in truth]
    assume(len(set(truth) | set(said)) > 1)  # scikit-learn warns of a single label
    expected = sklearn_metrics.f1_score(truth, said, average="macro", zero_division=0)
    assert macro_f1(truth, said) == pytest.approx(expected)
    assert matthews(truth, said) == pytest.approx(sklearn_metrics.matthews_corrcoef(truth, said))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_the_area_under_the_curve_agrees_with_scikit_learn_ties_included(pairs):
    flags, scores = [flag for flag, _ in pairs], [score / 5 for _, score in pairs]
    if all(flags) or not any(flags):
        assert np.isnan(area_under_roc(flags, scores))
    else:
        expected = sklearn_metrics.roc_auc_score(flags, scores)
        assert area_under_roc(flags, scores) == pytest.approx(expected)


def test_the_best_threshold_sends_the_unsure_out_of_scope():
    truth = ["pay", "pay", "ship", "none", "none"]
    said = ["pay", "pay", "ship", "pay", "ship"]
    value, threshold = best_matthews(truth, said, [0.9, 0.8, 0.9, 0.2, 0.1], "none")
    assert value == pytest.approx(1.0)
    assert 0.2 < threshold <= 0.8


def test_calibration_error_is_the_weighted_distance_of_claim_and_truth():
    right, sure = [1, 0, 1, 1], [0.95, 0.95, 0.35, 0.35]
    # two bins of two: |0.95 - 0.5| and |0.35 - 1|
    assert calibration_error(right, sure) == pytest.approx(0.5 * 0.45 + 0.5 * 0.65)
    assert calibration_error([1, 0], [0.5, 0.5]) == 0.0


def test_weights_count_as_often_as_they_say():
    twice = calibration_error([1, 0, 0], [0.9, 0.9, 0.9])
    assert calibration_error([1, 0], [0.9, 0.9], weights=[1, 2]) == pytest.approx(twice)


def test_the_bars_of_the_diagram_share_all_questions():
    bars = reliability([1, 0, 1], [0.0, 0.5, 1.0])
    assert [bar.share for bar in bars] == pytest.approx([1 / 3] * 3)
    assert [bar.right for bar in bars] == [1.0, 0.0, 1.0]


def test_brier_is_the_mean_squared_distance():
    assert brier([1, 0], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)


def test_risk_grows_when_less_sure_answers_are_given_too():
    points = risk_coverage([1, 1, 0, 1], [0.9, 0.8, 0.8, 0.1])
    assert [(p.threshold, p.coverage, p.risk) for p in points] == [
        (0.9, 0.25, 0.0),
        (0.8, 0.75, pytest.approx(1 / 3)),
        (0.1, 1.0, 0.25),
    ]
    assert coverage_at_risk([1, 1, 0, 1], [0.9, 0.8, 0.8, 0.1], 0.3) == 1.0
    assert coverage_at_risk([1, 1, 0, 1], [0.9, 0.8, 0.8, 0.1], 0.1) == 0.25
    assert area_under_risk([1, 0], [0.9, 0.1]) == pytest.approx(0.25)


def test_ranks_count_from_the_first():
    ranked = [["a", "b"], ["b", "a"], ["c"]]
    assert recall_at(ranked, ["a", "a", "a"], 1) == pytest.approx(1 / 3)
    assert recall_at(ranked, ["a", "a", "a"], 2) == pytest.approx(2 / 3)
    assert mean_reciprocal_rank(ranked, ["a", "a", "a"]) == pytest.approx((1 + 0.5) / 3)


def test_the_exact_interval_agrees_with_published_values():
    # Clopper and Pearson, 1934: 0 of 10 gives 0 to 0.3085, 5 of 10 gives 0.1871 to 0.8129
    assert clopper_pearson(0, 10) == (0.0, pytest.approx(0.3085, abs=1e-4))
    assert clopper_pearson(5, 10) == (
        pytest.approx(0.1871, abs=1e-4),
        pytest.approx(0.8129, abs=1e-4),
    )
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_the_bootstrap_interval_holds_the_figure_and_is_repeatable():
    values = np.arange(100) / 100
    first = bootstrap(lambda rows: float(values[rows].mean()), 100, seed=7, rounds=200)
    assert first == bootstrap(lambda rows: float(values[rows].mean()), 100, seed=7, rounds=200)
    assert first.low < first.value < first.high
    assert first.value == pytest.approx(0.495)
    assert first.high - first.low == pytest.approx(4 * 0.2887 / 10, rel=0.25)


def test_few_rows_show_a_calibration_error_by_chance_alone():
    few, many = np.full(50, 0.8), np.full(5000, 0.8)
    expected = np.sqrt(2 / np.pi * 0.8 * 0.2 / 50)  # mean distance of a share from its chance
    assert calibration_error_by_chance(few) == pytest.approx(expected, rel=0.15)
    assert calibration_error_by_chance(many) < 0.006
    assert calibration_error_by_chance(np.ones(10)) == 0.0


def test_a_share_lies_in_its_interval_and_nothing_has_none():
    share = share_of(1, 4)
    assert share["low"] < share["value"] == 0.25 < share["high"]
    assert share_of(0, 0)["value"] is None
