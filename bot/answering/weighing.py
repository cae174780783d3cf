"""Weighs which entry a message means in its conversation.

A follow-up can be read by itself, behind the shopper's last message, and behind what was answered
last. Each reading finds entries of its own and is sure of them in its own way; here all of them lie
side by side, with what else speaks for an entry: the topic's words, the category, what it tells.
The weights were fitted by `training/weigh_follow_ups.py` on whole talks. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.calibration import Calibration
from bot.answering.doubt import Judgement, Verdict
from bot.answering.follow_up import share_told, telling_words, words_told
from bot.answering.in_context import asks_for_a_kind, lacks_what_is_asked
from bot.answering.other_shops import asks_of_another_shop
from bot.answering.parts import Candidate, Judge, Reading, Turn, Weigher
from knowledge_base.entry import Entry, Hit

SHIPPED = "follow_up_weights.json"
INPUTS = (
    "alone",
    "behind_message",
    "behind_answer",
    "surest",
    "margin",
    "told_last",
    "same_category",
    "topic",
    "told",
    "lacks",
    "tells_kind",
    "tells_kind_again",
    "believed",
)
# Entries of each reading that are weighed.
FIRST = 3
# The messages before, whose words are what the talk is about.
MESSAGES = 3
# A short message is not weighed that is as sure by itself. In the 1,186 messages of our talks that
# makes one wrong answer more (41 and not 40), and it spares most of what weighing takes.
SURE_ALONE = 0.95
# Nobody knows: an entry that a reading did not find, and how sure a reading can be at most.
UNKNOWN, SUREST = -4.0, 0.997
NO_TOPIC = 0.5


@dataclass(frozen=True)
class Readings:
    """A message by itself, behind the last message, and behind the entry answered last, if any."""

    alone: Reading
    behind_message: Reading
    behind_answer: Reading | None = None


@dataclass(frozen=True)
class FittedWeigher:
    """The weights that come with the program."""

    calibration: Calibration
    answer_from: float
    sure_alone: float = SURE_ALONE

    def chances(self, turn: Turn, candidates: Sequence[Candidate]) -> Sequence[float]:
        """See Weigher."""
        inputs = np.array([one.inputs for one in candidates])
        return [float(one) for one in self.calibration.probabilities(inputs)[:, 0]]

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> FittedWeigher:
        """Read what the fitting wrote. Raises KeyError or ValueError for anything else."""
        if tuple(written["inputs"]) != INPUTS:
            raise ValueError("the weights of follow-ups were fitted on other inputs")
        calibration = Calibration.from_json(written["calibration"], len(INPUTS), 1)
        return cls(calibration, float(written["answer_from"]))


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
    chances = weigher.chances(turn, candidates)
    ranked = sorted(zip(chances, candidates, strict=True), key=lambda one: -one[0])
    hits = [one.hit for _, one in ranked]
    best, confidence = hits[0].entry, ranked[0][0]
    among = 1.0 - float(np.prod([1.0 - chance for chance, _ in ranked[:FIRST]]))
    limits = judge.thresholds(turn.answer_in)
    verdict = _verdict(confidence, among, weigher.answer_from, limits)
    asks_back = turn.still is None and turn.judgement and turn.judgement.verdict is Verdict.CLARIFY
    if asks_back and verdict not in (Verdict.ANSWER, Verdict.CLARIFY):
        return  # a whole question has close answers, though none is near what was said before
    if verdict is Verdict.ANSWER and _is_foreign(turn, best):
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
    alone, message = (_sureness(turn, way, found, judge) for way in ways[:2] if way)
    answer = _sureness(turn, ways[2], found, judge) if ways[2] else message
    sums = {one: sum(way.get(one, UNKNOWN) for way in (alone, message, answer)) for one in found}
    topic, believed = _topic_of(turn), _believed(turn)
    return [
        Candidate(
            hit,
            (
                alone.get(one, UNKNOWN),
                message.get(one, UNKNOWN),
                answer.get(one, UNKNOWN),
                max(way.get(one, UNKNOWN) for way in (alone, message, answer)),
                _margin(sums, one),
                *_of_entry(turn, hit.entry, last, topic),
                float(believed == one),
            ),
        )
        for one, hit in found.items()
    ]


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


def _margin(sums: Mapping[str, float], one: str) -> float:
    """How far all readings together are for an entry rather than for the best other one."""
    others = [value for name, value in sums.items() if name != one]
    return sums[one] - max(others, default=3 * UNKNOWN)


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
        len(topic & words_told(entry)) / len(topic) if topic else NO_TOPIC,
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


def _is_foreign(turn: Turn, best: Entry) -> bool:
    """Tell whether a message seems to be about anything but this shop."""
    outside = turn.guess is not None and turn.guess.out_of_scope > 0.5
    return (outside and _believed(turn) != best.id) or asks_of_another_shop(turn.asked, best)


def _verdict(right: float, among: float, answer: float, limits: Mapping[str, float]) -> Verdict:
    if right >= answer:
        return Verdict.ANSWER
    if among >= limits.get("clarify", 0.5):
        return Verdict.CLARIFY
    return Verdict.WRITE if among >= limits.get("write", 0.3) else Verdict.ESCALATE


def as_json(
    centre: NDArray[np.float64],
    spread: NDArray[np.float64],
    weights: NDArray[np.float64],
    bias: float,
    answer_from: float,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """JSON values from which `FittedWeigher.from_json` makes a weigher.

    Args:
        centre, spread, weights: of each input, (inputs,).
    """
    fitted = Calibration(centre, spread, weights[:, None], np.array([bias]))
    return {
        "inputs": list(INPUTS),
        "calibration": fitted.as_json(),
        "answer_from": answer_from,
        "facts": dict(facts),
    }
