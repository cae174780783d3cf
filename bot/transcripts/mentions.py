"""Whom notes call, and what of it they have seen; the rows are written together with the note."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, select, update

from bot.conversation.events import ConversationId, StaffId
from bot.transcripts.tables import events, mentions
from bot.transcripts.writer import Writer


@dataclass(frozen=True, slots=True)
class Mention:
    """A note that calls somebody, who has not seen it."""

    conversation: ConversationId
    seq: int
    at: datetime
    by: StaffId
    by_name: str
    text: str


class Mentions:
    """Whom notes call, and what of it they have seen."""

    def __init__(self, reader: Engine, writer: Writer, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._writer = writer
        self._now = now

    def unseen(self, staff: str, limit: int) -> tuple[Mention, ...]:
        """Notes that call somebody and were not seen, newest first."""
        same = and_(
            events.c.conversation == mentions.c.conversation, events.c.seq == mentions.c.seq
        )
        query = (
            select(events.c.conversation, events.c.seq, mentions.c.at)
            .add_columns(events.c.author, events.c.body, events.c.text)
            .join_from(mentions, events, same)
            .where(mentions.c.staff == staff, mentions.c.seen_at.is_(None))
            .order_by(mentions.c.at.desc(), events.c.conversation, events.c.seq.desc())
        )
        with self._reader.begin() as connection:
            return tuple(
                Mention(
                    ConversationId(row.conversation),
                    row.seq,
                    row.at,
                    StaffId(row.author),
                    str(row.body.get("name", "")),
                    row.text,
                )
                for row in connection.execute(query.limit(limit))
            )

    def see(
        self, staff: str, conversation: ConversationId | None = None, up_to: int | None = None
    ) -> Future[int]:
        """Count what calls somebody as seen: in one conversation, up to a number, or all.

        Gives how many were not before.
        """
        which = update(mentions).where(mentions.c.staff == staff, mentions.c.seen_at.is_(None))
        if conversation is not None:
            which = which.where(mentions.c.conversation == conversation)
        if up_to is not None:
            which = which.where(mentions.c.seq <= up_to)
        seen = which.values(seen_at=self._now())
        return self._writer.run_beside(lambda connection: connection.execute(seen).rowcount)
