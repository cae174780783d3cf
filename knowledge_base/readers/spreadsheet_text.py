"""Keeps cells from being taken for formulas by a spreadsheet, and undoes it when reading back."""

from __future__ import annotations

import re

# A spreadsheet may start a formula after spaces, full-width signs and quotes, too.
_LOOKS_LIKE_FORMULA = re.compile(r"[\s'\"‘’“”]*[=+\-@＝＋－＠\t\r|%]|[\s'\"]*\t")
_APOSTROPHE = "'"


def guarded(text: str) -> str:
    """The text as a cell that stays text: with an apostrophe before what could be a formula."""
    return _APOSTROPHE + text if _LOOKS_LIKE_FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given: `unguarded(guarded(text)) == text`."""
    if text.startswith(_APOSTROPHE) and _LOOKS_LIKE_FORMULA.match(text[1:]):
        return text[1:]
    return text
