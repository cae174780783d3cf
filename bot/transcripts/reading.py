"""Reads transcripts. Every method is one transaction and sees one moment of the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Case,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError

from bot.conversation.conversation import ConversationState, Turn
from bot.conversation.events import (
    FROM_THE_SHOPPER,
    ConversationId,
    Event,
    EventKind,
    HandoffReason,
    Stage,
    TurnId,
)
from bot.handoff.queue import FIRST_MOODS
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
from bot.transcripts.turn_contexts import read_turn_contexts

_FROM_THE_SHOPPER = tuple(sorted(kind.value for kind in FROM_THE_SHOPPER))


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

    def until_handoff(self, conversation: ConversationId, limit: int = 100) -> tuple[Event, ...]:
        """See `TranscriptStore.until_handoff`."""
        table = tables.events
        mine = table.c.conversation == conversation
        requested = table.c.kind == EventKind.HANDOFF_REQUESTED.value
        newest = select(table.c.seq).where(mine, requested).order_by(table.c.seq.desc()).limit(1)
        query = select(table).where(mine, table.c.seq <= newest.scalar_subquery())
        with self._engine.begin() as connection:
            rows = connection.execute(query.order_by(table.c.seq.desc()).limit(limit))
            return tuple(reversed([read_event(row) for row in rows]))

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
            return read_turn_contexts(connection, turns, history)

    def open_turns(self) -> tuple[Turn, ...]:
        """See `TranscriptStore.open_turns`."""
        table = tables.turns
        query = select(table).where(table.c.ended_at.is_(None))
        with self._engine.begin() as connection:
            rows = connection.execute(query.order_by(table.c.asked_at, table.c.number))
            return tuple(map(read_turn, rows))

    def traces(
        self, conversation: ConversationId, of: int | None = None
    ) -> Mapping[TurnId, Mapping[str, Any]]:
        """See `TranscriptStore.traces`."""
        table = tables.traces
        query = select(table).where(table.c.conversation == conversation).order_by(table.c.seq)
        if of is not None:
            query = query.where(table.c.seq == of)
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

    def summaries(self, conversations: Collection[ConversationId]) -> dict[ConversationId, Summary]:
        """See `TranscriptStore.summaries`."""
        if not conversations:
            return {}
        found = self._read_summaries(_these_summaries(), {"wanted": list(conversations)})
        return {line.conversation: line for line in found}

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


def _read_state(connection: Connection, conversation: ConversationId) -> ConversationState | None:
    return read_states(connection, [conversation]).get(conversation)


def _moods_first() -> Case[int]:
    return case((tables.conversations.c.mood.in_(sorted(FIRST_MOODS)), 0), else_=1)


@cache
def _waiting_lines() -> Select[Any]:
    """The statement for who waits, asked many times a second: built once.

    The order is that of `bot.handoff.queue.listed`, here only to cut a long inbox off in the
    right place; so it is in `_held_lines`.
    """
    table = tables.conversations
    # Two indexes; asked with OR, SQLite would read every conversation there ever was.
    queue = select(table.c.id).where(table.c.stage == Stage.WAITING_FOR_STAFF.value)
    left = select(table.c.id).where(table.c.message_left_at.is_not(None))
    not_held = table.c.stage != Stage.WITH_STAFF.value
    query = summaries().where(table.c.id.in_(queue.union(left)), not_held)
    # A conversation in which nobody waits for a word has no waiting_since; it comes last.
    waiting = func.coalesce(table.c.waiting_since, table.c.message_left_at, table.c.last_at)
    ordered = query.order_by(_moods_first(), waiting, table.c.id)
    return ordered.limit(bindparam("most", type_=Integer))


@cache
def _held_lines() -> Select[Any]:
    """The statement for what is held: where a word is owed first, then the newest."""
    table = tables.conversations
    owed = func.coalesce(table.c.waiting_since, table.c.message_left_at)
    owed_first = case((owed.is_(None), 1), else_=0)
    query = summaries().where(table.c.stage == Stage.WITH_STAFF.value)
    ordered = query.order_by(_moods_first(), owed_first, owed, table.c.last_at.desc(), table.c.id)
    return ordered.limit(bindparam("most", type_=Integer))


@cache
def _one_summary() -> Select[Any]:
    return summaries().where(tables.conversations.c.id == bindparam("wanted"))


@cache
def _these_summaries() -> Select[Any]:
    wanted: BindParameter[Any] = bindparam("wanted", expanding=True)
    return summaries().where(tables.conversations.c.id.in_(wanted))


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
