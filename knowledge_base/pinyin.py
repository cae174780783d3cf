"""How Chinese characters are read, without tones: what an input method confuses.

Only the table of single characters that pypinyin ships is read; the package itself would load ten
times as much.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import islice, product
from pathlib import Path

_PACKAGE, _TABLE = "pypinyin", "pinyin_dict.json"
_COMMON = range(0x4E00, 0xA000)
_NO_LETTER = re.compile(r"[^a-z]")
_MOST_READINGS = 8  # of one word; hardly any has more than two


@cache
def _table() -> list[str]:
    """How each common character is read, with tones, as the package writes it; many read alike."""
    spec = find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise ModuleNotFoundError(f"{_PACKAGE} is not installed; run `make install`.")
    written = json.loads((Path(folders[0]) / _TABLE).read_text(encoding="utf-8"))
    lines = "\n".join(written.get(str(code), "") for code in _COMMON)
    del written  # before strings are kept that would hold its memory
    return [sys.intern(read) for read in lines.split("\n")]


@cache
def readings(character: str) -> tuple[str, ...]:
    """The readings of a character, most usual first; none of one that is not common."""
    code = ord(character)
    read = _table()[code - _COMMON.start] if code in _COMMON else ""
    return tuple(dict.fromkeys(_plain(one) for one in read.split(","))) if read else ()


def pinyin_of(word: str) -> Iterator[str]:
    """Every way to read a word, as one run of letters; none where a character is unknown."""
    each = [readings(character) for character in word]
    yield from islice(("".join(one) for one in product(*each)), _MOST_READINGS)


def _plain(reading: str) -> str:
    """A syllable without its tone; ü is typed as v. The few hundred there are are kept once."""
    letters = unicodedata.normalize("NFD", reading.casefold()).replace("u\u0308", "v")
    return sys.intern(_NO_LETTER.sub("", letters))
