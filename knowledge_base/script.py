"""Which language a text is written in, told by its script alone. Imports no model."""

from __future__ import annotations

import re

from knowledge_base.entry import Language

_CHINESE_CHARACTER = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
# Words that make a sentence English; product names in a Chinese sentence hold none of them.
_ENGLISH_GRAMMAR = frozenset(
    "a an the is are was were be do does did how what where when why who which can could will "
    "would should i you he she it we they my your our their me us to of in on for with from and "
    "or not no have has had this that there please mean say want need get".split()
)


def language_of(text: str) -> Language | None:
    """The language of a text, None when it has neither Chinese characters nor Latin words.

    A Chinese sentence with product names in it is Chinese; an English sentence that quotes a
    Chinese word is English.
    """
    chinese = len(_CHINESE_CHARACTER.findall(text))
    words = _LATIN_WORD.findall(text)
    if not chinese:
        return "en" if words else None
    grammar = sum(word.lower() in _ENGLISH_GRAMMAR for word in words)
    if grammar >= 2 and len(words) > chinese / 2:
        return "en"
    return "zh"
