"""Order numbers, phone digits and e-mail addresses that a shopper typed.

Found by form alone; whether they are true is for the action to find out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_PHONE = re.compile(r"(?<![A-Za-z0-9-])\+?\d[\d -]{5,14}\d(?![A-Za-z0-9-])")
_LAST_FOUR = re.compile(r"(?<![A-Za-z0-9-])\d{4}(?![A-Za-z0-9-])")
_NUMBER_LIKE = re.compile(r"[A-Za-z]{0,6}[ -]?\d[\dA-Za-z-]{3,29}")
_TOLD_NUMBER = re.compile(
    r"(?:订单(?:编?号)?|訂單(?:編?號)?|单号|單號|\border (?:number|no\.?|id)|\bnumber)"
    r"(?: ?(?:is|was|是|为|：|:|=))? ?#?[A-Za-z]{0,6}[ -]?\d{4}",
    re.IGNORECASE,
)
# A text that says more than this beside a number is about something else; a Chinese character
# says as much as two letters.
_MOST_BESIDE_NUMBER = 12
_CHINESE = re.compile(r"[㐀-鿿]")
# What a text says in the place of an order's number.
_MY_ORDER_ZH, _MY_ORDER_EN = "我的订单", " my order "
_BLANKS = re.compile(r"[ ._-]")
_DASHES = re.compile(r"[‐-―−_—]")


ENTITIES = frozenset({"order_number", "order_proof"})
"""What can be found; each is the name of the rasa slot that it fills."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found; `entity` is the name of the rasa slot that it can fill."""

    entity: str
    value: str


class EntityFinder:
    """Finds the shop's order numbers, and proofs of who the shopper is."""

    def __init__(self, order_number_pattern: str) -> None:
        self._number = re.compile(order_number_pattern)
        self._loose = _loosely(order_number_pattern)
        letters = re.match(r"[A-Z]*", order_number_pattern)
        self._begins_with = letters[0] if letters else ""
        # People type numbers with stray spaces and any dash; the squeezed text shows them whole.
        self._spaced = re.compile(r"(?<=\w)\s*-\s*(?=\d)|(?<=[A-Za-z])\s+(?=\d)")

    def find(self, text: str) -> tuple[Found, ...]:
        """Return what was found, order numbers first, each kind in the order of the text."""
        plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
        squeezed = self._spaced.sub(lambda gap: "-" if "-" in gap[0] else "", plain).upper()
        numbers = [match[0] for match in self._number.finditer(squeezed)]
        numbers = numbers or self._spelt_loosely(plain.upper())
        proofs = _EMAIL.findall(plain)
        without_email = _EMAIL.sub(" ", _without(numbers, plain))
        proofs += [re.sub(r"[ -]", "", match[0]) for match in _PHONE.finditer(without_email)]
        proofs += _LAST_FOUR.findall(_PHONE.sub(" ", without_email))
        return (
            *(Found("order_number", number) for number in numbers),
            *(Found("order_proof", proof) for proof in proofs),
        )

    def without_order_numbers(self, text: str) -> str:
        """Put "my order" in the place of order numbers inside a longer text.

        To a model a number is noise; what is asked about the order is not. A text that is little
        more than a number stays.
        """
        numbers = [found.value for found in self.find(text) if found.entity == "order_number"]
        if not numbers or seems_a_number(text):
            return text
        said = _MY_ORDER_ZH if _CHINESE.search(text) else _MY_ORDER_EN
        return _without(numbers, _DASHES.sub("-", unicodedata.normalize("NFKC", text)), said)

    def _spelt_loosely(self, capitals: str) -> list[str]:
        """Order numbers in which a dash is missing, or blanks stand ("LH 2026 1103 4821")."""
        if self._loose is None:
            return []
        found = []
        for match in self._loose.finditer(capitals):
            number = "-".join(_BLANKS.sub("", part) for part in match.groups() if part)
            if not number.startswith(self._begins_with):
                number = self._begins_with + number
            found += [number] if self._number.fullmatch(number) else []
        return found


def _loosely(pattern: str) -> re.Pattern[str] | None:
    """A pattern of the parts between the dashes, with blanks in them; None where it has none.

    The letters at the beginning may be missing where the dashes are not: a date and four digits.

    Only what nearly every shop's pattern is made of is understood: letters, digits, counted digits
    and dashes. Of another one its numbers are found as they are written.
    """
    if not re.fullmatch(r"(?:[A-Z0-9-]|\\d(?:\{\d+\})?)+", pattern):
        return None
    letters = re.match(r"[A-Z]*", pattern)
    begin = len(letters[0]) if letters else 0
    whole = [_spaced(part) for part in pattern.split("-")]
    bare = [_spaced(part) for part in pattern[begin:].split("-")]
    ways = [r"[ ._-]{0,3}".join(whole)]
    if begin and all(bare) and len(bare) > 1:
        ways.append(r"[ ._-]{1,3}".join(bare))
    inside = "|".join(ways)
    return re.compile(rf"(?<![A-Z0-9])(?:{inside})(?![A-Z0-9])")


def _spaced(part: str) -> str:
    """One part of a pattern as a group in which blanks may stand; empty for an empty part."""
    atoms = re.finditer(r"\\d\{(?P<times>\d+)\}|\\d|[A-Z0-9]", part)
    each = [r"\d" if one[0][0] == "\\" else one[0] for one in atoms for _ in range(_times(one))]
    return "(" + r"[ ._-]{0,2}".join(each) + ")" if each else ""


def _times(atom: re.Match[str]) -> int:
    return int(atom["times"] or 1)


def _without(numbers: list[str], plain: str, instead: str = " ") -> str:
    """Take numbers out of the text they were found in, however they were spaced there."""
    for number in numbers:
        written = map(_as_it_may_be_written, number)
        spaced = r"[\s._-]{0,2}".join(written)
        plain = re.sub(spaced, instead, plain, count=1, flags=re.IGNORECASE)
    return plain


def _as_it_may_be_written(character: str) -> str:
    if character == "-":
        return r"[\s._-]*"
    return f"{character}?" if character.isalpha() else re.escape(character)


def seems_a_number(text: str) -> bool:
    """Tell whether a text is little more than a number of some kind, right or wrong."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    rest, found = _NUMBER_LIKE.subn(" ", plain)
    said = sum(2 if "一" <= one <= "鿿" else 1 for one in rest if one.isalnum())
    return found > 0 and said <= _MOST_BESIDE_NUMBER


def tells_a_number(text: str) -> bool:
    """Tell whether a text says what the number of an order is, whatever the number looks like."""
    return _TOLD_NUMBER.search(unicodedata.normalize("NFKC", text[:400])) is not None
