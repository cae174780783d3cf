"""Reads transcripts. Every method is one transaction and sees one moment of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.exc import DBAPIError

from bot.conversation.conversation import SHOPPER, ConversationState, Turn, texts_of
from bot.conversation.events import (
    PRIVATE_KINDS,
    ConversationId,
    Event,
    EventKind,
    HandoffReason,
    Stage,
    TurnId,
)
from bot.transcripts import tables
from bot.transcripts.database import Database
from bot.transcripts.errors import UnknownConversation
from bot.transcripts.recent import Recent
from bot.transcripts.records import (
    SHOPPER_READER,
    STAFF_READER,
    ComesBack,
    Counts,
    Found,
    Missed,
    ReadMarks,
    ReplayLimits,
    Summary,
    TurnContext,
    View,
)
from bot.transcripts.resuming import read_missed
from bot.transcripts.rows import AnyRow, read_event, read_holder, read_turn
from bot.transcripts.states import read_states

_FROM_THE_SHOPPER = (EventKind.SHOPPER_SAID.value, EventKind.MESSAGE_LEFT.value)
_PRIVATE = [kind.value for kind in PRIVATE_KINDS]

# Read for every batch of turns: built once, because building them cost more than running them.
_EVENTS, _TURNS = tables.events, tables.turns
_IDS: BindParameter[Any] = bindparam("turn_ids", expanding=True)
_CONVERSATIONS: BindParameter[Any] = bindparam("held", expanding=True)
_WANTED = select(_TURNS).where(_TURNS.c.id.in_(_IDS))
_SAID_IN_TURNS = (
    select(_EVENTS)
    .where(_EVENTS.c.conversation.in_(_CONVERSATIONS), _EVENTS.c.turn.in_(_IDS))
    .order_by(_EVENTS.c.conversation, _EVENTS.c.seq)
)
_SHOWN_COLUMNS = [column for column in _EVENTS.c if column.name != "body"]


class Reading:
    """Everything that can be asked of the transcripts without changing them."""

    def __init__(self, database: Database, recent: Recent | None = None) -> None:
        self._engine = database.reader
        self._single = database.single
        self._recent = recent

    def resume(
        self, conversation: ConversationId, page: ComesBack, limits: ReplayLimits
    ) -> Missed | None:
        """See `TranscriptStore.resume`."""
        try:
            return self._resume(conversation, page, limits)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # The connection had died unnoticed, and its pool has forgotten all that were as old.
        return self._resume(conversation, page, limits)

    def _resume(
        self, conversation: ConversationId, page: ComesBack, limits: ReplayLimits
    ) -> Missed | None:
        with self._single.connect() as connection:
            return read_missed(connection, conversation, page, limits)

    def state(self, conversation: ConversationId) -> ConversationState | None:
        """See `TranscriptStore.state`."""
        with self._engine.begin() as connection:
            return _read_state(connection, conversation)

    def after(self, conversation: ConversationId, seq: int, limit: int = 300) -> View:
        """See `TranscriptStore.after`."""
        table = tables.events
        query = select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit)
        return self._view(conversation, query)

    def newest(self, conversation: ConversationId, limit: int = 100) -> View:
        """See `TranscriptStore.newest`."""
        table = tables.events
        query = select(table).order_by(table.c.seq.desc()).limit(limit)
        return self._view(conversation, query)

    def before(self, conversation: ConversationId, seq: int, limit: int = 100) -> View:
        """See `TranscriptStore.before`."""
        table = tables.events
        query = select(table).where(table.c.seq < seq).order_by(table.c.seq.desc()).limit(limit)
        return self._view(conversation, query)

    def _view(self, conversation: ConversationId, query: Select[Any]) -> View:
        with self._engine.begin() as connection:
            state = _read_state(connection, conversation)
            if state is None:
                raise UnknownConversation("There is no such conversation, or it is not yours.")
            rows = connection.execute(query.where(tables.events.c.conversation == conversation))
            events = sorted(map(read_event, rows), key=lambda event: event.seq)
        return View(state, tuple(events))

    def turns(self, turns: Sequence[TurnId], history: int = 20) -> tuple[TurnContext | None, ...]:
        """See `TranscriptStore.turns`; what was written just now is not read back."""
        if self._recent is None:
            return self._read_turns(turns, history)
        contexts = {turn: self._recent.context(turn, history) for turn in turns}
        unknown = [turn for turn, context in contexts.items() if context is None]
        if unknown:
            contexts |= zip(unknown, self._read_turns(unknown, history), strict=True)
        return tuple(contexts[turn] for turn in turns)

    def _read_turns(self, turns: Sequence[TurnId], history: int) -> tuple[TurnContext | None, ...]:
        with self._engine.begin() as connection:
            found = connection.execute(_WANTED, {"turn_ids": list(turns)}).all()
            wanted = list(dict.fromkeys(row.conversation for row in found))
            states = read_states(connection, wanted)
            said: dict[str, list[Event]] = {}
            asked = {"held": wanted, "turn_ids": list(turns)}
            for row in connection.execute(_SAID_IN_TURNS, asked) if found else ():
                said.setdefault(row.turn, []).append(read_event(row))
            ends = {id: state.last_seq + 1 for id, state in states.items()}
            befores = [
                (
                    row.conversation,
                    own[0].seq if (own := said.get(row.id)) else ends[row.conversation],
                )
                for row in found
            ]
            earlier = _public_before(connection, befores, history)
        contexts = {}
        for row, before in zip(found, earlier, strict=True):
            texts = texts_of(tuple(said.get(row.id, ())), TurnId(row.id))
            if row.id not in said:
                before, texts = _unanswered(before)
            state = states[row.conversation]
            contexts[TurnId(row.id)] = TurnContext(read_turn(row), texts, before, state)
        return tuple(contexts.get(turn) for turn in turns)

    def open_turns(self) -> tuple[Turn, ...]:
        """See `TranscriptStore.open_turns`."""
        table = tables.turns
        query = select(table).where(table.c.ended_at.is_(None))
        with self._engine.begin() as connection:
            rows = connection.execute(query.order_by(table.c.asked_at, table.c.number))
            return tuple(map(read_turn, rows))

    def traces(
        self, conversation: ConversationId, since: int = 0
    ) -> Mapping[TurnId, Mapping[str, Any]]:
        """See `TranscriptStore.traces`."""
        table = tables.traces
        query = select(table).where(table.c.conversation == conversation, table.c.seq >= since)
        query = query.order_by(table.c.seq)
        with self._engine.begin() as connection:
            return {TurnId(row.turn): row.body for row in connection.execute(query)}

    def read_marks(self, conversation: ConversationId) -> ReadMarks:
        """See `TranscriptStore.read_marks`."""
        table = tables.read_marks
        query = select(table.c.reader, table.c.up_to).where(table.c.conversation == conversation)
        with self._engine.begin() as connection:
            marks = {row.reader: row.up_to for row in connection.execute(query)}
        return ReadMarks(marks.get(SHOPPER_READER, 0), marks.get(STAFF_READER, 0))

    def inbox(self, limit: int = 500) -> tuple[Summary, ...]:
        """See `TranscriptStore.inbox`."""
        with self._engine.begin() as connection:
            waiting, held = (
                tuple(map(read_summary, connection.execute(lines, {"most": limit})))
                for lines in (_waiting_lines(), _held_lines())
            )
        half = limit // 2
        return (
            *waiting[: max(half, limit - len(held))],
            *held[: max(half, limit - len(waiting))],
        )

    def summary(self, conversation: ConversationId) -> Summary | None:
        """See `TranscriptStore.summary`."""
        found = self._read_summaries(_one_summary(), {"wanted": conversation})
        return found[0] if found else None

    def recent(self, limit: int = 100, stage: Stage | None = None) -> tuple[Summary, ...]:
        """See `TranscriptStore.recent`."""
        table = tables.conversations
        query = summaries().order_by(table.c.last_at.desc(), table.c.id).limit(limit)
        if stage is not None:
            query = query.where(table.c.stage == stage.value)
        return self._read_summaries(query)

    def _read_summaries(
        self, query: Select[Any], values: Mapping[str, Any] | None = None
    ) -> tuple[Summary, ...]:
        with self._engine.begin() as connection:
            return tuple(read_summary(row) for row in connection.execute(query, values))

    def search(self, text: str, limit: int = 50) -> tuple[Found, ...]:
        """See `TranscriptStore.search`."""
        if not text.strip() or "\x00" in text:
            return ()
        table, held = tables.events, tables.conversations
        query = (
            select(table, held.c.stage)
            .join(held, held.c.id == table.c.conversation)
            .where(table.c.text.icontains(text, autoescape=True))
            .order_by(table.c.at.desc(), table.c.conversation, table.c.seq.desc())
            .limit(limit)
        )
        with self._engine.begin() as connection:
            rows = connection.execute(query)
            return tuple(Found(read_event(row), Stage(row.stage)) for row in rows)

    def counts(self) -> Counts:
        """See `TranscriptStore.counts`."""
        held, turns, outbox = tables.conversations, tables.turns, tables.outbox
        # Numbers have no holes, so the sum of the newest is the count, without reading the events.
        grouped = select(held.c.stage, func.count().label("many"), func.sum(held.c.last_seq))
        undelivered = outbox.c.delivered_at.is_(None) & outbox.c.failed_at.is_(None)
        waiting = select(func.count()).where(undelivered)
        still_open = select(func.count()).where(turns.c.ended_at.is_(None))
        with self._engine.begin() as connection:
            rows = connection.execute(grouped.group_by(held.c.stage)).all()
            open_turns = connection.execute(still_open).scalar_one()
            outbox_waiting = connection.execute(waiting).scalar_one()
        by_stage = dict.fromkeys(Stage, 0) | {Stage(row[0]): int(row[1]) for row in rows}
        return Counts(by_stage, sum(int(row[2] or 0) for row in rows), open_turns, outbox_waiting)


def _unanswered(events: tuple[Event, ...]) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Part what the shopper said last from what was said before: a turn without words of its own.

    It was asked when a person gave the conversation back without having answered these.
    """
    start = len(events)
    while start and events[start - 1].author == SHOPPER:
        start -= 1
    said = tuple(event for event in events[start:] if event.kind is EventKind.SHOPPER_SAID)
    return events[:start], tuple(event.text for event in said)


def _read_state(connection: Connection, conversation: ConversationId) -> ConversationState | None:
    return read_states(connection, [conversation]).get(conversation)


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


@cache
def _waiting_lines() -> Select[Any]:
    """The statement for who waits, asked many times a second: built once."""
    table = tables.conversations
    angry_first = case((table.c.mood == "angry", 0), else_=1)
    # Two indexes; asked with OR, SQLite would read every conversation there ever was.
    queue = select(table.c.id).where(table.c.stage == Stage.WAITING_FOR_STAFF.value)
    left = select(table.c.id).where(table.c.message_left_at.is_not(None))
    not_held = table.c.stage != Stage.WITH_STAFF.value
    query = summaries().where(table.c.id.in_(queue.union(left)), not_held)
    # A conversation in which nobody waits for a word has no waiting_since; it comes last.
    waiting = func.coalesce(table.c.waiting_since, table.c.message_left_at, table.c.last_at)
    ordered = query.order_by(angry_first, waiting, table.c.id)
    return ordered.limit(bindparam("most", type_=Integer))


@cache
def _held_lines() -> Select[Any]:
    """The statement for what is held: where a word is owed first, then the newest."""
    table = tables.conversations
    angry_first = case((table.c.mood == "angry", 0), else_=1)
    owed = func.coalesce(table.c.waiting_since, table.c.message_left_at)
    owed_first = case((owed.is_(None), 1), else_=0)
    query = summaries().where(table.c.stage == Stage.WITH_STAFF.value)
    ordered = query.order_by(angry_first, owed_first, owed, table.c.last_at.desc(), table.c.id)
    return ordered.limit(bindparam("most", type_=Integer))


@cache
def _one_summary() -> Select[Any]:
    return summaries().where(tables.conversations.c.id == bindparam("wanted"))


@cache
def summaries() -> Select[Any]:
    """Make the query for lines of the inbox, to be narrowed and sorted."""
    table, events, marks = tables.conversations, tables.events, tables.read_marks
    seen = (
        select(marks.c.up_to)
        .where(marks.c.conversation == table.c.id, marks.c.reader == STAFF_READER)
        .correlate(table)  # two levels up: by itself it would be joined anew, and take any mark
        .scalar_subquery()
    )
    unread = (
        select(func.count())
        .where(
            and_(
                events.c.conversation == table.c.id,
                events.c.seq > func.coalesce(seen, 0),
                events.c.kind.in_(_FROM_THE_SHOPPER),
            )
        )
        .scalar_subquery()
    )
    return select(table, unread.label("unread"))


def read_summary(row: AnyRow) -> Summary:
    """Read a row of `summaries`."""
    return Summary(
        conversation=ConversationId(row.id),
        stage=Stage(row.stage),
        language=row.language,
        holder=read_holder(row),
        waiting_since=row.waiting_since,
        last_at=row.last_at,
        last_text=row.last_text,
        last_seq=row.last_seq,
        unread=row.unread,
        reason=HandoffReason(row.reason) if row.reason else None,
        intent=row.intent,
        mood=row.mood,
        order=row.subject_order,
        tags=tuple(row.tags),
        score=row.score,
        staff_spoke=row.staff_spoke,
        message_left_at=row.message_left_at,
        late_told=row.late_since is not None
        and row.late_since == (row.waiting_since or row.message_left_at),
    )
