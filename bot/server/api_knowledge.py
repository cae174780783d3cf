"""Routes for admins: the knowledge base and the files that are brought into it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from starlette.responses import Response

from bot.errors import RequestRefused
from bot.server.access import Right, current_session, declare
from bot.server.api_public import service_of
from bot.server.brought_files import keep_brought
from bot.server.jobs import CameTo, Job
from bot.server.knowledge_desk import check_language
from bot.server.requests import EntryBody, ImportOptions, OptionsBody, PublishBody
from bot.server.service import Service
from bot.transcripts.accounts import Session
from knowledge_base.entry import VersionId
from knowledge_base.export import ExportFormat, export_entries

router = APIRouter()

EXPORT_TYPES: dict[ExportFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
}

ACTS = {
    "publish": ("knowledge_publish_asked", "knowledge_published", "knowledge_publish_failed"),
    "remove": (
        "knowledge_removal_asked", "knowledge_entry_removed", "knowledge_removal_failed",
    ),
    "roll-back": (
        "knowledge_roll_back_asked", "knowledge_rolled_back", "knowledge_roll_back_failed",
    ),
}  # fmt: skip
"""Of a job: what the audit log calls it when it is asked for, done and failed."""

Signed = Annotated[Session, Depends(current_session)]


@declare(router, "POST", "/api/knowledge/uploads", Right.ADMIN, status_code=201)
async def upload(request: Request, session: Signed, file: UploadFile) -> dict[str, Any]:
    """Bring a file; nothing changes yet."""
    service = service_of(request)
    kept = await keep_brought(service, session, file)
    desk = service.knowledge
    try:
        await service.audit(session.account.login, "knowledge_uploaded", kept.name)
        return await asyncio.to_thread(desk.preview, kept.id, ImportOptions())
    except Exception:
        desk.uploads.forget(kept.id)
        raise


@declare(router, "POST", "/api/knowledge/uploads/{id}/preview", Right.ADMIN)
async def preview(request: Request, id: str, body: OptionsBody) -> dict[str, Any]:
    """Look at a file again, read another way."""
    return await asyncio.to_thread(service_of(request).knowledge.preview, id, body.options)


@declare(router, "POST", "/api/knowledge/uploads/{id}/dry-run", Right.ADMIN, status_code=202)
async def dry_run(request: Request, session: Signed, id: str, body: OptionsBody) -> dict[str, Any]:
    """Tell what publishing would change."""
    service = service_of(request)
    await asyncio.to_thread(service.knowledge.uploads.get, id)
    job = await service.jobs.begin(
        "dry-run",
        session.account.id,
        lambda job: service.knowledge.dry_run(id, body.options, job),
    )
    return {"job": job.id}


@declare(router, "POST", "/api/knowledge/uploads/{id}/publish", Right.ADMIN, status_code=202)
async def publish(request: Request, session: Signed, id: str, body: PublishBody) -> dict[str, Any]:
    """Publish the file as a new version."""
    service = service_of(request)
    kept, _ = await asyncio.to_thread(service.knowledge.uploads.get, id)
    desk, by = service.knowledge, session.account.login
    return await _audited(
        service, session, "publish", kept.name, {"note": body.note},
        lambda job: desk.publish(id, body.options, body.note, by, job),
    )  # fmt: skip


@declare(router, "POST", "/api/knowledge/entries/remove", Right.ADMIN, status_code=202)
async def remove(request: Request, session: Signed, body: EntryBody) -> dict[str, Any]:
    """Take one entry out of what is published."""
    service = service_of(request)
    desk, by = service.knowledge, session.account.login
    await asyncio.to_thread(desk.published_entry, body.id, body.language)
    return await _audited(
        service, session, "remove", body.id, {"language": body.language},
        lambda job: desk.remove(body.id, body.language, by, job),
    )  # fmt: skip


@declare(router, "DELETE", "/api/knowledge/uploads/{id}", Right.ADMIN, status_code=204)
async def forget(request: Request, id: str) -> Response:
    """Delete a file that was brought."""
    await asyncio.to_thread(service_of(request).knowledge.uploads.forget, id)
    return Response(status_code=204)


@declare(router, "GET", "/api/jobs/{id}", Right.ADMIN)
async def job(request: Request, id: str) -> dict[str, Any]:
    """Tell how far a job is."""
    return await service_of(request).jobs.tell(id)


@declare(router, "GET", "/api/knowledge/versions", Right.ADMIN)
async def versions(request: Request) -> dict[str, Any]:
    """List published versions."""
    return await asyncio.to_thread(service_of(request).knowledge.versions)


@declare(router, "POST", "/api/knowledge/versions/{id}/roll-back", Right.ADMIN, status_code=202)
async def roll_back(request: Request, session: Signed, id: str) -> dict[str, Any]:
    """Let an earlier version serve."""
    service = service_of(request)
    await asyncio.to_thread(_must_exist, service, id)
    desk = service.knowledge
    return await _audited(
        service, session, "roll-back", id, {}, lambda job: desk.roll_back(id, job)
    )


@declare(router, "GET", "/api/knowledge/search", Right.ADMIN)
async def search(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=4000)],
    language: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> dict[str, Any]:
    """Search as the bot does."""
    desk = service_of(request).knowledge
    return await asyncio.to_thread(desk.search, q, check_language(language), limit)


@declare(router, "POST", "/api/knowledge/check", Right.ADMIN, status_code=202)
async def check(request: Request, session: Signed) -> dict[str, Any]:
    """Ask the version that serves all its own questions."""
    service = service_of(request)
    job = await service.jobs.begin("check", session.account.id, service.knowledge.check)
    return {"job": job.id}


@declare(router, "GET", "/api/knowledge/export", Right.ADMIN)
async def export(request: Request, session: Signed, format: ExportFormat = "csv") -> Response:
    """Give the entries of the version that serves, as a file."""
    service = service_of(request)
    searcher = service.knowledge.base.current
    content = await asyncio.to_thread(export_entries, searcher.entries, format)
    about = {"format": format}
    await service.audit(session.account.login, "knowledge_exported", searcher.version, about)
    name = f"knowledge-{searcher.version}.{format}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=EXPORT_TYPES[format], headers=headers)


async def _audited(
    service: Service,
    session: Session,
    kind: str,
    about: str,
    details: dict[str, Any],
    work: Callable[[Job], dict[str, Any]],
) -> dict[str, Any]:
    """Begin a job; the audit log tells that it was asked for, and what became of it."""
    asked, done, failed = ACTS[kind]
    login = session.account.login

    async def note(job: Job, came_to: CameTo) -> None:
        """A version that serves does so whatever failed after it."""
        if "version" in job.facts:
            await service.audit(login, done, about, {**details, "version": job.facts["version"]})
        elif isinstance(came_to, RequestRefused):
            await service.audit(login, failed, about, {"why": came_to.code})

    await service.audit(login, asked, about, details)
    job = await service.jobs.begin(kind, session.account.id, work, note=note)
    return {"job": job.id}


def _must_exist(service: Service, version: str) -> None:
    service.knowledge.base.info(VersionId(version))
