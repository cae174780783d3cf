import numpy as np
import pytest

from training.weigh_follow_ups import Fitted, Weighed, lowest_bar, unseen


def follow_ups(count):
    """The entry whose first input is higher is right; the second input says nothing."""
    random = np.random.default_rng(1)
    for number in range(count):
        inputs = random.normal(size=(2, 2))
        inputs[:, 0] += (2.0, -2.0)
        yield Weighed(f"talk {number % 20}", inputs, np.array([True, False]))


def test_what_tells_the_right_entry_gets_weight():
    fitted = Fitted.on(list(follow_ups(60)))
    assert fitted.weights[0] > 5 * abs(fitted.weights[1])
    assert fitted.chances(np.array([[2.0, 0.0]]))[0] > 0.9


def test_each_talk_is_judged_by_a_model_that_did_not_see_it():
    best = unseen(list(follow_ups(60)))
    assert len(best) == 60
    assert sum(right for _, right in best) >= 55


def test_the_bar_lies_where_the_promise_still_holds():
    best = [(0.9 - at / 1000, True) for at in range(93)] + [(0.5, False)] * 7 + [(0.4, False)]
    assert lowest_bar(best) == pytest.approx(0.5)


def test_of_too_few_answers_nothing_is_promised():
    assert lowest_bar([(0.9, True)] * 10) == 1.0
