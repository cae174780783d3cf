"""Routes for anyone: how the server is, what the shop's page shows, and signing in."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.conversation.events import ConversationId
from bot.errors import Forbidden, NotFound
from bot.server.access import Right, declare
from bot.server.requests import SignInBody
from bot.server.service import Service
from bot.transcripts.accounts import ADMIN, Session
from bot.transcripts.errors import TranscriptsError

router = APIRouter()
MOST_STUCK = 3
"""Batches that never came back before the bot counts as down."""


def service_of(request: Request) -> Service:
    """Give the service that a request is for."""
    service: Service = request.app.state.service
    return service


@declare(router, "GET", "/healthz", Right.ANYONE)
async def healthz() -> dict[str, str]:
    """Tell that the process lives."""
    return {"status": "ok"}


@declare(router, "GET", "/readyz", Right.ANYONE)
async def readyz(request: Request) -> JSONResponse:
    """Tell whether shoppers may be sent here."""
    service = service_of(request)
    checks = {"serving": "ok" if service.ready else "starting or draining"}
    try:
        # Anybody may ask, as often as they like: one look at an index, whatever there is.
        await service.desk.read(service.desk.store.state, ConversationId("nobody"))
        checks["transcripts"] = "ok"
    except TranscriptsError as error:
        checks["transcripts"] = str(error)
    checks["storing"] = "refused just now" if service.desk.store.refuses else "ok"
    stuck = service.worker.stuck_threads
    checks["answering"] = "ok" if stuck <= MOST_STUCK else f"{stuck} batches never came back"
    checks["bus"] = "ok" if service.bus.connected else "away; polling"
    ready = all(checks[name] == "ok" for name in ("serving", "transcripts", "answering"))
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


@declare(router, "GET", "/metrics", Right.ANYONE)
async def metrics(request: Request) -> Response:
    """Give what is counted, to the networks of `metrics_from` or a signed-in admin."""
    service = service_of(request)
    if not service.peers.in_networks(request.scope, service.settings.metrics_from):
        session = await service.sign_in.session(service.sign_in.cookie_of(request.scope))
        if session is None or ADMIN not in session.account.roles:
            raise Forbidden("Metrics are not for this address.", "此地址不能读取指标。")
    return PlainTextResponse(service.metrics.text(), media_type="text/plain; version=0.0.4")


@declare(router, "GET", "/api/status", Right.ANYONE)
async def status(request: Request) -> dict[str, Any]:
    """Tell how far the service is up, in words for people."""
    service = service_of(request)
    step, state = "full", "ok"
    if service.worker.writing.state == "open":
        step, state = "no_writing", "degraded"
    if service.worker.stuck_threads > MOST_STUCK or not service.ready:
        step, state = "people_only", "down" if not service.ready else "degraded"
    if service.desk.store.refuses:
        step, state = "not_storing", "down"
    return {
        "status": state,
        "step": step,
        "staff_present": service.presence.present,
        "open": service.hours.is_open,
        **({"opens_at": service.hours.opens_at()} if not service.hours.is_open else {}),
    }


@declare(router, "GET", "/api/hours", Right.ANYONE)
async def hours(request: Request) -> dict[str, Any]:
    """Tell when people answer, as an admin has just set it on whatever node."""
    hours = service_of(request).hours
    with suppress(TranscriptsError):  # what was read before is better than nothing
        await hours.refresh()
    return hours.whole_json()


@declare(router, "GET", "/api/shop", Right.ANYONE)
async def shop(request: Request) -> dict[str, Any]:
    """Give the shop's names, and what its page says."""
    shop = service_of(request).shop
    return {"name": dict(shop.names), "currency": shop.currency, "page": dict(shop.page)}


@declare(router, "GET", "/api/shop/products", Right.ANYONE)
async def products(request: Request) -> dict[str, Any]:
    """Give the products that the shop's page shows; none where the shop lists none."""
    return {"products": await asyncio.to_thread(read_products, service_of(request).shop.folder)}


def read_products(folder: Path) -> list[Any]:
    """Read what the shop's page shows. Raises NotFound for a file of another shape."""
    path = folder / "products.json"
    if not path.is_file():
        return []
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list):
        raise NotFound(
            "products.json of this shop is no list of products; compare it with the demo shop's.",
            "这家店的商品文件不是商品列表，请对照演示店铺的文件。",
        )
    return listed


@declare(router, "POST", "/api/sign-in", Right.ANYONE)
async def sign_in(request: Request, body: SignInBody) -> JSONResponse:
    """Open a session."""
    service = service_of(request)
    address = service.peers.counted_as(request.scope)
    cookie, session = await service.sign_in.sign_in(body.login, body.password, address)
    await service.audit(session.account.login, "signed_in")
    answer = JSONResponse(who(session))
    answer.set_cookie(
        service.sign_in.cookie_name,
        cookie,
        max_age=int(service.settings.session_days * 86400),
        path="/",
        secure=service.settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    return answer


def who(session: Session) -> dict[str, Any]:
    """Give who is signed in, and the token that requests repeat."""
    account = session.account
    return {
        "me": {
            "id": account.id,
            "login": account.login,
            "name": account.name,
            "roles": sorted(account.roles),
        },
        "csrf": session.csrf,
    }
