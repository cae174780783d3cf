"""The filters of the conversation list, as they stand in an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Query

from bot.conversation.events import Stage
from bot.errors import RequestRefused
from bot.transcripts.finding import Wanted

Word = Annotated[str | None, Query(min_length=1, max_length=64)]
Words = Annotated[str | None, Query(max_length=200)]


async def wanted_of(
    text: Words = None,
    stage: Stage | None = None,
    holder: Word = None,
    language: Literal["zh", "en"] | None = None,
    mood: Word = None,
    tag: Word = None,
    mentioned: Word = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Wanted:
    """Read the filters.

    Raises:
        RequestRefused: a character that no message can hold.
    """
    for word in (text, holder, mood, tag, mentioned):
        if word and ("\x00" in word or any("\ud800" <= one <= "\udfff" for one in word)):
            raise RequestRefused("A filter holds a character that is not text.", "筛选内容有误。")
    return Wanted(
        text=text or "",
        stage=stage,
        holder=holder,
        language=language,
        mood=mood,
        tag=tag,
        mentioned=mentioned,
        since=_utc(since),
        until=_utc(until),
    )


def _utc(at: datetime | None) -> datetime | None:
    """Take a moment without a zone for UTC, as the wire writes times."""
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
