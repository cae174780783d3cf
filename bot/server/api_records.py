"""Routes for admins over stored conversations: taking them out, finding a person, forgetting."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import StreamingResponse

from bot.bus.bus import Wake, WakeUp
from bot.conversation.events import ConversationId
from bot.server.access import Right, current_session, declare
from bot.server.api_public import service_of
from bot.server.conversation_export import FILE_TYPES, FileFormat, export_conversations
from bot.server.filters import wanted_of
from bot.server.requests import EraseBody, PersonBody
from bot.transcripts.finding import Wanted
from bot.transcripts.store import Session

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
    erased = await service.desk.wait(service.parts.transcripts.retention.erase(ids))
    for conversation in ids:
        service.switchboard.wake(conversation, last_seq=None)
        service.inbox.changed(conversation)
        service.publish(WakeUp(Wake.CONVERSATION, conversation))
    service.called.look_soon()
    return {"erased": erased}


@declare(router, "POST", "/api/desk/expire", Right.ADMIN)
async def expire(request: Request, session: Signed) -> dict[str, Any]:
    """Forget now what the retention settings let go."""
    service = service_of(request)
    expired = await service.upkeep.forget()
    figures = {
        "conversations": expired.conversations,
        "traces": expired.traces,
        "notifications": expired.notifications,
    }
    await service.audit(session.account.login, "expired", "", figures)
    return figures
