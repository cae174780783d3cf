"""Stores a group of commands in one transaction, in about ten statements whatever its size.

Reads every conversation of the group (with a row lock in PostgreSQL), lets the pure core decide one
command after the other in memory, and writes the sum. Whether a client id is a repeat is asked
under the same lock, so that two nodes and two sockets cannot both store it; the unique index stands
behind that. Where this process alone writes and remembers every conversation of the group, nothing
is read: a repeat then meets the unique index, and the group is tried again from the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from bot.conversation.commands import Begin, Command, FirstWords, MessageWithId
from bot.conversation.conversation import (
    SHOPPER,
    ConversationState,
    OutboxItem,
    Outcome,
    Turn,
    apply,
    begin,
    check_text,
)
from bot.conversation.errors import Refused
from bot.conversation.events import ClientId, ConversationId, Event, TurnId
from bot.transcripts import tables
from bot.transcripts.errors import UnknownConversation
from bot.transcripts.many_rows import insert_rows, update_rows
from bot.transcripts.recent import Recent
from bot.transcripts.records import Begun, Recorded
from bot.transcripts.rows import (
    Values,
    event_values,
    only_went_on,
    read_event,
    state_values,
    talk_values,
    turn_values,
)
from bot.transcripts.states import read_states

BEGIN_REPEAT_WINDOW = timedelta(days=7)
"""So long a first message that is sent again finds the conversation that it began.

The widget keeps unsent messages; the frame that told it the conversation's token may be lost.
"""

# Run for every group: built once, because building them cost as much as running them.
_HELD: BindParameter[Any] = bindparam("held", expanding=True)
_KNOWN = select(tables.events).where(
    tables.events.c.conversation.in_(_HELD),
    tables.events.c.client_id.in_(bindparam("client_ids", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class CommandAsk:
    """A command for a conversation that exists."""

    conversation: ConversationId
    command: Command


@dataclass(frozen=True, slots=True)
class BeginAsk:
    """A new conversation with its token and its first message."""

    begin: Begin
    token_digest: bytes
    first: FirstWords


Ask = CommandAsk | BeginAsk
Answer = Recorded | Begun | Refused | UnknownConversation


def record_group(
    connection: Connection,
    asks: Sequence[Ask],
    now: Callable[[], datetime],
    recent: Recent | None = None,
) -> list[Answer]:
    """Decide and store a group; the caller commits.

    Args:
        recent: what this process wrote lately; None where others write too.

    Returns:
        For each ask, in order, what was recorded, or why it was refused.
    """
    if recent is not None:
        _forget_if_others_wrote(connection, recent)
    group = _Group(connection, asks, Recent() if recent is None else recent)
    answers = [group.record(ask, now()) for ask in asks]
    group.write()
    return answers


def _forget_if_others_wrote(connection: Connection, recent: Recent) -> None:
    """Ask SQLite whether another connection has committed: a tool beside the server, say."""
    driver: Any = connection.connection.driver_connection
    (version,) = driver.execute("PRAGMA data_version").fetchone()
    recent.unless_changed(driver, version)


@dataclass
class _Changes:
    """What the group adds up to, table by table."""

    events: list[Values] = field(default_factory=list)
    traces: list[Values] = field(default_factory=list)
    outbox: list[Values] = field(default_factory=list)
    mentions: list[Values] = field(default_factory=list)
    tokens: list[Values] = field(default_factory=list)
    new_turns: dict[TurnId, Values] = field(default_factory=dict)
    old_turns: dict[TurnId, Values] = field(default_factory=dict)
    touched: dict[ConversationId, None] = field(default_factory=dict)
    begun: dict[ConversationId, ClientId | None] = field(default_factory=dict)


class _Group:
    """The conversations of one group in memory, while they change."""

    def __init__(self, connection: Connection, asks: Sequence[Ask], recent: Recent) -> None:
        self._connection = connection
        self._changes = _Changes()
        self._begun_with = self._find_begun(asks)
        wanted = {ask.conversation for ask in asks if isinstance(ask, CommandAsk)}
        wanted.update(self._begun_with.values())
        known = {one: state for one in wanted if (state := recent.state(one)) is not None}
        unread = sorted(wanted - known.keys())
        self._states = known | read_states(connection, unread, lock=True)
        self._before = dict(self._states)
        self._known = self._find_known(asks) if unread or self._begun_with else {}

    def _find_begun(self, asks: Sequence[Ask]) -> dict[ClientId, ConversationId]:
        """Find conversations that the first messages of this group began before."""
        ids = [ask.first.client_id for ask in asks if isinstance(ask, BeginAsk)]
        if not ids:
            return {}
        column = tables.conversations.c.begun_with
        rows = self._connection.execute(
            select(column, tables.conversations.c.id).where(column.in_(ids))
        )
        return {ClientId(row.begun_with): ConversationId(row.id) for row in rows}

    def _find_known(self, asks: Sequence[Ask]) -> dict[tuple[str, str], Event]:
        """Find messages of this group that are stored already."""
        ids = [client_id for ask in asks if (client_id := _client_id(ask)) is not None]
        if not ids or not self._states:
            return {}
        wanted = {"held": list(self._states), "client_ids": ids}
        events = map(read_event, self._connection.execute(_KNOWN, wanted))
        return {(event.conversation, event.client_id or ""): event for event in events}

    def record(self, ask: Ask, at: datetime) -> Answer:
        """Decide one ask on the state as the asks before it left it."""
        try:
            if isinstance(ask, BeginAsk):
                return self._begin(ask, at)
            return self._apply(ask.conversation, ask.command, at)
        except (Refused, UnknownConversation) as refusal:
            return refusal

    def _begin(self, ask: BeginAsk, at: datetime) -> Begun:
        check_text(ask.first.text)
        earlier = self._begun_before(ask, at)
        if earlier is not None:
            self._add_token(earlier, ask.token_digest, at)
            return Begun(self._apply(earlier, ask.first, at), repeated=True)
        state = begin(ask.begin, at)
        if state.id in self._states:
            raise Refused("bad_id", "A conversation with this id exists.")
        self._states[state.id] = state
        client_id = ask.first.client_id
        fresh = client_id not in self._begun_with
        self._changes.begun[state.id] = client_id if fresh else None
        if fresh:
            self._begun_with[client_id] = state.id
        self._add_token(state.id, ask.token_digest, at)
        return Begun(self._apply(state.id, ask.first, at))

    def _begun_before(self, ask: BeginAsk, at: datetime) -> ConversationId | None:
        """Find the conversation that this very message began: same id, same words, not long ago."""
        earlier = self._begun_with.get(ask.first.client_id)
        state = self._states.get(earlier) if earlier is not None else None
        if state is None or at - state.created_at > BEGIN_REPEAT_WINDOW:
            return None
        stored = self._known.get((state.id, ask.first.client_id))
        return state.id if stored is not None and stored.text == ask.first.text else None

    def _add_token(self, conversation: ConversationId, digest: bytes, at: datetime) -> None:
        token = {"digest": digest, "conversation": conversation, "created_at": at}
        self._changes.tokens.append(token)

    def _apply(self, conversation: ConversationId, command: Command, at: datetime) -> Recorded:
        state = self._states.get(conversation)
        if state is None:
            raise UnknownConversation("There is no such conversation, or it is not yours.")
        if isinstance(command, MessageWithId):
            stored = self._known.get((conversation, command.client_id))
            if stored is not None:
                _must_be_same_author(stored, command)
                return Recorded(state, (stored,), repeated=True)
        outcome = apply(state, command, at)
        self._keep(outcome, at)
        return Recorded(outcome.state, outcome.events, outcome.turns)

    def _keep(self, outcome: Outcome, at: datetime) -> None:
        state, changes = outcome.state, self._changes
        earlier = self._states[state.id]
        before = {turn.id for turn in earlier.open_turns}
        self._states[state.id] = state
        if state.id in changes.begun or replace(state, open_turns=earlier.open_turns) != earlier:
            changes.touched[state.id] = None  # not when only a turn is taken
        changes.events.extend(map(event_values, outcome.events))
        for event in outcome.events:
            changes.mentions.extend(_mention_values(event))
            if event.client_id is not None:
                self._known[(state.id, event.client_id)] = event
        for turn in outcome.turns:
            self._keep_turn(state.id, turn, is_new=turn.id not in before)
        if outcome.trace is not None:
            turn_id, body = outcome.trace
            seq = outcome.events[0].seq
            trace = {"conversation": state.id, "seq": seq, "turn": turn_id, "body": dict(body)}
            changes.traces.append(trace)
        changes.outbox.extend(_outbox_values(item, state.id, at) for item in outcome.outbox)

    def _keep_turn(self, conversation: ConversationId, turn: Turn, *, is_new: bool) -> None:
        values = {**turn_values(turn), "conversation": conversation}
        if is_new or turn.id in self._changes.new_turns:
            self._changes.new_turns[turn.id] = values
        else:
            self._changes.old_turns[turn.id] = values

    def write(self) -> None:
        """Write the sum of the group."""
        connection, changes = self._connection, self._changes
        states = [self._states[id] for id in changes.touched]
        new = [
            {**state_values(state), "begun_with": changes.begun[state.id]}
            for state in states
            if state.id in changes.begun
        ]
        insert_rows(connection, tables.conversations, new)
        for old in self._old_states(states):
            update_rows(connection, tables.conversations, old)
        insert_rows(connection, tables.events, changes.events)
        insert_rows(connection, tables.turns, list(changes.new_turns.values()))
        update_rows(connection, tables.turns, list(changes.old_turns.values()))
        insert_rows(connection, tables.traces, changes.traces)
        insert_rows(connection, tables.tokens, changes.tokens)
        insert_rows(connection, tables.outbox, changes.outbox)
        insert_rows(connection, tables.mentions, changes.mentions)

    def _old_states(self, states: Sequence[ConversationState]) -> tuple[list[Values], list[Values]]:
        """States of conversations that were there before: those that only went on, and the rest.

        To write a column that an index holds costs as much as a row, whether it changes or not.
        """
        went_on: list[Values] = []
        rest: list[Values] = []
        for state in states:
            if state.id in self._changes.begun:
                continue
            if only_went_on(self._before[state.id], state):
                went_on.append(talk_values(state))
            else:
                rest.append(state_values(state))
        return went_on, rest


def _client_id(ask: Ask) -> ClientId | None:
    command: Any = ask.first if isinstance(ask, BeginAsk) else ask.command
    if isinstance(command, MessageWithId):
        return command.client_id
    return None


def _must_be_same_author(stored: Event, command: MessageWithId) -> None:
    author = SHOPPER if isinstance(command, FirstWords) else command.staff
    if stored.author != author:
        raise Refused("bad_id", "Another message has this id; make a new one.")


def _mention_values(event: Event) -> Iterator[Values]:
    """Whom a note calls; who calls themselves has seen it."""
    for staff in event.body.get("mentions", ()):
        yield {
            "conversation": event.conversation,
            "seq": event.seq,
            "staff": staff,
            "at": event.at,
            "seen_at": event.at if staff == event.author else None,
        }


def _outbox_values(item: OutboxItem, conversation: ConversationId, at: datetime) -> Values:
    return {
        "conversation": conversation,
        "kind": item.kind,
        "key": item.key,
        "payload": dict(item.payload),
        "created_at": at,
        "due_at": at,
        "attempts": 0,
        "delivered_at": None,
    }
