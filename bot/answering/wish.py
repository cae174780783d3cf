"""Tells whether the shopper asks for a person, in whatever words.

Two witnesses: the patterns of `wish_words.toml` (precise, in ten languages) and the intent
`talk_to_person` of the classifier (broad, in the shop's languages). This file is the first one.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.answering.chat_words import in_small_letters

# A message that is little more than the word itself ("人工", "agent please") is a wish; in a
# longer one the word may be about something else, so a verb of asking must stand by it.
_SHORT_WORDS = 4
_SHORT_HAN = 8


@dataclass(frozen=True, slots=True)
class _WishWords:
    """Patterns for texts in small letters; they are written in such themselves."""

    whole: tuple[re.Pattern[str], ...]
    alone: tuple[re.Pattern[str], ...]
    never: tuple[re.Pattern[str], ...]


@cache
def _words() -> _WishWords:
    raw = tomllib.loads(files("bot.answering").joinpath("wish_words.toml").read_text("utf-8"))
    return _WishWords(
        *(
            tuple(re.compile(pattern) for pattern in raw[name]["patterns"])
            for name in ("whole", "alone", "never")
        )
    )


def wishes_for_person(text: str) -> bool:
    """Tell whether a message asks for a human being to take over."""
    plain = in_small_letters(unicodedata.normalize("NFKC", text).replace("’", "'")[:2000])
    words = _words()
    for pattern in words.never:
        plain = pattern.sub(" ", plain)
    if any(pattern.search(plain) for pattern in words.whole):
        return True
    return _is_short(plain) and any(pattern.search(plain) for pattern in words.alone)


def _is_short(plain: str) -> bool:
    han = len(re.findall(r"[㐀-鿿぀-ヿ가-힯]", plain))
    latin = len(re.findall(r"[^\W\d_㐀-鿿぀-ヿ가-힯]+", plain))
    return han <= _SHORT_HAN and latin <= _SHORT_WORDS
