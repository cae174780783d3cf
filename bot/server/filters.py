"""The filters of the conversation list and of the audit log, as they stand in an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Query

from bot.conversation.events import Stage
from bot.errors import RequestRefused
from bot.transcripts.audit import AuditWanted
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
        RequestRefused: a character that no message can hold, or a date that cannot be.
    """
    _must_be_text(text, holder, mood, tag, mentioned)
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


async def audit_wanted_of(
    who: Word = None,
    act: Word = None,
    text: Words = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AuditWanted:
    """Read the filters of the audit log.

    Raises:
        RequestRefused: a character that no row can hold, or a date that cannot be.
    """
    _must_be_text(who, act, text)
    return AuditWanted(who, act, text or "", _utc(since), _utc(until))


def _must_be_text(*words: str | None) -> None:
    for word in words:
        if word and ("\x00" in word or any("\ud800" <= one <= "\udfff" for one in word)):
            raise RequestRefused("A filter holds a character that is not text.", "筛选内容有误。")


def _utc(at: datetime | None) -> datetime | None:
    """Take a moment without a zone for UTC, as the wire writes times."""
    if at is None:
        return None
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, with an offset that leads out of the calendar
        raise RequestRefused("A date is outside the calendar.", "日期超出了范围。") from None
