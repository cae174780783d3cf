"""Routes for admins: accounts, the audit log, and how everything stands."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from bot.errors import NotFound, RequestRefused
from bot.server.access import Right, current_session, declare
from bot.server.api_public import service_of
from bot.server.audience import iso
from bot.server.filters import audit_wanted_of
from bot.server.frames import MAX_SEQ
from bot.server.passwords import new_password
from bot.server.requests import NewStaffBody, RolesBody
from bot.server.service import Service
from bot.transcripts.accounts import Session, StaffAccount
from bot.transcripts.audit import AuditWanted
from bot.transcripts.desk import StaffSkills
from bot.transcripts.errors import LastAdmin, LoginTaken

router = APIRouter()

Signed = Annotated[Session, Depends(current_session)]


@declare(router, "GET", "/api/staff", Right.ADMIN)
async def staff(request: Request) -> dict[str, Any]:
    """List every account."""
    service = service_of(request)
    accounts = await service.desk.read(service.parts.transcripts.accounts.all)
    known = await service.desk.read(service.parts.transcripts.desk.skills)
    skills = {one.staff: one for one in known}

    def shown(account: StaffAccount) -> dict[str, Any]:
        return account_json(account, skills.get(account.id, StaffSkills(account.id)))

    return {"staff": [shown(account) for account in accounts]}


@declare(router, "POST", "/api/staff", Right.ADMIN, status_code=201)
async def add_staff(request: Request, session: Signed, body: NewStaffBody) -> dict[str, Any]:
    """Add an account; its password is shown this once."""
    service = service_of(request)
    password = new_password()
    hashed = await service.sign_in.checks.hashed(password)
    accounts = service.parts.transcripts.accounts
    try:
        account = await service.desk.wait(
            accounts.add(body.login, body.name, hashed, frozenset(body.roles))
        )
    except LoginTaken as error:
        raise RequestRefused(str(error), "这个账号已经存在。", code="login_taken") from error
    await service.audit(session.account.login, "staff_added", body.login, {"roles": body.roles})
    await service.staff_changed()
    return {"account": account_json(account), "password": password}


@declare(router, "POST", "/api/staff/{id}/reset", Right.ADMIN)
async def reset(request: Request, session: Signed, id: str) -> dict[str, Any]:
    """Give an account a new password; its sessions end."""
    service = service_of(request)
    account = await read_account(service, id)
    password = new_password()
    hashed = await service.sign_in.checks.hashed(password)
    accounts = service.parts.transcripts.accounts
    await service.desk.wait(accounts.set_password(account.id, hashed))
    service.revoked(account.id)
    await service.audit(session.account.login, "password_reset", account.login)
    return {"account": account_json(account), "password": password}


@declare(router, "POST", "/api/staff/{id}/disable", Right.ADMIN)
async def disable(request: Request, session: Signed, id: str) -> dict[str, Any]:
    """Lock somebody out; their sessions and sockets end."""
    service = service_of(request)
    account = await read_account(service, id)
    if account.id == session.account.id:
        raise RequestRefused(
            "Nobody disables themselves.", "不能停用自己的账号。", code="own_account"
        )
    accounts = service.parts.transcripts.accounts
    await _change(service, accounts.set_disabled(account.id, True, leave_admin=True))
    service.revoked(account.id)
    await service.audit(session.account.login, "staff_disabled", account.login)
    await service.staff_changed()
    return {"account": account_json(await read_account(service, id))}


@declare(router, "POST", "/api/staff/{id}/enable", Right.ADMIN)
async def enable(request: Request, session: Signed, id: str) -> dict[str, Any]:
    """Let somebody in again."""
    service = service_of(request)
    account = await read_account(service, id)
    await service.desk.wait(service.parts.transcripts.accounts.set_disabled(account.id, False))
    await service.audit(session.account.login, "staff_enabled", account.login)
    await service.staff_changed()
    return {"account": account_json(await read_account(service, id))}


@declare(router, "POST", "/api/staff/{id}/roles", Right.ADMIN)
async def roles(request: Request, session: Signed, id: str, body: RolesBody) -> dict[str, Any]:
    """Replace an account's roles; its sessions end, so that the new ones hold at once."""
    service = service_of(request)
    account = await read_account(service, id)
    accounts = service.parts.transcripts.accounts
    wanted = frozenset(body.roles)
    await _change(service, accounts.set_roles(account.id, wanted, leave_admin=True))
    service.revoked(account.id)
    details = {"roles": sorted(set(body.roles))}
    await service.audit(session.account.login, "roles_changed", account.login, details)
    await service.staff_changed()
    return {"account": account_json(await read_account(service, id))}


@declare(router, "GET", "/api/audit", Right.ADMIN)
async def audit(
    request: Request,
    wanted: Annotated[AuditWanted, Depends(audit_wanted_of)],
    before: Annotated[int | None, Query(ge=1, le=MAX_SEQ)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """List privileged acts, newest first; the first page tells whether the log is whole."""
    service = service_of(request)
    log = service.parts.transcripts.audit
    rows = await service.desk.read(log.rows, before, limit + 1, wanted)
    shown = [
        {
            "number": row.number,
            "at": iso(row.at),
            "who": row.who,
            "act": row.act,
            "about": row.about,
            "details": dict(row.details),
        }
        for row in rows[:limit]
    ]
    page: dict[str, Any] = {"rows": shown}
    if len(rows) > limit:
        page["before"] = shown[-1]["number"]
    if before is None:
        # Every row is looked at for this, so a page further back does without.
        page["whole"] = await service.desk.read(log.first_broken) is None
    return page


@declare(router, "GET", "/api/audit/known", Right.ADMIN)
async def known_in_audit(request: Request) -> dict[str, Any]:
    """Name whoever did anything, and every kind of act that was done."""
    service = service_of(request)
    who, acts = await service.desk.read(service.parts.transcripts.audit.known)
    return {"who": list(who), "acts": list(acts)}


@declare(router, "GET", "/api/overview", Right.ADMIN)
async def overview(request: Request) -> dict[str, Any]:
    """Tell how everything stands."""
    service = service_of(request)
    counts = await service.desk.read(service.desk.store.counts)
    return {
        "conversations": {stage.value: n for stage, n in counts.conversations.items()},
        "events": counts.events,
        "open_turns": counts.open_turns,
        "outbox_waiting": counts.outbox_waiting,
        "staff_present": service.presence.present,
        "knowledge": service.knowledge.standing(),
        "versions": {
            **service.parts.models,
            **service.training.versions(),
            **service.parts.transcripts.facts,
        },
    }


@declare(router, "GET", "/api/openapi.json", Right.ADMIN, include_in_schema=False)
async def openapi(request: Request) -> dict[str, Any]:
    """Give this interface for machines."""
    schema: dict[str, Any] = request.app.openapi()
    return schema


def account_json(account: StaffAccount, skills: StaffSkills | None = None) -> dict[str, Any]:
    """Give an account as admins see it; with what routing knows of it, where that was read."""
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "roles": sorted(account.roles),
        "disabled": account.disabled,
        "created_at": iso(account.created_at),
        **({} if skills is None else skills_json(skills)),
    }


def skills_json(skills: StaffSkills) -> dict[str, Any]:
    """Give what routing knows of a person."""
    capacity = {} if skills.capacity is None else {"capacity": skills.capacity}
    return {"languages": sorted(skills.languages), "skills": sorted(skills.skills), **capacity}


async def read_account(service: Service, id: str) -> StaffAccount:
    """Find an account. Raises NotFound."""
    account = await service.desk.read(service.parts.transcripts.accounts.get, id)
    if account is None:
        raise NotFound("There is no such account.", "没有这个账号。")
    return account


async def _change(service: Service, changing: Future[None]) -> None:
    """Wait for a change that keeps one admin; otherwise nobody could ever add one again."""
    try:
        await service.desk.wait(changing)
    except LastAdmin as error:
        raise RequestRefused(
            str(error), "这是最后一个管理员，请先设置另一个。", code="last_admin"
        ) from error
