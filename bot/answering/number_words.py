"""Numbers in words, Chinese and English, rewritten as digits.

A lone 一 or "one" is mostly no number ("一下", "this one") and counts only before a unit, as do
百, 千 and 万; idioms that merely contain numerals are left alone. A word such as 四川 becomes "4川"
in the evidence and in the reply alike, which does no harm.
"""

from __future__ import annotations

import re

_CHINESE_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_CHINESE_DIGITS |= {"〇": 0, "两": 2}
_CHINESE_STEPS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_NUMERALS = "".join(_CHINESE_DIGITS) + "".join(_CHINESE_STEPS)
_IDIOMS = re.compile(
    "十分|万一|千万(?!元|块)|一一|百货|万能|一般|一定|一直|一样|一起|一些|一下|一点|一旦|一切|一致|统一|唯一"
)
_UNIT_AHEAD = (
    "个?工作日|个?小时|个?钟头|个?月|个?星期|个?礼拜|分钟|元|块(?!儿)|天|日|周|年|折|倍|秒|"
    "厘米|毫升|公斤|斤|克|米|升|点|成|半|美元|欧元|次|人|件|套|张|双|只|期|瓦|"
    "种|款|份|台|瓶|盒|包|杯|枚|支|条|本|位|家|间|类|档|袋|箱|片|粒|颗"
)
_CHINESE = re.compile(
    rf"(?P<percent>百分之)?(?<![{_NUMERALS}])(?P<number>[{_NUMERALS}]+)(?P<unit>{_UNIT_AHEAD})?"
)
_RANGE_AHEAD = re.compile(rf"(?:到|至|或|-)\s*[{_NUMERALS}\d]|-?[a-z]")
VAGUE_AFTER_ONE = ("块", "点", "成", "半")
_WEEKDAY_AHEAD = re.compile("(?:星期|礼拜|周)$")
_HALF = re.compile("半(?=个?小时|个?钟头|个?月|年|天|个?星期|周)")
_MORE = re.compile(r"(\d+(?:\.\d+)?)\s*(万|千(?![克米瓦])|百|亿)")

_ENGLISH_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_ENGLISH_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_ENGLISH_STEPS = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_WORD = "|".join([*_ENGLISH_SMALL, *_ENGLISH_TENS, *_ENGLISH_STEPS])
_ENGLISH = re.compile(rf"\b(?:{_WORD})(?:(?:[ -]| and )(?:{_WORD}))*\b")
_TIME_AHEAD = (
    r"(?=[ -](?:working |business )?(?:day|week|month|year|hour|minute|dollar|yuan|euro)s?\b)"
)
_ONE = re.compile(rf"\b(?:a|an|one|single){_TIME_AHEAD}")
_HALF_ENGLISH = re.compile(r"\bhalf an? (?=hour|day|year|month|week)")
_DOZEN = re.compile(r"\b(?:a )?dozen\b")


def digits_for_words(text: str) -> str:
    """Rewrite numbers in words as digits; the text must be lower case."""
    text = _HALF.sub("0.5", text)
    text = _CHINESE.sub(_chinese, text)
    text = _MORE.sub(lambda m: f"{float(m[1]) * _CHINESE_STEPS[m[2]]:.10g}", text)
    text = _HALF_ENGLISH.sub("0.5 ", text)
    text = _DOZEN.sub("12", text)
    text = _ENGLISH.sub(_english, text)
    return _ONE.sub("1", text)


def _chinese(match: re.Match[str]) -> str:
    number, unit = match["number"], match["unit"] or ""
    if match["percent"]:
        return f"{chinese_number(number)}%{unit}"
    if _is_no_number(match, number, unit):
        return match.group()
    return f"{chinese_number(number)}{unit}"


def _is_no_number(match: re.Match[str], number: str, unit: str) -> bool:
    text, start, end = match.string, match.start(), match.end()
    if _IDIOMS.search(text[max(start - 2, 0) : end + 1]) or _WEEKDAY_AHEAD.search(text[:start]):
        return True
    if number in _CHINESE_STEPS and number != "十":
        return True
    ranged = _RANGE_AHEAD.match(text, end) or text[:start].endswith("第")
    if number == "一" and not ranged:
        return not unit or unit in VAGUE_AFTER_ONE
    return False


def chinese_number(numeral: str) -> str:
    """Read a Chinese numeral; two neighbouring digits ("三五") are a range ("3-5").

    >>> chinese_number("二百零五"), chinese_number("二〇二六"), chinese_number("两三")
    ('205', '2026', '2-3')
    """
    if not any(step in numeral for step in _CHINESE_STEPS):
        digits = [str(_CHINESE_DIGITS[one]) for one in numeral]
        return "-".join(digits) if len(digits) == 2 and "0" not in digits else "".join(digits)
    total = section = digit = 0
    for one in numeral:
        if one in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[one]
            continue
        step = _CHINESE_STEPS[one]
        if step >= 10_000:
            total = (total + section + digit) * step if total or section or digit else step
            section = 0
        else:
            section += (digit or 1) * step
        digit = 0
    return str(total + section + digit)


def _english(match: re.Match[str]) -> str:
    words = re.split(r"[ -]", match.group().replace(" and ", " "))
    if words == ["one"] or words == ["second"]:
        return match.group()
    total = section = 0
    for word in words:
        if word in _ENGLISH_STEPS:
            section = max(section, 1) * _ENGLISH_STEPS[word]
            if _ENGLISH_STEPS[word] >= 1_000:
                total, section = total + section, 0
        else:
            section += _ENGLISH_SMALL.get(word, _ENGLISH_TENS.get(word, 0))
    return str(total + section)
