"""Tells whether a question asks for a colour of which an entry says nothing.

"Is the lunch box available in blue" has the words of every entry about the lunch box. One that
tells colours answers it, whichever they are; one that tells none does not.
"""

from __future__ import annotations

import re

from bot.answering.figures import normalised
from knowledge_base.entry import Entry

_ZH = "[红橙黄绿青蓝紫粉黑白灰银金棕褐米杏橘]"
_EN = (
    "red|orange|yellow|green|blue|purple|violet|lilac|lavender|pink|black|white|gr[ae]y|silver|gold"
    "|brown|beige|cream|ivory|navy|teal|turquoise|mint|olive|burgundy|coral|charcoal"
)
_ASKED = re.compile(
    rf"(?:有没有|出不出)[^。,]{{0,8}}{_ZH}色"
    rf"|(?<!没)有[^。,]{{0,8}}{_ZH}色(?:的[^。,]{{0,5}}|款|版)?(?:[吗嘛]|(?<![怎什这那多])么|[没不]$)"
    rf"|{_ZH}色的?(?:还|也)?(?:有[吗么嘛没]|有没有)"
    r"|\b(?:do(?:es)? (?:you|it|they|th\w+|your) (?:\w+ ){0,5}?"
    r"(?:have|sell|stock|make|do|offer|come|get)|have you got|(?:is|are) there|available"
    r"|(?:can|could) (?:i|we|you) (?:get|have|buy|do|make)|^(?:got|any))\b"
    rf"[^.,?!]{{0,40}}\bin (?:a )?(?:(?:bright|dark|light|pale|matt?|deep|plain) )?(?:{_EN})\b"
    r"(?= ?(?:[.,?!;]|$|(?:or|and|too|please|instead|colou?r|as well)\b))"
)
_TELLS_COLOURS = re.compile(rf"{_ZH}色|颜色|色号|花色|配色|款式|\b(?:{_EN}|colou?rs?|shades?)\b")


def asks_for_a_colour_not_told(asked: str, entry: Entry) -> bool:
    """Tell whether a question asks if a thing can be had in a colour, and an entry tells none."""
    if not _ASKED.search(normalised(asked)):
        return False
    told = (*entry.questions, entry.answer)
    return not any(_TELLS_COLOURS.search(normalised(one)) for one in told)
