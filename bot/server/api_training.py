"""Routes for admins: what was learnt, having it learnt again, and going back."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, UploadFile

from bot.errors import RequestRefused
from bot.server.access import Right, current_session, declare
from bot.server.api_public import service_of
from bot.server.requests import TrainingBody
from bot.server.service import Service
from bot.server.web_rules import BodyTooLarge
from bot.transcripts.store import Session

router = APIRouter()

Signed = Annotated[Session, Depends(current_session)]


@declare(router, "GET", "/api/training", Right.ADMIN)
async def training(request: Request) -> dict[str, Any]:
    """Tell what was learnt, from what, how good it is, and what runs."""
    return await _standing(service_of(request))


@declare(router, "POST", "/api/training/chats", Right.ADMIN, status_code=201)
async def bring_chats(request: Request, session: Signed, file: UploadFile) -> dict[str, Any]:
    """Bring old chats; nothing is learnt from them yet."""
    service = service_of(request)
    service.uploads.take(session.account.id)
    limit = service.settings.upload_bytes
    content = await file.read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge(f"The file is over {limit} bytes.", f"文件超过了 {limit} 字节。")
    if not content.strip():
        raise RequestRefused("The file is empty.", "文件是空的。", code="file_refused")
    uploads = service.knowledge.uploads
    kept = await asyncio.to_thread(
        uploads.keep, content, file.filename or "file", session.account.id
    )
    await service.audit(session.account.login, "training_chats_brought", kept.name)
    return {"upload": kept.id, "name": kept.name, "bytes": kept.size_bytes}


@declare(router, "POST", "/api/training/runs", Right.ADMIN, status_code=202)
async def train(request: Request, session: Signed, body: TrainingBody) -> dict[str, Any]:
    """Have a part learnt again, beside the serving."""
    service = service_of(request)
    login = session.account.login
    return {"run": await service.learning.begin(body.what, login, body.upload, service.audit)}


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


async def _standing(service: Service) -> dict[str, Any]:
    refused = service.training.versions().get("training_refused", "")
    return await asyncio.to_thread(service.learning.standing, refused)
