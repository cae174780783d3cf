"""The gate before a written reply: nothing is sent that the evidence does not say.

Deterministic, no model. Every figure, link, date and code must occur in the evidence in a clause
about the same thing and on the same side ("over", "within"); a promise needs evidence with the
same polarity; the words must be those of one passage; a yes or no must be that of a passage about
the question; the language must be the shopper's; markup is refused. What the shopper said supports
plain counts, order numbers and codes only: money, shares, durations and links never.

It errs on the side of refusing: a refused reply costs a handover, an invented one a promise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answering.answer import Language
from bot.answering.claims import Claims, Clause, claims, content
from bot.answering.figures import Figure, normalised

LONGEST_REPLY = 600  # characters; a longer one is no chat message
CLAUSE_SUPPORT = 0.6  # of a clause's content must stand in one passage
PROMISE_SUPPORT = 0.6
QUESTION_SUPPORT = 0.5  # of the question must stand in the passage that a yes or no rests on
WHOLE_SUPPORT = 0.75  # of all content must stand in the evidence
HALF_PAIR = 0.5  # two Chinese characters that the passage has, but not side by side
FROM_THE_SHOPPER = frozenset({"", "long", "code"})  # units a shopper's own words may support
WITHIN_UNITS = frozenset({"day", "working day", "hour", "minute", "week", "month", "year"})

_MARKUP = re.compile(
    r"<|>(?! )|(?<! )>|&#?\w+;|\]\(|!\[|`|\*\*|__|\{\{|\}\}|^\s*[#|]|\n\s*[-*#|]|\\[a-z]|javascript:|data:",
    re.I,
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1fff\u3040-\u30ff\ua000-\uabff\uac00-\ud7ff\ue000-\uf8ff]")
_NAME = re.compile(r"(?<![.!?:\"“]\s)(?<!^)\b[A-Z][A-Za-z']+")
_CAPITAL_WORDS = frozenset({"i", "i'm", "i'll", "i've", "i'd", "ok", "faq"})


@dataclass(frozen=True, slots=True)
class Unsupported:
    """One thing that the evidence does not say.

    Attributes:
        rule: name of the rule that found it.
        span: the words of the reply it stands in, normalised.
        reason: one sentence for staff and the trace.
    """

    rule: str
    span: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """Whether a reply may be sent.

    Attributes:
        problems: what is not supported; empty when it may be sent.
        support: share of its content that stands in the evidence, in [0, 1].
    """

    problems: tuple[Unsupported, ...]
    support: float

    @property
    def holds(self) -> bool:
        """Whether everything is supported."""
        return not self.problems


def check_grounding(
    reply: str,
    evidence: Sequence[str],
    question: str,
    language: Language,
    conversation: Sequence[str] = (),
) -> Grounding:
    """Compare a written reply with its evidence.

    Args:
        reply: what the writer wrote.
        evidence: the answers it was to write from, and what the bot or staff have said before.
        question: what the shopper asked.
        language: language the reply must be in.
        conversation: earlier messages of the shopper.
    """
    form = list(_form_problems(reply, evidence, language))
    if form:
        return Grounding(tuple(form), 0.0)
    gate = _Gate(claims(reply), [claims(passage) for passage in evidence], question, conversation)
    problems = [*_name_problems(reply, evidence), *gate.problems()]
    return Grounding(tuple(problems), gate.support())


def _form_problems(
    reply: str, evidence: Sequence[str], language: Language
) -> Iterator[Unsupported]:
    if not reply.strip() or len(reply) > LONGEST_REPLY:
        yield Unsupported("length", reply[:40], "The reply is empty or too long.")
        return
    markup = _MARKUP.search(reply)
    if markup:
        yield Unsupported("markup", markup.group(), "The reply holds markup.")
    for character in reply:
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn") and character != "\n":
            yield Unsupported("markup", repr(character), "The reply holds an invisible character.")
            break
    if not _in_language(reply, evidence, language):
        yield Unsupported("language", reply[:40], f"The reply is not in the language {language}.")


def _in_language(reply: str, evidence: Sequence[str], language: Language) -> bool:
    """Whether the letters are those of the language, but for words that the evidence has too."""
    if _OTHER_SCRIPT.search(reply):
        return False
    chinese = len(_HAN.findall(reply))
    said = set(_LATIN_WORD.findall(" ".join(evidence)))
    english = [word for word in _LATIN_WORD.findall(reply) if language == "en" or word not in said]
    if language == "en":
        foreign = {sign for sign in _HAN.findall(reply)} - set("".join(evidence))
        return not foreign and len(english) > chinese / 2 and bool(english)
    return chinese > 0 and chinese >= 3 * len(english)


def _name_problems(reply: str, evidence: Sequence[str]) -> Iterator[Unsupported]:
    """Capitalised words inside a sentence are names, and so is Latin in a Chinese reply."""
    said = {
        part
        for word in _LATIN_WORD.findall(" ".join(evidence))
        for part in (normalised(word), *normalised(word).split("-"))
    }
    named = _LATIN_WORD.findall(reply) if _HAN.search(reply) else _NAME.findall(reply)
    for name in named:
        plain = normalised(name).removesuffix("'s")
        if plain not in said and plain not in _CAPITAL_WORDS and not any(map(str.isdigit, plain)):
            yield Unsupported("name", name, "The evidence does not know this name.")


class _Gate:
    """One reply against its evidence."""

    def __init__(
        self, reply: Claims, evidence: Sequence[Claims], question: str, conversation: Sequence[str]
    ) -> None:
        self._reply = reply
        self._evidence = evidence
        self._passages = [
            _Passage(sentence, clauses)
            for one in evidence
            for sentence in sorted({clause.sentence for clause in one.clauses})
            if (clauses := one.sentence(sentence))
        ]
        self._question = content(normalised(question))
        self._asked = [
            figure
            for text in (question, *conversation)
            for clause in claims(text).clauses
            for figure, _ in clause.figures
        ]
        self._all: frozenset[str] = frozenset().union(*(one.content for one in self._passages))

    def problems(self) -> Iterator[Unsupported]:
        """Everything that is wrong with the reply."""
        if not any(clause.content or clause.figures for clause in self._reply.clauses):
            yield Unsupported("content", "", "The reply says nothing that the evidence says.")
        if self._reply.lead is not None:
            yield from self._lead_problems(self._reply.lead)
        for clause in self._reply.clauses:
            for rule in (self._figure_problems, self._promise_problems, self._sense_problems):
                yield from rule(clause)
        if self.support() < WHOLE_SUPPORT:
            yield Unsupported(
                "content", "", f"Only {self.support():.0%} of the words stand in the evidence."
            )

    def support(self) -> float:
        """Share of the reply's content that stands anywhere in the evidence."""
        whole = frozenset[str]().union(*(clause.content for clause in self._reply.clauses))
        return _overlap(whole, self._all)

    def _figure_problems(self, clause: Clause) -> Iterator[Unsupported]:
        for figure, sides in clause.figures:
            bearing = [
                (passage, one, theirs)
                for passage in self._passages
                for one in passage.clauses
                for own, theirs in one.figures
                if own.supports(figure)
            ]
            if not bearing:
                asked = any(own.supports(figure) for own in self._asked)
                if not (asked and figure.unit in FROM_THE_SHOPPER):
                    yield Unsupported("figure", figure.span, "The evidence has no such figure.")
                continue
            about = [one for one in bearing if _same_subject(clause, one[0], one[1])]
            if not about:
                yield Unsupported(
                    "figure", figure.span, "In the evidence this figure is about something else."
                )
            elif not any(_same_side(figure, sides, theirs) for _, _, theirs in about):
                yield Unsupported("figure", figure.span, "The figure is bounded on another side.")

    def _promise_problems(self, clause: Clause) -> Iterator[Unsupported]:
        for family in sorted(clause.families):
            kept = [
                (passage, one)
                for passage in self._passages
                for one in passage.clauses
                if family in one.families and one.negative == clause.negative
            ]
            rest = clause.content - {f"family:{name}" for name in clause.families}
            if not any(
                _overlap(rest, passage.content) >= PROMISE_SUPPORT
                and not (one.hedged and not clause.hedged)
                for passage, one in kept
            ):
                yield Unsupported(
                    "promise", clause.text, f"The evidence does not say this ({family})."
                )

    def _sense_problems(self, clause: Clause) -> Iterator[Unsupported]:
        """The words must be those of one passage whose nearest clause does not say the reverse."""
        if not clause.content:
            return
        best = max((_overlap(clause.content, one.content) for one in self._passages), default=0.0)
        if best < CLAUSE_SUPPORT:
            yield Unsupported("content", clause.text, "No passage of the evidence speaks of this.")
            return
        nearest = self._nearest(clause)
        if all(one.negative != clause.negative for one in nearest):
            yield Unsupported("negation", clause.text, "The evidence says the reverse.")
        elif all(one.hedged and not clause.hedged for one in nearest):
            yield Unsupported("certainty", clause.text, "The evidence is less certain.")

    def _nearest(self, clause: Clause) -> list[Clause]:
        """The clauses of the evidence that share most with this one."""
        scored = [
            (_overlap(clause.content, one.content), one)
            for passage in self._passages
            for one in passage.clauses
        ]
        best = max(score for score, _ in scored)
        return [one for score, one in scored if score == best]

    def _lead_problems(self, lead: str) -> Iterator[Unsupported]:
        """A yes or no needs a passage about the question, and clauses of the same polarity."""
        spoken = [clause for clause in self._reply.clauses if clause.content]
        if any(_same_stand(one, lead, spoken) for one in self._evidence):
            return
        negative = lead == "no"
        agrees = bool(spoken) and spoken[0].negative == negative
        about = any(
            _overlap(self._question, passage.content) >= QUESTION_SUPPORT
            and any(one.negative == negative for one in passage.clauses)
            for passage in self._passages
        )
        if not (agrees and about):
            yield Unsupported("lead", lead, "The evidence does not say yes or no to this question.")


def _same_stand(evidence: Claims, lead: str, spoken: list[Clause]) -> bool:
    """Whether the evidence begins with the same yes or no and goes on in the same words."""
    said = [clause for clause in evidence.clauses if clause.content]
    return (
        evidence.lead == lead
        and bool(said and spoken)
        and _overlap(spoken[0].content, said[0].content) >= CLAUSE_SUPPORT
    )


@dataclass(frozen=True, slots=True)
class _Passage:
    """One sentence of the evidence."""

    number: int
    clauses: list[Clause]

    @property
    def content(self) -> frozenset[str]:
        return frozenset[str]().union(*(clause.content for clause in self.clauses))


def _same_subject(clause: Clause, passage: _Passage, bearing: Clause) -> bool:
    """Whether a claim and the clause that bears its figure speak of the same thing."""
    if not clause.content:
        return True
    nearby = bearing.content or passage.content
    return bool(clause.content & nearby) or not nearby


def _same_side(figure: Figure, claimed: frozenset[str], borne: frozenset[str]) -> bool:
    """Whether the sides that are claimed are those of the evidence."""
    if borne:
        return claimed <= borne
    return not claimed - ({"down"} if figure.unit in WITHIN_UNITS else set())


def _overlap(claimed: frozenset[str], said: frozenset[str]) -> float:
    """Share of the claimed content that is said; 1 when nothing is claimed."""
    if not claimed:
        return 1.0
    signs = {sign for one in said for sign in one if _HAN.match(sign)}
    return sum(_worth(one, said, signs) for one in claimed) / len(claimed)


def _worth(one: str, said: frozenset[str], signs: set[str]) -> float:
    if one in said:
        return 1.0
    if _HAN.match(one) and set(one) <= signs:
        return HALF_PAIR
    return 0.0
