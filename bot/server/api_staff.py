"""Routes for staff: themselves, and the conversations."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from bot.conversation.events import ConversationId
from bot.errors import NotFound, NotSignedIn, RequestRefused
from bot.server.access import Right, current_session, declare
from bot.server.api_public import service_of, who
from bot.server.audience import for_staff, summary_json
from bot.server.conversation_view import look_into, older, traces_json
from bot.server.filters import wanted_of
from bot.server.frames import MAX_SEQ
from bot.server.requests import PasswordBody
from bot.transcripts.accounts import Session
from bot.transcripts.finding import Wanted, place_from

router = APIRouter()

Signed = Annotated[Session, Depends(current_session)]


@declare(router, "GET", "/api/me", Right.STAFF)
async def me(session: Signed) -> dict[str, Any]:
    """Tell who is signed in."""
    return who(session)


@declare(router, "POST", "/api/sign-out", Right.STAFF, status_code=204)
async def sign_out(request: Request, session: Signed) -> Response:
    """End this session and its sockets."""
    service = service_of(request)
    await service.sign_in.sign_out(service.sign_in.cookie_of(request.scope) or "")
    service.revoked(session.account.id)
    await service.audit(session.account.login, "signed_out")
    answer = Response(status_code=204)
    answer.delete_cookie(
        service.sign_in.cookie_name,
        path="/",
        secure=service.settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    return answer


@declare(router, "POST", "/api/me/password", Right.STAFF, status_code=204)
async def change_password(request: Request, session: Signed, body: PasswordBody) -> Response:
    """Change one's own password; every session of the account ends."""
    service = service_of(request)
    accounts = service.parts.transcripts.accounts
    if len(body.new) < service.settings.password_characters:
        least = service.settings.password_characters
        raise RequestRefused(
            f"A password has at least {least} characters.",
            f"密码至少要有 {least} 个字符。",
            code="password_short",
        )
    service.sign_in.take_try(session.account.login)
    found = await service.desk.read(accounts.by_login, session.account.login)
    if found is None or not await service.sign_in.checks.right(body.old, found[1]):
        raise NotSignedIn("The old password is wrong.", "原密码不正确。", code="wrong_sign_in")
    hashed = await service.sign_in.checks.hashed(body.new)
    await service.desk.wait(accounts.set_password(session.account.id, hashed))
    service.revoked(session.account.id)
    await service.audit(session.account.login, "changed_own_password")
    return Response(status_code=204)


@declare(router, "GET", "/api/conversations", Right.STAFF)
async def conversations(
    request: Request,
    wanted: Annotated[Wanted, Depends(wanted_of)],
    before: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Find conversations, newest word first."""
    service = service_of(request)
    place = None if before is None else place_from(before)
    if before is not None and place is None:
        raise RequestRefused("`before` is not a place of this list.", "翻页位置有误。")
    finding = service.parts.transcripts.finding
    page = await service.desk.read(finding.find, replace(wanted, before=place), limit)
    following = {} if page.following is None else {"next": str(page.following)}
    shown = [summary_json(line, None, service.inbox.deadline(line)) for line in page.lines]
    return {"conversations": shown, **following}


@declare(router, "GET", "/api/conversations/search", Right.STAFF)
async def search(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """Find messages that contain a text."""
    if "\x00" in q:
        raise RequestRefused("The text holds a character that no message can.", "搜索内容有误。")
    desk = service_of(request).desk
    found = await desk.read(desk.store.search, q, limit)
    return {
        "found": [
            {
                "conversation": one.event.conversation,
                "stage": one.stage.value,
                "event": for_staff(one.event),
            }
            for one in found
        ]
    }


@declare(router, "GET", "/api/conversations/{id}", Right.STAFF)
async def conversation(
    request: Request, id: str, before: Annotated[int | None, Query(ge=1, le=MAX_SEQ)] = None
) -> dict[str, Any]:
    """Give one conversation as staff see it."""
    service = service_of(request)
    desk = service.desk
    if before is None:
        view = await desk.read(look_into, desk.store, ConversationId(id[:64]))
        return {"conversation": id, **view.fields(service.inbox.shown(view.line))}
    events, first = await desk.read(older, desk.store, ConversationId(id[:64]), before, 300)
    return {"conversation": id, "events": events, "before": before, "first": first}


@declare(router, "GET", "/api/conversations/{id}/traces", Right.STAFF)
async def traces(request: Request, id: str) -> Response:
    """Tell why each bot message of a conversation was said."""
    desk = service_of(request).desk
    conversation = ConversationId(id[:64])
    if await desk.read(desk.store.state, conversation) is None:
        raise NotFound("There is no such conversation.", "没有这个对话。")
    written = await desk.read(traces_json, desk.store, conversation)
    return Response(written, media_type="application/json")
