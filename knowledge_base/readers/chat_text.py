"""Reads chats that were exported as plain text: who, when, and below or beside it the words.

    花友小张 2026-10-01 10:00:11          2026-10-01 10:00:11 小张
    有没有大一点的花盆                      有没有大一点的花盆

    [01/10/2026, 10:00:11] Anna: Do you have a larger pot?

Such a text does not tell one conversation from the next. Whoever speaks beside several others is
one of the shop's; everybody else has a conversation of their own.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from knowledge_base.question_key import question_key

BESIDE_OF_STAFF = 3
"""Who speaks beside so many others is one of the shop's."""

_DATE = r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_WHEN = rf"[\[(（]?{_DATE},?\s{{1,4}}{_TIME}[\])）]?"
_WHO = r"[^\s:：][^:：\n]{0,59}?"
_BESIDE = re.compile(rf"{_WHEN}\s{{0,4}}-?\s{{0,4}}(?P<who>{_WHO})\s?[:：]\s{{0,4}}(?P<words>\S.*)")
_ABOVE = (
    re.compile(rf"(?P<who>{_WHO})\s{{0,4}}{_WHEN}\s?[:：]?"),
    re.compile(rf"{_WHEN}\s{{1,4}}(?P<who>{_WHO})\s?[:：]?"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One message: the number of its first line, who said it, and what."""

    number: int
    who: str
    words: str


def lines_of(text: str) -> list[Line]:
    """Find the messages of a text; what stands above the first is left out."""
    heads: list[tuple[int, str, list[str]]] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip("\ufeff\u200e\u200f \t")
        head = _head(line)
        if head is not None:
            who, words = head
            heads.append((number, who, [words] if words else []))
        elif heads:
            heads[-1][2].append(line)
    return [Line(number, who, "\n".join(words).strip()) for number, who, words in heads]


def chats_in(lines: list[Line], staff: Collection[str]) -> list[tuple[str, Line]]:
    """Give each message the name of its conversation: that of the shopper who spoke last.

    Args:
        staff: names that are known to be the shop's, as `question_key` makes them.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    for one, following in itertools.pairwise(lines):
        if one.who != following.who:
            beside[one.who].add(following.who)
            beside[following.who].add(one.who)
    chat, found = "", []
    for line in lines:
        ours = question_key(line.who) in staff or len(beside[line.who]) >= BESIDE_OF_STAFF
        if not ours:
            chat = line.who
        if chat:  # what staff said before anybody asked answers nothing
            found.append((chat, line))
    return found


def _head(line: str) -> tuple[str, str] | None:
    beside = _BESIDE.fullmatch(line)
    if beside:
        return beside["who"], beside["words"]
    for form in _ABOVE:
        above = form.fullmatch(line)
        if above:
            return above["who"], ""
    return None
