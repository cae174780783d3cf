"""A text as the claims it makes: clause by clause its content, figures, promises and polarity.

The words that are looked for stand in `grounding_words.toml`. Pure and deterministic; used on the
reply and on the evidence alike, so that both are read in the same way.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import Stemmer

from bot.answering.figures import Figure, figures, normalised
from bot.answering.number_words import digits_for_words

WORDS = Path(__file__).with_name("grounding_words.toml")
BEFORE_CHARACTERS = 14  # how far a direction word stands from its figure
AFTER_CHARACTERS = 12
MONEY = frozenset({"cny", "usd", "eur", "gbp", "hkd", "twd"})
ONLY_OF_MONEY = frozenset({"from", "starting at"})

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ'-]*")
_SENTENCE_END = re.compile(r"[。！？!?\n；;]+|\.(?=\s|$)")
_CLAUSE_END = re.compile(
    r"[，、：]|(?<!\d)[,:](?!//)|[,:](?!\d|//)|\s[-—]+\s|[—()（）“”\"]"
    r"|\b(?:but|while|whereas|although|though|however)\b|但是|但(?!愿)|不过|而且|并且|然而"
)
_AND = re.compile(r"\band\b|并且|而且|和")
_LIST_SIGN = "、"  # parts of one list belong to one clause


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a text.

    Attributes:
        text: normalised, numbers in digits.
        content: what it is about: stems, pairs of Chinese characters, "family:…".
        figures: with the sides they are bounded on ("up", "down", "after", "before").
        families: the promises it makes.
        negations: how many stand in it.
        hedged: whether it is weakened ("may", "usually", 尽量).
        conditional: whether it names a condition.
        subordinate: whether it only says when or if.
        order: "before", "after", both or neither.
        sentence: number of the sentence it stands in.
    """

    text: str
    content: frozenset[str]
    figures: tuple[tuple[Figure, frozenset[str]], ...]
    families: frozenset[str]
    negations: int
    hedged: bool
    conditional: bool
    subordinate: bool
    order: frozenset[str]
    sentence: int


@dataclass(frozen=True, slots=True)
class Claims:
    """All clauses of a text, and the stand it takes at its beginning ("yes", "no" or None)."""

    clauses: tuple[Clause, ...]
    lead: str | None = None

    def sentence(self, number: int) -> list[Clause]:
        """The clauses of one sentence."""
        return [clause for clause in self.clauses if clause.sentence == number]


class ReadingWords:
    """The word lists, compiled."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        families: Mapping[str, Mapping[str, list[str]]] = raw["families"]
        self.families = {name: _either(one["zh"], one["en"]) for name, one in families.items()}
        negation = raw["negation"]
        self.negation = _either(negation["zh"], negation["en"])
        self.no_negation = _either(negation["not_zh"] + negation["double"], negation["not_en"])
        self.compounds = _either(negation["compounds_zh"], negation["compounds_en"])
        self.hedges = _either(raw["hedges"]["zh"], raw["hedges"]["en"])
        self.conditions = _either(raw["conditions"]["zh"], raw["conditions"]["en"])
        self.order = {side: _either(one["zh"], one["en"]) for side, one in raw["order"].items()}
        starts = raw["subordinate"]
        self.subordinate = re.compile(
            rf"^(?:{_longest_first(starts['zh_start'])}|(?:{_longest_first(starts['en_start'])})\b)"
            rf"|(?:{_longest_first(starts['zh_end'])})$"
        )
        self.before = {
            side: _either(one["zh_before"], one["en_before"])
            for side, one in raw["directions"].items()
        }
        self.after = {
            side: _either(one["zh_after"], one["en_after"])
            for side, one in raw["directions"].items()
        }
        leads = raw["leads"]
        self.leads = {
            stand: re.compile(
                rf"(?:{_longest_first(leads[f'{stand}_zh'])}|(?:{_longest_first(leads[f'{stand}_en'])}))"
                r"(?:的|哦|呢|哈|啊|呀|~)*(?=\s*[,，。.!！:：;；]|\s*$)"
            )
            for stand in ("no", "yes")
        }
        self.empty_zh = re.compile(_longest_first(raw["empty"]["zh"]))
        self.empty_en = frozenset(raw["empty"]["en"])


@cache
def reading_words() -> ReadingWords:
    """Read and compile the word lists once."""
    return ReadingWords(tomllib.loads(WORDS.read_text(encoding="utf-8")))


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _either(zh: list[str], en: list[str]) -> re.Pattern[str]:
    parts = [_longest_first(zh)] if zh else []
    parts += [rf"(?<![\w'])(?:{_longest_first(en)})(?![\w'])"] if en else []
    return re.compile("|".join(parts) or r"(?!)")


def family_words(name: str) -> re.Pattern[str]:
    """The words of one family of promises."""
    return reading_words().families[name]


def halves(clause: Clause) -> list[Clause]:
    """Cut a clause at its first "and" into two, each read anew; none when it has no "and"."""
    parts = [part.strip() for part in _AND.split(clause.text, maxsplit=1)]
    return [_clause(part, clause.sentence) for part in parts] if len(parts) == 2 else []


def claims(text: str) -> Claims:
    """Read the claims of a text as it was written."""
    words = reading_words()
    rest, lead = digits_for_words(normalised(text)).strip(), None
    for stand, pattern in words.leads.items():
        match = pattern.match(rest)
        if match and lead is None:
            lead, rest = stand, rest[match.end() :].lstrip(" ,，。.!！:：;；")
    clauses = [
        _clause(part, number)
        for number, sentence in enumerate(_SENTENCE_END.split(rest))
        for part in _parts(sentence)
    ]
    return Claims(tuple(clauses), lead)


def _parts(sentence: str) -> list[str]:
    joined = sentence.replace(_LIST_SIGN, " ")
    return [part.strip() for part in _CLAUSE_END.split(joined) if part.strip()]


def _clause(text: str, sentence: int) -> Clause:
    words = reading_words()
    found = figures(text)
    families = frozenset(name for name, one in words.families.items() if one.search(text))
    plain = words.compounds.sub(" ", words.no_negation.sub(" ", text))
    return Clause(
        text=text,
        content=content(text, found) | {f"family:{name}" for name in families},
        figures=tuple((figure, _sides(text, figure)) for figure in found),
        families=families,
        negations=len(words.negation.findall(plain)),
        hedged=words.hedges.search(text) is not None,
        conditional=words.conditions.search(text) is not None,
        subordinate=words.subordinate.search(text) is not None,
        order=frozenset(side for side, one in words.order.items() if one.search(text)),
        sentence=sentence,
    )


def _sides(text: str, figure: Figure) -> frozenset[str]:
    """On which sides the figure is bounded, by the words beside it."""
    words = reading_words()
    before = text[max(figure.start - BEFORE_CHARACTERS, 0) : figure.start].rstrip()
    after = text[figure.end : figure.end + AFTER_CHARACTERS].lstrip()
    sides = set()
    for side, pattern in words.before.items():
        ends = [match.group() for match in pattern.finditer(before) if match.end() == len(before)]
        if any(word not in ONLY_OF_MONEY or figure.unit in MONEY for word in ends):
            sides.add(side)
    for side, pattern in words.after.items():
        if pattern.match(after):
            sides.add(side)
    if "down" in sides and re.search("(?:不|未)满$", before):
        sides.discard("up")
    return frozenset(sides)


def content(text: str, found: Iterable[Figure] = ()) -> frozenset[str]:
    """What a normalised text is about, without its figures and its empty words."""
    for figure in found:
        text = text[: figure.start] + " " * (figure.end - figure.start) + text[figure.end :]
    words = reading_words()
    compounds = {f"un:{word}" for word in words.compounds.findall(text)}
    text = words.hedges.sub(" ", _drop_families(words.compounds.sub(" ", text)))
    english = [word.strip("'-") for word in _WORD.findall(text)]
    stems = _stemmer().stemWords([word for word in english if word not in words.empty_en])
    chinese = [run for run in _HAN_RUN.findall(words.empty_zh.sub(" ", text))]
    pairs = [run[at : at + 2] for run in chinese for at in range(max(len(run) - 1, 1))]
    return frozenset([stem for stem in stems if len(stem) > 1] + pairs) | compounds


def _drop_families(text: str) -> str:
    """Words of a family are compared as the family, not one by one."""
    for pattern in reading_words().families.values():
        text = pattern.sub(" ", text)
    return text


@cache
def _stemmer() -> Any:
    return Stemmer.Stemmer("english")
