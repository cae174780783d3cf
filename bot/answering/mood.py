"""How a shopper feels and how pressing it is, judged from one message.

`mood_of` needs no model: words and marks alone (`mood_marks.py`). `mood_model.py` judges better,
from the vector that the turn has anyway. Deterministic; neither knows what was said before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.answering.mood_marks import WordCounts, count_words, faces_of, shouting

MoodName = Literal["angry", "negative", "neutral", "positive"]
Level = Literal["very_negative", "negative", "neutral", "positive", "very_positive"]

# Anger is called at this many points: one strong word, or two weak ones with shouting.
ANGRY_POINTS = 3.0
_NEGATIVE_POINTS = 1.0
_ANGRY_FACE = re.compile("[😡🤬👿💢]")
_MOST_FACES = 200


@dataclass(frozen=True, slots=True)
class Mood:
    """The mood of one message.

    Attributes:
        name: "angry", "negative", "neutral" or "positive"; "angry" brings a person.
        points: anger points, >= 0; "angry" from 3.
        urgency: in [0, 1].
        level: sentiment in five levels.
    """

    name: MoodName
    points: float
    urgency: float
    level: Level = "neutral"


@lru_cache(maxsize=256)
def mood_of(text: str) -> Mood:
    """Judge one message of any length by its words and marks.

    Kept for a while, because one turn is judged when it begins and again when it is decided.
    """
    counts = count_words(text)
    loud = shouting(text)
    points = 3.0 * counts.strong + counts.negative + counts.negated_positive
    faces = 0.0 if any(map(str.isalnum, text)) else _points_of_faces(text)
    points += faces
    points -= 0.5 * counts.positive
    if points > 0:
        points += loud
    urgency = min(1.0, 0.5 * counts.urgent + 0.1 * loud)
    name = _name(points, counts)
    if faces < 0 and name == "neutral":
        name = "positive"
    return Mood(name, max(points, 0.0), urgency, _level(name, points, counts))


def _points_of_faces(text: str) -> float:
    """Anger points of a message of faces alone; below zero where they are happy ones."""
    happy, sad = faces_of(text)
    return 1.5 * len(_ANGRY_FACE.findall(text[:_MOST_FACES])) + sad - happy


def _name(points: float, counts: WordCounts) -> MoodName:
    # Many weak words tell a long complaint, and only a strong one or shouting tells anger.
    heated = counts.strong > 0 or points > counts.negative + counts.negated_positive
    if points >= ANGRY_POINTS and heated:
        return "angry"
    if points >= _NEGATIVE_POINTS:
        return "negative"
    return "positive" if counts.positive else "neutral"


def _level(name: MoodName, points: float, counts: WordCounts) -> Level:
    if name == "angry" or points >= ANGRY_POINTS:
        return "very_negative"
    if name == "positive" and counts.delight:
        return "very_positive"
    return name
