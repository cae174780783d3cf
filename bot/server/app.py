"""Joins routes, sockets and rules into one application."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from bot.errors import NotFound, RequestRefused, ShopkeeperError
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
from bot.server.access import refuse_undeclared
from bot.server.logs import log_of
from bot.server.pages import page_routes
from bot.server.refusals import Ours, refusal_of, refusal_of_system
from bot.server.service import Service
from bot.server.sockets import Sockets
from bot.server.web_rules import WebRules, error_body
from bot.transcripts.errors import TranscriptsError
from knowledge_base.errors import KnowledgeBaseError

log = log_of(__name__)


def make_app(service: Service) -> ASGIApp:
    """Make the application of a running service.

    Raises:
        StartRefused: a route declares no right.
    """
    # A redirect would lead wherever the request's Host says; see `WebRules` for slashes.
    app = FastAPI(
        title="Shopkeeper",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for router in (
        api_public.router,
        api_records.router,
        api_desk.router,
        api_staff.router,
        api_admin.router,
        api_figures.router,
        api_knowledge.router,
        api_training.router,
        page_routes(service.pages, service.settings.allowed_origins),
    ):
        app.include_router(router)
    add_error_answers(app)
    refuse_undeclared(app)
    return Sockets(service, WebRules(app, service.settings, service.peers))


def add_error_answers(app: FastAPI) -> None:
    """Have everything that can go wrong answered as docs/api.md says."""

    @app.exception_handler(ShopkeeperError)
    @app.exception_handler(TranscriptsError)
    @app.exception_handler(KnowledgeBaseError)
    async def refused(_: Request, error: Ours) -> JSONResponse:
        return _answer(refusal_of(error))

    @app.exception_handler(RequestValidationError)
    async def not_valid(_: Request, error: RequestValidationError) -> JSONResponse:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"][1:])[:80]
        field = field.encode("ascii", "backslashreplace").decode("ascii")
        if not field or problem["type"] == "json_invalid":  # of the body as a whole
            return _answer(_no_object())
        refusal = RequestRefused(
            f"Field `{field}`: {problem['msg']}.",
            f"字段 {field} 有误。",
            code="bad_request",
            field=field,
        )
        return _answer(refusal)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, RequestRefused):  # of the body, while it was being read
            return _answer(error.__cause__)
        if error.status_code in (404, 405):
            nothing = NotFound("There is no such route.", "没有这个地址。")
            return _answer(nothing, error.status_code)
        if request.headers.get("content-type", "").startswith("multipart/"):
            return _answer(_no_form(), error.status_code)
        return _answer(_no_object(), error.status_code)

    @app.exception_handler(OSError)
    async def system(request: Request, error: OSError) -> JSONResponse:
        refusal = refusal_of_system(error)
        if refusal is None:
            return await fault(request, error)
        where = error.filename
        log.error("request.not_stored", path=request.url.path, why=error.strerror, file=where)
        return _answer(refusal)

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        log.error("request.fault", path=request.url.path, exc_info=error)
        refusal = RequestRefused(
            "Something broke here; the log says what.", "服务器出错了。", code="fault"
        )
        return _answer(refusal, 500)


def _no_object() -> RequestRefused:
    return RequestRefused(
        "The body is not a JSON object; send one, with the Content-Type application/json.",
        "请求内容不是 JSON 对象；请发送 JSON 对象，并把 Content-Type 设为 application/json。",
        code="bad_request",
    )


def _no_form() -> RequestRefused:
    return RequestRefused(
        "The form cannot be read, or the name of its file is too long.",
        "表单读不出来，或者文件名太长。",
        code="bad_request",
    )


def _answer(refusal: RequestRefused, status: int | None = None) -> JSONResponse:
    headers = {}
    if refusal.retry_after_seconds:
        headers["retry-after"] = str(int(refusal.retry_after_seconds) + 1)
    return JSONResponse(error_body(refusal), status or refusal.status, headers)
