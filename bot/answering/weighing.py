"""Weighs which entry a message means in its conversation.

A follow-up can be read by itself, behind the shopper's last message, and behind what was answered
last. Each reading finds entries of its own and is sure of them in its own way; here all of them lie
side by side, with what else speaks for an entry: the topic's words, the category, what it tells.
At most one of them is meant, so each has its share of one chance, and none of them has the rest.
The weights were fitted by `training/weigh_follow_ups.py` on whole talks. Pure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.doubt import Judgement, Verdict
from bot.answering.follow_up import MOST_OF_HALF, share_told, telling_words, words_told
from bot.answering.in_context import asks_for_a_kind, lacks_what_is_asked, turns_away
from bot.answering.opposites import asks_of_the_opposite
from bot.answering.other_shops import asks_of_another_shop
from bot.answering.parts import Candidate, Judge, Reading, Turn, Weigher
from knowledge_base.entry import Entry, Hit

Floats = NDArray[np.float64]

SHIPPED = "follow_up_weights.json"
INPUTS = (
    "alone",
    "behind_message",
    "behind_answer",
    "surest",
    "told_last",
    "same_category",
    "topic",
    "told",
    "lacks",
    "tells_kind",
    "tells_kind_again",
    "believed",
    "outside",
    "chance",
    "on_offer",
    "unanswered",
)
# Entries of each reading that are weighed.
FIRST = 3
# The messages before, whose words are what the talk is about.
MESSAGES = 3
# A message is not weighed that is as sure by itself. One shorter than `MOST_OF_HALF` must be surer,
# and where it leans on something it is weighed in any case. It spares most of what weighing takes;
# of the longer ones in the tuning talks, 31, one more is right for it and none is wrong.
SURE_ALONE, LONGER_SURE_ALONE = 0.95, 0.88
# Nobody knows: an entry that a reading did not find, and how sure a reading can be at most.
UNKNOWN, SUREST = -4.0, 0.997
# The chance, as a logarithm, of an entry that a reading did not find or the head does not know.
UNLIKELY = -9.0
# An input further out than this many spreads was never seen while it was fitted.
FARTHEST = 5.0
# The share of the topic's words that an entry tells where there are none; it counts as one of them.
NO_TOPIC = 0.5


@dataclass(frozen=True)
class Readings:
    """A message by itself, behind the last message, and behind the entry answered last, if any."""

    alone: Reading
    behind_message: Reading
    behind_answer: Reading | None = None


@dataclass(frozen=True)
class FittedWeigher:
    """The weights that come with the program: a conditional logit (McFadden, 1974).

    Attributes:
        centre, spread, weights: of each of `INPUTS`, (inputs,).
        bias: of any entry, against none of them being meant.
        answer_from: least probability of an entry, to say it.
    """

    centre: Floats
    spread: Floats
    weights: Floats
    bias: float
    answer_from: float

    def enough_alone(self, words: float, *, leaning: bool) -> float:
        """See Weigher."""
        if not leaning and words > MOST_OF_HALF:
            return 0.0
        if words >= MOST_OF_HALF:
            return LONGER_SURE_ALONE
        return math.inf if leaning else SURE_ALONE

    def chances(self, turn: Turn, candidates: Sequence[Candidate]) -> Sequence[float]:
        """See Weigher."""
        return [float(one) for one in self.of(np.array([one.inputs for one in candidates]))]

    def of(self, inputs: Floats) -> Floats:
        """The probability of each candidate of one message, (n,).

        Args:
            inputs: of each, (n, inputs); one that is nan counts as unknown.
        """
        standard = np.nan_to_num((inputs - self.centre) / self.spread, nan=0.0)
        standard = np.clip(standard, -FARTHEST, FARTHEST)
        worth = np.exp(np.clip(standard @ self.weights + self.bias, -30.0, 30.0))
        return np.asarray(worth / (1.0 + worth.sum()))

    def as_json(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """JSON values from which `from_json` makes an equal one.

        Args:
            facts: what it was fitted on, for who reads the file.
        """
        return {
            "inputs": list(INPUTS),
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
            "weights": self.weights.tolist(),
            "bias": self.bias,
            "answer_from": self.answer_from,
            "facts": dict(facts),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> FittedWeigher:
        """Read what `as_json` wrote. Raises KeyError or ValueError for anything else."""
        if tuple(written["inputs"]) != INPUTS:
            raise ValueError("the weights of follow-ups were fitted on other inputs")
        names = ("centre", "spread", "weights")
        centre, spread, weights = (np.array(written[name], dtype=np.float64) for name in names)
        for one in (centre, spread, weights):
            if one.shape != (len(INPUTS),) or not np.isfinite(one).all():
                raise ValueError(f"the weights of follow-ups are not {len(INPUTS)} finite numbers")
        return cls(centre, spread, weights, float(written["bias"]), float(written["answer_from"]))


@cache
def shipped_weigher() -> FittedWeigher:
    """The weights in this package."""
    text = files(__package__).joinpath(SHIPPED).read_text(encoding="utf-8")
    return FittedWeigher.from_json(json.loads(text))


def weigh(turn: Turn, readings: Readings, judge: Judge, weigher: Weigher) -> None:
    """Let the likeliest entry take the first place, and judge anew whether it may be said."""
    candidates = candidates_of(turn, readings, judge)
    if not candidates:
        return
    turn.is_weighed = True
    chances = weigher.chances(turn, candidates)
    ranked = sorted(zip(chances, candidates, strict=True), key=lambda one: -one[0])
    hits = [one.hit for _, one in ranked]
    best, confidence = hits[0].entry, ranked[0][0]
    among = min(1.0, sum(chance for chance, _ in ranked[:FIRST]))
    limits = judge.thresholds(turn.answer_in)
    verdict = _verdict(confidence, among, weigher.answer_from, limits)
    asks_back = turn.still is None and turn.judgement and turn.judgement.verdict is Verdict.CLARIFY
    if asks_back and verdict not in (Verdict.ANSWER, Verdict.CLARIFY):
        return  # a whole question has close answers, though none is near what was said before
    if verdict is Verdict.ANSWER and _is_foreign(turn, readings, best):
        verdict = Verdict.CLARIFY
    said = {hit.entry.id for hit in hits}
    others = (hit for hit in readings.alone.result.hits if hit.entry.id not in said)
    turn.result = replace(readings.alone.result, hits=(*hits, *others))
    turn.judgement = Judgement(verdict, confidence, among)
    again = turn.last is not None and best.id == turn.last.id and verdict is Verdict.ANSWER
    turn.still = confidence if again else None


def candidates_of(turn: Turn, readings: Readings, judge: Judge) -> list[Candidate]:
    """The entries that may be meant, with everything that speaks for each.

    Call it when the rules of `in_context` have decided; what they believe is one of the inputs.
    """
    ways = [readings.alone, readings.behind_message, readings.behind_answer]
    last = turn.topic
    found: dict[str, Hit] = {}
    for hits in (way.result.hits for way in ways if way):
        for at, hit in enumerate(hits):
            if at < FIRST or (last is not None and hit.entry == last):
                found.setdefault(hit.entry.id, hit)
    found = _not_opposite(turn, found)
    alone, message = (_sureness(turn, way, found, judge) for way in ways[:2] if way)
    answer = _sureness(turn, ways[2], found, judge) if ways[2] else message
    topic, believed, offered = _topic_of(turn), _believed(turn), _offered(turn)
    likely = [_log_chances(way or readings.behind_message) for way in ways]
    guess = readings.alone.guess
    outside = guess.out_of_scope if guess else 0.0
    return [
        Candidate(
            hit,
            (
                alone.get(one, UNKNOWN),
                message.get(one, UNKNOWN),
                answer.get(one, UNKNOWN),
                max(way.get(one, UNKNOWN) for way in (alone, message, answer)),
                *_of_entry(turn, hit.entry, last, topic),
                float(believed == one),
                outside,
                sum(way.get(one, UNLIKELY) for way in likely) if likely[0] else np.nan,
                float(one in offered),
                float(turn.last is None),
            ),
        )
        for one, hit in found.items()
    ]


def _not_opposite(turn: Turn, found: dict[str, Hit]) -> dict[str, Hit]:
    """What was found without entries about the very opposite, as long as anything is left.

    Nor is what was answered last meant by who turns away from it.
    """
    away = turn.topic if turns_away(turn) else None
    left = {
        one: hit
        for one, hit in found.items()
        if hit.entry != away and not asks_of_the_opposite(turn.asked, hit.entry)
    }
    return left or found


def _sureness(
    turn: Turn, reading: Reading, wanted: Container[str], judge: Judge
) -> dict[str, float]:
    """How sure a reading is of each entry that is wanted and that it found, as log odds."""
    hits = reading.result.hits
    sure = {}
    for hit in (one for one in hits if one.entry.id in wanted):
        first = (hit, *(other for other in hits if other is not hit))
        judged = judge.judge(replace(reading.result, hits=first), reading.guess, turn.answer_in)
        kept = min(max(judged.confidence, 1 - SUREST), SUREST)
        sure[str(hit.entry.id)] = float(np.log(kept / (1 - kept)))
    return sure


def _log_chances(reading: Reading) -> dict[str, float]:
    """How likely the head thinks every entry that a reading found, as a logarithm."""
    return {
        str(hit.entry.id): max(float(np.log(hit.chance)), UNLIKELY)
        for hit in reading.result.hits
        if hit.chance
    }


def _offered(turn: Turn) -> frozenset[str]:
    """The entries that the bot's last message offered."""
    values = (one.value for one in turn.question.memory.offered)
    return frozenset(one.removeprefix("entry:") for one in values if one.startswith("entry:"))


def _of_entry(
    turn: Turn, entry: Entry, last: Entry | None, topic: frozenset[str]
) -> tuple[float, ...]:
    """What speaks for an entry beside the readings, in the order of `INPUTS`."""
    again = last is not None and entry.id == last.id
    lacks = lacks_what_is_asked(turn.asked, entry.answer)
    kind = asks_for_a_kind(turn.asked) and not lacks
    return (
        float(again),
        float(last is not None and entry.category == last.category),
        (len(topic & words_told(entry)) + NO_TOPIC) / (len(topic) + 1),
        share_told(turn.asked, entry),
        float(lacks),
        float(kind),
        float(kind and again),
    )


def _topic_of(turn: Turn) -> frozenset[str]:
    """What the shopper's last messages named, and this one does not."""
    said = [one.text for one in turn.question.history if one.who == "shopper"][-MESSAGES:]
    named = frozenset(word for one in said for word in telling_words(one))
    return named - telling_words(turn.asked)


def _believed(turn: Turn) -> str | None:
    """The entry that the rules alone would answer from."""
    if turn.still is not None and turn.last is not None:
        return turn.last.id
    sure = turn.judgement is not None and turn.judgement.verdict is Verdict.ANSWER
    return turn.hits[0].entry.id if sure and turn.hits else None


def _is_foreign(turn: Turn, readings: Readings, best: Entry) -> bool:
    """Tell whether a message seems to be about anything but this shop, however it is read."""
    ways = (readings.alone, readings.behind_message, readings.behind_answer)
    guesses = [way.guess for way in ways if way and way.guess]
    outside = bool(guesses) and all(guess.out_of_scope > 0.5 for guess in guesses)
    return (outside and _believed(turn) != best.id) or asks_of_another_shop(turn.asked, best)


def _verdict(right: float, among: float, answer: float, limits: Mapping[str, float]) -> Verdict:
    if right >= answer:
        return Verdict.ANSWER
    if among >= limits.get("clarify", 0.5):
        return Verdict.CLARIFY
    return Verdict.WRITE if among >= limits.get("write", 0.3) else Verdict.ESCALATE
