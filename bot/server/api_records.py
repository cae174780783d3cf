"""Routes for admins over stored conversations: taking them out, finding a person, forgetting."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from bot.bus.bus import Wake, WakeUp
from bot.conversation.events import ConversationId
from bot.server.access import Right, current_session, declare
from bot.server.api_public import service_of
from bot.server.conversation_export import FILE_TYPES, FileFormat, export_conversations
from bot.server.filters import wanted_of
from bot.server.logs import log_of
from bot.server.requests import EraseBody, PersonBody, RetentionBody
from bot.server.service import Service
from bot.transcripts.accounts import Session
from bot.transcripts.finding import Wanted
from bot.transcripts.retention import Expired, KeptDays

log = log_of(__name__)

router = APIRouter()

Signed = Annotated[Session, Depends(current_session)]


@declare(router, "GET", "/api/conversations/export", Right.ADMIN)
async def export(
    request: Request,
    session: Signed,
    wanted: Annotated[Wanted, Depends(wanted_of)],
    format: FileFormat = "csv",
) -> StreamingResponse:
    """Give conversations as a file, one event a row."""
    service = service_of(request)
    asked = {name: value for name, value in request.query_params.items() if len(value) < 200}
    await service.audit(session.account.login, "conversations_exported", format, asked)
    transcripts = service.parts.transcripts
    rows = export_conversations(transcripts.finding, transcripts.store, wanted, format)
    headers = {"content-disposition": f'attachment; filename="conversations.{format}"'}
    return StreamingResponse(rows, media_type=FILE_TYPES[format], headers=headers)


@declare(router, "POST", "/api/conversations/of-person", Right.ADMIN)
async def of_person(request: Request, session: Signed, body: PersonBody) -> dict[str, Any]:
    """Find every conversation that holds a person's words or contact details."""
    service = service_of(request)
    # What was looked for is personal itself, and an audit log is kept for ever.
    await service.audit(session.account.login, "person_looked_up")
    found = await service.desk.read(service.parts.transcripts.retention.conversations_of, body.text)
    return {"conversations": list(found)}


@declare(router, "POST", "/api/conversations/erase", Right.ADMIN)
async def erase(request: Request, session: Signed, body: EraseBody) -> dict[str, Any]:
    """Erase conversations for good."""
    service = service_of(request)
    ids = [ConversationId(id) for id in dict.fromkeys(body.conversations)]
    await service.audit(
        session.account.login, "conversations_erased", "", {"conversations": list(ids)}
    )
    try:
        erased = await service.desk.wait(service.parts.transcripts.retention.erase(ids))
    finally:  # they may be deleted although their last bytes are not
        for conversation in ids:
            service.switchboard.wake(conversation, last_seq=None)
            service.inbox.changed(conversation)
            service.publish(WakeUp(Wake.CONVERSATION, conversation))
        service.called.look_soon()
        await _forget_copies(service)
    return {"erased": erased}


async def _forget_copies(service: Service) -> None:
    """Forget what else may hold the words of erased conversations."""
    try:
        await asyncio.to_thread(service.learning.mined.forget)
    except OSError as error:  # what was found is forgotten within a day anyway
        log.warning("erasing.found_not_forgotten", why=error.strerror)


@declare(router, "GET", "/api/retention", Right.ADMIN)
async def retention(request: Request) -> dict[str, Any]:
    """Tell how long what is kept."""
    return await _retention_json(service_of(request))


@declare(router, "GET", "/api/retention/preview", Right.ADMIN)
async def preview_retention(
    request: Request,
    closed_days: Annotated[int, Query(ge=0, le=36_500)],
    traces_days: Annotated[int, Query(ge=0, le=36_500)],
    delivered_days: Annotated[int, Query(ge=0, le=36_500)],
) -> dict[str, Any]:
    """Count what would be forgotten at once if it were kept so long."""
    service = service_of(request)
    kept = KeptDays(closed_days, traces_days, delivered_days)
    expired = await service.desk.read(service.parts.transcripts.retention.would_expire, kept)
    return expired_json(expired)


@declare(router, "POST", "/api/retention", Right.ADMIN)
async def set_retention(request: Request, session: Signed, body: RetentionBody) -> dict[str, Any]:
    """Set how long what is kept; it holds instead of the settings, on every node."""
    service = service_of(request)
    before = days_json(await service.upkeep.kept_days())
    kept = KeptDays(body.closed_days, body.traces_days, body.delivered_days)
    login = session.account.login
    # Written first: what is forgotten sooner must never go without a word of who wanted it.
    await service.audit(login, "retention_set", "", {**body.model_dump(), "before": before})
    await service.desk.wait(service.parts.transcripts.retention.set_kept_days(kept, login))
    return await _retention_json(service)


@declare(router, "DELETE", "/api/retention", Right.ADMIN, status_code=204)
async def drop_retention(request: Request, session: Signed) -> Response:
    """Let the settings hold again."""
    service = service_of(request)
    before = days_json(await service.upkeep.kept_days())
    await service.audit(session.account.login, "retention_dropped", "", {"before": before})
    await service.desk.wait(service.parts.transcripts.retention.drop_kept_days())
    return Response(status_code=204)


@declare(router, "POST", "/api/desk/expire", Right.ADMIN)
async def expire(request: Request, session: Signed) -> dict[str, Any]:
    """Forget now what the retention settings let go."""
    service = service_of(request)
    figures = expired_json(await service.upkeep.forget())
    await service.audit(session.account.login, "expired", "", figures)
    return figures


async def _retention_json(service: Service) -> dict[str, Any]:
    stored = await service.desk.read(service.parts.transcripts.retention.kept_days)
    kept = stored or service.upkeep.settings_days
    return {**days_json(kept), "source": "set" if stored else "settings"}


def days_json(kept: KeptDays) -> dict[str, int]:
    """Give how long what is kept."""
    return {
        "closed_days": kept.closed,
        "traces_days": kept.traces,
        "delivered_days": kept.delivered,
    }


def expired_json(expired: Expired) -> dict[str, int]:
    """Give how much was, or would be, forgotten."""
    return {
        "conversations": expired.conversations,
        "traces": expired.traces,
        "notifications": expired.notifications,
    }
