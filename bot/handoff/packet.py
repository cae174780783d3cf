"""What a person gets in hand on taking over: what was asked, what was tried, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.conversation.events import Event, EventKind, TurnId

MAX_ASKED = 10
"""At most so many of the shopper's last messages are in the packet; the talk itself is below it."""

_SETTLED = frozenset({EventKind.BOT_ANSWERED, EventKind.HANDED_BACK, EventKind.REOPENED})
"""What was asked before one of these is settled; the packet begins after it."""


_ASKING = frozenset({EventKind.SHOPPER_SAID, EventKind.MESSAGE_LEFT})


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt of the bot: its name, how it ended, and the entry and score it got to."""

    attempt: str
    outcome: str
    entry: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """One handoff; see docs/wire.md.

    Attributes:
        asked: the shopper's messages since the last answer, oldest first.
        intent_confidence: in [0, 1].
        order: order number at stake.
        at: when the handoff was asked for, UTC.
        why: signs in the course of the talk that speak for a person, strongest first (names of
            `bot.answering.takeover`); None where the turn was not judged.
    """

    asked: tuple[str, ...]
    language: str | None
    reason: str
    mood: str
    at: datetime
    intent: str | None = None
    intent_confidence: float | None = None
    tried: tuple[Tried, ...] = ()
    order: str | None = None
    why: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it as docs/wire.md says; what is unknown is left out."""
        whole = asdict(self)
        whole["at"] = self.at.isoformat()
        whole["asked"] = list(self.asked)
        whole["why"] = list(self.why) if self.why else None
        whole["tried"] = [_without_none(asdict(one)) for one in self.tried]
        return _without_none(whole)


def make_packet(
    events: Sequence[Event],
    traces: Mapping[TurnId, Mapping[str, Any]],
    order: str | None = None,
) -> Packet | None:
    """Make the packet of the newest handoff.

    Args:
        events: the conversation's events in rising order, at least since that handoff's questions.
        traces: traces of the bot's turns, as they are stored.
        order: order number that the conversation is about.

    Returns:
        None when nobody was asked to take over.
    """
    newest = _newest_handoff(events)
    if newest is None:
        return None
    request = events[newest]
    trace = _trace_of(events[: newest + 1], traces)
    reason = str(request.body.get("reason") or "")
    return Packet(
        asked=_asked_before(events[:newest]),
        language=_text(trace.get("language")),
        reason=reason,
        mood=_text(trace.get("mood")) or _text(request.body.get("mood")) or "neutral",
        at=request.at,
        intent=_text(trace.get("intent")) or _text(request.body.get("intent")),
        intent_confidence=_number(trace.get("intent_confidence")),
        tried=_tried(trace.get("attempts")),
        order=order,
        why=_why(trace.get("takeover")),
    )


def given_up_in(events: Sequence[Event]) -> int | None:
    """Give the number of the event whose turn was given up for the newest handoff, if any was."""
    newest = _newest_handoff(events)
    given_up = None if newest is None else _given_up(events[: newest + 1])
    return None if given_up is None else given_up.seq


def _newest_handoff(events: Sequence[Event]) -> int | None:
    for index in reversed(range(len(events))):
        if events[index].kind is EventKind.HANDOFF_REQUESTED:
            return index
    return None


def _asked_before(events: Sequence[Event]) -> tuple[str, ...]:
    """Collect the shopper's words back to the last thing that settled something."""
    asked: list[str] = []
    for event in reversed(events):
        if event.kind in _SETTLED and asked:
            break
        if event.kind in _ASKING:
            asked.append(event.text)
        if len(asked) == MAX_ASKED:
            break
    return tuple(reversed(asked))


def _trace_of(
    events: Sequence[Event], traces: Mapping[TurnId, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Find the trace of the turn that was given up; empty when no turn was."""
    given_up = _given_up(events)
    return {} if given_up is None or given_up.turn is None else traces.get(given_up.turn, {})


def _given_up(events: Sequence[Event]) -> Event | None:
    """Find the newest words with which the bot gave a turn up, unless it was settled since."""
    for event in reversed(events):
        if event.kind is EventKind.BOT_GAVE_UP and event.turn is not None:
            return event
        if event.kind in _SETTLED:
            break
    return None


def _tried(attempts: Any) -> tuple[Tried, ...]:
    if not isinstance(attempts, Sequence) or isinstance(attempts, str):
        return ()
    return tuple(
        Tried(
            attempt=str(one.get("attempt", "")),
            outcome=str(one.get("outcome", "")),
            entry=_text(one.get("entry")),
            score=_number(one.get("score")),
        )
        for one in attempts
        if isinstance(one, Mapping)
    )


def _why(opinion: Any) -> tuple[str, ...] | None:
    reasons = opinion.get("reasons") if isinstance(opinion, Mapping) else None
    if not isinstance(reasons, Sequence) or isinstance(reasons, str):
        return None
    return tuple(one for one in reasons if isinstance(one, str)) or None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
