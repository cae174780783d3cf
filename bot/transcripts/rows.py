"""From records to rows and back: the only place that knows both shapes."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from bot.conversation.conversation import ConversationState, Holder, Turn
from bot.conversation.events import (
    ClientId,
    ConversationId,
    Event,
    EventKind,
    HandoffReason,
    StaffId,
    Stage,
    TurnId,
    TurnState,
)

AnyRow = Row[Any]
Values = dict[str, Any]


def state_values(state: ConversationState) -> Values:
    """Write a state (without its turns) as the columns of `conversations`."""
    holder = state.holder
    return {
        **talk_values(state),
        "stage": state.stage.value,
        "created_at": state.created_at,
        "holder": holder.id if holder else None,
        "holder_name": holder.name if holder else None,
        "claim_epoch": state.claim_epoch,
        "waiting_since": state.waiting_since,
        "reason": state.reason.value if state.reason else None,
        "page": dict(state.page),
        "closed_at": state.closed_at,
        "contact": dict(state.contact),
        "tags": list(state.tags),
        "score": state.score,
        "staff_spoke": state.staff_spoke,
        "late_since": state.late_since,
        "message_left_at": state.message_left_at,
        "unanswered_from": state.unanswered_from,
    }


_ELSE = attrgetter(
    "stage", "created_at", "holder", "claim_epoch", "waiting_since", "reason", "page", "closed_at",
    "contact", "tags", "score", "staff_spoke", "late_since", "message_left_at", "unanswered_from",
)  # fmt: skip
"""What `talk_values` leaves out."""


def only_went_on(before: ConversationState, after: ConversationState) -> bool:
    """Whether nothing but what shopper and bot said has changed: `talk_values` is enough."""
    return bool(_ELSE(before) == _ELSE(after))


def talk_values(state: ConversationState) -> Values:
    """Write what changes while shopper and bot talk, with the id."""
    return {
        "id": state.id,
        "last_at": state.last_at,
        "last_seq": state.last_seq,
        "language": state.language,
        "failures": state.failures,
        "memory": dict(state.memory),
        "offered": list(state.offered),
        "mood": state.mood,
        "intent": state.intent,
        "subject_order": state.order,
        "turn_count": state.turn_count,
        "last_text": state.last_text,
    }


def read_state(row: AnyRow, open_turns: tuple[Turn, ...]) -> ConversationState:
    """Read a row of `conversations`."""
    return ConversationState(
        id=ConversationId(row.id),
        stage=Stage(row.stage),
        created_at=row.created_at,
        last_at=row.last_at,
        last_seq=row.last_seq,
        language=row.language,
        holder=read_holder(row),
        claim_epoch=row.claim_epoch,
        waiting_since=row.waiting_since,
        failures=row.failures,
        memory=row.memory,
        offered=tuple(row.offered),
        reason=HandoffReason(row.reason) if row.reason else None,
        mood=row.mood,
        intent=row.intent,
        order=row.subject_order,
        turn_count=row.turn_count,
        open_turns=open_turns,
        last_text=row.last_text,
        page=row.page,
        closed_at=row.closed_at,
        contact=row.contact,
        tags=tuple(row.tags),
        score=row.score,
        staff_spoke=row.staff_spoke,
        late_since=row.late_since,
        message_left_at=row.message_left_at,
        unanswered_from=row.unanswered_from,
    )


def read_holder(row: AnyRow) -> Holder | None:
    """Read who holds the conversation of this row."""
    return None if row.holder is None else Holder(StaffId(row.holder), row.holder_name or "")


def event_values(event: Event) -> Values:
    """Write an event as the columns of `events`."""
    return {
        "conversation": event.conversation,
        "seq": event.seq,
        "kind": event.kind.value,
        "at": event.at,
        "author": event.author,
        "text": event.text,
        "client_id": event.client_id,
        "turn": event.turn,
        "body": dict(event.body),
    }


def read_event(row: AnyRow) -> Event:
    """Read a row of `events`; one that was read without its body has an empty one."""
    return Event(
        kind=EventKind(row.kind),
        conversation=ConversationId(row.conversation),
        at=row.at,
        author=row.author,
        text=row.text,
        seq=row.seq,
        client_id=None if row.client_id is None else ClientId(row.client_id),
        turn=None if row.turn is None else TurnId(row.turn),
        body=getattr(row, "body", {}),
    )


def turn_values(turn: Turn) -> Values:
    """Write a turn as the columns of `turns`, without its conversation."""
    return {
        "id": turn.id,
        "number": turn.number,
        "state": turn.state.value,
        "attempt": turn.attempt,
        "claim_epoch": turn.claim_epoch,
        "asked_at": turn.asked_at,
        "ended_at": turn.ended_at,
        "choice": turn.choice,
        "first_seq": turn.first_seq,
    }


def read_turn(row: AnyRow) -> Turn:
    """Read a row of `turns`."""
    return Turn(
        id=TurnId(row.id),
        number=row.number,
        state=TurnState(row.state),
        attempt=row.attempt,
        claim_epoch=row.claim_epoch,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        choice=row.choice,
        first_seq=row.first_seq,
    )
