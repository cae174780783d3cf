"""Finds personal data in shoppers' texts and covers it, in Chinese and English.

Works without a model and in time linear in the text. It knows phone numbers, e-mail addresses,
bank cards (by their check digit) and Chinese identity cards (by theirs). Names and addresses in
prose are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.script import language_of


class Personal(StrEnum):
    """Kinds of personal data."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    ID_CARD = "id_card"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of personal data: `text[start:end]` of the text it was found in."""

    kind: Personal
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its personal data covered.

    Attributes:
        text: safe to log, to learn from and to send to a model.
        found: what was covered, by its place in the original text.
    """

    text: str
    found: tuple[Found, ...]


_COVERS = {
    "zh": {
        Personal.EMAIL: "[邮箱]", Personal.PHONE: "[电话]", Personal.CARD: "[卡号]",
        Personal.ID_CARD: "[证件号]", Personal.ORDER: "[订单号]",
    },
    "en": {
        Personal.EMAIL: "[email]", Personal.PHONE: "[phone]", Personal.CARD: "[card number]",
        Personal.ID_CARD: "[id number]", Personal.ORDER: "[order number]",
    },
}  # fmt: skip

# Full-width and Arabic-Indic digits are read as digits; one character stays one character.
_DIGITS = {ord("０") + n: str(n) for n in range(10)} | {0x660 + n: str(n) for n in range(10)}
_PLAIN = (
    str.maketrans({"＠": "@", "．": ".", "－": "-", "＋": "+", "　": " ", "\xa0": " "}) | _DIGITS
)

_START, _END = r"(?<![0-9A-Za-z_+])", r"(?![0-9A-Za-z_])"
_EMAIL = re.compile(
    r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}", re.ASCII
)
_ID_CARD = re.compile(_START + r"[1-9]\d{5}(?:19|20)\d{9}[0-9Xx]" + _END, re.ASCII)
_CARD = re.compile(_START + r"\d(?:[ -]?\d){12,18}" + _END, re.ASCII)
_ORDER = re.compile(
    # said to be one, or in the usual form of letters before digits
    r"(?:(?:订单号?|单号|訂單編?號?|order(?:\s+(?:number|no\.?|id))?)\s{0,3}(?:是|为|為|is)?[\s:：#]{0,4}"
    r"(?P<named>[A-Za-z0-9][A-Za-z0-9-]{4,39}))"
    rf"|{_START}(?P<shaped>[A-Za-z]{{1,4}}-?\d{{6,20}}(?:-\d{{1,8}})?){_END}",
    re.ASCII | re.IGNORECASE,
)
_PHONES = (
    re.compile(_START + r"(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}" + _END, re.ASCII),
    re.compile(_START + r"\(?0\d{2,3}\)?[ -]?\d{7,8}(?:-\d{1,6})?" + _END, re.ASCII),
    re.compile(r"(?<![0-9A-Za-z_])\+\d{1,3}(?:[ -]?\(?\d{1,5}\)?){2,6}" + _END, re.ASCII),
    re.compile(_START + r"(?:1[ -]?)?\(?[2-9]\d{2}\)?[ -.]?[2-9]\d{2}[ .-]\d{4}" + _END, re.ASCII),
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_PHONE_DIGITS = range(7, 16)


def mask(text: str, *, keep_orders: bool = True) -> Masked:
    """Cover personal data with words in the language of the text.

    Args:
        keep_orders: leave order numbers in, as actions need them; covered when False.
    """
    found = find_personal(text)
    if keep_orders:
        found = tuple(one for one in found if one.kind is not Personal.ORDER)
    covers = _COVERS[language_of(text) or "en"]
    pieces, end = [], 0
    for one in found:
        pieces += [text[end : one.start], covers[one.kind]]
        end = one.end
    return Masked("".join([*pieces, text[end:]]), found)


def find_personal(text: str) -> tuple[Found, ...]:
    """Every piece of personal data in a text, in order and without overlaps."""
    plain = text.translate(_PLAIN)
    taken = bytearray(len(text))
    found = []
    for one in _candidates(plain):
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            found.append(one)
    return tuple(sorted(found, key=lambda one: one.start))


def _candidates(text: str) -> Iterator[Found]:
    """What could be personal data, the surest first: an earlier kind keeps its characters."""
    for match in _EMAIL.finditer(text):
        yield Found(Personal.EMAIL, *match.span())
    for match in _ID_CARD.finditer(text):
        if _is_id_card(match[0]):
            yield Found(Personal.ID_CARD, *match.span())
    for match in _ORDER.finditer(text):
        name = "named" if match["named"] else "shaped"
        if any(character.isdigit() for character in match[name]):
            yield Found(Personal.ORDER, *match.span(name))
    for match in _CARD.finditer(text):
        if _passes_luhn(match[0]):
            yield Found(Personal.CARD, *match.span())
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            if sum(character.isdigit() for character in match[0]) in _PHONE_DIGITS:
                yield Found(Personal.PHONE, *match.span())


def _is_id_card(number: str) -> bool:
    """Check the birth date and the check digit (ISO 7064 MOD 11-2, as in GB 11643)."""
    month, day = int(number[10:12]), int(number[12:14])
    weighted = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number, strict=False))
    return 1 <= month <= 12 and 1 <= day <= 31 and _ID_CHECKS[weighted % 11] == number[17].upper()


def _passes_luhn(number: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812)."""
    digits = [int(character) for character in number if character.isdigit()]
    doubled = (digit * 2 for digit in digits[-2::-2])
    return (
        len(set(digits)) > 1
        and (sum(digits[-1::-2]) + sum(two - 9 if two > 9 else two for two in doubled)) % 10 == 0
    )
