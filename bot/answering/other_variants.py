"""Tells whether a question asks for a variant that an entry does not tell of: "in king size".

"Is the throw available in king size" has the words of every entry about the throw. One that names
what is asked for answers it, with yes or no; one that names nothing of it does not. A size in
figures is told by any size: who asks for three litres hears that it holds 1.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.answering.figures import Figure, figures, normalised
from bot.answering.follow_up import telling_words
from bot.answering.made_to_order import size_of
from bot.answering.number_words import digits_for_words
from knowledge_base.entry import Entry
from knowledge_base.words import words_of

_KEPT_MESSAGES = 256
_DIGIT = re.compile(r"\d")

# "有没有双人的", "出儿童款吗", "有罐装的吗": what stands before 的, 款, 版 …
_ZH = re.compile(
    r"(?:有没有|有无)(?P<a>[㐀-鿿]{1,6}?)(?:的|(?<![还贷欠存退付汇货扣打])款|版)(?![㐀-鿿]*(?:吗|没))"
    r"|(?<!没)(?:有|出)(?P<b>[㐀-鿿]{1,6}?)(?:的|(?<![还贷欠存退付汇货扣打])款的?|版的?)[吗嘛么没不]"
)
# Whether a thing is to be had in the size that follows; "有" alone asks only with "吗" behind.
_BEFORE_A_SIZE = re.compile(
    r"有没有[^,.?!;。]{0,6}$"
    r"|\b(?:available|offered|sold|comes?|have|got|get|stock|sell)\b[^,.?!;]{0,40}\b(?:in|an?) ?$"
)
_HAS_BEFORE_A_SIZE = re.compile(r"(?<!没)有[^,.?!;。]{0,6}$")
_ASKS_BEHIND_A_SIZE = re.compile(r"[^,.?!;。]{0,8}[吗嘛么没不]\W*$")
# Said of any thing, and of what is had with it: these name no variant.
_NO_VARIANT_ZH = re.compile(
    "[大小长短宽窄高矮厚薄轻重多少贵好新旧别其另同这那哪什啥我你您他她它更最能可会要卖送]"
    "|便宜|不同|一样|类似|推荐|合适|适合|优惠|免费|现货|现成|颜色|[一-鿿]色|官方|专门|单独|额外|用过|活动"
)
_SORT = r"version|model|edition|variant"
_HAVE = r"\b(?:do|have) you (?:have|got|sell|stock|do|make) "
_THING = r"(?:(?:an?|any|the|your|it|them|this|these) )?(?:[\w'-]+ ){0,4}?"
_END = r"(?=[.,?!;]|$)"
_EN = re.compile(
    r"\b(?:available|offered|sold|comes?) (?:also |only )?in (?:an? )?(?P<a>[\w '-]{3,30}?)"
    rf"{_END}|{_HAVE}{_THING}in (?:an? )?(?P<b>[\w '-]{{3,30}}?){_END}"
    rf"|\b(?:is|are) there (?:an? |any )?(?P<c>[\w '-]{{3,30}}?) (?:{_SORT})s?\b"
    rf"|{_HAVE}(?:an? |any |the )?(?P<d>[\w '-]{{3,30}}?) (?:{_SORT})s?\b"
)
# Where, when and how a thing is had, and what only asks which variants there are.
_NO_VARIANT_EN = re.compile(
    r"\b(?:stock|stores?|shops?|bulk|time|person|advance|colou?rs?|shades?|my|your|the|our|all|any"
    r"|other|others|different|another|more|which|what|small|smaller|large|larger|big|bigger|new|newer"
    r"|cheaper|total|general|china|mainland|area|country|city|town|branch|parts?|instal+ments?"
    r"|packs?|future|case|addition|between|effect|two|three|several|many|these|those)\b|\d|^sizes?\b"
)


def asks_for_another_variant(asked: str, entry: Entry) -> bool:
    """Tell whether a question asks for a variant of a thing, and an entry names nothing of it."""
    variants, sizes = _wanted(asked)
    if not variants and not sizes:
        return False
    if sizes:
        return not sizes & {unit for one in entry.texts for unit, _ in _sizes(normalised(one))}
    if entry.language == "zh":
        plain = "".join(map(normalised, entry.texts))
        return not any(_is_told_zh(one, plain) for one in variants)
    told = {word for one in entry.texts for word in words_of(one)}
    named = [telling_words(one) - {"size"} for one in variants]
    return all(words and not words & told for words in named)


@lru_cache(_KEPT_MESSAGES)
def _wanted(asked: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The variants and the sorts of size that a message asks for."""
    return tuple(_variants(asked)), frozenset(_sizes_wanted(normalised(asked)))


def _sizes_wanted(plain: str) -> Iterator[str]:
    """In which sorts of size (a length, a volume) a thing is asked for."""
    for unit, one in _sizes(plain):
        before = plain[: one.start]
        has = _HAS_BEFORE_A_SIZE.search(before) and _ASKS_BEHIND_A_SIZE.match(plain, one.end)
        if has or _BEFORE_A_SIZE.search(before):
            yield unit


def _sizes(plain: str) -> Iterator[tuple[str, Figure]]:
    """The sizes of a text, each with the unit that it is compared in."""
    if not _DIGIT.search(digits_for_words(plain)):
        return
    for one in figures(plain):
        if size := size_of(one):
            yield size[0], one


def _variants(asked: str) -> Iterator[str]:
    """What sort of a thing is asked for."""
    for pattern, none in ((_ZH, _NO_VARIANT_ZH), (_EN, _NO_VARIANT_EN)):
        for match in pattern.finditer(normalised(asked)):
            variant = next(one for one in match.groups() if one is not None)
            if not none.search(variant):
                yield variant


def _is_told_zh(variant: str, told: str) -> bool:
    """Tell whether a text holds any two characters of a variant that stand together."""
    pairs = [variant[at : at + 2] for at in range(max(len(variant) - 1, 1))]
    return any(one in told for one in pairs)
