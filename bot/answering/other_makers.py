"""Tells whether a question is about goods of a maker that the shop never names.

"How long is the guarantee on my Dyson" has the words of the shop's own entry about guarantees, and
only the name says that it is not meant. A thing of the shop that is to be used with another
maker's ("does it fit my Bosch hob") is meant all the same.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from bot.answering.other_services import Knows
from knowledge_base.entry import Entry
from knowledge_base.question_key import simplified_text

# Ours with theirs, or against theirs: the name then says what a thing of the shop is to go with.
_USED_WITH = re.compile(
    r"\b(?:works?|fits?|suits?|suitable|compatible|goes|together|use[ds]?|using|compared?|better|than|like"
    r"|instead|similar|replace)\b"
    r"|适合|适配|适用|兼容|配|搭|装在|通用|能用|可以用|用不了|相比|比得上|一样|类似|代替|平替|和.{1,12}[比哪]",
    re.IGNORECASE,
)


def asks_of_another_maker(asked: str, entry: Entry, knows: Knows) -> bool:
    """Tell whether a question names a maker of goods, and neither shop nor entry does.

    Args:
        knows: tells whether the shop says a name anywhere.
    """
    text = simplified_text(asked)
    named = {one[0] for one in _makers().finditer(text)}
    if not named or _USED_WITH.search(text):
        return False
    told = [simplified_text(one).casefold() for one in entry.texts]
    return any(not knows(one) and not any(one.casefold() in text for text in told) for one in named)


@cache
def _makers() -> re.Pattern[str]:
    raw = tomllib.loads(files("bot.answering").joinpath("other_names.toml").read_text("utf-8"))
    names = raw["makers"]
    latin = "".join(names["en"].splitlines())
    chinese = "|".join(sorted(map(re.escape, names["zh"].split()), key=len, reverse=True))
    sign = "(?<![A-Za-z0-9])"
    return re.compile(rf"{chinese}|{sign}(?:(?i:{latin})|{names['written']})(?![A-Za-z0-9])")
