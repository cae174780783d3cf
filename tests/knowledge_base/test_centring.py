import numpy as np

from knowledge_base.centring import ASSUMED_TEXTS, Centres


def cone(count, towards, seed):
    rng = np.random.default_rng(seed)
    rows = (np.asarray(towards) + 0.3 * rng.normal(size=(count, len(towards)))).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_texts_of_one_language_no_longer_look_alike():
    zh, en = cone(900, [4, 0, 0, 0], 1), cone(900, [0, 4, 0, 0], 2)
    centres = Centres.of(np.concatenate([zh, en]), ["zh"] * 900 + ["en"] * 900)
    before, after = zh @ zh.T, centres.without(zh, ["zh"] * 900)
    assert before.mean() > 0.9
    assert abs((after @ after.T).mean()) < 0.2
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, atol=1e-5)


def test_the_centre_is_the_mean_with_some_zeros_counted_in():
    vectors = cone(60, [1, 1, 1], 3)
    centres = Centres.of(vectors, [None] * 60)
    expected = vectors.sum(axis=0) / (60 + ASSUMED_TEXTS)
    for row in range(3):
        np.testing.assert_allclose(centres.means[row], expected, rtol=1e-5)


def test_a_few_texts_are_hardly_moved_and_none_stay_none():
    vectors = cone(2, [1, 0, 0], 4)
    moved = Centres.of(vectors, ["zh", "en"]).without(vectors, ["zh", "en"])
    assert (np.sum(moved * vectors, axis=1) > 0.95).all()
    empty = np.empty((0, 3), dtype=np.float32)
    assert Centres.of(empty, []).without(empty, []).shape == (0, 3)


def test_a_text_that_is_the_centre_gives_no_division_by_zero():
    centres = Centres(np.ones((3, 4), dtype=np.float32))
    assert np.isfinite(centres.without(np.ones((1, 4), dtype=np.float32), ["zh"])).all()
