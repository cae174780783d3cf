"""The contract of vector indexes: every twin against the plain one, by value."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

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


def test_what_was_removed_from_a_graph_never_comes_back(tmp_path):
    vectors = unit_vectors(400)
    index, plain = FaissIndex(DIMENSIONS, flat_up_to=50), PlainVectorIndex(DIMENSIONS)
    for one in (index, plain):
        one.add(range(1_000, 1_400), vectors)
    gone = list(range(1_000, 1_400, 3))
    for one in (index, plain):
        one.remove(gone[:60])
        one.remove(gone[60:])
    assert (index.kind, index.removed, len(index)) == ("graph", len(gone), 400 - len(gone))
    sha256 = index.save(tmp_path / "index.faiss")
    loaded = FaissIndex.load(tmp_path / "index.faiss", sha256, DIMENSIONS, flat_up_to=50)
    expected_cosines, expected_ids = plain.search(vectors, 5)
    for one in (index, loaded):
        cosines, ids = one.search(vectors, 5)
        assert not np.isin(ids, gone).any()
        np.testing.assert_array_equal(ids, expected_ids)
        np.testing.assert_allclose(cosines, expected_cosines, atol=1e-6)
        np.testing.assert_array_equal(one.vectors(), vectors[np.arange(400) % 3 != 0])
        with pytest.raises(KeyError):
            one.remove([gone[0]])


def test_a_removed_id_may_be_held_again_with_another_vector(tmp_path):
    vectors, fresh = unit_vectors(120), unit_vectors(1, seed=9)
    index = FaissIndex(DIMENSIONS, flat_up_to=50)
    index.add(range(120), vectors)
    index.remove([7])
    index.add([7], fresh)
    sha256 = index.save(tmp_path / "index.faiss")
    for one in (index, FaissIndex.load(tmp_path / "index.faiss", sha256, DIMENSIONS, 50)):
        assert len(one) == 120
        assert one.search(fresh, 1)[1].tolist() == [[7]]
        assert one.search(vectors[[7]], 1)[1].tolist() != [[7]]
        np.testing.assert_array_equal(one.vectors()[-1:], fresh)


def test_a_graph_with_most_of_it_removed_still_finds_what_is_left():
    vectors = unit_vectors(2_000)
    index = FaissIndex(DIMENSIONS, flat_up_to=50)
    index.add(range(2_000), vectors)
    index.remove(range(1_800))
    assert index.kind == "graph"
    found = index.search(vectors[1_800:], 1)[1][:, 0]
    assert (found == np.arange(1_800, 2_000)).mean() > 0.99
    assert not np.isin(index.search(vectors[:200], 10)[1], np.arange(1_800)).any()


def test_removing_while_others_search_never_shows_half_of_it():
    vectors = unit_vectors(300)
    index = FaissIndex(DIMENSIONS, flat_up_to=50)
    index.add(range(300), vectors)
    known = set(range(300))
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(index.search, vectors, 5) for _ in range(20)]
        index.remove(range(100))
        assert all(set(one.result()[1].ravel().tolist()) <= known for one in found)
    assert index.search(vectors, 5)[1].min() >= 100


@pytest.mark.parametrize("cut", [3, 20, 40])
def test_a_file_of_an_older_form_or_cut_short_is_refused(tmp_path, cut):
    index = FaissIndex(DIMENSIONS)
    index.add(range(30), unit_vectors(30))
    path = tmp_path / "index.faiss"
    index.save(path)
    whole = path.read_bytes()
    for written in (whole[:cut], whole[32 + 4 :]):
        path.write_bytes(written)
        with pytest.raises(ValueError, match=r"older form|cut short"):
            FaissIndex.load(path, hashlib.sha256(written).hexdigest(), DIMENSIONS)
