"""Tells whether a question is about the opposite of an entry: "and once it's opened?".

An entry about coffee that was *not* opened has all words of that question, and its answer is the
very opposite. So has one about what was shipped, for who asks about what was not. A word that a
question denies and all phrasings of an entry affirm, or the other way round, says that the entry is
not meant.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from bot.answering.denials import is_about_what_is_denied
from knowledge_base.chinese_words import chinese_words
from knowledge_base.entry import Entry, Language
from knowledge_base.question_key import plain_text
from knowledge_base.words import words_of

# An entry is about what two of its phrasings deny, and most of those that name it. It is about what
# two affirm and none denies. One phrasing alone may say a thing by chance.
_LEAST, _MOSTLY = 2, 0.6
_KEPT_ENTRIES, _KEPT_MESSAGES = 512, 256

# "有没有", "拆没拆", "收到了没", "不是吗" ask and deny nothing; "受不了" is no state.
_ASKS_ZH = re.compile(
    r"(?:是不是|是否)(?:还?没有?)?|([㐀-鿿])[没不]\1|有没有|[没不]\W*$|不是[吗么]|[没不]了"
)
_DENIES_ZH = re.compile("(?:没有|没|未|尚未)(?:还|被|在|再|经|过|全)?([㐀-鿿]{1,4})")
# "拆了", "用过", "已发货": only what is done or happens has such marks, no thing has.
_AFFIRMS_ZH = re.compile("已经?([㐀-鿿]{1,4})|([㐀-鿿]{1,4}?)(?:[了过完掉]|[之以]?后(?!天))")
# Characters with which no state begins: what the shop does, and what any question has.
_NO_STATE_ZH = frozenset(
    "有是的了能要我你会可以吗呢怎么什多少上下不好到在给过人事办法看说想知道任何这那他她它"
)
_PARTICIPLE = "[a-z]{2,}(?:ed|en|ent|aid|orn|one|eft|ade|ought)"
_BEFORE = r"before (?:it(?:'?s)?|you|they|i|we|the \w+|my \w+|being|getting)"
_BETWEEN = "yet|been|even|have|has|had|was|were|is|are|be|being|got|actually|ever|it|'s"
_DENIES_EN = (
    re.compile(
        r"(?<!what )(?<!which )\b(?:not|never|yet to be|(?:has|have|had|is|was|are|were)n'?t"
        rf"|{_BEFORE})"
        rf"(?:[ -]+(?:{_BETWEEN}))*[ -]+({_PARTICIPLE})\b"
    ),
    re.compile(rf"\bun({_PARTICIPLE})\b"),
)
_AFFIRMS_EN = re.compile(rf"\b({_PARTICIPLE})\b|\bafter ([a-z]+ing)\b|\b(open)\b")


def asks_of_the_opposite(asked: str, entry: Entry) -> bool:
    """Tell whether a question affirms what an entry's phrasings deny, or denies what they affirm.

    Not where both deny something alike. A thing that a message denies by its name counts as well.
    """
    if is_about_what_is_denied(asked, entry):
        return True
    denied, affirmed = _states(asked, entry.language)
    if not denied and not affirmed:
        return False
    told = {word: (no, yes) for word, no, yes in _kept_states(entry)}
    if any(told.get(one, (0, 0))[0] for one in denied):
        return False
    affirmed_there = (one for one in denied if told.get(one, (0, 0))[1] >= _LEAST)
    denied_there = (one for one in affirmed - denied if _is_denied(*told.get(one, (0, 0))))
    return any(affirmed_there) or any(denied_there)


def _is_denied(no: int, yes: int) -> bool:
    return no >= _LEAST and no >= _MOSTLY * (no + yes)


@lru_cache(_KEPT_ENTRIES)
def _kept_states(entry: Entry) -> tuple[tuple[str, int, int], ...]:
    """The states that an entry's phrasings name, and how many deny and affirm each."""
    states = [_states(one, entry.language) for one in entry.questions]
    denied = Counter(word for one, _ in states for word in one)
    affirmed = Counter(word for _, one in states for word in one)
    return tuple((word, denied[word], affirmed[word]) for word in sorted({*denied, *affirmed}))


@lru_cache(_KEPT_MESSAGES)
def _states(text: str, language: Language) -> tuple[frozenset[str], frozenset[str]]:
    """The states that a text denies, and those that it affirms."""
    plain = plain_text(text)
    return _states_zh(plain) if language == "zh" else _states_en(plain)


def _states_zh(text: str) -> tuple[frozenset[str], frozenset[str]]:
    telling = _ASKS_ZH.sub(" ", text)
    denied = {_begins(one[1]) for one in _DENIES_ZH.finditer(telling)}
    rest = _DENIES_ZH.sub(" ", telling)
    affirmed = {_ends(one[2]) if one[2] else _begins(one[1]) for one in _AFFIRMS_ZH.finditer(rest)}
    return frozenset(denied - _NO_STATE_ZH), frozenset(affirmed - _NO_STATE_ZH)


def _begins(run: str) -> str:
    """What a run of characters begins with: the first character of its first word."""
    return next(iter(chinese_words(run)))[0]


def _ends(run: str) -> str:
    """The first character of the last word of a run."""
    return list(chinese_words(run))[-1][0]


def _states_en(text: str) -> tuple[frozenset[str], frozenset[str]]:
    denied: set[str] = set()
    for pattern in _DENIES_EN:
        denied.update(word for one in pattern.finditer(text) for word in words_of(one[1]))
        text = pattern.sub(" ", text)
    found = (one[1] or one[2] or one[3] for one in _AFFIRMS_EN.finditer(text))
    return frozenset(denied), frozenset(word for one in found for word in words_of(one))
