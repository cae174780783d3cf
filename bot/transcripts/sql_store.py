"""The real `TranscriptStore`, over SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.commands import Begin, Command, FirstWords
from bot.conversation.events import ConversationId
from bot.transcripts import tables
from bot.transcripts.backup import check_database, copy_database
from bot.transcripts.database import Database
from bot.transcripts.errors import StoreNotSafe, UnknownConversation
from bot.transcripts.reading import Reading
from bot.transcripts.recent import Recent
from bot.transcripts.recording import BeginAsk, CommandAsk
from bot.transcripts.records import Begun, Recorded
from bot.transcripts.writer import Writer


class SqlTranscriptStore(Reading):
    """Keeps conversations; see `bot.transcripts.store.TranscriptStore` for every promise."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        new_epoch: Callable[[], str],
        recent: Recent | None = None,
    ) -> None:
        super().__init__(database, recent)
        self._database = database
        self._writer = writer
        self._only_writer = recent is not None
        self._epoch = writer.run(partial(_settle_epoch, new_epoch=new_epoch)).result()

    @property
    def epoch(self) -> str:
        """See `TranscriptStore.epoch`."""
        return self._epoch

    @property
    def only_writer(self) -> bool:
        """See `TranscriptStore.only_writer`."""
        return self._only_writer

    @property
    def refuses(self) -> bool:
        """See `TranscriptStore.refuses`."""
        return self._writer.refuses

    def begin(self, begin: Begin, token_digest: bytes, first: FirstWords) -> Future[Begun]:
        """See `TranscriptStore.begin`."""
        return self._writer.ask(BeginAsk(begin, token_digest, first))

    def submit(self, conversation: ConversationId, command: Command) -> Future[Recorded]:
        """See `TranscriptStore.submit`."""
        return self._writer.ask(CommandAsk(conversation, command))

    def mark_seen(self, conversation: ConversationId, reader: str, up_to: int) -> Future[int]:
        """See `TranscriptStore.mark_seen`."""
        return self._writer.run_beside(
            partial(_move_mark, conversation=conversation, reader=reader, up_to=up_to)
        )

    def gather(self, seconds: float) -> None:
        """See `TranscriptStore.gather`."""
        self._writer.gather(seconds)

    def check(self) -> tuple[str, ...]:
        """See `TranscriptStore.check`."""
        with self._database.reader.begin() as connection:
            return check_database(connection)

    def backup(self, to: Path) -> None:
        """See `TranscriptStore.backup`."""
        if self._database.path is None:
            raise StoreNotSafe("Back PostgreSQL up with its own tools (pg_dump, pg_basebackup).")
        copy_database(self._database.path, to)

    def close(self) -> None:
        """See `TranscriptStore.close`."""
        self._writer.close()
        self._database.close()


def _settle_epoch(connection: Connection, *, new_epoch: Callable[[], str]) -> str:
    """Read the epoch, or give the new database its first."""
    table = tables.installation
    values = {"id": 1, "epoch": new_epoch()}
    connection.execute(_upsert(connection)(table).values(values).on_conflict_do_nothing())
    return str(connection.execute(select(table.c.epoch)).scalar_one())


def _move_mark(
    connection: Connection, *, conversation: ConversationId, reader: str, up_to: int
) -> int:
    held, marks = tables.conversations, tables.read_marks
    newest = connection.execute(
        select(held.c.last_seq).where(held.c.id == conversation)
    ).scalar_one_or_none()
    if newest is None:
        raise UnknownConversation("There is no such conversation, or it is not yours.")
    place = max(0, min(up_to, newest))
    values = {"conversation": conversation, "reader": reader, "up_to": place}
    upsert = _upsert(connection)(marks).values(values)
    further = case((marks.c.up_to > place, marks.c.up_to), else_=place)
    moved = upsert.on_conflict_do_update(
        index_elements=["conversation", "reader"], set_={"up_to": further}
    )
    return int(connection.execute(moved.returning(marks.c.up_to)).scalar_one())


def _upsert(
    connection: Connection,
) -> Callable[..., sqlite.Insert] | Callable[..., postgresql.Insert]:
    """Both databases know `ON CONFLICT`, each under its own name in SQLAlchemy."""
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
