"""The key under which an exact question is found without any model.

Two texts have one key when a shopper would call them the same words: width, case, traditional or
simplified characters, spaces, punctuation, emoji and invisible marks make no difference. Digits
keep what separates them, so that size 3.5 is never size 35; of a space alone between digits
`joined_key` makes nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files

_KEPT_SYMBOLS = frozenset("+%")  # "A+" is not "A", "50%" is not "50"
_KEPT_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl", "No", "Sc"})
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_BETWEEN_DIGITS = frozenset(".:/-")
_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_REMEMBERED_TEXTS = 256  # a message is looked up among exact questions up to four times
_REMEMBERED_CHARACTERS = 16_384  # bounded: texts are written by anybody
_MAX_PASSES = 4  # what one pass removes can let neighbours combine in the next


@lru_cache(_REMEMBERED_TEXTS)
def question_key(text: str) -> str:
    """The key of a text; empty only for a text without any visible character.

    A text of nothing but punctuation or emoji keeps those, so that "？" is still something.
    `question_key(question_key(text)) == question_key(text)`.
    """
    key = _one_pass(text)
    for _ in range(_MAX_PASSES):
        again = _one_pass(key)
        if again == key:
            break
        key = again
    return key


def joined_key(key: str) -> str:
    """A key in which spaces do not part digits either: "1 0" and "10" have the same."""
    return key.replace(" ", "")


def question_digest(text: str, language: str) -> str:
    """Ten hexadecimal digits that stand for a question in a language, whatever its spelling."""
    return hashlib.sha256(f"{language} {question_key(text)}".encode()).hexdigest()[:10]


def simplified_text(text: str) -> str:
    """The text with every traditional character replaced by its simplified form."""
    return text.translate(_simplified_characters())


def plain_text(text: str) -> str:
    """The text as words are compared: of one width, in small letters, simplified, with "'" for "’".

    Spaces and all other signs stay; `question_key` drops those as well.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return simplified_text(folded.replace("’", "'"))  # first: 』 becomes a ’ that is a quote


def visible_text(text: str) -> str:
    """The text without marks that nobody sees: of no width, of direction, of variation."""
    return text if text.isascii() else text.translate(_VISIBLE)


def _one_pass(text: str) -> str:
    folded = unicodedata.normalize(
        "NFKC", unicodedata.normalize("NFKC", visible_text(text)).casefold()
    )
    simplified = _THOUSANDS.sub("", simplified_text(folded))
    kept = simplified.translate(_KEPT)
    if len(kept) == len(simplified):
        return kept
    if not kept:
        return "".join(c for c in simplified if unicodedata.category(c)[0] not in "ZC")
    return _with_numbers_apart(simplified) if _DIGIT.search(kept) else kept


def _with_numbers_apart(simplified: str) -> str:
    """What is kept of a text, and between two digits what stood there."""
    pieces: list[str] = []
    dropped = ""
    for character in simplified:
        if _KEPT[ord(character)] is None:
            dropped += character
            continue
        if dropped and pieces and pieces[-1].isdecimal() and character.isdecimal():
            mark = dropped.strip()  # "2 . 5" is 2.5 as well
            pieces.append(mark if mark in _BETWEEN_DIGITS else " ")
        pieces.append(character)
        dropped = ""
    return "".join(pieces)


class _Characters(dict[int, "int | None"]):
    """A table for `str.translate` that keeps some characters and drops the others."""

    def __init__(self, keeps: Callable[[str], bool]) -> None:
        super().__init__()
        self._keeps = keeps

    def __missing__(self, code: int) -> int | None:
        kept = code if self._keeps(chr(code)) else None
        if len(self) < _REMEMBERED_CHARACTERS:
            self[code] = kept
        return kept


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) != "Cf" and ord(character) not in _VARIATION_SELECTORS


def _is_kept(character: str) -> bool:
    return character in _KEPT_SYMBOLS or unicodedata.category(character) in _KEPT_CATEGORIES


_VISIBLE = _Characters(_is_visible)
_KEPT = _Characters(_is_kept)


@cache
def _simplified_characters() -> dict[int, str]:
    """Traditional -> simplified, character by character (the table that zhconv ships).

    Phrases are left out on purpose: one character always becomes the same one, so keys are stable
    whatever stands beside it.
    """
    tables = json.loads(files("zhconv").joinpath("zhcdict.json").read_text(encoding="utf-8"))
    single = {
        source: target
        for source, target in tables["zh2Hans"].items()
        if len(source) == 1 and len(target) == 1
    }
    return {ord(source): single.get(target, target) for source, target in single.items()}
