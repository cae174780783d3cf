"""Tells whether a question asks for a quality by its name of which an entry says nothing.

"What is the warranty on the grinder" has the words of every entry about the grinder. One that
tells of a warranty or of repairs answers it; one that does not name them does not. Each quality is
a pair: how it is asked for, and by which words an entry would tell it, whatever it says of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.answering.figures import normalised
from knowledge_base.entry import Entry

_CAN = (
    r"\b(?:can|could|does|do|may|is|are|will)\b[^.,?!;]{0,50}"
    r"\b(?:go|put|use|washed?|run|survive|take|cleaned|okay|ok|safe)\b[^.,?!;]{0,20}"
)
_ZH_CAN = "(?:能不能|能|可以|可不可以|可否)[^。,?!]{0,6}"
_EN_WHO = (
    "students?|seniors?|pensioners?|veterans?|nurses?|doctors?|soldiers?|apprentices?|newcomers?"
)
_ZH_WHO = "学生|老人|老年人|退休|军人|护士|医生|医护|残疾人|孕妇|新人|新客"
_QUALITIES = (
    # warranty
    (
        r"\bwarrant(?:y|ies)\b|\bguarantee (?:period|on|for)\b|\b(?:how long|years?)\b[^.?!]{0,30}"
        r"\bguarantee[sd]?\b|保修|质保|保固",
        r"\bwarrant|\bguarant|\brepair|\breplac|保修|质保|保固|三包|维修|返修|修理|免费换|保活|包活",
    ),
    # weight
    (
        r"\bhow heavy\b|\b(?:how much|what) do(?:es)? [^.?!]{1,40} weigh\b"
        r"|有?多重(?!要|新|复)|重量是?多少|几(?:公斤|斤重)",
        r"\d ?(?:kg|g|lbs?|oz|kilos?|grams?|tons?)\b|\bweigh|\bheavy\b|\blight\b"
        "|重|公斤|千克|克|斤|吨",
    ),
    # the internet
    (r"\bwi-?fi\b|\bwlan\b|无线网|wifi", r"\bwi-?fi\b|\bwlan\b|\binternet\b|网络|无线网|wifi|上网"),
    # toilets
    (
        r"\b(?:is|are) there[^.?!]{0,20} (?:toilets?|restrooms?|washrooms?|loos?)\b"
        r"|\bhave you got[^.?!]{0,12} (?:toilets?|loos?)\b|有(?:没有)?(?:厕所|洗手间|卫生间)",
        r"\btoilet|\brestroom|\bwashroom|\bloos?\b|厕所|洗手间|卫生间",
    ),
    # what it may be put into
    (
        rf"{_CAN}\b(?:dishwasher|washing machine|tumble dryer)\b|{_ZH_CAN}(?:洗碗机|洗衣机|烘干机)",
        r"\bdishwasher|\bwash|\bmachine\b|\brins|\bclean|洗|烘干",
    ),
    (
        rf"{_CAN}\b(?:microwave|oven)\b|{_ZH_CAN}(?:微波炉?|烤箱)",
        r"\bmicrowav|\boven|\bheat|\bhot\b|°c|微波|烤|加热|高温|℃|度",
    ),
    # a price of their own
    (
        rf"\b(?:{_EN_WHO})\b'?s?[^.?!]{{0,15}}\b(?:discounts?|prices?|rates?|deals?|reductions?)\b"
        rf"|\b(?:discounts?|reductions?|cheaper) for (?:{_EN_WHO})\b"
        rf"|(?:{_ZH_WHO})(?:买|来|证|价|票)?[^。,?!]{{0,5}}(?:折扣|优惠|打折|便宜|半价)",
        rf"\b(?:{_EN_WHO})\b|{_ZH_WHO}",
    ),
)
_SORTS = tuple((re.compile(asks), re.compile(tells)) for asks, tells in _QUALITIES)
# "Is it dimmable", "are they shower-proof": an adjective that names what can be done to a thing.
_ADJECTIVE = re.compile(
    r"(?:^|[.,;!?] ?)(?:(?:and|hi|hello|so),? )?(?:is|are) (?!there\b)[^.,?!;]{1,50}?"
    r"\b(?P<stem>[a-z]{3,})(?:(?P<able>[ai]ble)|[ -]?proof|-(?:resistant|safe|free))"
    r"(?=$| ?[.,?!;]| (?:at|or|and|too)\b)"
)
_SAYS_LITTLE = re.compile(
    "(?:avail|suit|compat|accept|reason|respons|reli|comfort|afford|elig|poss|access|valu|port|li"
    "|applic|not|cap|unaccept|unavail|imposs|sens|horr|terr|veget|st|en|un|t|c)$"
)
# 能调光吗: what can be done to it, and by which words an entry would tell that.
_ZH_TOLD = {
    "调光": "调光|亮度|明暗",
    "调节": "调|档",
    "调温": "调|温控|度",
    "折叠": "折|收",
    "拆洗": "洗",
    "水洗": "洗",
    "机洗": "洗",
    "充电": "充|电池|usb",
    "叠放": "叠",
    "升降": "升|高度",
    "伸缩": "伸|长度",
    "拆卸": "拆",
    "定时": "定时|小时|分钟",
}
_ZH_DONE = re.compile(
    f"(?:能不能|可不可以|能|可以|可)(?P<done>{'|'.join(_ZH_TOLD)})(?:吗|么|嘛|不|没|$)"
)


def asks_for_an_untold_quality(asked: str, entry: Entry) -> bool:
    """Tell whether a question asks for a quality by name, and an entry tells nothing of it."""
    plain = normalised(asked)
    sought = [tells for asks, tells in _SORTS if asks.search(plain)]
    sought += _what_can_be_done(plain)
    if not sought:
        return False
    told = "\n".join(normalised(one) for one in entry.texts)
    return any(not tells.search(told) for tells in sought)


def _what_can_be_done(plain: str) -> Iterator[re.Pattern[str]]:
    """By which words an entry would tell what can be done to a thing."""
    for match in _ADJECTIVE.finditer(plain):
        stem = match["stem"]
        if match["able"] and _SAYS_LITTLE.match(stem):
            continue
        if match["able"] and len(stem) > 3 and stem[-1] == stem[-2]:
            stem = stem[:-1]  # dimmable: dim
        yield re.compile(rf"\b(?:re|un)?{re.escape(stem)}")
    for match in _ZH_DONE.finditer(plain):
        yield re.compile(_ZH_TOLD[match["done"]])
