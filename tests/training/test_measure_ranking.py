import numpy as np
import pytest

from training.measure_ranking import found_share, gained, ranking_figures, read_graded
from training.refusal_texts import LabelledTextRefused


def test_the_best_order_gains_one_and_a_later_place_gains_less():
    relevant = {"a": 3.0, "b": 1.0}
    assert gained(["a", "b", "x"], relevant) == pytest.approx(1.0)
    later = (3 / np.log2(3) + 1 / np.log2(4)) / (3 + 1 / np.log2(3))
    assert gained(["x", "a", "b"], relevant) == pytest.approx(later)
    assert gained(["x"], relevant) == gained([], relevant) == 0.0


def test_recall_counts_the_relevant_ones_that_are_good_enough():
    relevant = {"a": 3.0, "b": 1.0}
    assert found_share(["b"], relevant, 0.0) == 0.5
    assert found_share(["b"], relevant, 2.0) == 0.0
    assert np.isnan(found_share(["b"], {"b": 1.0}, 2.0))


def test_queries_without_a_best_entry_are_left_out_of_its_recall():
    graded = {"q": {"a": 3.0}, "r": {"b": 1.0}}
    figures = ranking_figures({"q": ["a"], "r": ["x"]}, graded, best=2.5)
    assert figures["queries"] == 2
    assert figures["recall_at_100"]["value"] == 0.5
    assert figures["recall_at_100_of_best"]["value"] == 1.0


def test_graded_queries_are_read_and_a_relevance_that_is_none_is_told_with_its_row(tmp_path):
    path = tmp_path / "graded.csv"
    path.write_text("text,id,relevance\nq,a,3\nq,b,1.5\n")
    assert read_graded(path) == {"q": {"a": 3.0, "b": 1.5}}
    path.write_text("text,id,relevance\nq,a,3\nq,b,none\n")
    with pytest.raises(LabelledTextRefused, match="row 3: relevance must be a number above 0"):
        read_graded(path)
