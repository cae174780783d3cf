"""Whether anything of a text can be seen: white space, zero-width and control marks cannot."""

from __future__ import annotations

import unicodedata

_UNSEEN_KINDS = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs"})  # newer emoji are of none of them
_UNSEEN = "\u2800\u3164\u115f\u1160\uffa0"  # letters and signs by name that are drawn as nothing


def has_visible(text: str) -> bool:
    """Tell whether a text holds a character that can be seen."""
    return any(
        unicodedata.category(character) not in _UNSEEN_KINDS and character not in _UNSEEN
        for character in text
    )
