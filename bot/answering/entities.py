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
# A text that says more than this beside a number is about something else; a Chinese character
# says as much as two letters.
_MOST_BESIDE_NUMBER = 12
_DASHES = re.compile(r"[‐-―−_—]")


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found; `entity` is the name of the rasa slot that it can fill."""

    entity: str
    value: str


class EntityFinder:
    """Finds the shop's order numbers, and proofs of who the shopper is."""

    def __init__(self, order_number_pattern: str) -> None:
        self._number = re.compile(order_number_pattern)
        # People type numbers with stray spaces and any dash; the squeezed text shows them whole.
        self._spaced = re.compile(r"(?<=\w)\s*-\s*(?=\d)|(?<=[A-Za-z])\s+(?=\d)")

    def find(self, text: str) -> tuple[Found, ...]:
        """Return what was found, order numbers first, each kind in the order of the text."""
        plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
        squeezed = self._spaced.sub(lambda gap: "-" if "-" in gap[0] else "", plain).upper()
        numbers = [match[0] for match in self._number.finditer(squeezed)]
        proofs = _EMAIL.findall(plain)
        without_email = _EMAIL.sub(" ", _without(numbers, plain))
        proofs += [re.sub(r"[ -]", "", match[0]) for match in _PHONE.finditer(without_email)]
        proofs += _LAST_FOUR.findall(_PHONE.sub(" ", without_email))
        return (
            *(Found("order_number", number) for number in numbers),
            *(Found("order_proof", proof) for proof in proofs),
        )


def _without(numbers: list[str], plain: str) -> str:
    """Take numbers out of the text they were found in, however they were spaced there."""
    for number in numbers:
        spaced = r"\s*".join(re.escape(character) for character in number)
        plain = re.sub(spaced, " ", plain, count=1, flags=re.IGNORECASE)
    return plain


def seems_a_number(text: str) -> bool:
    """Tell whether a text is little more than a number of some kind, right or wrong."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    rest, found = _NUMBER_LIKE.subn(" ", plain)
    said = sum(2 if "一" <= one <= "鿿" else 1 for one in rest if one.isalnum())
    return found > 0 and said <= _MOST_BESIDE_NUMBER
