"""Cleans the texts of entries without changing a word, and says what a reviewer should look at."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\u0085|\x0b|\x0c")
_TRAILING_SPACES = re.compile(r"[ \t\u3000\xa0]+(?=\n)")
# Marks that join the parts of an emoji or shape letters of some scripts are words' own.
_MEANINGFUL_MARKS = frozenset("\u200d\u200c")
_JOINS_AND_SPACES = "".join(_MEANINGFUL_MARKS) + " \t\n\u3000\xa0"
_MARKUP = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,500})?/?>|&(?:nbsp|amp|lt|gt|quot|#\d{1,6});"
)


def clean_text(text: str) -> str:
    """The text with one kind of line end and without invisible characters and outer space.

    Removes control characters, byte order marks, bidirectional overrides and code points that are
    no characters. A text of nothing but joining marks is empty.
    `clean_text(clean_text(text)) == clean_text(text)`.
    """
    lines = _LINE_ENDS.sub("\n", text)
    if lines.isprintable():
        return _TRAILING_SPACES.sub("", lines).strip()
    visible = _TRAILING_SPACES.sub("", "".join(filter(_is_kept, lines))).strip()
    return visible if visible.strip(_JOINS_AND_SPACES) else ""


def has_invisible(text: str) -> bool:
    """Whether cleaning removes characters that could hide something from a reviewer."""
    lines = _LINE_ENDS.sub("\n", text)
    return not lines.isprintable() and not all(map(_is_kept, lines))


def has_lone_surrogate(text: str) -> bool:
    """Whether the text holds half a character, which no file can store."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def has_markup(text: str) -> bool:
    """Whether the text looks like HTML, which shoppers would see as it is typed."""
    return _MARKUP.search(text) is not None


def _is_kept(character: str) -> bool:
    if character in "\n\t" or character in _MEANINGFUL_MARKS:
        return True
    category = unicodedata.category(character)
    no_character = category == "Cn" and (
        ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    )
    return category not in ("Cc", "Cf", "Cs") and not no_character
