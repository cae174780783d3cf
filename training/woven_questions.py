"""Questions that no shop answers, woven around the words of its own entries.

A far question may share a rare word with an entry: the weather in a city that is delivered to, or
somebody's telephone number. General questions show that seldom, so doubt would learn that such a
word all but proves an entry.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from knowledge_base.chinese_words import chinese_words
from knowledge_base.entry import Entry, Language

_ENGLISH = re.compile(r"[^\W\d_]{4,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_RAREST = 3  # words of a phrasing among which one is drawn
_JOINED = {"en": " and ", "zh": "和"}
_BOTH = 1 / 3  # of the questions hold two words of a phrasing


@lru_cache(maxsize=1)
def _written() -> dict[str, dict[str, list[str]]]:
    text = files("training").joinpath("woven_questions.json").read_text(encoding="utf-8")
    written: dict[str, Any] = json.loads(text)
    return {kind: written[kind] for kind in ("beginnings", "named", "names")}


def woven_questions(
    entries: Sequence[Entry], most: int, chance: np.random.Generator
) -> list[tuple[str, Language]]:
    """Draw at most so many questions, in the languages of the entries; none without words."""
    found: list[tuple[str, Language]] = []
    for rare, language in _rare_words(entries, most, chance):
        count = 2 if len(rare) > 1 and chance.random() < _BOTH else 1
        drawn = [rare[at] for at in sorted(chance.choice(len(rare), count, replace=False))]
        text = _one_of(_written()["beginnings"][language], chance)
        found.append((text.format(_JOINED[language].join(drawn)), language))
    return found


def named_questions(
    entries: Sequence[Entry], most: int, chance: np.random.Generator
) -> list[tuple[str, Language]]:
    """Like `woven_questions`, with somebody or something beside the word that no entry mentions."""
    mentioned = " ".join(text for entry in entries for text in entry.texts).casefold()
    names = {
        language: [name for name in some if name.casefold() not in mentioned]
        for language, some in _written()["names"].items()
    }
    found: list[tuple[str, Language]] = []
    for rare, language in _rare_words(entries, most, chance):
        if names[language]:
            text = _one_of(_written()["named"][language], chance)
            word, name = _one_of(rare, chance), _one_of(names[language], chance)
            found.append((text.format(word=word, name=name), language))
    return found


def _rare_words(
    entries: Sequence[Entry], most: int, chance: np.random.Generator
) -> Iterator[tuple[list[str], Language]]:
    """The rarest words of phrasings drawn at random, with their language."""
    holders = Counter(
        word for entry in entries for word in {w for q in entry.questions for w in _words(q, entry)}
    )
    for _ in range(most if entries else 0):
        entry = entries[int(chance.integers(len(entries)))]
        question = _one_of(entry.questions, chance)
        words = sorted(dict.fromkeys(_words(question, entry)), key=lambda one: holders[one])
        if words:
            yield words[:_RAREST], entry.language


def _one_of(texts: Sequence[str], chance: np.random.Generator) -> str:
    return texts[int(chance.integers(len(texts)))]


def _words(question: str, entry: Entry) -> list[str]:
    if entry.language == "en":
        return _ENGLISH.findall(question.casefold())
    return [
        word for run in _CHINESE.findall(question) for word in chinese_words(run) if len(word) > 1
    ]
