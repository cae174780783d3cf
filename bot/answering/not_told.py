"""Tells whether a question asks for a colour or an origin of which an entry says nothing.

"Is the lunch box available in blue" has the words of every entry about the lunch box. One that
tells colours answers it, whichever they are; one that tells none does not. "Where are the jars
made" likewise.
"""

from __future__ import annotations

import re

from bot.answering.figures import normalised
from knowledge_base.entry import Entry

_ZH_COLOUR = "[红橙黄绿青蓝紫粉黑白灰银金棕褐米杏橘]色"
_EN_COLOUR = (
    "(?:red|orange|yellow|green|blue|purple|violet|lilac|lavender|pink|black|white|gr[ae]y|silver"
    "|gold|brown|beige|cream|ivory|navy|teal|turquoise|mint|olive|burgundy|coral|charcoal)"
)
_ASKS_FOR_A_COLOUR = re.compile(
    rf"(?:有没有|出不出)[^。,]{{0,8}}{_ZH_COLOUR}"
    rf"|(?<!没)有[^。,]{{0,8}}{_ZH_COLOUR}"
    r"(?:的[^。,]{0,5}|款|版)?(?:[吗嘛]|(?<![怎什这那多])么|[没不]$)"
    rf"|{_ZH_COLOUR}的?(?:还|也)?(?:有[吗么嘛没]|有没有)"
    r"|\b(?:do(?:es)? (?:you|it|they|th\w+|your) (?:\w+ ){0,5}?"
    r"(?:have|sell|stock|make|do|offer|come|get)|have you got|(?:is|are) there|available"
    r"|(?:can|could) (?:i|we|you) (?:get|have|buy|do|make)|^(?:got|any))\b"
    r"[^.,?!]{0,40}\bin (?:a )?(?:(?:bright|dark|light|pale|matt?|deep|plain) )?"
    rf"{_EN_COLOUR}\b(?= ?(?:[.,?!;]|$|(?:or|and|too|please|instead|colou?r|as well)\b))"
)
_TELLS_COLOURS = re.compile(
    rf"{_ZH_COLOUR}|颜色|色号|花色|配色|款式|\b(?:{_EN_COLOUR}|colou?rs?|shades?)\b"
)
_MADE = "made|manufactured|produced|grown|roasted|woven|sourced|farmed|forged|fired"
_LANDS = (
    "china|japan|korea|taiwan|vietnam|india|turkey|germany|italy|france|spain|portugal|poland"
    "|switzerland|sweden|england|britain|the uk|the us|the usa|america|europe"
)
_ASKS_FOR_AN_ORIGIN = re.compile(
    r"产地|产自哪|来自(?:哪|什么地方)|国产的?还是|进口的?还是|[国本洲]产的?[吗么嘛]"
    r"|(?:哪[里儿]?|什么地方|哪(?:一?个|家)?(?:国家?|地方|厂家?|工厂|牧场|产区))"
    r"(?:(?:生?产|制造|烘焙?|种|出)的|做的(?=[呢啊呀?]|$))"
    r"|在哪[里儿]?(?:生产|制造|烘焙?)"
    rf"|\bwhere (?:is|are|was|were) (?!you\b)[^.,?!]{{1,40}}(?<! i)(?<! we) (?:{_MADE})\b"
    r"|\bwhere do you (?:make|roast|grow|source|weave|produce)\b"
    r"|\bwhere do(?:es)? (?!you\b|my\b)(?![^.,?!]*(?:parcel|package|order|deliver|mail|message))"
    r"[^.,?!]{1,40}\bcome from\b"
    r"|\b(?:which|what) (?:country|region|factory|farm|mill)\b[^.,?!]{0,40}"
    rf"\b(?:from|makes?|{_MADE})\b"
    rf"|\b(?:is|are) [^.,?!]{{1,40}}\bmade in (?:{_LANDS})\b"
)
_TELLS_ORIGINS = re.compile(
    "产自|产地|产于|来自|国产|进口|制造|烘焙(?:厂|坊|地)"
    rf"|\b(?:{_MADE})\b[^.]{{0,12}} (?:in|at|by)\b|\bcomes? from\b|\bfrom the\b|\borigin|\bimported"
)
_SORTS = (
    (_ASKS_FOR_A_COLOUR, _TELLS_COLOURS),
    (_ASKS_FOR_AN_ORIGIN, _TELLS_ORIGINS),
)


def asks_for_what_is_not_told(asked: str, entry: Entry) -> bool:
    """Tell whether a question asks for the colour or origin of a thing, and an entry tells none."""
    plain = normalised(asked)
    sought = [tells for asks, tells in _SORTS if asks.search(plain)]
    if not sought:
        return False
    told = [normalised(one) for one in entry.texts]
    return any(not any(tells.search(one) for one in told) for tells in sought)
