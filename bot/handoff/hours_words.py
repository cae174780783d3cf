"""Opening hours in words, for a shopper who asks when people answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Literal

from bot.handoff.hours import Calendar, Span

_DAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_ZONES = {
    "zh": {
        "Asia/Shanghai": "北京时间",
        "Asia/Hong_Kong": "香港时间",
        "Asia/Taipei": "台北时间",
    },
    "en": {
        "Asia/Shanghai": "Beijing time",
        "Asia/Hong_Kong": "Hong Kong time",
        "Asia/Taipei": "Taipei time",
        "Europe/London": "London time",
    },
}
"""Zones that people know by another name; the others keep that of the time zone database."""
_NEVER = {"zh": "暂未安排", "en": "at present not at all"}
_TO = {"zh": "至", "en": " to "}
_AND = {"zh": "、", "en": ", "}
_THEN = {"zh": "，", "en": ", "}

Language = Literal["zh", "en"]


def describe(calendar: Calendar, language: Language) -> str:
    """Tell the usual week, days with the same hours together; single dates are left out."""
    parts = []
    for first, last, spans in _stretches(calendar):
        days = _DAYS[language][first]
        if last > first:
            days += _TO[language] + _DAYS[language][last]
        times = _AND[language].join(_span(span, language) for span in spans)
        parts.append(f"{days} {times}")
    if not parts:
        return _NEVER[language]
    name = _ZONES[language].get(calendar.zone, calendar.zone)
    zone = f"（{name}）" if language == "zh" else f" ({name})"
    return _THEN[language].join(parts) + zone


def _stretches(calendar: Calendar) -> Iterator[tuple[int, int, tuple[Span, ...]]]:
    """Days in a row with the same hours: first, last, and the hours; closed days are left out."""
    first = 0
    for day in range(1, 8):
        spans = tuple(calendar.weekly.get(first, ()))
        if day < 7 and tuple(calendar.weekly.get(day, ())) == spans:
            continue
        if spans:
            yield first, day - 1, spans
        first = day


def _span(span: Span, language: Language) -> str:
    return "–".join(_clock(moment, language) for moment in span)


def _clock(moment: time, language: Language) -> str:
    hour = str(moment.hour) if language == "zh" else f"{moment.hour:02}"
    return f"{hour}:{moment.minute:02}"
