"""Every figure of a text in one form: amounts, shares, durations, dates, times, links, codes.

Chinese numerals, number words and full-width digits are read as digits; units are kept, so that
"7 days" and "7 yuan" are two figures. Pure; knows nothing of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.answering.number_words import digits_for_words
from knowledge_base.question_key import plain_text


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        unit: "cny", "percent", "day", "working day", "date", "link", "code", "" for a plain count …
        low, high: the value, twice the same except in a range; digits or text in canonical form.
        span: as it stands in the normalised text.
        start, end: where it stands there.
    """

    unit: str
    low: str
    high: str
    span: str
    start: int
    end: int

    def supports(self, claimed: Figure) -> bool:
        """Whether this figure, found in the evidence, bears out one that is claimed.

        The upper end of a range may be claimed alone ("within 7 days" of "5 to 7 days"), the lower
        may not; a date bears out its own month.
        """
        if self.unit != claimed.unit:
            return False
        if self.unit == "date":
            ours, theirs = self.low.split("/"), claimed.low.split("/")
            return len(ours) == len(theirs) and all(
                part in ("", own) for own, part in zip(ours, theirs, strict=True)
            )
        return (claimed.low, claimed.high) in ((self.low, self.high), (self.high, self.high))


# first spelling that fits wins, so longer ones of a unit that begins like another come first
UNITS: dict[str, str] = {
    "cny": "元|块钱|块|圆|人民币|yuan|rmb|cny|renminbi",
    "usd": "美元|美金|usd|dollars?|bucks?",
    "eur": "欧元|eur|euros?",
    "gbp": "英镑|gbp|pounds?",
    "hkd": "港币|港元|hkd",
    "twd": "新台币|台币|twd|ntd",
    "cent": "cents?|角|毛钱",
    "percent": "%|percent|per cent|个百分点",
    "fold": "折",
    "times": "倍|times(?: as| the)|fold",
    "working day": "个?工作日|个?工作天|(?:working|business|work)[ -]days?",
    "hour": "个?小时|个?钟头|hours?|hrs?|h",
    "minute": "分钟|minutes?|mins?",
    "second": "秒钟?|seconds|secs?",
    "week": "个?星期|个?礼拜|周|weeks?|wks?",
    "month": "个月|months?|mos?",
    "year": "周年|年|years?|yrs?",
    "day": "天|日|号|(?:calendar |natural )?days?|d",
    "cm": "厘米|公分|cm|centimet(?:er|re)s?",
    "mm": "毫米|mm|millimet(?:er|re)s?",
    "km": "公里|千米|km|kilomet(?:er|re)s?",
    "inch": "英寸|寸|inch(?:es)?|in(?=[.,]|$)",
    "ml": "毫升|ml|millilit(?:er|re)s?",
    "litre": "升|lit(?:er|re)s?|l",
    "kg": "公斤|千克|kg|kilos?|kilograms?",
    "jin": "斤",
    "gram": "克|grams?|g",
    "watt": "瓦|watts?|w",
    "volt": "伏|volts?|v",
    "degree": "°c|℃|摄氏度|度|degrees?|°",
    "metre": "米|met(?:er|re)s?|m",
    "point": "积分|points?",
}
CURRENCIES = {
    "hk$": "hkd", "nt$": "twd", "us$": "usd", "¥": "cny", "$": "usd", "€": "eur", "£": "gbp",
    "rmb": "cny", "cny": "cny", "usd": "usd", "eur": "eur", "gbp": "gbp", "hkd": "hkd",
}  # fmt: skip
MONTHS = "january february march april may june july august september october november december"
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
WEEKDAY_SIGNS = {sign: str(at) for at, sign in enumerate("一二三四五六日", 1)} | {"天": "7"}
WEEKDAY_SIGNS |= {str(at): str(at) for at in range(1, 8)}
RELATIVE = {
    "today": "今天|今日|当天|当日|today|tonight|今晚|same[ -]day",
    "next day": "次日|第2天|next[ -]day",
    "tomorrow": "明天|明日|明早|明晚|tomorrow",
    "after tomorrow": "后天|day after tomorrow",
    "this week": "本周|这周|this week",
    "next week": "下周|下星期|next week",
    "this month": "本月|这个月|this month|月底",
    "next month": "下个?月|next month",
    "weekend": "周末|weekends?",
    "new year": "春节|过年|元旦|new year",
}

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_CURRENCY = "|".join(re.escape(one) for one in CURRENCIES)
_MONTH = "|".join(
    f"{name[:3]}(?:{name[3:]})?" if name != "may" else name for name in MONTHS.split()
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s，。、；！？）)]+|(?<![@\w.])(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[^\s，。、）)]*)?"
)
_MAIL = re.compile(r"[a-z0-9_.+-]+@[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_LONG = re.compile(r"(?<![a-z0-9.])\+?\d(?:[ -]?\d){6,}(?![a-z0-9])")
_CODE = re.compile(
    r"(?<![a-z0-9])(?=[a-z0-9-]*[a-z])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])"
)
_CLOCK = re.compile(
    r"(?P<zh>上午|早上|早晨|凌晨|中午|下午|傍晚|晚上|晚)?\s*(?P<hour>\d{1,2})"
    r"(?:[:](?P<minute>\d{2})|点(?P<half>半|\d{1,2}分|整|钟)?)?\s*(?P<en>[ap]\.?m\b\.?)?"
)
_DAY_OF_MONTH = re.compile(
    r"(?:(?P<year>\d{4})[年/.-])?(?P<month>\d{1,2})[月/](?P<day>\d{1,2})[日号]?(?![\d/])"
)
_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_NAMED_DAY = re.compile(
    rf"\b(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? )?(?P<name>{_MONTH})\b\.?"
    r"(?: (?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!:))?(?:,? (?P<year>(?:19|20)\d{2}))?"
)
_MONTH_ONLY = re.compile(r"(?:(?P<year>\d{4})年)?(?<!\d)(?P<month>\d{1,2})月(?:份|底|初)?")
_WEEKDAY = re.compile(
    r"(?:星期|礼拜|周)(?P<zh>[一二三四五六日天1-6])|\b(?P<en>"
    + "|".join(f"{name[:3]}(?:{name[3:]})?s?" for name in WEEKDAYS.split())
    + r")\b"
)


@cache
def _amount() -> re.Pattern[str]:
    units = "|".join(f"(?P<{_group(unit)}>{spelled})" for unit, spelled in UNITS.items())
    return re.compile(
        rf"(?P<currency>{_CURRENCY})?\s*(?P<low>{_NUMBER})"
        rf"(?:\s*(?:-|—|to|至|到|or|或)\s*(?P=currency)?\s*(?P<high>{_NUMBER}))?"
        rf"(?:\s*-?\s*(?:{units})(?![a-z]))?"
    )


def _group(unit: str) -> str:
    return "unit_" + unit.replace(" ", "_")


def normalised(text: str) -> str:
    """The plain text with one kind of dash."""
    return re.sub("[‐‑‒–−~〜]", "-", plain_text(text))


def figures(text: str) -> list[Figure]:
    """Find every figure of a text, which must be `normalised`, in order."""
    found = list(_found(_Page(digits_for_words(text))))
    return sorted(found, key=lambda figure: figure.start)


class _Page:
    """The text of which found figures are blanked out one kind after another."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(
        self, pattern: re.Pattern[str], read: Callable[[re.Match[str]], tuple[str, str, str] | None]
    ) -> Iterator[Figure]:
        """Give what the pattern finds and `read` accepts, and blank it out."""
        for match in list(pattern.finditer(self.text)):
            key = read(match)
            if key is not None:
                start, end = match.span()
                yield Figure(*key, match.group().strip(), start, end)
                self.text = self.text[:start] + " " * (end - start) + self.text[end:]


def _found(page: _Page) -> Iterator[Figure]:
    yield from page.take(_MAIL, _as("mail"))
    yield from page.take(_LINK, _as("link"))
    yield from page.take(_ISO_DAY, _day)
    yield from page.take(_DAY_OF_MONTH, _day)
    yield from page.take(_NAMED_DAY, _named_day)
    yield from page.take(_MONTH_ONLY, _day)
    yield from page.take(_WEEKDAY, _weekday)
    for name, spelled in RELATIVE.items():
        yield from page.take(re.compile(spelled), _constant("date", name))
    yield from page.take(_LONG, _long)
    yield from page.take(_CLOCK, _clock)
    yield from page.take(_amount(), _measured)
    yield from page.take(_CODE, _as("code"))
    yield from page.take(_amount(), _counted)


def _as(unit: str) -> Callable[[re.Match[str]], tuple[str, str, str]]:
    def read(match: re.Match[str]) -> tuple[str, str, str]:
        text = match.group().rstrip(".,;:!?")
        return unit, text, text

    return read


def _constant(unit: str, text: str) -> Callable[[re.Match[str]], tuple[str, str, str]]:
    return lambda _: (unit, text, text)


def _long(match: re.Match[str]) -> tuple[str, str, str]:
    digits = re.sub(r"\D", "", match.group())
    return "long", digits, digits


def _day(match: re.Match[str]) -> tuple[str, str, str] | None:
    parts = match.groupdict()
    month, day = int(parts["month"]), int(parts.get("day") or 0)
    if not (1 <= month <= 12 and day <= 31):
        return None
    text = f"{parts.get('year') or ''}/{month}/{day or ''}"
    return "date", text, text


def _named_day(match: re.Match[str]) -> tuple[str, str, str] | None:
    day = match["before"] or match["after"]
    if match["name"] in ("may", "mar") and not day and not match["year"]:
        return None  # "may" is mostly a verb
    month = _place(match["name"], MONTHS)
    text = f"{match['year'] or ''}/{month}/{int(day) if day else ''}"
    return "date", text, text


def _weekday(match: re.Match[str]) -> tuple[str, str, str]:
    number = str(_place(match["en"], WEEKDAYS)) if match["en"] else WEEKDAY_SIGNS[match["zh"]]
    return "weekday", number, number


def _place(name: str, names: str) -> int:
    """Which of the names begins as this one does, from 1."""
    return next(at for at, one in enumerate(names.split(), 1) if one.startswith(name[:3]))


def _clock(match: re.Match[str]) -> tuple[str, str, str] | None:
    said = match.groupdict()
    if not (said["minute"] or said["en"] or "点" in match.group()):
        return None
    hour = int(said["hour"])
    half = said["half"] or ""
    minute = int(said["minute"] or 0) or (30 if half == "半" else int(re.sub(r"\D", "", half) or 0))
    later = (said["en"] or "").startswith("p") or said["zh"] in ("下午", "傍晚", "晚上", "晚")
    hour += 12 if later and hour < 12 else 0
    if hour > 24 or minute > 59:
        return None
    text = f"{hour}:{minute:02}"
    return "clock", text, text


def _measured(match: re.Match[str]) -> tuple[str, str, str] | None:
    """An amount with a unit or a currency."""
    unit = CURRENCIES.get(match["currency"] or "")
    unit = next((one for one in UNITS if match[_group(one)]), unit) if unit is None else unit
    return None if unit is None else (unit, *_bounds(match))


def _counted(match: re.Match[str]) -> tuple[str, str, str]:
    """A number without a unit that matters."""
    return "", *_bounds(match)


def _bounds(match: re.Match[str]) -> tuple[str, str]:
    low = _plain(match["low"])
    return low, _plain(match["high"]) if match["high"] else low


def _plain(number: str) -> str:
    return f"{float(number.replace(',', '')):.10g}"
