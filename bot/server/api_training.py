"""Routes for admins: what was learnt, having it learnt again, and going back."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from itertools import chain, pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, UploadFile

from bot.handoff.weeks import week_bounds
from bot.server.access import Right, current_session, declare
from bot.server.api_public import service_of
from bot.server.audience import iso
from bot.server.brought_files import keep_brought
from bot.server.mined_questions import FILE_NAME, Choice
from bot.server.requests import ChosenBody, ImportOptions, LeftOutBody, TrainingBody
from bot.server.service import Service
from bot.server.training_wanted import Wanted
from bot.transcripts.accounts import Session
from bot.transcripts.audit import AuditWanted
from knowledge_base.versions import VersionInfo

router = APIRouter()

LEFT_OUT = "proposals_left_out"
"""An act of the audit log, which so remembers for good what nobody wants."""

MOST_ROWS = 2_000
WEEKS = 12

Signed = Annotated[Session, Depends(current_session)]


@declare(router, "GET", "/api/training", Right.ADMIN)
async def training(request: Request) -> dict[str, Any]:
    """Tell what was learnt, from what, how good it is, and what runs."""
    return await _standing(service_of(request))


@declare(router, "POST", "/api/training/chats", Right.ADMIN, status_code=201)
async def bring_chats(request: Request, session: Signed, file: UploadFile) -> dict[str, Any]:
    """Bring old chats; nothing is learnt from them yet."""
    service = service_of(request)
    kept = await keep_brought(service, session, file)
    await service.audit(session.account.login, "training_chats_brought", kept.name)
    return {"upload": kept.id, "name": kept.name, "bytes": kept.size_bytes}


@declare(router, "POST", "/api/training/runs", Right.ADMIN, status_code=202)
async def train(request: Request, session: Signed, body: TrainingBody) -> dict[str, Any]:
    """Have a part learnt again, beside the serving."""
    service = service_of(request)
    wanted = Wanted(body.what, session.account.login, body.upload, body.desk, tuple(body.staff))
    return {"run": await service.learning.begin(wanted, service.audit)}


@declare(router, "POST", "/api/training/end", Right.ADMIN, status_code=202)
async def end(request: Request, session: Signed) -> dict[str, Any]:
    """End the run, whichever node it is on."""
    service = service_of(request)
    run = await service.learning.end(session.account.login)
    await service.audit(session.account.login, "training_cancelled", run)
    return {"run": run}


@declare(router, "POST", "/api/training/sets/{id}/roll-back", Right.ADMIN)
async def roll_back(request: Request, session: Signed, id: str) -> dict[str, Any]:
    """Let an earlier set answer, on every node."""
    service = service_of(request)
    await asyncio.to_thread(service.learning.must_have, id)
    await service.audit(session.account.login, "training_rolled_back", id)
    await asyncio.to_thread(service.learning.roll_back, id)
    service.training_changed()
    await service.training.look_now()
    return await _standing(service)


@declare(router, "GET", "/api/training/proposals", Right.ADMIN)
async def proposals(request: Request) -> dict[str, Any]:
    """Tell what old chats hold that the bot does not answer yet, and what became of each."""
    return await _proposals(service_of(request))


@declare(router, "POST", "/api/training/proposals/left-out", Right.ADMIN)
async def leave_out(request: Request, session: Signed, body: LeftOutBody) -> dict[str, Any]:
    """Leave proposals out, also when they are found again."""
    service = service_of(request)
    digests = await asyncio.to_thread(service.learning.mined.digests_of, body.ids)
    details = {"ids": body.ids, "questions": digests}
    await service.audit(session.account.login, LEFT_OUT, "", details)
    return await _proposals(service)


@declare(router, "POST", "/api/training/proposals/file", Right.ADMIN, status_code=201)
async def file_of_proposals(request: Request, session: Signed, body: ChosenBody) -> dict[str, Any]:
    """Make a file of chosen proposals, to be looked through and published like any other."""
    service = service_of(request)
    entries = service.knowledge.base.current.entries
    choices = [
        Choice(one.id, one.answer, one.questions, one.as_new, one.to_entry) for one in body.chosen
    ]
    content = await asyncio.to_thread(service.learning.mined.file_of, choices, entries)
    desk = service.knowledge
    kept = await asyncio.to_thread(desk.uploads.keep, content, FILE_NAME, session.account.id)
    await service.audit(session.account.login, "knowledge_uploaded", kept.name)
    return await asyncio.to_thread(desk.preview, kept.id, ImportOptions())


@declare(router, "GET", "/api/training/proposals/{id}/check", Right.ADMIN)
async def check_of_proposal(request: Request, id: str) -> dict[str, Any]:
    """Search for the questions of a published proposal, and tell which find it."""
    service = service_of(request)
    searcher = service.knowledge.base.current
    return await asyncio.to_thread(service.learning.mined.check, id, searcher)


@declare(router, "GET", "/api/training/weeks", Right.ADMIN)
async def weeks(request: Request) -> dict[str, Any]:
    """Tell week by week what the bot's turns came to, and what was published meanwhile."""
    service = service_of(request)
    zone = service.hours.calendar.zone
    bounds = week_bounds(service.parts.now(), zone, WEEKS)
    counted = await service.desk.read(service.parts.transcripts.figures.turns, bounds)
    is_there = service.knowledge.is_there
    versions = await asyncio.to_thread(service.knowledge.base.versions) if is_there else []
    told = []
    for (begin, end), counts in zip(pairwise(bounds), counted, strict=True):
        monday = begin.astimezone(ZoneInfo(zone)).date().isoformat()
        meanwhile = [_published(one) for one in versions[::-1] if begin <= one.created_at < end]
        told.append({"begins": monday, **asdict(counts), "published": meanwhile})
    return {"zone": zone, "weeks": told}


def _published(info: VersionInfo) -> dict[str, Any]:
    return {"version": info.id, "made_at": iso(info.created_at), "note": info.note}


async def _proposals(service: Service) -> dict[str, Any]:
    rows = await service.desk.read(
        service.parts.transcripts.audit.rows, None, MOST_ROWS, AuditWanted(act=LEFT_OUT)
    )
    named = [row.details.get(name, ()) for row in rows for name in ("ids", "questions")]
    left_out = frozenset(chain.from_iterable(named))
    entries = service.knowledge.base.current.entries if service.knowledge.is_there else ()
    return await asyncio.to_thread(service.learning.mined.as_json, entries, left_out)


async def _standing(service: Service) -> dict[str, Any]:
    refused = service.training.versions().get("training_refused", "")
    told = await asyncio.to_thread(service.learning.standing, refused)
    return {**told, "mines": service.parts.mines and service.knowledge.is_there}
