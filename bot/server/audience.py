"""Who gets to see what of an event, and in which form. Pure: events in, JSON values out.

A shopper never gets a note, a draft, a score, a reason or the id of a staff member; what is private
keeps its number, so that the sequence has no holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.conversation.conversation import BOT, SHOPPER
from bot.conversation.events import PRIVATE_KINDS, Event
from bot.handoff.deadlines import Deadline
from bot.transcripts.records import Summary

PRIVATE = "private"

_SHOPPER_FACTS = (
    "source",
    "language",
    "choices",
    "notice",
    "choice",
    "to_name",
    "contact",
    "score",
)
_STAFF_FACTS = (
    *_SHOPPER_FACTS,
    "reason",
    "intent",
    "mood",
    "confidence",
    "entry",
    "would_be",
    "away",
    "to",
    "from",
    "right",
    "mentions",
    "added",
    "removed",
    "tags",
    "routed",
    "late",
)


def for_shopper(event: Event) -> dict[str, Any]:
    """Give the form of an event that the widget gets."""
    if event.kind in PRIVATE_KINDS:
        return {"seq": event.seq, "kind": PRIVATE, "at": iso(event.at)}
    return _shown(event, _SHOPPER_FACTS, _author(event))


def for_staff(event: Event) -> dict[str, Any]:
    """Give the form of an event that the inbox gets."""
    author = _author(event)
    if author["role"] == "staff":
        author["id"] = event.author
    shown = _shown(event, _STAFF_FACTS, author)
    if event.author == BOT and event.turn is not None:
        shown["trace_turn"] = event.turn
    return shown


def list_for_shopper(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Give several events as the widget gets them."""
    return [for_shopper(event) for event in events]


def list_for_staff(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Give several events as the inbox gets them."""
    return [for_staff(event) for event in events]


def _shown(event: Event, facts: tuple[str, ...], author: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "seq": event.seq,
        "kind": event.kind.value,
        "at": iso(event.at),
        "author": author,
        "text": event.text,
    }
    if event.client_id is not None:
        shown["client_id"] = event.client_id
    if event.turn is not None:
        shown["turn"] = event.turn
    for name in facts:
        value = event.body.get(name)
        if value not in (None, [], ""):
            shown[name] = value
    return shown


def _author(event: Event) -> dict[str, Any]:
    if event.author in (SHOPPER, BOT):
        return {"role": event.author}
    author: dict[str, Any] = {"role": "staff"}
    if event.body.get("name"):
        author["name"] = event.body["name"]
    return author


PAGE_BYTES = 262_144
"""About the most that one frame of events weighs; a page of long messages has fewer of them."""

_EVENT_BYTES = 400
_CHARACTER_BYTES = 3


def first_that_fit(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Give as many of the first events as one frame should hold; at least one."""
    weight = 0
    for count, event in enumerate(events):
        weight += _weight(event)
        if weight > PAGE_BYTES and count:
            return events[:count]
    return events


def last_that_fit(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Give as many of the last events as one frame should hold; at least one."""
    return first_that_fit(events[::-1])[::-1]


def _weight(event: Event) -> int:
    return _EVENT_BYTES + _CHARACTER_BYTES * len(event.text)


def summary_json(
    line: Summary, place: int | None = None, deadline: Deadline | None = None
) -> dict[str, Any]:
    """Give one line of the inbox.

    Args:
        line: the conversation as it is now.
        place: its place in the queue, from 1; None when it does not wait.
        deadline: of the next word of the staff; None when nobody waits for one.
    """
    holder = line.holder
    facts: dict[str, Any] = {
        "conversation": line.conversation,
        "stage": line.stage.value,
        "language": line.language,
        "holder": None if holder is None else {"id": holder.id, "name": holder.name},
        "waiting_since": iso(line.waiting_since),
        "last_at": iso(line.last_at),
        "last_text": line.last_text,
        "last_seq": line.last_seq,
        "unread": line.unread,
        "reason": None if line.reason is None else line.reason.value,
        "intent": line.intent,
        "mood": line.mood,
        "order": line.order,
        "place": place,
        "deadline": None if deadline is None else deadline_json(deadline),
        "tags": list(line.tags),
        "score": line.score,
        "left_message": line.left_message,
    }
    return without_nones(facts)


def deadline_json(deadline: Deadline) -> dict[str, Any]:
    """Give a deadline."""
    return without_nones(
        {"kind": deadline.kind, "due_at": iso(deadline.due_at), "state": deadline.state}
    )


def without_nones(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not known; `language` stays, because null means unknown there."""
    return {name: value for name, value in facts.items() if value is not None or name == "language"}


def iso(at: datetime | None) -> str | None:
    """Write a time as the wire does: ISO 8601, UTC, milliseconds."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
