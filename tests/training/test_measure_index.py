"""The short form of a measurement that runs for minutes: 1,000 vectors instead of a million."""

import itertools

import numpy as np

from training.measure_index import exact_ids, made_vectors, measured, recall


def seeds(count=200, dimensions=16):
    rows = np.random.default_rng(3).normal(size=(count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_small_index_is_measured_changed_and_reloaded():
    told, ticks = [], itertools.count()
    facts = measured(seeds(), 1_000, 40, say=told.append, clock=lambda: next(ticks) / 1000)
    assert facts["kind"] == "flat" and facts["search"]["recall_at_10"] == 1.0
    assert facts["after_changes"]["removed_that_came_back"] == 0
    assert facts["after_changes"]["recall_at_10"] == 1.0
    assert facts["after_changes"]["removed"] >= 20
    assert facts["same_after_loading"] is True
    assert facts["search"]["p50_ms"] == 1.0  # of a clock that goes on by a millisecond a look
    assert told[-1].startswith("removed and added")


def test_made_vectors_are_units_near_the_texts_they_come_from():
    own = seeds()
    made = made_vectors(own, 600, np.random.default_rng(1))
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(made[:200], own)
    nearest = (made[200:] @ own.T).max(axis=1)
    assert 0.6 < nearest.mean() < 0.999


def test_exact_search_is_what_recall_is_measured_against():
    vectors = seeds(50)
    found = exact_ids(vectors, vectors[:5])
    assert (found == np.arange(5)[:, None]).any(axis=1).all()
    assert recall(found, found) == 1.0
    gone = np.zeros(50, bool)
    gone[:5] = True
    assert not np.isin(exact_ids(vectors, vectors[:5], gone), np.arange(5)).any()
