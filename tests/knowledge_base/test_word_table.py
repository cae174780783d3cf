import csv
import random
from pathlib import Path

import jieba
import numpy as np
import pytest

from knowledge_base.chinese_words import chinese_words, frequencies_of
from knowledge_base.word_table import BEGINNING, WordTable


def table_of(words: list[str], numbers: list[int]) -> WordTable:
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    return WordTable.of("".join(words), starts, lengths, np.array(numbers, dtype=np.int64))


def test_words_and_their_beginnings_are_found_and_nothing_else():
    table = table_of(["退货", "退货运费", "发"], [7, 8, 9])

    asked = ["退货", "退货运费", "发", "退", "退货运", "货", "退货运费险", "发货", ""]

    assert [table.get(word) for word in asked] == [
        7, 8, 9, BEGINNING, BEGINNING, None, None, None, None,
    ]  # fmt: skip


def test_of_a_word_given_twice_the_later_number_counts_and_a_word_beats_a_beginning():
    table = table_of(["ab", "abc", "ab", "a"], [1, 2, 3, 0])

    assert [table.get(word) for word in ("ab", "abc", "a")] == [3, 2, 0]


def test_an_empty_table_holds_nothing():
    assert table_of([], []).get("退") is None


@pytest.mark.parametrize("seed", range(3))
def test_the_table_says_what_a_dictionary_says(seed):
    chance = random.Random(seed)
    letters = "ab退货\U0001f600"
    words = ["".join(chance.choices(letters, k=chance.randrange(1, 7))) for _ in range(300)]
    numbers = list(range(len(words)))
    plain = {word[:end]: BEGINNING for word in words for end in range(1, len(word))}
    plain |= dict(zip(words, numbers, strict=True))
    table = table_of(words, numbers)

    asked = ["".join(chance.choices(letters, k=chance.randrange(0, 8))) for _ in range(2_000)]

    assert [table.get(word) for word in asked] == [plain.get(word) for word in asked]


def test_a_dictionary_in_the_format_of_jieba_is_read():
    found, total = frequencies_of("退货 12 v\n退货款 3 n\nT恤 105 n\n")

    assert total == 120
    asked = ("退货", "退货款", "T恤", "退", "T")
    assert [found[word] for word in asked] == [12, 3, 105, 0, 0]
    assert "恤" not in found


@pytest.fixture(scope="module")
def plain_jieba():
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer


def test_every_word_of_the_dictionary_has_the_number_that_jieba_reads(plain_jieba):
    with plain_jieba.get_dict_file() as file:
        found, total = frequencies_of(file.read().decode("utf-8"))

    different = [word for word, often in plain_jieba.FREQ.items() if found[word] != often]

    assert different == []
    assert total == plain_jieba.total


@pytest.fixture(scope="module")
def shop_texts():
    texts = []
    for path in sorted((Path(__file__).parents[2] / "demo_shop").rglob("*.zh.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [cell for row in csv.reader(file) for cell in row if cell]
    return texts


def test_texts_of_the_shop_are_cut_as_jieba_cuts_them(plain_jieba, shop_texts):
    different = [
        text for text in shop_texts if list(chinese_words(text)) != list(plain_jieba.cut(text))
    ]

    assert different == []
    assert len(shop_texts) > 500


def test_random_runs_of_characters_are_cut_as_jieba_cuts_them(plain_jieba):
    chance = np.random.default_rng(5)
    runs = ["".join(map(chr, chance.integers(0x4E00, 0x9FFF, 40))) for _ in range(200)]

    assert [list(chinese_words(run)) for run in runs] == [list(plain_jieba.cut(r)) for r in runs]
