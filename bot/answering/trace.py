"""The trace of a turn: everything that led to the answer, as JSON values."""

from __future__ import annotations

from typing import Any

from bot.answering.answer import Trace
from bot.answering.intent_classifier import NearestExample
from bot.answering.parts import Parts, Turn
from bot.answering.takeover import Understood, Utterance, takeover_need
from knowledge_base.entry import Hit

# Hits shown to staff; the rest of the list explains nothing.
SHOWN_HITS = 5
SHOWN_CHARACTERS = 200  # of a training phrase


def trace_of(parts: Parts, turn: Turn) -> Trace:
    """Write down how far a turn has come; called when an attempt answers."""
    guess = turn.guess
    return Trace(
        language=turn.answer_in,
        intent=guess.intent if guess else None,
        intent_confidence=guess.confidence if guess else None,
        runner_up=guess.runner_up if guess else None,
        runner_up_confidence=guess.runner_up_confidence if guess else None,
        examples=tuple(trace_example(one) for one in guess.nearest) if guess else (),
        mood=turn.mood.name,
        urgency=round(turn.mood.urgency, 4),
        level=turn.mood.level,
        takeover=_takeover(parts, turn),
        hits=tuple(_shown(hit) for hit in turn.hits[:SHOWN_HITS]),
        attempts=tuple(turn.attempts),
        thresholds=parts.judge.thresholds(turn.answer_in),
        versions=_versions(parts, turn),
        seconds={step: round(took, 6) for step, took in turn.seconds.items()},
    )


def _takeover(parts: Parts, turn: Turn) -> dict[str, Any]:
    """What the course of the conversation, with this turn, says about a person taking over."""
    said = [
        Utterance.of(one.text, by_shopper=one.who == "shopper") for one in turn.question.history
    ]
    said.append(Utterance.of(turn.text, by_shopper=True))
    sure = [turn.judgement.confidence] if turn.judgement else []
    sure += [turn.guess.confidence] if turn.guess else []
    understood = Understood(
        turn.mood, turn.wish, turn.question.memory.failures, max(sure, default=1.0)
    )
    judge = parts.takeover.judge if parts.takeover else takeover_need
    opinion = judge(said, understood)
    return {"need": opinion.need, "reasons": list(opinion.reasons)}


def trace_example(near: NearestExample) -> dict[str, Any]:
    """A training phrase as the trace shows it."""
    return {
        "text": near.text[:SHOWN_CHARACTERS],
        "intent": near.intent,
        "similarity": round(near.similarity, 4),
        "weight": round(near.weight, 4),
    }


def _shown(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.entry.id,
        "question": hit.question,
        "score": round(hit.score, 4),
        "similarity": round(hit.similarity, 4),
        "lexical": round(hit.lexical, 4),
        "exact": hit.exact,
    }


def _versions(parts: Parts, turn: Turn) -> dict[str, str]:
    versions = {
        "encoder": f"{parts.encoder.name}@{parts.encoder.digest[:12]}",
        "thresholds": parts.judge.version,
    }
    if turn.result is not None:
        versions["knowledge"] = turn.result.version
    if parts.intents is not None:
        versions["intents"] = parts.intents.version
    if parts.moods is not None:
        versions["moods"] = parts.moods.version
    if parts.takeover is not None:
        versions["takeover"] = parts.takeover.version
    if parts.writer is not None:
        versions["generator"] = parts.writer.model
    return versions
