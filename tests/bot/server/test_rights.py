import asyncio
import inspect
import re

import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import WebSocketRoute

from bot.errors import StartRefused
from bot.server import (
    api_admin,
    api_desk,
    api_figures,
    api_knowledge,
    api_public,
    api_records,
    api_staff,
    api_training,
)
from bot.server.access import Right, refuse_undeclared, right_of, routes_of
from bot.server.pages import Pages, page_routes
from tests.bot.server.floor import PASSWORD, open_floor, sign_in

ANYONE = {
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /api/status", "GET /api/shop",
    "GET /api/shop/products", "POST /api/sign-in", "GET /api/widget", "GET /", "GET /inbox",
    "GET /console", "GET /assets/{name}", "GET /{name}.svg", "GET /widget.js",
    "GET /widget.{version}.js", "GET /api/hours", "GET /chat-frame",
}  # fmt: skip
"""Everything that needs no sign-in. A route that is not here must refuse strangers."""

STAFF = {
    "GET /api/me", "POST /api/sign-out", "POST /api/me/password", "GET /api/conversations",
    "GET /api/conversations/search", "GET /api/conversations/{id}",
    "GET /api/conversations/{id}/traces", "GET /api/conversations/{id}/canned",
    "GET /api/canned", "GET /api/tags", "GET /api/intents", "GET /api/colleagues",
}  # fmt: skip


def every_route(tmp_path):
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in (
        api_public.router, api_records.router, api_desk.router, api_staff.router,
        api_admin.router, api_figures.router, api_knowledge.router, api_training.router,
        page_routes(Pages(tmp_path)),
    ):  # fmt: skip
        app.include_router(router)
    return [route for route in routes_of(app) if not isinstance(route, WebSocketRoute)]


def name_of(route):
    return f"{next(iter(route.methods - {'HEAD'}))} {route.path}"


def test_every_route_declares_its_right_and_it_is_the_right_one(tmp_path):
    declared = {name_of(route): right_of(route) for route in every_route(tmp_path)}

    assert {name for name, right in declared.items() if right is Right.ANYONE} == ANYONE
    assert {name for name, right in declared.items() if right is Right.STAFF} == STAFF
    assert None not in declared.values()


PREPARES = {
    "POST /api/knowledge/uploads", "POST /api/knowledge/uploads/{id}/preview",
    "POST /api/knowledge/uploads/{id}/dry-run", "DELETE /api/knowledge/uploads/{id}",
    "POST /api/knowledge/check",
}  # fmt: skip
"""Changes nothing that serves and gives nothing away: looking at a file before it is published."""

GIVES_AWAY = {"GET /api/knowledge/export", "GET /api/conversations/export"}
"""Only reads, but much at once."""


WRITES = (".audit(", "_audited(", "_keep_canned(", "learning.begin(")


def test_every_privileged_act_writes_a_line_of_the_audit_log(tmp_path):
    silent = []
    for route in every_route(tmp_path):
        name, right = name_of(route), right_of(route)
        acts = right is not Right.ANYONE and not name.startswith("GET ")
        source = inspect.getsource(route.endpoint)
        writes = any(call in source for call in WRITES)
        if (acts or name in GIVES_AWAY) and name not in PREPARES and not writes:
            silent.append(name)

    assert silent == []


def test_a_route_without_a_right_keeps_the_server_from_starting():
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()
    router.add_api_route("/api/open-door", lambda: {}, methods=["GET"])
    app.include_router(router)

    with pytest.raises(StartRefused, match="open-door"):
        refuse_undeclared(app)


def test_every_route_refuses_who_lacks_its_right(tmp_path):
    """The whole matrix: each route as a stranger, without a CSRF token, as staff, as an admin."""
    routes = [name_of(route) for route in every_route(tmp_path)]

    async def ask_all(floor):
        cells = {}
        async with floor.web() as stranger, floor.web() as staff, floor.web() as admin:
            tokens = {
                None: "",
                staff: await sign_in(staff, "mei"),
                admin: await sign_in(admin, "boss"),
            }
            # Signing out and changing the password would end the sessions of this very test.
            for route in routes:
                method, path = route.split(" ", 1)
                path = re.sub(r"{\w+}", "x", path)
                for who, web in (("stranger", stranger), ("staff", staff), ("admin", admin)):
                    if path in ("/api/sign-out",) and who != "stranger":
                        continue
                    headers = {"X-CSRF-Token": tokens.get(web, "")}
                    answer = await web.request(method, path, headers=headers)
                    cells[route, who] = answer.status_code
                    if method != "GET" and who == "admin":
                        without = await web.request(method, path)
                        cells[route, "no csrf"] = without.status_code
        return cells

    with open_floor(tmp_path) as floor:
        cells = asyncio.run(ask_all(floor))

    for route in routes:
        stranger, staff = cells[route, "stranger"], cells.get((route, "staff"))
        if route in ANYONE:
            assert stranger not in (401, 403), route
            continue
        assert stranger == 401, route
        if route in STAFF:
            assert staff is None or staff not in (401, 403), route
        else:
            assert staff == 403, route
        assert cells.get((route, "admin"), 200) not in (401, 403), route
        if (route, "no csrf") in cells:
            assert cells[route, "no csrf"] == 403, route


def test_a_request_from_another_sites_page_is_refused_even_with_the_token(floor):
    async def ask():
        async with floor.web() as web:
            token = await sign_in(web, "boss")
            headers = {"X-CSRF-Token": token, "Origin": "https://evil.example"}
            body = {"login": "eve", "name": "Eve", "roles": ["admin"]}
            foreign = await web.post("/api/staff", json=body, headers=headers)
            signing = await web.post(
                "/api/sign-in",
                json={"login": "mei", "password": PASSWORD},
                headers={"Origin": "https://evil.example"},
            )
            return foreign.status_code, signing.status_code

    assert asyncio.run(ask()) == (403, 403)
