"""Questions that no shop answers: some teach what is out of scope, the others only ask.

What a head has learnt it knows by heart, so a calibration that asked it the same would believe it
too much. Therefore no question is in both lists.
"""

from __future__ import annotations

import json
from importlib.resources import files

# By three of five written questions heads told out of scope better than by half of them, and no
# worse than by all (docs/measurements/confidence.md); the others make calibration surer.
_TAUGHT, _OF = 3, 5


def taught_questions() -> tuple[str, ...]:
    """Questions from which a head learns what is out of scope, in both languages."""
    return tuple(text for at, text in _far() if at % _OF < _TAUGHT)


def asked_questions() -> tuple[str, ...]:
    """Questions that are never learnt, in both languages: they show what is made of such."""
    return (*general_questions(), *(text for at, text in _far() if at % _OF >= _TAUGHT))


def never_learnt(learnt: bool) -> tuple[str, ...]:
    """All that an intent head has not learnt, in both languages.

    Args:
        learnt: whether the head was taught far questions.
    """
    return asked_questions() if learnt else (*asked_questions(), *taught_questions())


def every_question() -> tuple[str, ...]:
    """All that are written, whoever learns or is asked them."""
    return (*general_questions(), *(text for _, text in _far()))


def general_questions() -> tuple[str, ...]:
    """The older part of those that are asked."""
    written = _written("general_questions.json")
    return (*written["en"], *written["zh"])


def _far() -> list[tuple[int, str]]:
    written = _written("far_questions.json")
    return [*enumerate(written["en"]), *enumerate(written["zh"])]


def _written(name: str) -> dict[str, list[str]]:
    text = files("training").joinpath(name).read_text(encoding="utf-8")
    written: dict[str, list[str]] = json.loads(text)
    return written
