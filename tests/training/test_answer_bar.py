import numpy as np
import pytest

from training.answer_bar import answer_bar
from training.calibrate import NEVER, threshold_for


def asked(seed, count=2_000):
    """Claimed chances, all alike likely, and whether each was right; 5 % are wrong above 0.9."""
    chance = np.random.default_rng(seed)
    claimed = chance.random(count)
    return claimed, chance.random(count) < claimed


def bar_of(right, claimed, promised=0.05, texts=None):
    texts = [str(at) for at in range(len(right))] if texts is None else texts
    return answer_bar(right, claimed, promised, np.ones(len(right)), texts)


def test_the_bar_lies_where_as_many_as_promised_are_wrong():
    claimed, right = asked(1, count=20_000)
    chosen = bar_of(right, claimed)
    assert chosen.at == pytest.approx(0.9, abs=0.02)
    assert chosen.answered == pytest.approx(0.1, abs=0.02)
    assert chosen.low < 0.05 < chosen.high and chosen.low < chosen.wrong < chosen.high


def test_other_questions_move_the_bar_less_than_the_plain_share_would():
    drawn = [asked(seed) for seed in range(20)]
    smooth = [bar_of(right, claimed, 0.1).at for claimed, right in drawn]
    plain = [threshold_for(right, claimed, 0.1).at for claimed, right in drawn]
    assert np.std(smooth) < 0.7 * np.std(plain)
    assert np.mean(smooth) == pytest.approx(0.8, abs=0.02)


def test_what_is_claimed_too_boldly_is_not_believed():
    claimed, right = asked(2)
    bold = np.sqrt(claimed)  # 0.9 where it is 0.81
    assert bar_of(right, bold).at == pytest.approx(np.sqrt(0.9), abs=0.02)


def test_a_question_that_was_asked_three_times_counts_once_in_the_interval():
    claimed, right = asked(3, count=300)
    texts = [str(at) for at in range(300)]
    once = bar_of(right, claimed, 0.2, texts)
    thrice = bar_of(np.tile(right, 3), np.tile(claimed, 3), 0.2, texts * 3)
    assert thrice.wrong == pytest.approx(once.wrong, abs=0.02)
    assert thrice.high - thrice.low == pytest.approx(once.high - once.low, abs=0.03)


@pytest.mark.parametrize("count", [0, 1, 10])
def test_so_few_questions_keep_no_promise_and_nothing_is_answered(count):
    chosen = bar_of(np.ones(count, bool), np.full(count, 0.9))
    assert chosen.at == NEVER and chosen.answered == 0


def test_equal_chances_are_answered_together_or_not_at_all():
    claimed = np.array([0.99] * 100 + [0.5] * 100)
    right = np.array([True] * 100 + [True, False] * 50)
    assert bar_of(right, claimed).answered == pytest.approx(0.5)
