"""Rows of the word tables: the same whether they were kept or not, and little of them in memory."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.word_embeddings import (
    CODES_FILE,
    KEPT_ROWS,
    SCALES_FILE,
    WordEmbeddings,
)

WORDS = 3 * KEPT_ROWS + 7


@pytest.fixture
def table(tmp_path):
    random = np.random.default_rng(5)
    codes = random.integers(-127, 128, size=(WORDS, 64), dtype=np.int8)
    scales = random.random((WORDS, 2)).astype(np.float16)
    np.save(tmp_path / CODES_FILE, codes)
    np.save(tmp_path / SCALES_FILE, scales)
    rows = codes.reshape(WORDS, 2, 32).astype(np.float32) * scales.astype(np.float32)[..., None]
    return rows.reshape(WORDS, 64)


def some_ids(random):
    """Mostly a few tokens, as in talks; with others that belong into the same places."""
    few = random.integers(0, 40, size=random.integers(1, 60))
    return few + KEPT_ROWS * random.integers(0, 3, size=len(few))


def test_rows_are_those_of_the_table_however_often_they_were_read(table, tmp_path):
    embeddings, random = WordEmbeddings(tmp_path), np.random.default_rng(6)
    for _ in range(500):
        ids = some_ids(random)
        np.testing.assert_array_equal(embeddings.of(ids), table[ids])


def test_two_tokens_of_one_place_in_one_text_are_told_apart(table, tmp_path):
    embeddings = WordEmbeddings(tmp_path)
    ids = np.array([3, 3 + KEPT_ROWS, 3, 3 + 2 * KEPT_ROWS, 3 + KEPT_ROWS])
    for _ in range(3):
        np.testing.assert_array_equal(embeddings.of(ids), table[ids])


def test_threads_that_read_beside_each_other_get_their_own_rows(table, tmp_path):
    embeddings = WordEmbeddings(tmp_path)

    def read(seed):
        random = np.random.default_rng(seed)
        asked = [some_ids(random) for _ in range(300)]
        return all((embeddings.of(ids) == table[ids]).all() for ids in asked)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(8)))


def test_a_row_that_was_kept_is_not_read_again(table, tmp_path):
    embeddings, ids = WordEmbeddings(tmp_path), np.arange(20)
    first = embeddings.of(ids)
    embeddings._codes = embeddings._scales = None  # whoever reads now fails
    np.testing.assert_array_equal(embeddings.of(ids), first)


@pytest.mark.skipif(sys.platform != "linux", reason="tells of pages as Linux does")
def test_word_tables_that_were_looked_up_all_over_stay_out_of_memory(tmp_path):
    words = 64_000
    codes = np.lib.format.open_memmap(
        tmp_path / "words.codes.npy", mode="w+", dtype=np.int8, shape=(words, 384)
    )
    codes[:] = (np.arange(words) % 127)[:, None]
    codes.flush()
    np.save(tmp_path / "words.scales.npy", np.full((words, 12), 0.5, dtype=np.float16))
    del codes
    embeddings = WordEmbeddings(tmp_path)
    for start in range(0, words, 1_000):
        ids = np.arange(start, start + 1_000, 50)
        assert (embeddings.of(ids) == (ids % 127 / 2)[:, None]).all()
    assert resident_mb(tmp_path / "words.codes.npy") < 10, "of 25"


def resident_mb(file: Path) -> float:
    kilobytes, is_it = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if line.split()[0].count("-") == 1:
            is_it = line.endswith(str(file))
        elif is_it and line.startswith("Rss:"):
            kilobytes += int(line.split()[1])
    return kilobytes / 1024
