"""How a shopper feels and how pressing it is, from words and marks of the message itself.

The words stand in `mood_words.toml` beside this file. Deterministic; it judges one message and
knows no history.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

MoodName = Literal["angry", "negative", "neutral", "positive"]

# Anger is called at this many points: one strong word, or two weak ones with shouting.
_ANGRY_POINTS = 3.0
_NEGATIVE_POINTS = 1.0


@dataclass(frozen=True, slots=True)
class Mood:
    """The mood of one message.

    Attributes:
        name: "angry", "negative", "neutral" or "positive".
        points: anger points, >= 0; "angry" from 3.
        urgency: in [0, 1].
    """

    name: MoodName
    points: float
    urgency: float


@dataclass(frozen=True, slots=True)
class _MoodWords:
    strong: re.Pattern[str]
    negative: re.Pattern[str]
    positive: re.Pattern[str]
    urgent: re.Pattern[str]
    not_anger: re.Pattern[str]


@cache
def _words() -> _MoodWords:
    raw = tomllib.loads(files("bot.answering").joinpath("mood_words.toml").read_text("utf-8"))
    return _MoodWords(
        **{name: _any_of(raw[name]["zh"], raw[name]["en"]) for name in _MoodWords.__slots__}
    )


def _any_of(zh: list[str], en: list[str]) -> re.Pattern[str]:
    """Alternatives only, longest first and without repetition, so that matching stays linear."""
    han = [re.escape(word) for word in sorted(zh, key=len, reverse=True)]
    latin = [re.escape(word) for word in sorted(en, key=len, reverse=True)]
    return re.compile(rf"{'|'.join(han)}|\b(?:{'|'.join(latin)})\b", re.IGNORECASE)


def mood_of(text: str) -> Mood:
    """Judge one message of any length."""
    text = text.replace("’", "'")
    words = _words()
    calm = words.not_anger.sub(" ", text)
    strong = len(words.strong.findall(calm))
    negative = len(words.negative.findall(calm))
    positive = len(words.positive.findall(calm))
    points = 3.0 * strong + 1.0 * negative - 0.5 * positive
    if points > 0:
        points += _shouting(text)
    urgency = min(1.0, 0.5 * len(words.urgent.findall(calm)) + 0.1 * _shouting(text))
    return Mood(_name(points, positive), max(points, 0.0), urgency)


def _name(points: float, positive: int) -> MoodName:
    if points >= _ANGRY_POINTS:
        return "angry"
    if points >= _NEGATIVE_POINTS:
        return "negative"
    return "positive" if positive else "neutral"


def _shouting(text: str) -> float:
    """Points for several exclamation or question marks in a row and for whole words in capitals."""
    marks = min(2, len(re.findall(r"[!！?？]{2,}", text)))
    capitals = re.findall(r"\b[A-Z]{4,}\b", text)
    letters = sum(character.isalpha() for character in text)
    loud = sum(map(len, capitals)) > 0.5 * letters if letters >= 12 else False
    return 0.5 * marks + (1.0 if loud else 0.0)
