import numpy as np
import pytest

from training.weigh_follow_ups import (
    Beside,
    Weighed,
    fit,
    lowest_bar,
    unseen,
    wrong_above,
)


def follow_ups(count):
    """The entry whose first input is higher is right; the second input says nothing."""
    random = np.random.default_rng(1)
    for number in range(count):
        inputs = random.normal(size=(2, 2))
        inputs[:, 0] += (2.0, -2.0)
        yield Weighed("en", f"talk {number % 20}", inputs, np.array([True, False]), True)


def test_what_tells_the_right_entry_gets_weight():
    fitted = fit(list(follow_ups(60)))
    assert fitted.weights[0] > 5 * abs(fitted.weights[1])
    assert fitted.of(np.array([[2.0, 0.0]]))[0] > 0.9


def test_where_no_entry_is_right_none_becomes_likely():
    rows = [*follow_ups(60)]
    strange = [
        Weighed("en", one.talk, one.inputs - (4.0, 0.0), np.array([False, False]), True)
        for one in rows
    ]
    fitted = fit(rows + strange)
    assert fitted.of(strange[0].inputs).sum() < 0.5 < fitted.of(rows[0].inputs).max()


def test_each_talk_is_judged_by_a_model_that_did_not_see_it():
    chances, right = unseen(list(follow_ups(60)), seed=1)
    assert chances.shape == (60,)
    assert right.sum() >= 55


def test_the_bar_lies_where_the_promise_still_holds_with_what_is_answered_beside():
    chances = np.array([[*np.linspace(0.9, 0.8, 90), *np.linspace(0.7, 0.6, 10)]])
    right = chances >= 0.75
    assert lowest_bar(chances, right, Beside()) == pytest.approx(chances[0, 93])
    assert lowest_bar(chances, right, Beside(answered=100, wrong=0)) == pytest.approx(0.6)
    assert lowest_bar(chances, right, Beside(answered=10, wrong=10)) == 1.0


def test_what_is_wrong_above_a_bar_is_told_with_an_interval():
    told = wrong_above(
        0.5, np.array([[0.9, 0.6, 0.4]]), np.array([[True, False, False]]), Beside(8, 0)
    )
    assert (told["answered"], told["wrong"], told["share"]) == (10, 1.0, 0.1)
    assert told["low"] < 0.1 < told["high"]
