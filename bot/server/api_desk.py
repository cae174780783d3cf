"""Routes of the desk: canned replies, hours, tags, colleagues, skills, and what must leave."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from bot.answering.entities import EntityFinder
from bot.conversation.conversation import SHOPPER, ConversationState
from bot.conversation.events import ConversationId
from bot.errors import Conflict, NotFound, RequestRefused
from bot.handoff.canned import VARIABLES, CannedRefused, CannedReply, fill, suggest
from bot.handoff.hours import HoursRefused, calendar_from
from bot.server.access import Right, current_session, declare
from bot.server.api_admin import account_json, read_account
from bot.server.api_public import service_of
from bot.server.api_records import days_json
from bot.server.audience import iso
from bot.server.opening_hours import CALENDAR
from bot.server.requests import CannedBody, HoursBody, SkillsBody
from bot.server.service import Service
from bot.server.turns import language_from
from bot.transcripts.accounts import Session
from bot.transcripts.desk import StaffSkills
from bot.transcripts.errors import ShortcutTaken
from bot.transcripts.outbox import OutboxRow
from bot.transcripts.store import TranscriptStore

router = APIRouter()

Signed = Annotated[Session, Depends(current_session)]
MOST_CANNED = 50
"""Replies that one look into the list gives; more are found by typing on."""


LOOKED_THROUGH = 100
"""Newest events in which an order number is looked for."""


# -- canned replies ------------------------------------------------------------------------------


@declare(router, "GET", "/api/canned", Right.STAFF)
async def canned(request: Request) -> dict[str, Any]:
    """List every canned reply."""
    service = service_of(request)
    replies = await service.desk.read(service.parts.transcripts.desk.canned_replies)
    return {"replies": [canned_json(reply) for reply in replies], "variables": list(VARIABLES)}


@declare(router, "POST", "/api/canned", Right.ADMIN, status_code=201)
async def add_canned(request: Request, session: Signed, body: CannedBody) -> dict[str, Any]:
    """Keep a new reply."""
    reply = CannedReply(secrets.token_hex(8), body.shortcut, body.texts)
    return await _keep_canned(service_of(request), session, reply, "canned_added")


@declare(router, "POST", "/api/canned/{id}", Right.ADMIN)
async def change_canned(
    request: Request, session: Signed, id: str, body: CannedBody
) -> dict[str, Any]:
    """Change a reply."""
    service = service_of(request)
    replies = await service.desk.read(service.parts.transcripts.desk.canned_replies)
    if id not in {reply.id for reply in replies}:
        raise _no_reply()
    reply = CannedReply(id, body.shortcut, body.texts)
    return await _keep_canned(service, session, reply, "canned_changed")


@declare(router, "DELETE", "/api/canned/{id}", Right.ADMIN, status_code=204)
async def drop_canned(request: Request, session: Signed, id: str) -> Response:
    """Delete a reply."""
    service = service_of(request)
    if not await service.desk.wait(service.parts.transcripts.desk.drop_canned_reply(id)):
        raise _no_reply()
    await service.audit(session.account.login, "canned_dropped", id)
    return Response(status_code=204)


@declare(router, "GET", "/api/conversations/{id}/canned", Right.STAFF)
async def filled_canned(
    request: Request,
    session: Signed,
    id: str,
    typed: Annotated[str, Query(max_length=80)] = "",
    language: Literal["zh", "en"] | None = None,
) -> dict[str, Any]:
    """Give the replies that fit what was typed, filled in for this conversation."""
    service = service_of(request)
    state = await service.desk.read(service.desk.store.state, ConversationId(id[:64]))
    if state is None:
        raise NotFound("There is no such conversation.", "没有这个对话。")
    replies = await service.desk.read(service.parts.transcripts.desk.canned_replies)
    wanted = language or language_from(state.language) or "zh"
    order = state.order or await service.desk.read(
        _order_in_talk, service.desk.store, state.id, service.shop.order_number_pattern
    )
    facts = _facts(state, order, session.account.name, service.shop.names[wanted])
    shown = []
    for reply in suggest(replies, typed)[:MOST_CANNED]:
        filled = fill(reply, wanted, facts)
        shown.append(
            {
                "id": reply.id,
                "shortcut": reply.shortcut,
                "text": filled.text,
                "missing": list(filled.missing),
            }
        )
    return {"replies": shown}


async def _keep_canned(
    service: Service, session: Session, reply: CannedReply, act: str
) -> dict[str, Any]:
    kept = service.parts.transcripts.desk
    try:
        await service.desk.wait(kept.keep_canned_reply(reply, session.account.login))
    except CannedRefused as error:
        raise RequestRefused(
            str(error), "快捷回复有误：请检查快捷词、内容和变量。", code="canned"
        ) from error
    except ShortcutTaken as error:
        raise Conflict(str(error), "这个快捷词已经有了。", code="shortcut_taken") from error
    await service.audit(session.account.login, act, reply.id, {"shortcut": reply.shortcut})
    return {"reply": canned_json(reply)}


def _order_in_talk(
    store: TranscriptStore, conversation: ConversationId, pattern: str
) -> str | None:
    """The newest order number that the shopper wrote: to staff too, where no bot listens."""
    finder = EntityFinder(pattern)
    for event in reversed(store.newest(conversation, LOOKED_THROUGH).events):
        if event.author == SHOPPER:
            found = [one.value for one in finder.find(event.text) if one.entity == "order_number"]
            if found:
                return found[-1]
    return None


def _facts(
    state: ConversationState, order: str | None, staff_name: str, shop: str
) -> dict[str, str | None]:
    return {
        "shopper_name": state.contact.get("name"),
        "order": order,
        "staff_name": staff_name,
        "shop": shop,
    }


def canned_json(reply: CannedReply) -> dict[str, Any]:
    """Give a canned reply."""
    return {"id": reply.id, "shortcut": reply.shortcut, "texts": dict(reply.texts)}


def _no_reply() -> NotFound:
    return NotFound("There is no such reply.", "没有这条快捷回复。")


# -- hours, tags, people -------------------------------------------------------------------------


@declare(router, "POST", "/api/hours", Right.ADMIN)
async def set_hours(request: Request, session: Signed, body: HoursBody) -> dict[str, Any]:
    """Set opening hours; they hold instead of the shop's file."""
    service = service_of(request)
    try:
        calendar = calendar_from(body.model_dump())
    except HoursRefused as error:
        raise RequestRefused(
            str(error), "营业时间有误：请检查时区、日期和时间。", code="hours"
        ) from error
    kept = service.parts.transcripts.desk
    await service.desk.wait(kept.keep_calendar(CALENDAR, calendar, session.account.login))
    await service.audit(session.account.login, "hours_set", "", calendar.as_json())
    await service.staff_changed()
    return service.hours.whole_json()


@declare(router, "DELETE", "/api/hours", Right.ADMIN, status_code=204)
async def drop_hours(request: Request, session: Signed) -> Response:
    """Let the shop's file hold again."""
    service = service_of(request)
    await service.desk.wait(service.parts.transcripts.desk.drop_calendar(CALENDAR))
    await service.audit(session.account.login, "hours_dropped")
    await service.staff_changed()
    return Response(status_code=204)


@declare(router, "GET", "/api/tags", Right.STAFF)
async def tags(request: Request) -> dict[str, Any]:
    """List every tag in use."""
    service = service_of(request)
    used = await service.desk.read(service.parts.transcripts.finding.tags)
    return {"tags": [{"tag": tag, "conversations": many} for tag, many in used]}


@declare(router, "GET", "/api/intents", Right.STAFF)
async def intents(request: Request) -> dict[str, Any]:
    """Name every intent of the shop, for people to read."""
    named = service_of(request).shop.intents.items()
    return {"intents": {name: dict(intent.labels) for name, intent in named}}


@declare(router, "GET", "/api/colleagues", Right.STAFF)
async def colleagues(request: Request) -> dict[str, Any]:
    """List everybody who answers."""
    return {"colleagues": service_of(request).inbox.listed_colleagues()}


@declare(router, "POST", "/api/staff/{id}/skills", Right.ADMIN)
async def set_skills(
    request: Request, session: Signed, id: str, body: SkillsBody
) -> dict[str, Any]:
    """Set what routing knows of a person."""
    service = service_of(request)
    account = await read_account(service, id)
    skills = StaffSkills(
        account.id, frozenset(body.languages), frozenset(body.skills), body.capacity
    )
    await service.desk.wait(service.parts.transcripts.desk.keep_skills(skills))
    await service.audit(session.account.login, "skills_set", account.login, body.model_dump())
    await service.staff_changed()
    return {"account": account_json(account, skills)}


# -- what must leave the house, and how the desk is set ------------------------------------------


@declare(router, "GET", "/api/desk", Right.ADMIN)
async def desk(request: Request) -> dict[str, Any]:
    """Tell how the desk is set, and what could not be delivered."""
    service = service_of(request)
    settings = service.settings
    counts = await service.desk.read(service.desk.store.counts)
    dead = await service.desk.read(service.parts.transcripts.outbox.dead_letters)
    channels = {"webhook": settings.webhook_url, "mail": settings.mail_host}
    return {
        "routing": settings.routing,
        "first_reply_seconds": settings.first_reply_seconds,
        "next_reply_seconds": settings.next_reply_seconds,
        "staff_away_seconds": settings.staff_away_seconds,
        "retention": days_json(await service.upkeep.kept_days()),
        "channels": [name for name, address in channels.items() if address],
        "outbox": {
            "waiting": counts.outbox_waiting,
            "dead": [dead_letter_json(row) for row in dead],
        },
    }


@declare(router, "POST", "/api/desk/outbox/{id}/revive", Right.ADMIN, status_code=204)
async def revive(request: Request, session: Signed, id: str) -> Response:
    """Try a dead letter again."""
    service = service_of(request)
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 10 else 0
    if not await service.desk.wait(service.parts.transcripts.outbox.revive(number)):
        raise NotFound("There is no such dead letter.", "没有这条未送达的通知。")
    await service.audit(session.account.login, "delivery_revived", id)
    return Response(status_code=204)


def dead_letter_json(row: OutboxRow) -> dict[str, Any]:
    """Give what could not be delivered; ids and facts, never what was said."""
    return {
        "id": row.id,
        "kind": row.kind,
        "conversation": row.conversation,
        "at": iso(row.created_at),
        "tries": row.attempts,
        "why": row.last_error,
    }
