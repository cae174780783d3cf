"""What answering a turn needs: its words, what was said before, the conversation.

Read for every batch of turns; the statements are built once, because building them cost more than
running them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Integer,
    bindparam,
    literal_column,
    select,
    union_all,
)

from bot.conversation.conversation import SHOPPER, texts_of
from bot.conversation.events import PRIVATE_KINDS, Event, EventKind, TurnId
from bot.transcripts import tables
from bot.transcripts.records import TurnContext
from bot.transcripts.rows import AnyRow, read_event, read_turn
from bot.transcripts.states import read_states

MOST_TAKEN_UP = 20
"""Messages, the newest, that the bot takes up when it gets a conversation back."""

_PRIVATE = [kind.value for kind in PRIVATE_KINDS]
_EVENTS, _TURNS = tables.events, tables.turns
_IDS: BindParameter[Any] = bindparam("turn_ids", expanding=True)
_CONVERSATIONS: BindParameter[Any] = bindparam("held", expanding=True)
_WANTED = select(_TURNS).where(_TURNS.c.id.in_(_IDS))
_SAID_IN_TURNS = (
    select(_EVENTS)
    .where(_EVENTS.c.conversation.in_(_CONVERSATIONS), _EVENTS.c.turn.in_(_IDS))
    .order_by(_EVENTS.c.conversation, _EVENTS.c.seq)
)
_WORDS_FROM = (
    select(_EVENTS)
    .where(
        _EVENTS.c.conversation == bindparam("wanted"),
        _EVENTS.c.seq >= bindparam("first_seq"),
        _EVENTS.c.kind.in_((EventKind.SHOPPER_SAID.value, EventKind.WENT_ON_WITH_BOT.value)),
    )
    .order_by(_EVENTS.c.seq)
)
_SHOWN_COLUMNS = [column for column in _EVENTS.c if column.name != "body"]


def read_turn_contexts(
    connection: Connection, turns: Sequence[TurnId], history: int
) -> tuple[TurnContext | None, ...]:
    """See `TranscriptStore.turns`."""
    found = connection.execute(_WANTED, {"turn_ids": list(turns)}).all()
    wanted = list(dict.fromkeys(row.conversation for row in found))
    states = read_states(connection, wanted)
    said: dict[str, list[Event]] = {}
    asked = {"held": wanted, "turn_ids": list(turns)}
    for row in connection.execute(_SAID_IN_TURNS, asked) if found else ():
        said.setdefault(row.turn, []).append(read_event(row))
    taken_up = {row.id: _taken_up(connection, row, said.get(row.id)) for row in found}
    ends = {id: state.last_seq + 1 for id, state in states.items()}
    begins = {row.id: taken_up[row.id] or said.get(row.id) for row in found}
    befores = [
        (row.conversation, own[0].seq if (own := begins[row.id]) else ends[row.conversation])
        for row in found
    ]
    earlier = _public_before(connection, befores, history)
    contexts = {}
    for row, before in zip(found, earlier, strict=True):
        chose_bot = False
        if taken_up[row.id]:
            texts, chose_bot = _words_of(taken_up[row.id])
        elif row.id in said:
            texts = texts_of(said[row.id], TurnId(row.id))
        else:
            before, texts = _unanswered(before)
        turn, state = read_turn(row), states[row.conversation]
        contexts[turn.id] = TurnContext(turn, texts, before, state, chose_bot)
    return tuple(contexts.get(turn) for turn in turns)


def _taken_up(connection: Connection, row: AnyRow, own: list[Event] | None) -> list[Event]:
    """Read the words of a turn that begins before those said in it; empty for any other turn."""
    if row.first_seq is None or (own and own[0].seq == row.first_seq):
        return []
    wanted = {"wanted": row.conversation, "first_seq": row.first_seq}
    events = map(read_event, connection.execute(_WORDS_FROM, wanted))
    return [event for event in events if event.turn is None or _number(event.turn) <= row.number]


def _number(turn: TurnId) -> int:
    return int(turn.rpartition(".")[2])


def _words_of(events: list[Event]) -> tuple[tuple[str, ...], bool]:
    """What was said, and whether the choice of the bot came after the last of it."""
    said = [event.text for event in events if event.kind is EventKind.SHOPPER_SAID]
    return tuple(said[-MOST_TAKEN_UP:]), events[-1].kind is EventKind.WENT_ON_WITH_BOT


def _unanswered(events: tuple[Event, ...]) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Part what the shopper said last from what was said before: a turn without words of its own.

    It was asked, before turns knew where they begin, when a person gave the conversation back.
    """
    start = len(events)
    while start and events[start - 1].author == SHOPPER:
        start -= 1
    said = tuple(event for event in events[start:] if event.kind is EventKind.SHOPPER_SAID)
    return events[:start], tuple(event.text for event in said)


def _public_before(
    connection: Connection, befores: Sequence[tuple[str, int]], limit: int
) -> list[tuple[Event, ...]]:
    """Read what both sides could see and that has words, without its further facts.

    Args:
        befores: conversations, each with the number before which to look.
        limit: events of each, the newest ones, given oldest first.
    """
    found: list[list[Event]] = [[] for _ in befores]
    start = 0
    while start < len(befores):
        parts = 1 << ((len(befores) - start).bit_length() - 1)  # few statements, each made once
        wanted: dict[str, Any] = {"most": limit}
        for at, (conversation, seq) in enumerate(befores[start : start + parts]):
            wanted |= {f"held_{at}": conversation, f"before_{at}": seq}
        for row in connection.execute(_newest_before(parts), wanted):
            found[start + row.part].append(read_event(row))
        start += parts
    return [tuple(sorted(events, key=lambda event: event.seq)) for events in found]


@cache
def _newest_before(parts: int) -> CompoundSelect[Any]:
    """The statement for so many conversations at once: one for each was most of the reading."""
    selects = []
    for at in range(parts):
        newest = (
            select(literal_column(str(at)).label("part"), *_SHOWN_COLUMNS)
            .where(
                _EVENTS.c.conversation == bindparam(f"held_{at}"),
                _EVENTS.c.seq < bindparam(f"before_{at}"),
                _EVENTS.c.text != "",
                *(_EVENTS.c.kind != literal_column(f"'{kind}'") for kind in _PRIVATE),
            )
            .order_by(_EVENTS.c.seq.desc())
            .limit(bindparam("most", type_=Integer))
        )
        selects.append(select(newest.subquery()))
    return union_all(*selects)
