"""Tells whether a question is about another model: "can the bulb of the LX-90 be changed".

Where the shop says that only of the LX-60, all words but one are those of its entry, and its answer
may be the very opposite of what is true. So a name that differs from the entry's own by its
number alone says that the entry is not meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from knowledge_base.entry import Entry

# Letters first: "500ml" and "3kg" are amounts, and an entry often tells of other ones than asked.
_CODE = re.compile(r"(?<![a-z0-9])[a-z]+(?:[-_/.]?[a-z0-9]+)*(?![a-z0-9])", re.IGNORECASE)
# "iPhone 15", "Pixel 8": a name with a capital letter that is not the first word of a sentence.
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?P<name>[a-z]+[A-Z][A-Za-z]*|(?<![.?!:;\n] )(?<!^)[A-Z][A-Za-z]+) ?"
    r"(?P<number>[0-9]{1,4})(?![0-9A-Za-z.,:%])"
)
_JOINTS = re.compile(r"[-_/.]")
_NUMBERS = re.compile(r"[0-9]+")
_MOST_DIGITS = 5  # longer ones are numbers of orders and telephones
_REMEMBERED = 512


def asks_of_another_model(asked: str, entry: Entry) -> bool:
    """Tell whether a question names a model whose number is another than those of an entry."""
    plain = _plain(asked)
    if not _NUMBERS.search(plain):
        return False
    theirs = _models_in(entry.texts)
    kinds = {_kind(model) for model in theirs}
    named = {model for model in _codes(plain) if _kind(model) in kinds}
    named |= set(_spaced(plain, kinds))
    return bool(named) and not named & theirs


@lru_cache(_REMEMBERED)
def _models_in(texts: tuple[str, ...]) -> frozenset[str]:
    """The models that the texts of an entry name."""
    plain = [_plain(text) for text in texts]
    found = {code for text in plain for code in _codes(text)}
    for text in plain:
        found |= {f"{one['name']}{one['number']}".casefold() for one in _NAMED.finditer(text)}
    return frozenset(found)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _codes(text: str) -> Iterator[str]:
    """Words of letters and digits, letters first: "LX-90" and "lx90" are one."""
    for match in _CODE.finditer(text):
        code = _JOINTS.sub("", match[0]).casefold()
        digits = _NUMBERS.findall(code)
        if digits and max(map(len, digits)) <= _MOST_DIGITS:
            yield code


def _spaced(text: str, kinds: Iterable[str]) -> Iterator[str]:
    """Models of these kinds in which a space stands before the number: "lx 90", "iPhone 15"."""
    for kind in kinds:
        letters, _, rest = kind.partition("#")
        pattern = rf"(?<![a-z0-9]){re.escape(letters)} ([0-9]{{1,{_MOST_DIGITS}}})(?![0-9a-z.,:%])"
        if not rest:
            for match in re.finditer(pattern, text, re.IGNORECASE):
                yield f"{letters}{match[1]}"


def _kind(model: str) -> str:
    """What models have in common that differ by a number: "lx#", "h#pro"."""
    return _NUMBERS.sub("#", model)
