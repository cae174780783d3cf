"""Conversations with a mark on every utterance after which a person should have been there.

From files of old chats (`takeover_files`), and from what happened at the shop's own desk. The desk
labels itself: where a person took over, where the shopper asked for one or was unhappy in the end,
and what the bot said just before somebody asked the same again. Knows nothing of models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answering.mood import Level, Mood, MoodName
from bot.answering.takeover import SAME_FROM, Understood, Utterance, overlap
from bot.conversation.events import Event, EventKind, HandoffReason, TurnId

UNHAPPY = 2  # of five; so many and fewer mean that the conversation went wrong
_SAID_BY_BOT = frozenset({EventKind.BOT_ANSWERED, EventKind.BOT_ASKED, EventKind.BOT_GAVE_UP})
_PERSON_CAME = frozenset({EventKind.STAFF_CLAIMED, EventKind.STAFF_TOOK_OVER, EventKind.STAFF_SAID})


@dataclass(frozen=True)
class LabelledConversation:
    """A conversation, and for each utterance whether a person should have taken over there.

    Attributes:
        understood: what the answerer found about each, None where it did not look or nobody knows.
    """

    said: tuple[Utterance, ...]
    person: tuple[bool, ...]
    understood: tuple[Understood | None, ...] = ()

    def understood_at(self, at: int) -> Understood | None:
        """What was found about an utterance."""
        return self.understood[at] if self.understood else None


def last_words(said: Sequence[Utterance]) -> tuple[bool, ...]:
    """Mark the last thing that each side said."""
    last = {one.by_shopper: at for at, one in enumerate(said)}
    return tuple(at in last.values() for at in range(len(said)))


@dataclass(frozen=True)
class DeskLesson:
    """What one conversation of the desk teaches.

    Attributes:
        why: how often each kind of sign marked an utterance: took_over, wish, handed_over, unhappy,
            said_again.
    """

    conversation: LabelledConversation
    why: Mapping[str, int]


def lesson_of(
    events: Sequence[Event], traces: Mapping[TurnId, Mapping[str, Any]]
) -> DeskLesson | None:
    """What a conversation teaches; None where shopper and bot said nothing to each other.

    Only what was said before the first person came is looked at.

    Args:
        events: all of the conversation, in rising order.
        traces: of the bot's turns, as they are stored.
    """
    said: list[Utterance] = []
    understood: list[Understood | None] = []
    why: Counter[str] = Counter()
    marked: set[int] = set()
    asked_for: str | None = None
    for event in events:
        if event.kind is EventKind.SHOPPER_SAID and event.text:
            said.append(Utterance.of(event.text, by_shopper=True))
            understood.append(_understood(traces.get(event.turn) if event.turn else None))
            if (before := _answer_that_did_not_help(said)) is not None:
                marked.add(before)
                why["said_again"] += 1
        elif event.kind in _SAID_BY_BOT and event.text:
            said.append(Utterance.of(event.text, by_shopper=False))
            understood.append(None)
        elif event.kind is EventKind.HANDOFF_REQUESTED:
            wished = event.body.get("reason") == HandoffReason.WISH
            asked_for = "wish" if wished else "handed_over"
        elif event.kind is EventKind.WENT_ON_WITH_BOT:
            asked_for = None
        elif event.kind in _PERSON_CAME:
            marked |= _last_of_both(said)
            why[asked_for or "took_over"] += 1
            break
    else:
        if asked_for == "wish" or _was_unhappy(events):
            marked |= _last_of_both(said)
            why["wish" if asked_for == "wish" else "unhappy"] += 1
    if not said:
        return None
    person = tuple(at in marked for at in range(len(said)))
    return DeskLesson(LabelledConversation(tuple(said), person, tuple(understood)), why)


def _answer_that_did_not_help(said: Sequence[Utterance]) -> int | None:
    """The bot's words between a shopper's last message and an earlier one that says the same."""
    newest = frozenset(said[-1].tokens)
    for at in reversed(range(len(said) - 1)):
        if said[at].by_shopper and overlap(newest, frozenset(said[at].tokens)) >= SAME_FROM:
            between = [k for k in range(at + 1, len(said) - 1) if not said[k].by_shopper]
            return between[-1] if between else None
    return None


def _last_of_both(said: Sequence[Utterance]) -> set[int]:
    return {at for at, flag in enumerate(last_words(said)) if flag}


def _was_unhappy(events: Iterable[Event]) -> bool:
    scores = [event.body.get("score") for event in events if event.kind is EventKind.RATED]
    return bool(scores) and isinstance(scores[-1], int) and scores[-1] <= UNHAPPY


def _understood(trace: Mapping[str, Any] | None) -> Understood | None:
    """What the trace of a turn says; the answerer's own figures, not its decision."""
    if not trace:
        return None
    name: MoodName = next(
        (one for one in ("angry", "negative", "positive") if one == trace.get("mood")), "neutral"
    )
    level: Level = next(
        (
            one
            for one in ("very_negative", "negative", "positive", "very_positive")
            if one == trace.get("level")
        ),
        "neutral",
    )
    opinion = trace.get("takeover")
    reasons = opinion.get("reasons", ()) if isinstance(opinion, Mapping) else ()
    urgency, sure = trace.get("urgency"), trace.get("intent_confidence")
    return Understood(
        Mood(name, 0.0, float(urgency) if isinstance(urgency, int | float) else 0.0, level),
        wish="wish" in reasons,
        failures=2 if "failures" in reasons else 0,
        confidence=float(sure) if isinstance(sure, int | float) else 1.0,
    )
