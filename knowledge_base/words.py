"""Cuts texts into the words that the lexical index counts.

Chinese runs give jieba's words and every pair of neighbouring characters; English words are
stemmed; part numbers and model names ("AB-1200", "15 Pro") stay whole beside their parts.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any

import Stemmer

from knowledge_base.chinese_words import chinese_words
from knowledge_base.question_key import plain_text

_CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(
    rf"(?P<chinese>[{_CHINESE}]+)|(?P<other>[^\W_{_CHINESE}]+(?:[-_./'][^\W_{_CHINESE}]+)*)"
)
_JOINT = re.compile(r"[-_./]")
_MAX_STEMMED_CHARACTERS = 40
_per_thread = threading.local()


def words_of(text: str) -> list[str]:
    """The words of a text in their order, with repetitions; empty when it has none."""
    return list(_words_of(text))


@lru_cache(maxsize=256)
def _words_of(text: str) -> tuple[str, ...]:
    # Kept for a while: a question is looked up among phrasings and among answers.
    found: list[str] = []
    for match in _RUN.finditer(plain_text(text)):
        if match["chinese"]:
            found.extend(_chinese_words(match["chinese"]))
        else:
            found.extend(_other_words(match["other"]))
    return tuple(found)


def _chinese_words(run: str) -> list[str]:
    if len(run) == 1:
        return [run]
    words = [word for word in chinese_words(run) if len(word) != 2]
    return words + [run[at : at + 2] for at in range(len(run) - 1)]


def _other_words(run: str) -> list[str]:
    plain = run.removesuffix("'s")
    if "'" in plain and not any(c.isdigit() for c in plain):
        return [_stem(plain.replace("'", ""))]
    parts = [part for part in _JOINT.split(plain) if part]
    stemmed = [_stem(part) for part in parts]
    return [plain, *stemmed] if len(parts) > 1 else stemmed


def _stem(word: str) -> str:
    if len(word) > _MAX_STEMMED_CHARACTERS or not word.isalpha():
        return word
    return str(_stemmer().stemWord(word))


def _stemmer() -> Any:
    """The stemmer of this thread: one stemmer must not be used by two."""
    if not hasattr(_per_thread, "stemmer"):
        _per_thread.stemmer = Stemmer.Stemmer("english")
    return _per_thread.stemmer
