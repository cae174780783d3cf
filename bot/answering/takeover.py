"""Should a person take over now? Told from the course of a conversation alone, not from its words.

A second opinion beside doubt: it answers nothing and changes no order of attempts. It stands in
the trace, and may order the inbox.

The weights are rules with a reason each, not learnt: see `REASONS`. Each reason, as strong as it
is (0 to 1), is taken as an independent chance that a person is needed; together they make
1 - Π(1 - weight x strength). `shopkeeper evaluate takeover` measures the rules on labelled
conversations, beside a model trained on these.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from bot.answering.mood import Mood

PIECES_AT_MOST = 400  # of one utterance; a pasted page repeats itself and says nothing more
REASON_FROM = 0.1  # how much a reason must speak for a person to be named
SAME_FROM = 0.6  # overlap from which an utterance counts as said again
_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|[?？!！]")
_LONG_REPLY = 15  # tokens; from here on a reply of a bot tends to be a notice, not an answer
_LONG_QUESTION = 15
_SHORT_REPLY = 6  # tokens; "you are welcome" and the like
_MANY_MESSAGES = 6.0
_NEVER_CALMED = ("bot_repeats", "shopper_repeats")  # they show that something was tried in vain
_OPENING = 2  # messages of a shopper before which hardly anything can have gone wrong


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person may be needed.

    Attributes:
        weight: chance that a person is needed when nothing else speaks for it, in [0, 1].
        because: the reason, in words that staff can read.
    """

    weight: float
    because: str


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        "wish": Reason(1.0, "the shopper asks for a person"),
        "anger": Reason(0.9, "an angry shopper gets angrier at a machine"),
        "bot_repeats": Reason(0.6, "the bot has said this before and it did not help"),
        "shopper_repeats": Reason(0.5, "who asks the same again was not answered"),
        "failures": Reason(0.4, "the last turns were not answered"),
        "doubt": Reason(0.4, "the bot itself is not sure"),
        "displeasure": Reason(0.2, "the shopper is not content"),
        "urgency": Reason(0.15, "it is pressing, and a queue takes time"),
        "chasing": Reason(0.15, "several messages in a row: the shopper waits for something"),
        "long_reply": Reason(0.3, "a long notice is seldom the answer to a question"),
        "length": Reason(0.2, "a conversation that goes on and on is not solved"),
        "long_question": Reason(0.15, "who tells a long story wants more than a short answer"),
        "speaks": Reason(0.3, "the bot has just spoken, and what it said may be wrong"),
    }
)

CALMING: Mapping[str, Reason] = MappingProxyType(
    {
        "opening": Reason(0.1, "the talk has only begun, and nothing was tried yet"),
        "goes_on": Reason(0.4, "the bot goes on with what it said; nobody has replied to it"),
        "courtesy": Reason(0.5, "a few words of courtesy are seldom wrong"),
    }
)
"""What speaks against a person: how much of the course's reasons is left, in [0, 1]."""

SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "said_again": "somebody says again what was said before",
        "wordy": "messages are as long or short as where colleagues took over before",
        "unusual": "this is seldom said in this shop's conversations",
        "off_the_point": "what was answered has little to do with what was asked",
    }
)
"""Further reasons that only a model trained on the shop's own conversations names."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said.

    Attributes:
        by_shopper: else by the bot (or whoever serves).
        tokens: what it consists of; only compared for equality.
    """

    by_shopper: bool
    tokens: tuple[Hashable, ...]

    @classmethod
    def of(cls, text: str, *, by_shopper: bool) -> Utterance:
        """Take a text apart: Chinese characters, words, question and exclamation marks."""
        return cls(by_shopper, _tokens_of(text[: 4 * PIECES_AT_MOST]))


@dataclass(frozen=True, slots=True)
class Understood:
    """What else is known when the last utterance is a shopper's and was looked at.

    Attributes:
        failures: turns in a row that were not answered.
        confidence: of the best answer, in [0, 1].
    """

    mood: Mood
    wish: bool = False
    failures: int = 0
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class TakeoverOpinion:
    """How much speaks for a person, in [0, 1], and the reasons that do, strongest first."""

    need: float
    reasons: tuple[str, ...]


@lru_cache(maxsize=2048)
def _tokens_of(text: str) -> tuple[str, ...]:
    """Take a text apart; kept for a while, because each turn looks at the same history again."""
    return tuple(token.casefold() for token in _TOKEN.findall(text)[:PIECES_AT_MOST])


def takeover_need(
    said: Sequence[Utterance], understood: Understood | None = None
) -> TakeoverOpinion:
    """Judge a conversation up to and with its last utterance.

    Args:
        said: oldest first, at least one.
        understood: what the answerer found about the last one, where it looked at it.
    """
    strengths = course_of(said)
    if understood is not None:
        strengths |= strengths_of(understood)
    shares = {name: REASONS[name].weight * strength for name, strength in strengths.items()}
    calm = 1.0
    for share in shares.values():
        calm *= 1.0 - share
    named = sorted(
        (name for name in shares if shares[name] >= REASON_FROM), key=lambda n: -shares[n]
    )
    return TakeoverOpinion(round(1.0 - calm, 6), tuple(named))


def course_of(said: Sequence[Utterance]) -> dict[str, float]:
    """Strength of every reason that shows in the course of a conversation, each in [0, 1]."""
    last = said[-1]
    repeats = _repeats(said)
    asked = sum(one.by_shopper for one in said)
    question = next((one for one in reversed(said[:-1]) if one.by_shopper), None)
    strengths = {
        "bot_repeats": repeats[False],
        "shopper_repeats": repeats[True],
        "chasing": min(1.0, (in_a_row(said) - 1) / 3) if last.by_shopper else 0.0,
        "long_reply": 0.0 if last.by_shopper else min(1.0, len(last.tokens) / _LONG_REPLY),
        "long_question": 0.0
        if last.by_shopper or question is None
        else min(1.0, len(question.tokens) / _LONG_QUESTION),
        "length": min(1.0, asked / _MANY_MESSAGES) if last.by_shopper else 0.0,
        "speaks": 0.0 if last.by_shopper else 1.0,
    }
    left = 1.0
    for name in _calmed_by(said, asked):
        left *= CALMING[name].weight
    return {
        name: strength if name in _NEVER_CALMED else left * strength
        for name, strength in strengths.items()
    }


def _calmed_by(said: Sequence[Utterance], asked: int) -> list[str]:
    last = said[-1]
    found = ["opening"] if asked <= (_OPENING if last.by_shopper else 0) else []
    if not last.by_shopper:
        found += ["goes_on"] if in_a_row(said) > 1 else []
        found += ["courtesy"] if len(last.tokens) < _SHORT_REPLY else []
    return found


def strengths_of(understood: Understood) -> dict[str, float]:
    """Strength of every reason that the answerer found, each in [0, 1]."""
    mood = understood.mood
    return {
        "wish": float(understood.wish),
        "anger": float(mood.name == "angry"),
        "displeasure": {"very_negative": 1.0, "negative": 0.6}.get(mood.level, 0.0),
        "urgency": mood.urgency,
        "failures": min(1.0, understood.failures / 2),
        "doubt": 1.0 - understood.confidence,
    }


def _repeats(said: Sequence[Utterance]) -> dict[bool, float]:
    """How strongly the bot (False) and the shopper (True) repeat themselves.

    It speaks for a person at once, and half as much with every utterance after.
    """
    left = {True: 0.0, False: 0.0}
    before: dict[bool, list[frozenset[Hashable]]] = {True: [], False: []}
    for one in said:
        tokens = frozenset(one.tokens)
        again = max((overlap(tokens, other) for other in before[one.by_shopper]), default=0.0)
        before[one.by_shopper].append(tokens)
        left = {who: strength / 2 for who, strength in left.items()}
        left[one.by_shopper] = max(left[one.by_shopper], _repetition(again))
    return left


def _repetition(again: float) -> float:
    """Strength of an overlap: nothing up to half of `SAME_FROM`, all at a word-for-word repeat."""
    return max(0.0, (again - SAME_FROM / 2) / (1.0 - SAME_FROM / 2))


def in_a_row(said: Sequence[Utterance]) -> int:
    """How many of the last utterances are of whoever spoke last."""
    count = 0
    for one in reversed(said):
        if one.by_shopper != said[-1].by_shopper:
            break
        count += 1
    return count


def overlap(a: frozenset[Hashable], b: frozenset[Hashable]) -> float:
    """Shared among all different tokens (Jaccard), in [0, 1]; 0 for two empty ones."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if a or b else 0.0
