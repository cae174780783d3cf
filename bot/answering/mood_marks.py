"""What in a message points to a mood: words of the lexicon, marks, capitals, faces.

The words stand in `mood_words.toml` beside this file. Pure and linear in the length of the text.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from bot.answering.chat_words import in_small_letters

Floats = NDArray[np.float32]

# A negation counts when the praised thing follows within about three words.
_NEGATION_REACH = 18
_LOUD_FROM_LETTERS = 12  # capitals in "OK" or "USB" are no shouting

_RUN_OF_MARKS = re.compile(r"[!！?？]{2,}")
_TRAILING_OFF = re.compile(r"\.{2,}|。{2,}|…+")
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_LOUD_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
_HAPPY_FACE = re.compile("[:;=]-?[)DpP]|<3|\\^_\\^|[😀😃😄😁😊🙂🥰😍👍❤💙💕🙏🎉🌹]")
_SAD_FACE = re.compile("[:=]-?[(/|\\\\]|:'\\(|[😡🤬😠😤😢😭👎😞😔💔😒🙄😩]")
_ASKS = re.compile(
    r"\W*(?:(?:is|are|do|does|did|can|could|would|will|what|when|where|how|which|who|any)\b"
    r"|请问|能|可以|有没有|想问)",
    re.IGNORECASE,
)

MARKS = (
    "strong",
    "negative",
    "positive",
    "negated_positive",
    "delight",
    "urgent",
    "exclamation",
    "question",
    "runs_of_marks",
    "trailing_off",
    "capital_share",
    "capital_words",
    "happy_faces",
    "sad_faces",
    "links",
    "addresses",
    "tags",
    "length",
    "digits",
    "asks",
)
"""Names of the numbers of `marks_of`, in their order."""


@dataclass(frozen=True, slots=True)
class WordCounts:
    """How often the words of each list stand in a message.

    Attributes:
        positive: praise without a negation in front of it, delight included.
        negated_positive: praise with one.
    """

    strong: int
    negative: int
    positive: int
    negated_positive: int
    delight: int
    urgent: int


@dataclass(frozen=True, slots=True)
class _MoodWords:
    strong: re.Pattern[str]
    negative: re.Pattern[str]
    positive: re.Pattern[str]
    delight: re.Pattern[str]
    urgent: re.Pattern[str]
    not_anger: re.Pattern[str]


@cache
def _raw() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("bot.answering").joinpath("mood_words.toml").read_text("utf-8"))


@cache
def _words() -> _MoodWords:
    return _MoodWords(
        **{name: _any_of(_raw()[name]["zh"], _raw()[name]["en"]) for name in _MoodWords.__slots__}
    )


def _alternatives(words: list[str]) -> str:
    """Longest first and without repetition, so that matching stays linear."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _any_of(zh: list[str], en: list[str]) -> re.Pattern[str]:
    """A pattern for texts in small letters; by the first characters it skips most of a text."""
    zh, en = ([in_small_letters(word) for word in words] for words in (zh, en))
    first = "".join(sorted({re.escape(word[0]) for word in (*zh, *en)}))
    # A Latin word may touch Chinese characters ("太nice了"), which \b takes for one word.
    latin = rf"(?<![a-z])(?:{_alternatives(en)})(?![a-z])"
    return re.compile(rf"(?=[{first}])(?:{_alternatives(zh)}|{latin})")


@cache
def _negation() -> re.Pattern[str]:
    zh, en = (_alternatives(_raw()["negation"][language]) for language in ("zh", "en"))
    return re.compile(
        rf"(?:(?:{zh})[^，。！？,.!?]{{0,3}}|\b(?:{en})\b[^.,!?]{{0,14}})$", re.IGNORECASE
    )


@lru_cache(maxsize=256)
def count_words(text: str) -> WordCounts:
    """Count the words of the lexicon; what only looks like anger is taken out first.

    Kept for a while, because one turn asks for the counts of its text three times.
    """
    words = _words()
    calm = words.not_anger.sub(" ", in_small_letters(text.replace("’", "'")))
    delight = [found.start() for found in words.delight.finditer(calm)]
    praise = [found.start() for found in words.positive.finditer(calm)] + delight
    negated = sum(_is_negated(calm, at) for at in praise)
    return WordCounts(
        strong=len(words.strong.findall(calm)),
        negative=len(words.negative.findall(calm)),
        positive=len(praise) - negated,
        negated_positive=negated,
        delight=len(delight),
        urgent=len(words.urgent.findall(calm)),
    )


def _is_negated(text: str, at: int) -> bool:
    return _negation().search(text[max(0, at - _NEGATION_REACH) : at]) is not None


def faces_of(text: str) -> tuple[int, int]:
    """How many happy and how many sad faces a text shows."""
    return len(_HAPPY_FACE.findall(text)), len(_SAD_FACE.findall(text))


def shouting(text: str) -> float:
    """Points in [0, 2] for runs of exclamation or question marks and for words in capitals."""
    marks = min(2, len(_RUN_OF_MARKS.findall(text)))
    letters = sum(character.isalpha() for character in text)
    loud = sum(map(len, _LOUD_CAPITALS.findall(text))) > 0.5 * letters
    return 0.5 * marks + (1.0 if loud and letters >= _LOUD_FROM_LETTERS else 0.0)


def marks_of(text: str) -> Floats:
    """The numbers named in `MARKS`, (len(MARKS),); counts as log(1 + n)."""
    counts = count_words(text)
    latin = sum(character.isascii() and character.isalpha() for character in text)
    counted = [
        counts.strong,
        counts.negative,
        counts.positive,
        counts.negated_positive,
        counts.delight,
        counts.urgent,
        text.count("!") + text.count("！"),
        text.count("?") + text.count("？"),
        len(_RUN_OF_MARKS.findall(text)),
        len(_TRAILING_OFF.findall(text)),
        0,
        len(_CAPITALS.findall(text)),
        len(_HAPPY_FACE.findall(text)),
        len(_SAD_FACE.findall(text)),
        text.count("http"),
        text.count("@"),
        text.count("#"),
        len(text),
        sum(character.isdigit() for character in text),
        0,
    ]
    marks = np.log1p(np.array(counted, dtype=np.float32))
    marks[MARKS.index("capital_share")] = sum(map(str.isupper, text)) / max(latin, 10)
    marks[MARKS.index("asks")] = float(_ASKS.match(text) is not None)
    return marks
