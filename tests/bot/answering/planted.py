"""True replies into which one thing is planted that the evidence does not say; seeded."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from bot.answering.figures import Figure, figures, normalised
from bot.answering.number_words import digits_for_words

OTHER_UNITS = {
    "zh": ["元", "天", "个工作日", "小时", "%", "个月", "年", "公斤", "厘米", "美元", "折", "倍"],
    "en": [" yuan", " days", " working days", " hours", "%", " months", " years", " kg", " cm",
           " dollars", " weeks", " litres"],
}  # fmt: skip
CHINESE_DIGITS = "零一二三四五六七八九"

ADDED = json.loads(Path(__file__).with_name("planted_sentences.json").read_text(encoding="utf-8"))
ENGLISH_NUMBERS = ["eleven", "thirteen", "seventeen", "twenty-one", "thirty-three", "forty-four"]


def planted(
    cases: list[Mapping[str, Any]], seed: int, count: int
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Make (case, reply) pairs, each with one planted thing."""
    random = Random(seed)
    made = 0
    while made < count:
        case = random.choice(cases)
        reply = random.choice(case["true"])
        way = random.choice((_changed_number, _changed_unit, _added, _added))
        spoiled = way(case, reply, random)
        if spoiled is not None:
            made += 1
            yield case, spoiled


def _added(case: Mapping[str, Any], reply: str, random: Random) -> str:
    sentence = random.choice(ADDED[case["language"]]).format(
        n=random.randrange(211, 989), m=random.randrange(1, 9), d=random.randrange(1, 29),
        p=random.randrange(10**9, 10**10), k=random.choice("2346789"), w=random.choice("六日"),
        h=random.choice([7, 11, 13, 16]), c=random.choice(["八", "四十", "二十三"]),
        e=random.choice(ENGLISH_NUMBERS),
    )  # fmt: skip
    joint = " " if case["language"] == "en" else ""
    return sentence + joint + reply if random.random() < 0.3 else reply + joint + sentence


def _pick(case: Mapping[str, Any], reply: str, random: Random) -> tuple[str, Figure] | None:
    """A figure of the reply that is made of digits, and the text that it was found in."""
    text = digits_for_words(normalised(reply))
    found = [one for one in figures(text) if one.unit not in ("date", "weekday", "code", "clock")]
    return (text, random.choice(found)) if found else None


def _is_new(case: Mapping[str, Any], text: str, at: int) -> bool:
    """Whether the figure that now stands there is one that the evidence does not have."""
    texts = [digits_for_words(normalised(case[part])) for part in ("evidence", "question")]
    own = [one for source in texts for one in figures(source)]
    new = [one for one in figures(text) if one.start <= at < one.end]
    return bool(new) and not any(old.supports(one) for old in own for one in new)


def _changed_number(case: Mapping[str, Any], reply: str, random: Random) -> str | None:
    picked = _pick(case, reply, random)
    if picked is None:
        return None
    text, figure = picked
    places = [at for at in range(figure.start, figure.end) if text[at].isdigit()]
    if not places:
        return None
    at = random.choice(places)
    digit = random.choice([one for one in "123456789" if one != text[at]])
    changed = text[:at] + digit + text[at + 1 :]
    if not _is_new(case, changed, at):
        return None
    if random.random() < 0.3:
        changed = "".join(chr(ord(one) + 0xFEE0) if one.isdigit() else one for one in changed)
    elif case["language"] == "zh" and random.random() < 0.3 and len(places) == 1:
        changed = changed[:at] + CHINESE_DIGITS[int(digit)] + changed[at + 1 :]
    return changed


def _changed_unit(case: Mapping[str, Any], reply: str, random: Random) -> str | None:
    picked = _pick(case, reply, random)
    if picked is None:
        return None
    text, figure = picked
    number = "".join(one for one in figure.span if one.isdigit() or one == ".").strip(".")
    if figure.low != figure.high or not number:
        return None
    unit = random.choice(OTHER_UNITS[case["language"]])
    changed = text[: figure.start] + " " + number + unit + " " + text[figure.end :]
    return changed if _is_new(case, changed, figure.start + 1) else None
