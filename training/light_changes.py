"""Published questions as shoppers really type them: a slip of the finger, a greeting, a word less.

Thresholds are chosen on questions that the knowledge base has not seen. Phrasings taken out of it
are the hard ones; a good part of real questions is a published one, only not letter for letter.
Deterministic for a given generator of chance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knowledge_base.entry import Language

_BEFORE = {
    "zh": ("请问", "你好，", "亲，", "想问下", "麻烦问一下，", "那个，"),
    "en": ("hi, ", "hello, ", "please, ", "quick question: ", "can you tell me: ", "hey "),
}
_AFTER = {
    "zh": ("呀", "啊", "呢", "，谢谢", "，急"),
    "en": (" please", " thanks", ", cheers", " asap"),
}
_ENDS = "?？。.!！ "
_FEWEST_LETTERS = 4  # a shorter word (or text in Chinese) is no longer itself with a slip in it


def lightly_changed(question: str, language: Language, chance: np.random.Generator) -> str:
    """Change a question so little that it still asks the same."""
    core = question.rstrip(_ENDS) or question
    change: Callable[[str, Language, np.random.Generator], str]
    change = (_with_words_before, _with_words_after, _with_less, _with_slip)[chance.integers(4)]
    return change(core, language, chance)


def _with_words_before(text: str, language: Language, chance: np.random.Generator) -> str:
    before = _BEFORE[language]
    start = text[0].lower() if language == "en" else text[0]
    return before[chance.integers(len(before))] + start + text[1:]


def _with_words_after(text: str, language: Language, chance: np.random.Generator) -> str:
    after = _AFTER[language]
    return text + after[chance.integers(len(after))]


def _with_less(text: str, language: Language, chance: np.random.Generator) -> str:
    """Leave a word out, or a character of a Chinese text."""
    if language == "zh":
        if len(text) <= _FEWEST_LETTERS:
            return text
        at = int(chance.integers(1, len(text) - 1))
        return text[:at] + text[at + 1 :]
    words = text.split()
    if len(words) <= _FEWEST_LETTERS:
        return text.lower()
    at = int(chance.integers(len(words)))
    return " ".join(words[:at] + words[at + 1 :])


def _with_slip(text: str, language: Language, chance: np.random.Generator) -> str:
    """Swap two neighbouring letters."""
    if language == "zh":
        return _swapped(text, int(chance.integers(max(1, len(text) - 1))))
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= _FEWEST_LETTERS]
    if not long:
        return text.lower()
    at = long[chance.integers(len(long))]
    words[at] = _swapped(words[at], int(chance.integers(1, len(words[at]) - 1)))
    return " ".join(words)


def _swapped(text: str, at: int) -> str:
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
