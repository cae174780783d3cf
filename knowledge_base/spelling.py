"""Mends slips of the fingers in a question, towards words that the shop itself uses.

An English word that nobody knows becomes the shop's word that is one slip away ("retrun"). Chinese
characters that make no word become the shop's word that sounds the same ("快第", "fahuo"): what an
input method puts in its place. A word that is one is never touched, whatever it is near to.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import lru_cache
from typing import Protocol, runtime_checkable

from knowledge_base.chinese_words import chinese_words, load_chinese_words
from knowledge_base.pinyin import pinyin_of

_CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]+")
# Not inside a number, an address or a part number.
_LATIN_WORD = re.compile(r"(?<![a-zA-Z0-9_@./:'’-])[A-Za-z]{3,}(?![a-zA-Z0-9_@/:'’-]|\.\w)")
_SHORTEST = 5  # of the English words that are mended; shorter ones are near to too much
_LONGEST = 24
_RARER = 5  # times as often stands the word that was meant, where the shop's own texts hold a slip
_TWINS = (
    (re.compile("our(?=$|s|ed|ing|ful|ite)"), "or"),
    (re.compile("is(?=e$|es$|ed$|ing$|ation)"), "iz"),
    (re.compile("tre(?=$|s)"), "ter"),
    (re.compile("ll(?=ed|ing|er)"), "l"),
    (re.compile("^grey"), "gray"),
)
# Another form of a word is no slip: what is cut off, and what the word may end with instead.
_ENDINGS = tuple(
    (ending, rest)
    for ending in ("s", "es", "d", "ed", "ing", "r", "er", "rs", "ers", "y", "ly", "ies", "ied")
    for rest in (("y",) if ending.startswith("ie") else ("", "e"))
)
_FEWEST = 4  # texts of the shop that a pair of characters must stand in
_JOINED = 8  # times as often as by chance
_EVERYDAY = 4000  # occurrences in jieba's dictionary; "还有" has 11,000, "快递" fewer than 100
# Little words stand beside anything, so that no pair of them is a slip.
_LITTLE = frozenset(
    "的了吗么呢吧啊呀不没要给能会可我你您他她它这那哪有在是就都也还再把被让和跟从到去来上下里个几得着过"
)
_KEPT_WORDS = 2048  # most words of a message were typed by others just before
_MOST_CHARACTERS = 400  # a longer text is read as it is


@runtime_checkable
class KnowsWords(Protocol):
    """An encoder that can tell a word of its languages from a slip."""

    def knows_word(self, word: str) -> bool:
        """Tell whether a word is common enough to be one piece."""
        ...


class Spelling:
    """The words of a shop, and how they are missed.

    Args:
        counts: in how many texts of the shop each word stands; of Chinese every pair of neighbours
            (`words_of`).
        english: the same for English words, in lower case as they are written.
        knows: tells whether an English word is one, though the shop does not use it.
        names: English words in lower case that the shop writes with a capital only.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        english: Mapping[str, int],
        knows: Callable[[str], bool],
        names: Set[str] = frozenset(),
    ) -> None:
        self._names = names
        self._pairs = {one for one in counts if len(one) == 2 and _is_chinese(one)}
        self._english = english
        self._knows = knows
        self._mended_word = lru_cache(_KEPT_WORDS)(self._word_mended)
        self._alike: dict[str, list[str]] = defaultdict(list)
        self._sounds: dict[str, list[str]] = defaultdict(list)
        for word in _closely_joined(counts):
            for sound in pinyin_of(word):
                self._sounds[sound].append(word)
        self._twins: dict[str, list[str]] = defaultdict(list)
        for word in english:
            if len(word) >= _SHORTEST:
                self._alike[word[0]].append(word)
                self._twins[_twin(word)].append(word)

    def mended(self, text: str) -> str:
        """The text with every slip mended that can only mean one word of the shop."""
        if len(text) > _MOST_CHARACTERS:
            return text
        chinese = _CHINESE_RUN.search(text) is not None
        if chinese:
            text = _CHINESE_RUN.sub(lambda found: self._mended_run(found[0]), text)
        return _LATIN_WORD.sub(lambda found: self._mended_word(found[0], chinese), text)

    def _word_mended(self, typed: str, among_chinese: bool) -> str:
        word = typed.casefold()
        if among_chinese and word in self._sounds and word not in self._english:
            return self._sounds[word][0]
        if not _SHORTEST <= len(word) <= _LONGEST or word in self._names:
            return typed
        if word in self._english and self._knows(word):
            return typed
        twins = () if word in self._english else self._twins.get(_twin(word), ())
        if twins:
            return max(twins, key=lambda one: (self._english[one], one))
        if self._is_word(word):
            return typed
        # The shop's phrasings hold slips as well, but few of each.
        fewest = max(1, _RARER * self._english.get(word, 0))
        near = [
            one
            for one in self._alike.get(word[0], ())
            if self._english[one] >= fewest and is_one_slip(word, one)
        ]
        return max(near, key=lambda one: (self._english[one], one), default=typed)

    def _is_word(self, word: str) -> bool:
        return self._knows(word) or any(
            self._english.get(f"{word.removesuffix(ending)}{rest}", 0)
            for ending, rest in _ENDINGS
            if word.endswith(ending)
        )

    def _mended_run(self, run: str) -> str:
        """A run of Chinese in which what makes no word was put right, where it sounds like one."""
        loose = list(_loose(run))
        for at in range(len(run) - 1):
            typed = run[at : at + 2]
            if loose[at] and loose[at + 1] and self._is_strange(typed):
                run = f"{run[:at]}{self._heard(typed)}{run[at + 2 :]}"
        return run

    def _is_strange(self, typed: str) -> bool:
        return typed not in self._pairs and _LITTLE.isdisjoint(typed)

    def _heard(self, typed: str) -> str:
        """The shop's pair that sounds like another and shares a character with it, or that one."""
        for sound in pinyin_of(typed):
            for word in self._sounds.get(sound, ()):
                if typed[0] == word[0] or typed[1] == word[1]:
                    return word
        return typed


def _twin(word: str) -> str:
    """What British and American spellings of a word have in common ("colour", "color")."""
    for british, american in _TWINS:
        word = british.sub(american, word)
    return word


def is_one_slip(typed: str, word: str) -> bool:
    """Tell whether one letter was left out, put in, mistaken, or two neighbours exchanged."""
    if typed == word or abs(len(typed) - len(word)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), None)
    if at is None:
        # The last letter was left out. One put in there makes another word: "matcha", "charger".
        return len(typed) < len(word)
    if len(typed) == len(word):
        exchanged = (
            typed[at : at + 2] == word[at : at + 2][::-1] and typed[at + 2 :] == word[at + 2 :]
        )
        return exchanged or typed[at + 1 :] == word[at + 1 :]
    return typed[at + 1 :] == word[at:] if len(typed) > len(word) else typed[at:] == word[at + 1 :]


def english_words(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each English word stands, in lower case."""
    return Counter(
        word for text in texts for word in {one.casefold() for one in _LATIN_WORD.findall(text)}
    )


def names_written(texts: Iterable[str]) -> frozenset[str]:
    """English words that have a capital wherever they stand, and not only first in a text."""
    small, inside = set[str](), set[str]()
    for text in texts:
        for found in _LATIN_WORD.finditer(text):
            word = found[0].casefold()
            if found[0][0].islower():
                small.add(word)
            elif text[: found.start()].strip():
                inside.add(word)
    return frozenset(inside - small)


def _loose(run: str) -> Iterator[bool]:
    """For each character: does it stand alone, or in something that is no word."""
    frequency = load_chinese_words().FREQ
    for word in chinese_words(run):
        for _ in word:
            yield len(word) == 1 or not frequency.get(word)


def _closely_joined(counts: Mapping[str, int]) -> list[str]:
    """Pairs of characters that are words of this shop, most frequent first.

    They stand together far more often than their characters would by chance; what everybody says
    about everything ("还有") is left out, because it sounds like too much.
    """
    pairs = {one: count for one, count in counts.items() if len(one) == 2 and _is_chinese(one)}
    begins: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for pair, count in pairs.items():
        begins[pair[0]] += count
        ends[pair[1]] += count
    total = sum(pairs.values())
    frequency = load_chinese_words().FREQ
    joined = [
        pair
        for pair, count in pairs.items()
        if count >= _FEWEST
        and _LITTLE.isdisjoint(pair)
        and count * total >= _JOINED * begins[pair[0]] * ends[pair[1]]
        and (frequency.get(pair) or 0) <= _EVERYDAY
    ]
    return sorted(joined, key=lambda one: (-pairs[one], one))


def _is_chinese(word: str) -> bool:
    return _CHINESE_RUN.fullmatch(word) is not None
