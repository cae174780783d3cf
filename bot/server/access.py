"""The right that each route needs, declared beside it and checked before it. Deny by default.

A route is added through `declare` with its right, or the application refuses to start.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, WebSocketRoute

from bot.errors import Forbidden, NotSignedIn, StartRefused
from bot.server.parameters import check_parameters, parameters_of
from bot.server.sign_in import STAFF, check_csrf, check_role
from bot.transcripts.accounts import ADMIN, Session

RIGHT = "x-right"
SAFE_METHODS = frozenset({"GET", "HEAD"})

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Right(StrEnum):
    """Who may use a route."""

    ANYONE = "anyone"
    STAFF = "staff"
    ADMIN = "admin"


def declare(
    router: APIRouter, method: str, path: str, right: Right, **options: Any
) -> Callable[[Endpoint], Endpoint]:
    """Add a route with the right that it needs."""

    def add(endpoint: Endpoint) -> Endpoint:
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            route_class_override=GuardedRoute,
            openapi_extra={RIGHT: right.value},
            **options,
        )
        return endpoint

    return add


async def current_session(request: Request) -> Session:
    """Give the session that the guard found; for routes of staff and admins."""
    session = request.state.session
    if session is None:
        raise _not_signed_in()
    assert isinstance(session, Session)
    return session


class GuardedRoute(APIRoute):
    """A route whose right is checked before a byte of the body is read.

    A dependency of the framework would be asked only when the whole body has been received and,
    of a file, kept on the disk.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what serves a request: the check, then the route itself."""
        handle = super().get_route_handler()
        right = right_of(self)
        assert right is not None and self.methods is not None  # `declare` names them
        unsafe = not self.methods <= SAFE_METHODS
        parameters = parameters_of(self.dependant)

        async def guarded(request: Request) -> Response:
            await _check(request, right, unsafe)
            if right is not Right.ANYONE:
                check_parameters(request.query_params, parameters)
            return await handle(request)

        return guarded


async def _check(request: Request, right: Right, unsafe: bool) -> None:
    """Let the request pass, with its session. Raises Forbidden or NotSignedIn."""
    service = request.app.state.service
    if unsafe and not service.peers.own_page(request.scope):
        raise Forbidden("This request came from a page of another site.", "这个请求来自其他网站。")
    request.state.session = None
    if right is Right.ANYONE:
        return
    session = await service.sign_in.session(service.sign_in.cookie_of(request.scope))
    if session is None:
        raise _not_signed_in()
    if unsafe:
        check_csrf(session, request.headers.get("x-csrf-token"))
    check_role(session, ADMIN if right is Right.ADMIN else STAFF)
    request.state.session = session


def _not_signed_in() -> NotSignedIn:
    return NotSignedIn("Sign in first.", "请先登录。")


def right_of(route: BaseRoute) -> Right | None:
    """Give the declared right of a route; None when it has none."""
    if isinstance(route, APIRoute):
        declared = (route.openapi_extra or {}).get(RIGHT)
        return None if declared is None else Right(declared)
    return None


def routes_of(app: FastAPI | APIRouter) -> Iterator[BaseRoute]:
    """Give every route, those of included routers too."""
    for route in app.routes:
        included = getattr(route, "original_router", None)
        if isinstance(included, APIRouter):
            yield from routes_of(included)
        else:
            yield route


def refuse_undeclared(app: FastAPI) -> None:
    """Refuse to start with a route that declares no right; sockets check theirs by themselves.

    Raises:
        StartRefused: naming the route.
    """
    for route in routes_of(app):
        if right_of(route) is None and not isinstance(route, WebSocketRoute):
            raise StartRefused(f"Route {getattr(route, 'path', route)} declares no right.")
