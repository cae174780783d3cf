"""Keeps cells from being taken for formulas by a spreadsheet, and undoes it when reading back."""

from __future__ import annotations

import re

# A spreadsheet may start a formula after spaces, full-width signs and quotes, too, and whatever
# cleans a cell first may take away what nobody sees (zero-width signs, marks of direction).
_LOOKS_LIKE_FORMULA = re.compile(
    r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff'\"‘’“”]*[=+\-@＝＋－＠\t\r|%]|[\s'\"]*\t"
)
_APOSTROPHE = "'"
# What a formula is written like, rather than an answer that happens to begin with the sign.
_FORMULA = re.compile(
    r"[=＝]\s*[+-]?\s*(?:[A-Za-z_.]+\d*\(|\$?[A-Za-z]{1,3}\$?\d|\d+\s*[-+*/^]|\"|'|\()"
)
_FAULT = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!)\s*")


def guarded(text: str) -> str:
    """The text as a cell that stays text: with an apostrophe before what could be a formula."""
    return _APOSTROPHE + text if _LOOKS_LIKE_FORMULA.match(text) else text


def is_formula(text: str) -> bool:
    """Tell whether a cell holds a formula instead of its value, or the fault of one."""
    return _FORMULA.match(text) is not None or _FAULT.fullmatch(text) is not None


def unguarded(text: str) -> str:
    """What `guarded` was given: `unguarded(guarded(text)) == text`."""
    if text.startswith(_APOSTROPHE) and _LOOKS_LIKE_FORMULA.match(text[1:]):
        return text[1:]
    return text
