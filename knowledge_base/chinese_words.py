"""Cuts Chinese into words as jieba does, with its dictionary in a tenth of the memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from knowledge_base.word_table import Ints, WordTable

_loading = threading.Lock()


def chinese_words(run: str) -> Iterator[str]:
    """The words of a run of Chinese characters, in their order."""
    words: Iterator[str] = load_chinese_words().cut(run)
    return words


def load_chinese_words() -> Any:
    """The tokenizer of the whole program; the first call takes a sixth of a second."""
    with _loading:
        return _tokenizer()


@cache
def _tokenizer() -> Any:
    """Make a tokenizer of jieba over our table of its words.

    The dictionary is read from jieba's own text file: jieba's quicker cache is a marshal file in
    the shared temporary folder, which anybody on the machine could have written.
    """
    import jieba

    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        text = file.read().decode("utf-8")
    tokenizer.FREQ, tokenizer.total = frequencies_of(text)
    tokenizer.initialized = True
    return tokenizer


class Frequencies:
    """How often words occur, as jieba asks for it: 0 for what only begins a word."""

    def __init__(self, table: WordTable) -> None:
        self.get = table.get

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def __getitem__(self, word: str) -> int | None:
        return self.get(word)

    def __len__(self) -> int:
        return 1  # never empty: jieba reads its own dictionary where this is


def frequencies_of(text: str) -> tuple[Frequencies, int]:
    """Read a dictionary in jieba's format: lines of word, frequency and kind, one blank between.

    Returns:
        The frequency of each word, and the sum of all.
    """
    characters = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    ends = np.flatnonzero(characters == ord("\n"))
    starts = np.append(0, ends[:-1] + 1)
    blanks = np.flatnonzero(characters == ord(" "))
    words_end = blanks[np.searchsorted(blanks, starts)]
    numbers_end = blanks[np.searchsorted(blanks, words_end + 1)]
    values = _numbers(characters.astype(np.int64), words_end + 1, numbers_end)
    table = WordTable.of(text, starts, words_end - starts, values, beginning=0)
    return Frequencies(table), int(values.sum())


def _numbers(characters: Ints, starts: Ints, ends: Ints) -> Ints:
    """The decimal numbers that stand between some places of a text, (n,)."""
    numbers = np.zeros(len(starts), dtype=np.int64)
    for at in range(int((ends - starts).max())):
        held = starts + at < ends
        digits = characters[np.minimum(starts + at, ends - 1)] - ord("0")
        numbers = np.where(held, numbers * 10 + digits, numbers)
    return numbers
