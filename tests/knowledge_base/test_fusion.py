import numpy as np
import pytest

from knowledge_base.fusion import fused, pooled


def floats(*values):
    return np.array(values, dtype=np.float32)


def test_an_entry_with_one_phrasing_is_as_similar_as_that_phrasing():
    assert pooled(floats(0.7, 0.2), np.array([0, 1])).tolist() == pytest.approx([0.7, 0.2])


def test_the_nearest_phrasing_decides_and_near_ones_confirm_it():
    exact, close, lonely = pooled(
        floats(1.0, 0.1, 0.1, 0.8, 0.75, 0.7, 0.8, 0.0), np.array([0, 3, 6])
    )
    assert exact > 0.95
    assert close > lonely - 0.05
    expected = (np.exp(4) * 0.8 + 1 * 0.0) / (np.exp(4) + 1)
    assert lonely == pytest.approx(expected, abs=1e-6)


def test_the_score_is_one_for_a_perfect_hit_and_never_below_zero():
    scores = fused(floats(1, 0.5, -1), floats(1, 0, -1), floats(1, 1, 0), floats(1, 0, 0))
    assert scores.tolist() == pytest.approx([1.0, 0.7 / 1.55, 0.0])
