"""Tells whether a message asks two things at once: "多久发货 用什么快递", "do you …? and can I …?".

By form alone; whether both are answered is for search and doubt to find. A message that tells a
story and asks one thing about it is one question.
"""

from __future__ import annotations

import re

from bot.answering.openings import without_openings

_ASKS_EN = (
    r"(?:how|what|when|where|which|who|why|do|does|did|is|are|can|could|will|would|have|has|should)"
)
_BREAK = re.compile(
    r"[?？!！。;；\n]+|\.(?=\s|$)|[,，](?![0-9])"
    r"|(?<=[㐀-鿿])\s+(?=[㐀-鿿])"
    rf"|[\s,]+(?:and|also|plus)\s+(?={_ASKS_EN}\b)|(?:还有就?是?|另外|以及|顺便问?)(?=[㐀-鿿])",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"^\W*(?:and |so |also |but )?{_ASKS_EN}\b"
    r"|吗|么$|嘛$|^(?!.*(?:着|正|还没|还不|才).{0,8}呢$).*呢$|多少|几[天个点次号]|多久|多大|多重|怎么|什么|哪|谁|能不能|可不可以|有没有|是不是|要不要"
    r"|(?:[能会可有行要].*)不$",
    re.IGNORECASE,
)
_MOST_CHARACTERS = 200
_FEWEST_LETTERS = 6  # a Chinese character counts as two


def two_questions(text: str) -> tuple[str, str] | None:
    """The two questions of a message; None where it asks one thing, or more than two."""
    if len(text) > _MOST_CHARACTERS:
        return None
    split = [one.strip() for one in _BREAK.split(without_openings(text))]
    pieces = [without_openings(one) for one in split if _letters(one)]
    if len(pieces) != 2 or not all(_ASKS.search(one) for one in pieces):
        return None
    first, second = pieces
    return (first, second) if min(map(_letters, pieces)) >= _FEWEST_LETTERS else None


def _letters(text: str) -> int:
    return sum(2 if "一" <= one <= "鿿" else 1 for one in text if one.isalnum())
