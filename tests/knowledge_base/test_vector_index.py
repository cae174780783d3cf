"""The contract of vector indexes: every twin against the plain one, by value."""

import numpy as np
import pytest

from knowledge_base.faiss_index import FaissIndex
from knowledge_base.vector_index import NO_ID, PlainVectorIndex

DIMENSIONS = 24


def unit_vectors(count, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def graph(dimensions):
    return FaissIndex(dimensions, flat_up_to=10)


@pytest.fixture(params=[PlainVectorIndex, FaissIndex, graph])
def index(request):
    return request.param(DIMENSIONS)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_an_index_finds_what_the_plain_one_finds(index, k):
    plain, vectors = PlainVectorIndex(DIMENSIONS), unit_vectors(300)
    plain.add(range(300), vectors)
    index.add(range(300), vectors)
    asked = unit_vectors(20, seed=1)
    cosines, ids = index.search(asked, k)
    expected_cosines, expected_ids = plain.search(asked, k)
    np.testing.assert_allclose(cosines, expected_cosines, atol=1e-6)
    np.testing.assert_array_equal(ids, expected_ids)
    assert cosines.dtype == np.float32 and ids.dtype == np.int64


def test_ids_are_those_given_also_when_added_in_parts_and_removed(index):
    vectors = unit_vectors(60)
    index.add(range(100, 130), vectors[:30])
    index.add(range(200, 230), vectors[30:])
    index.remove([105, 220])
    assert len(index) == 58
    cosines, ids = index.search(vectors[[6, 20, 31]], 1)
    np.testing.assert_array_equal(ids[:, 0], [106, 120, 201])
    np.testing.assert_allclose(cosines[:, 0], 1, atol=1e-6)
    assert index.search(vectors[[5]], 1)[1][0, 0] != 105


def test_rows_are_filled_when_fewer_than_k_are_held(index):
    asked = unit_vectors(2)
    cosines, ids = index.search(asked, 3)
    assert ids.tolist() == [[NO_ID] * 3] * 2 and np.isneginf(cosines).all()
    index.add([7], asked[:1])
    cosines, ids = index.search(asked[:1], 3)
    assert ids.tolist() == [[7, NO_ID, NO_ID]]
    np.testing.assert_allclose(cosines[0, 0], 1, atol=1e-6)


def test_equal_vectors_are_all_found(index):
    vector = unit_vectors(1)
    index.add([3, 1, 2], np.repeat(vector, 3, axis=0))
    assert sorted(index.search(vector, 3)[1][0].tolist()) == [1, 2, 3]


def test_what_cannot_be_held_is_refused_and_nothing_changes(index):
    vectors = unit_vectors(2)
    index.add([1], vectors[:1])
    spoiled = vectors.copy()
    spoiled[0, 0] = np.nan
    for ids, rows in [
        ([1], vectors[:1]),
        ([2, 2], vectors),
        ([2], vectors),
        ([-4], vectors[:1]),
        ([2, 3], spoiled),
        ([2], vectors[:1, :5]),
    ]:
        with pytest.raises(ValueError):
            index.add(ids, rows)
    with pytest.raises(KeyError):
        index.remove([1, 9])
    assert len(index) == 1


def test_a_growing_index_turns_into_a_graph_and_still_finds_everything():
    index, vectors = FaissIndex(DIMENSIONS, flat_up_to=50), unit_vectors(120)
    index.add(range(50), vectors[:50])
    assert index.kind == "flat"
    index.add(range(50, 120), vectors[50:])
    assert index.kind == "graph"
    assert index.search(vectors, 1)[1][:, 0].tolist() == list(range(120))
    index.remove(range(80))
    assert index.kind == "flat"


@pytest.mark.parametrize("count", [0, 8, 200])
def test_a_saved_index_finds_the_same_after_loading(tmp_path, count):
    index, vectors = FaissIndex(DIMENSIONS, flat_up_to=50), unit_vectors(200)
    index.add(range(count), vectors[:count])
    sha256 = index.save(tmp_path / "index.faiss")
    loaded = FaissIndex.load(tmp_path / "index.faiss", sha256, DIMENSIONS, flat_up_to=50)
    assert (len(loaded), loaded.kind) == (len(index), index.kind)
    for one, other in zip(loaded.search(vectors, 4), index.search(vectors, 4), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_altered_file_never_reaches_faiss(tmp_path):
    index = FaissIndex(DIMENSIONS)
    index.add(range(3), unit_vectors(3))
    path = tmp_path / "index.faiss"
    sha256 = index.save(path)
    spoiled = bytearray(path.read_bytes())
    spoiled[40] ^= 1
    path.write_bytes(bytes(spoiled))
    with pytest.raises(ValueError, match="not the file that was saved"):
        FaissIndex.load(path, sha256, DIMENSIONS)


def test_an_index_of_other_dimensions_is_refused(tmp_path):
    sha256 = FaissIndex(8).save(tmp_path / "index.faiss")
    with pytest.raises(ValueError, match="another kind"):
        FaissIndex.load(tmp_path / "index.faiss", sha256, DIMENSIONS)
