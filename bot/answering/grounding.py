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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.answering.answer import Language
from bot.answering.claims import Claims, Clause, claims, content, family_words, halves
from bot.answering.figures import Figure, normalised

LONGEST_REPLY = 600  # characters; a longer one is no chat message
CLAUSE_SUPPORT = 0.6  # of a clause's content must stand in one passage
PROMISE_SUPPORT = 0.6
SUBJECT_SUPPORT = 0.5  # of the words beside a figure must stand in the passage that bears it
QUESTION_SUPPORT = 0.4  # of the question must stand in the passage that a yes or no rests on
WHOLE_SUPPORT = 0.75  # of all content must stand in the evidence
HALF_PAIR = 0.5  # two Chinese characters that the passage has, but not side by side
FROM_THE_SHOPPER = frozenset({"", "long", "code"})  # units a shopper's own words may support
COSTLY = frozenset(
    {"free", "discount", "coupon", "gift", "compensation", "price_match", "resend", "guarantee"}
    | {"refund", "return", "exchange", "cancel", "speed"}
)  # promises that may not be made without their conditions
BOUNDS = frozenset({"up", "down"})
ECHO_SUPPORT = 0.75  # of a clause of the evidence stands in a clause of the reply
SHORT_CLAUSE = 3  # pieces of content; a longer one may hold a claim of its own
WITHIN_UNITS = frozenset({"day", "working day", "hour", "minute", "week", "month", "year"})

_MARKUP = re.compile(
    r"<|>(?! )|(?<! )>|&#?\w+;|\]\(|!\[|`|\*\*|__|\{\{|\}\}|^\s*[#|]|\n\s*[-*#|]|\\[a-z]"
    r"|javascript:|data:",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"(?<![\dA-Za-z])[A-Za-z][A-Za-z'-]+")
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
            _Passage(tuple(one.sentence(number)), tuple(one.sentence(number - 1)))
            for one in evidence
            for number in sorted({clause.sentence for clause in one.clauses})
        ]
        self._clauses = [clause for one in evidence for clause in one.clauses]
        self._question = content(normalised(question))
        self._asked = [
            figure
            for text in (question, *conversation)
            for clause in claims(text).clauses
            for figure, _ in clause.figures
        ]
        self._said: frozenset[str] = _joined(self._clauses)

    def problems(self) -> Iterator[Unsupported]:
        """Everything that is wrong with the reply."""
        if not any(clause.content or clause.figures for clause in self._reply.clauses):
            yield Unsupported("content", "", "The reply says nothing that the evidence says.")
        if self._reply.lead is not None:
            yield from self._lead_problems(self._reply.lead)
        for clause in self._reply.clauses:
            yield from self._clause_problems(clause)
        if self.support() < WHOLE_SUPPORT:
            yield Unsupported(
                "content", "", f"Only {self.support():.0%} of the words stand in the evidence."
            )

    def support(self) -> float:
        """Share of the reply's content that stands anywhere in the evidence."""
        return _overlap(_joined(self._reply.clauses), self._said)

    def _clause_problems(self, clause: Clause) -> list[Unsupported]:
        """What is wrong with a clause; "A and B" may rest on two passages."""
        rules = (self._figure_problems, self._promise_problems, self._sense_problems)
        problems = [problem for rule in rules for problem in rule(clause)]
        parts = halves(clause) if problems else []
        if parts and all(part.content for part in parts):
            if not any(self._clause_problems(part) for part in parts):
                return []
        return problems

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
            if family == "done":
                kept = self._is_said(family, clause)
            else:
                kept = any(
                    self._keeps(family, clause, passage, one)
                    for passage in self._passages
                    for one in passage.clauses
                )
            if not kept:
                yield Unsupported(
                    "promise", clause.text, f"The evidence does not say this ({family})."
                )

    def _keeps(self, family: str, clause: Clause, passage: _Passage, one: Clause) -> bool:
        """Whether a clause of the evidence makes the same promise under the same conditions."""
        rest = clause.content - {f"family:{name}" for name in clause.families}
        if family not in one.families or one.negations != clause.negations:
            return False
        if (one.hedged and not clause.hedged) or _overlap(rest, passage.content) < PROMISE_SUPPORT:
            return False
        if family not in COSTLY or clause.negations:
            return True
        sentence = self._reply.sentence(clause.sentence)
        whole = _joined(sentence) - {f"family:{name}" for name in _joined_families(sentence)}
        if not whole and not any(part.figures for part in sentence):
            return False  # "you get a discount" says neither on what nor when
        if _overlap(whole, passage.around) < PROMISE_SUPPORT:
            return False
        claimed = [figure for part in sentence for figure, _ in part.figures]
        bounds = [figure for figure, sides in one.figures if sides]
        if not all(any(own.supports(two) for two in claimed) for own in bounds):
            return False
        conditional = any(part.conditional for part in passage.clauses) and not bounds
        return not conditional or any(part.conditional for part in sentence)

    def _is_said(self, family: str, clause: Clause) -> bool:
        """Whether the very words of the family stand in the evidence."""
        said = " ".join(one.text for one in self._clauses)
        return all(match.group() in said for match in family_words(family).finditer(clause.text))

    def _sense_problems(self, clause: Clause) -> Iterator[Unsupported]:
        """The words must be those of one passage whose nearest clause does not say the reverse."""
        if not clause.content:
            return
        best = max((_overlap(clause.content, one.around) for one in self._passages), default=0.0)
        if best < CLAUSE_SUPPORT:
            yield Unsupported("content", clause.text, "No passage of the evidence speaks of this.")
            return
        nearest = self._nearest(clause)
        if self._only_says_when(clause) and not any(one.subordinate for one in nearest):
            return
        if all(one.negations != clause.negations for one in nearest) or self._is_denied(clause):
            yield Unsupported("negation", clause.text, "The evidence says the reverse.")
        elif all(one.hedged and not clause.hedged for one in nearest):
            yield Unsupported("certainty", clause.text, "The evidence is less certain.")
        elif all(one.order and not clause.order <= one.order for one in nearest):
            yield Unsupported("order", clause.text, "The evidence has it in another order.")

    def _is_denied(self, clause: Clause) -> bool:
        """Whether the clause repeats a whole clause of the evidence with the other polarity."""
        echoes = [
            (_overlap(one.content, clause.content), one) for one in self._clauses if one.content
        ]
        best = max((share for share, _ in echoes), default=0.0)
        return best >= ECHO_SUPPORT and all(
            one.negations != clause.negations for share, one in echoes if share == best
        )

    def _only_says_when(self, clause: Clause) -> bool:
        """Whether it is a short "once issued", with the clause it belongs to still to come."""
        last = self._reply.sentence(clause.sentence)[-1]
        short = len(clause.content) <= SHORT_CLAUSE
        return clause.subordinate and short and last.text != clause.text

    def _nearest(self, clause: Clause) -> list[Clause]:
        """The clauses of the evidence that share most with this one; of equals the most echoed."""
        scored = [
            ((_overlap(clause.content, one.content), _overlap(one.content, clause.content)), one)
            for one in self._clauses
        ]
        best = max(score for score, _ in scored)
        return [one for score, one in scored if score == best]

    def _lead_problems(self, lead: str) -> Iterator[Unsupported]:
        """A yes or no needs a passage about the question, and clauses of the same polarity."""
        spoken = [clause for clause in self._reply.clauses if clause.content]
        if any(_same_stand(one, lead, spoken) for one in self._evidence):
            return
        negative = lead == "no"
        agrees = bool(spoken) and bool(spoken[0].negations) == negative
        about = any(
            _overlap(self._question, passage.content) >= QUESTION_SUPPORT
            and any(bool(one.negations) == negative for one in passage.clauses)
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
    """One sentence of the evidence, with the one before it, which may name its subject."""

    clauses: tuple[Clause, ...]
    before: tuple[Clause, ...]

    @property
    def content(self) -> frozenset[str]:
        return _joined(self.clauses)

    @property
    def around(self) -> frozenset[str]:
        return _joined(self.clauses + self.before)


def _joined(clauses: Iterable[Clause]) -> frozenset[str]:
    return frozenset[str]().union(*(clause.content for clause in clauses))


def _joined_families(clauses: Iterable[Clause]) -> frozenset[str]:
    return frozenset[str]().union(*(clause.families for clause in clauses))


def _same_subject(clause: Clause, passage: _Passage, bearing: Clause) -> bool:
    """Whether a claim and the clause that bears its figure speak of the same thing."""
    nearby = bearing.content or passage.content
    if not clause.content or not nearby:
        return True
    if not clause.families <= _joined_families(passage.clauses):
        return False
    if _overlap(clause.content, passage.around) < SUBJECT_SUPPORT:
        return False
    return _overlap(clause.content, nearby) > 0 or _overlap(nearby, clause.content) > 0


def _same_side(figure: Figure, claimed: frozenset[str], borne: frozenset[str]) -> bool:
    """Whether the sides that are claimed are those of the evidence.

    A duration may be claimed as the most it takes ("within 7 days" of "a 7-day return"); of any
    other figure a bound may be neither added nor dropped.
    """
    if figure.unit == "clock":
        return True
    if figure.unit in WITHIN_UNITS and "up" not in borne:
        return claimed - {"down"} <= borne
    return claimed <= borne and claimed & BOUNDS == borne & BOUNDS


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
