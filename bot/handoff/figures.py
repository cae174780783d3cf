"""What happened at the desk in a stretch of time: talks, waits and satisfaction, counted. Pure.

Everything is about the conversations that began in it, so that the figures belong together. An
average over few is no lie but no news either: every figure comes with how many it is of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil
from statistics import median

from bot.conversation.events import ConversationId, EventKind

MOMENTS = frozenset(
    {
        EventKind.HANDOFF_REQUESTED,
        EventKind.STAFF_CLAIMED,
        EventKind.MESSAGE_LEFT,
        EventKind.WENT_ON_WITH_BOT,
        EventKind.CLOSED,
        EventKind.RATED,
    }
)
"""The kinds of events that the figures are made of."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a conversation, as far as it is counted.

    Attributes:
        score: of a `rated`, 1 to 5.
    """

    conversation: ConversationId
    kind: EventKind
    at: datetime
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long shoppers waited until a person took them, clock time, nights included.

    Attributes:
        count: of how many waits; those that ended without a person are not among them.
        median_seconds, p90_seconds: half of them, nine of ten of them, at most; None of none.
    """

    count: int
    median_seconds: float | None
    p90_seconds: float | None


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """What the conversations that began in a stretch of time came to.

    Attributes:
        conversations: how many began.
        bot_only: those that no person was asked for and none took.
        handed_over, claimed, messages_left, went_on_with_bot: those in which it happened.
        gave_up_waiting: those that were closed while they waited for a person.
        scores: score -> conversations whose newest rating it is; apart by whether a person had it.
    """

    conversations: int
    bot_only: int
    handed_over: int
    claimed: int
    messages_left: int
    went_on_with_bot: int
    gave_up_waiting: int
    first_wait: Waits
    scores: Mapping[int, int]
    bot_scores: Mapping[int, int]
    staff_scores: Mapping[int, int]


def figures_of(conversations: int, happenings: Iterable[Happening]) -> DeskFigures:
    """Count.

    Args:
        conversations: how many began.
        happenings: their events of the kinds in `MOMENTS`, each conversation's together and in
            order.
    """
    counts: Counter[EventKind] = Counter()
    waits: list[float] = []
    bot_scores: Counter[int] = Counter()
    staff_scores: Counter[int] = Counter()
    with_people = gave_up = 0
    for _, group in groupby(happenings, key=lambda one: one.conversation):
        events = list(group)
        kinds = {event.kind for event in events}
        counts.update(kinds)
        waited, left_waiting = _waits(events)
        waits += waited
        gave_up += left_waiting
        with_people += bool(kinds & {EventKind.HANDOFF_REQUESTED, EventKind.STAFF_CLAIMED})
        rated = [event.score for event in events if event.score is not None]
        if rated:
            told = staff_scores if EventKind.STAFF_CLAIMED in kinds else bot_scores
            told[rated[-1]] += 1
    return DeskFigures(
        conversations=conversations,
        bot_only=max(0, conversations - with_people),
        handed_over=counts[EventKind.HANDOFF_REQUESTED],
        claimed=counts[EventKind.STAFF_CLAIMED],
        messages_left=counts[EventKind.MESSAGE_LEFT],
        went_on_with_bot=counts[EventKind.WENT_ON_WITH_BOT],
        gave_up_waiting=gave_up,
        first_wait=_told(waits),
        scores=_all_scores(bot_scores + staff_scores),
        bot_scores=_all_scores(bot_scores),
        staff_scores=_all_scores(staff_scores),
    )


def _waits(events: list[Happening]) -> tuple[list[float], bool]:
    """The waits of one conversation that a person ended, and whether it was closed in one."""
    waits: list[float] = []
    since: datetime | None = None
    left_waiting = False
    for event in events:
        if event.kind is EventKind.HANDOFF_REQUESTED:
            since = since or event.at
        elif event.kind is EventKind.STAFF_CLAIMED and since is not None:
            waits.append((event.at - since).total_seconds())
            since = None
        elif event.kind in (EventKind.CLOSED, EventKind.WENT_ON_WITH_BOT):
            left_waiting |= event.kind is EventKind.CLOSED and since is not None
            since = None
    return waits, left_waiting


def _told(waits: list[float]) -> Waits:
    if not waits:
        return Waits(0, None, None)
    ranked = sorted(waits)
    # The smallest wait that nine of ten did not exceed: a wait that somebody really had.
    return Waits(len(ranked), median(ranked), ranked[ceil(0.9 * len(ranked)) - 1])


def _all_scores(counted: Counter[int]) -> dict[int, int]:
    return {score: counted[score] for score in range(1, 6)}
