"""What a message denies by its name, and what it puts in the place of that.

"不是会员呢", "and if it isn't bamboo?" ask for the other side of what was just spoken of; "not the
wok, the skillet" and "不是退货，是换货" mend it. What was asked before, said without that word or
with the other in its place, is the question that is meant; an entry about that word is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge_base.entry import Entry
from knowledge_base.question_key import plain_text

# An entry is about a word that so many of its phrasings hold, two at least; the others say it in
# another word.
_LEAST, _SHARE = 2, 1 / 3
_KEPT_MESSAGES = 256
_MOST_CHARACTERS = 60

_RUN_ZH = r"[^\s,，。;；!！?？呢吗嘛是不]"
_LEAD_ZH = r"(?:那么?|要是|如果|假如|万一|哦|啊|噢|不|对|抱歉|我|它|这个?|说的|问的|要的|[\s,，])*"
_I_MEAN_ZH = r"(?:我)?(?:[说问指要]的|想要?|要)?(?:就|而|其实)?"
_DENIES_ZH = (
    # "不是退货，是换货", "不是烤箱 微波炉"
    rf"{_LEAD_ZH}不是(?:要|想|问|说)?(?P<denied>{_RUN_ZH}{{1,8}}?)的?"
    rf"(?:[\s,，。;；]+{_I_MEAN_ZH}是?|{_I_MEAN_ZH}是)(?:想|要)?(?P<meant>(?:不(?!是)|{_RUN_ZH}){{1,10}}?)",
    # "是煎锅不是炒锅"
    rf"{_LEAD_ZH}是?(?P<meant>{_RUN_ZH}{{1,10}}?)[\s,，]*而?不是(?:要|想)?(?P<denied>{_RUN_ZH}{{1,8}}?)的?",
    # "不是会员呢", "不插电的呢", "非会员呢"
    rf"{_LEAD_ZH}(?:不是(?P<denied>{_RUN_ZH}{{1,8}}?)的?(?:呢|怎么办)?"
    rf"|(?:不[带含用在需要]*|非|没有?)(?P<lacking>{_RUN_ZH}{{1,6}}?)的?呢)",
)
_SOME = r"(?:(?:a|an|the|any|my|to|from|in|for|of|by|with)\s+)*"
_THING = r"(?:[\w'-]+\s+){0,2}?[\w'-]+"
_WORDS = r"(?:[\w'-]+\s+){0,4}[\w'-]+"
_LEAD_EN = (
    r"(?:(?:no+|nope|oh|sorry|wait|oops|and|but|so|what about|how about|what if|if|then|when|for"
    r"|(?:it|that|they|i)(?:'s|'re|'m)?|this|those|things?|ones?|someone|people|is|are|am|was|were"
    r"|mean|meant|said|asked|actually|the|just)\b(?!')[\s,.!…-]*)*"
)
_NOT = r"(?:not|(?:is|are|was|were)n'?t)\s+"
_DENIES_EN = (
    # "not the wok, the skillet"
    rf"{_LEAD_EN}{_NOT}{_SOME}(?P<denied>{_THING})\s*[,;.]\s*"
    rf"(?:(?:sorry|but|it's|it is|i mean|i meant|just)\b[\s,]*)*{_SOME}(?P<meant>{_WORDS})",
    # "I meant the exchange, not the refund"
    rf"{_LEAD_EN}{_SOME}(?P<meant>{_WORDS})\s*,\s*(?:and )?not\s+{_SOME}(?P<denied>{_THING})",
    # "and if it isn't a set?", "for non-members", "without a wooden handle"
    rf"{_LEAD_EN}(?:{_NOT}|non[\s-]?|without\s+){_SOME}(?P<denied>{_THING})",
)
_ENDS = r"[\s吧呢啊哦的.。!！?？]*"
_PATTERNS = tuple(re.compile(rf"\W*{one}{_ENDS}") for one in (*_DENIES_ZH, *_DENIES_EN))
# What stands before and behind a thing of which the other side is meant.
_DENIED_ZH = r"(?:不是|不|没有?|非|无|未)[^,，。\s]{0,2}", "(?:以外|之外)"
_DENIED_EN = (
    r"(?:\b(?:not?|non|never|without|outside|except)|n't)\W+(?:\w+\W+){0,2}",
    r"\W+excepted\b",
)

# The two sides of a limit, and what tells both of them: "only orders of 1,000 and more".
_BELOW = re.compile(r"以内|以下|不[到满超]|低于|\b(?:under|below|less than|up to|within)\b")
_ABOVE = re.compile(
    r"以上|(?<![不别没未])超过?|多于|高于"
    r"|(?<!not )\b(?:over|above)\b|(?<!no )(?<!not )\bmore than\b"
)
_ONLY = re.compile(r"只有|仅|\bonly\b")


@dataclass(frozen=True, slots=True)
class Denial:
    """What a message denies, and what is meant instead; nothing where it does not say.

    Both stand in small letters and simplified characters.
    """

    denied: str
    meant: str = ""


@lru_cache(_KEPT_MESSAGES)
def denial_in(text: str) -> Denial | None:
    """Find what a short message denies, where it says hardly anything else."""
    plain = plain_text(text).strip()
    if len(plain) > _MOST_CHARACTERS:
        return None
    found = next((match for one in _PATTERNS if (match := one.fullmatch(plain))), None)
    if found is None:
        return None
    named = {name: said for name, said in found.groupdict().items() if said}
    denied = named.get("denied") or named["lacking"]
    return Denial(_thing(denied), _thing(named.get("meant", "")))


def said_otherwise(text: str, before: str) -> str | None:
    """The message before a text, mended, where it names what the text denies; else None."""
    denial = denial_in(text)
    if denial is None or not (named := _naming(denial.denied)).search(plain_text(before)):
        return None
    return " ".join(named.sub(denial.meant, plain_text(before)).split()) or None


def is_about_what_is_denied(text: str, entry: Entry) -> bool:
    """Tell whether many phrasings of an entry name what a text denies, and it denies that not."""
    denial = denial_in(text)
    if denial is None or denies_too(denial, entry):
        return False
    named = _naming(denial.denied)
    naming = sum(named.search(plain_text(one)) is not None for one in entry.questions)
    return naming >= max(_LEAST, _SHARE * len(entry.questions))


def denies_too(denial: Denial, entry: Entry) -> bool:
    """Tell whether an entry speaks of the other side as well ("outside the mainland")."""
    before, behind = _DENIED_EN if _is_latin(denial.denied) else _DENIED_ZH
    named = _naming(denial.denied).pattern
    other_side = re.compile(f"{before}{named}|{named}{behind}")
    return any(other_side.search(plain_text(one)) for one in entry.texts)


def passes_the_limit(text: str, before: str, entry: Entry) -> bool:
    """Tell whether a text asks beyond the limit that the message before it named, and an entry not.

    "And over 200?" behind "a present for under 200": an entry that speaks of one side alone is not
    meant.
    """
    asked, said = plain_text(text), plain_text(before)
    sides = ((_BELOW, _ABOVE), (_ABOVE, _BELOW))
    other = next(
        (there for here, there in sides if here.search(said) and there.search(asked)), None
    )
    if other is None or _ONLY.search(plain_text(entry.answer)) or other.search(said):
        return False
    return not any(other.search(plain_text(one)) for one in entry.texts)


def _thing(said: str) -> str:
    """The thing that a few words name, without "one"."""
    return re.sub(r"\s+ones?$", "", said.strip())


@lru_cache(_KEPT_MESSAGES)
def _naming(word: str) -> re.Pattern[str]:
    """A pattern for a word, in English in singular and plural."""
    if not _is_latin(word):
        return re.compile(re.escape(word))
    return re.compile(rf"\b{re.escape(word.removesuffix('s'))}(?:s|es)?\b")


def _is_latin(word: str) -> bool:
    return word[:1].isascii()
