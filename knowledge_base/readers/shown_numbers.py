"""Numbers of a spreadsheet as the sheet shows them: "10%", "¥1,280.00", "3 天", "000123".

A cell keeps the bare number, and how it looks in its format. An answer has to say what the shop's
people see. Formats for what is no plain number (fractions, powers, conditions) are left aside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_PLAIN = frozenset({"", "General", "@", "GENERAL"})
_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<symbol>[^\]-]*)[^\]]*\]|(?P<pad>[_*]).'
    r"|(?P<digits>[#0?][#0?,]*(?:\.[#0?]*)?|\.[#0?]+)|(?P<percent>[%％])|(?P<sign>[-+() ¥￥$€£:：])"
    r"|\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color\d+)\]"
    r"|(?P<text>[\u3000-\u9fff\uf900-\ufaff])",
    re.IGNORECASE,
)
_MOST_DECIMALS = 15
_SIGNIFICANT = 15  # a spreadsheet shows no more digits of a number than these


@dataclass(frozen=True)
class _Form:
    """One section of a format: what stands before and after the digits, and how they are."""

    before: str
    after: str
    digits: str
    percents: int


def shown_number(value: int | float, number_format: str) -> str:
    """Write a number as a cell of this format shows it; plainly where the format is another's."""
    form = _form_of(number_format)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if form is None or not exact.is_finite() or abs(exact) >= Decimal(10) ** _SIGNIFICANT:
        return _plain(value)
    number = _digits(abs(exact).scaleb(2 * form.percents), form.digits)
    sign = "-" if exact < 0 and number.strip("0.,") else ""
    return f"{sign}{form.before}{number}{form.after}".strip()


def _plain(value: int | float) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**_SIGNIFICANT:
        return str(int(value))
    return format(value, f".{_SIGNIFICANT}g") if isinstance(value, float) else str(value)


def _form_of(number_format: str) -> _Form | None:
    section = _first_section(number_format)
    if section in _PLAIN:
        return None
    sides, digits, percents, at = ["", ""], "", 0, 0
    while at < len(section):
        piece = _PIECE.match(section, at)
        if piece is None or (piece["digits"] and digits):
            return None
        at = piece.end()
        side = 1 if digits else 0
        digits = piece["digits"] or digits
        percents += piece["percent"] is not None
        sides[side] += "".join(
            piece[name] or "" for name in ("quoted", "escaped", "symbol", "percent", "sign", "text")
        )
    if not digits or digits.partition(".")[0].endswith(","):  # thousands left out, or no number
        return None
    return _Form(sides[0], sides[1], digits, percents)


def _first_section(number_format: str) -> str:
    """That of positive numbers; the others differ by signs and colours."""
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format, maxsplit=1)[0]


def _digits(number: Decimal, digits: str) -> str:
    whole, _, rest = digits.partition(".")
    most, least = min(len(rest), _MOST_DECIMALS), rest.count("0")
    rounded = number.quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
    integer, _, decimals = f"{rounded:f}".partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    integer = integer.rjust(whole.count("0"), "0")
    if "," in whole:
        integer = f"{int(integer):,}".rjust(whole.count("0"), "0")
    return f"{integer}.{decimals}" if decimals else integer
