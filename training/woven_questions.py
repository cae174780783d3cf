"""Questions that no shop answers, woven around the words of its own entries.

A far question may share a rare word with an entry: the weather in a city that is delivered to.
General questions show that seldom, so doubt would learn that such a word all but proves an entry.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np

from knowledge_base.chinese_words import chinese_words
from knowledge_base.entry import Entry, Language

_ENGLISH = re.compile(r"[^\W\d_]{4,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_RAREST = 3  # words of a phrasing among which one is drawn
_JOINED = {"en": " and ", "zh": "和"}
_BOTH = 1 / 3  # of the questions hold two words of a phrasing


@lru_cache(maxsize=1)
def _beginnings() -> dict[str, list[str]]:
    text = files("training").joinpath("woven_questions.json").read_text(encoding="utf-8")
    written: dict[str, list[str]] = json.loads(text)
    return written


def woven_questions(
    entries: Sequence[Entry], most: int, chance: np.random.Generator
) -> list[tuple[str, Language]]:
    """Draw at most so many questions, in the languages of the entries; none without words."""
    holders = Counter(
        word for entry in entries for word in {w for q in entry.questions for w in _words(q, entry)}
    )
    found: list[tuple[str, Language]] = []
    for _ in range(most if entries else 0):
        entry = entries[int(chance.integers(len(entries)))]
        question = entry.questions[int(chance.integers(len(entry.questions)))]
        words = sorted(dict.fromkeys(_words(question, entry)), key=lambda one: holders[one])
        rare = words[:_RAREST]
        if not rare:
            continue
        count = 2 if len(rare) > 1 and chance.random() < _BOTH else 1
        drawn = [rare[at] for at in sorted(chance.choice(len(rare), count, replace=False))]
        beginnings = _beginnings()[entry.language]
        text = beginnings[int(chance.integers(len(beginnings)))]
        found.append((text.format(_JOINED[entry.language].join(drawn)), entry.language))
    return found


def _words(question: str, entry: Entry) -> list[str]:
    if entry.language == "en":
        return _ENGLISH.findall(question.casefold())
    return [
        word for run in _CHINESE.findall(question) for word in chinese_words(run) if len(word) > 1
    ]
