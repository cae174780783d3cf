"""Which of the things that the last answer listed is meant: "第二个多少钱", "the second one".

Knows words alone: where an answer lists things ("A ¥79, B ¥128 and C ¥168") their place stands for
them. What is asked of the thing is left to whoever answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.question_key import simplified_text

# A longer question names what it means; a longer "thing" is a clause, and no thing.
_MOST_ASKED = 80
_MOST_CHARACTERS = 60
_SENTENCE = re.compile(r"(?<=[。！？；;!?])|(?<=\.)\s")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_PRICE = re.compile(r"[¥￥]\s?\d[\d,.]*\d|[¥￥]\s?\d|\d[\d,.]*\s?(?:元|块|yuan\b)")
# Where the list begins and ends inside its sentence.
_LEADS_ZH = re.compile(r"^.*(?:[,，:：]|(?:看看|推荐|选择|分别是|包括|可以选|有))(?=\S)")
_LEADS_EN = re.compile(r"^.*(?::|\b(?:are|is|with|include|includes|have|recommend|like|choose))\s+")
_ENDS_ZH = re.compile(r"[,，](?!\s*(?:或者?|还有|以及|和))|[。；;!！?？]")
_ENDS_EN = re.compile(r",\s|[.;!?](?=\s|$)|\s(?:can|are|is|which|that)\s")
_JOINS_ZH = re.compile(r"[,，]?\s*(?:或者|还有|以及)|(?<=[)）元])(?:和|或)")
_JOINS_EN = re.compile(r",?\s+(?:and|or)\s+")

_ORDINALS = (
    "1 一 首 头 first 1st one",
    "2 二 两 second 2nd two",
    "3 三 third 3rd three",
    "4 四 fourth 4th four",
    "5 五 fifth 5th five",
    "6 六 sixth 6th six",
)
_PLACE_OF = {name: place for place, names in enumerate(_ORDINALS) for name in names.split()}
_LAST = frozenset(("最后", "末", "last", "latter", "后"))
_FORMER = frozenset(("former", "前"))
_NAMES_EN = "first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|4th|5th|6th"
_REFERENCE = re.compile(
    r"第(?P<zh>[一二两三四五六1-6])(?:个|款|种|样|项|只)(?![月人小星礼])"
    r"|(?P<head>头|首|最后|末)(?:那|这)?(?:一)?(?:个|款|种|样|项|只)(?![月人小星礼])"
    r"|(?P<pair>前|后)者"
    rf"|\bthe (?P<en>{_NAMES_EN})(?: (?:one|option|item|thing)\b|(?=\s*(?:[,.?!]|$))|(?= is\b))"
    r"|\bthe (?P<former>former|latter)\b"
    r"|\b(?:number|no\.|option|item) ?(?P<number>[1-6]|one|two|three|four|five|six)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[㐀-鿿]{2}|[A-Za-z]{3}")
_PRICE_WORD = re.compile(r"多少|几块|几元|怎么卖|价|how much|price|cost", re.IGNORECASE)
_ASKS_PRICE = re.compile(
    r"(?:那|请问|呢|呀|啊|的|是|卖|要|价格|价钱|多少钱?|几块钱?|几元|怎么卖|[?,，。\s])+"
    r"|(?:[\s,.?!]*(?:and|so|ok|okay|how much|what(?:'s| is)?|does|do|is|it|cost|the|price|of|for"
    r"|please|pls|plz|thanks|then)\b)+[\s,.?!]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ThingMeant:
    """A thing of a list that a question points at.

    Attributes:
        words: the thing as the answer has it, with what stands beside it ("the gaiwan (¥128)").
        asked: the question with the thing's name in the place of the pointer.
        priced: nothing but its price is asked, and it stands in `words`.
    """

    words: str
    asked: str
    priced: bool


def listed_in(text: str) -> tuple[str, ...]:
    """Return the things of the longest list in a text, in their order; empty without a list."""
    return max((_things_of(one) for one in _SENTENCE.split(text)), key=len, default=())


def thing_meant(question: str, answer: str) -> ThingMeant | None:
    """Find the thing of a list in the last answer whose place a question names.

    None where the question names no place, the answer lists nothing, or has fewer things.
    """
    plain = simplified_text(unicodedata.normalize("NFKC", question[: _MOST_ASKED + 1]))
    pointers = list(_REFERENCE.finditer(plain))
    if len(plain) > _MOST_ASKED or len(pointers) != 1:
        return None
    thing = _placed(pointers[0], listed_in(answer))
    if thing is None:
        return None
    before, behind = plain[: pointers[0].start()], plain[pointers[0].end() :]
    nothing_else = _ASKS_PRICE.fullmatch(f"{before} {behind}".strip()) is not None
    priced = nothing_else and bool(_PRICE_WORD.search(plain)) and bool(_PRICE.search(thing))
    return ThingMeant(thing, f"{before}{_name_of(thing)}{behind}".strip(), priced)


def _placed(pointer: re.Match[str], things: Sequence[str]) -> str | None:
    named = next(one for one in pointer.groups() if one).casefold()
    if len(things) < 2:
        return None
    if named in _LAST:
        return things[-1]
    place = 0 if named in _FORMER else _PLACE_OF[named]
    return things[place] if place < len(things) else None


def _things_of(sentence: str) -> tuple[str, ...]:
    """The things that one sentence lists: in Chinese between "、", in English commas and "and"."""
    if "、" in sentence:
        return _split(sentence.split("、"), _LEADS_ZH, _ENDS_ZH, _JOINS_ZH)
    last = list(_JOINS_EN.finditer(sentence))
    if not last:
        return ()
    head, tail = sentence[: last[-1].start()], sentence[last[-1].end() :]
    return _split([*re.split(r",\s+", head), tail], _LEADS_EN, _ENDS_EN, None)


def _split(
    pieces: Sequence[str],
    leads: re.Pattern[str],
    ends: re.Pattern[str],
    joins: re.Pattern[str] | None,
) -> tuple[str, ...]:
    first = leads.sub("", pieces[0], count=1)
    last = ends.split(pieces[-1], maxsplit=1)[0]
    lasts = [one for one in joins.split(last) if one] if joins else [last]
    things = tuple(one.strip(" ,，") for one in (first, *pieces[1:-1], *lasts))
    return things if len(things) > 1 and _alike(things) else ()


def _alike(things: Sequence[str]) -> bool:
    """Tell whether all of them are a name with the same sort of fact; clauses seldom are."""
    named = all(len(one) <= _MOST_CHARACTERS and _NAMED.search(_name_of(one)) for one in things)
    return named and any(all(fact.search(one) for one in things) for fact in (_PRICE, _BRACKETS))


def _name_of(thing: str) -> str:
    return _PRICE.sub("", _BRACKETS.sub("", thing)).strip(" ,，")
