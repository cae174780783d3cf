"""Rules for every request, before any route sees it: size, rate, and headers of every answer.

Pure ASGI, so that websockets and streamed bodies pass through untouched.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import NotFound, RequestRefused, TooMany
from bot.server.peers import Peers
from bot.server.rates import Rate
from bot.server.request_body import RequestBody
from bot.settings import Settings

UPLOADS = frozenset({"/api/knowledge/uploads", "/api/training/chats"})
FORM_BYTES = 65_536
"""What a multipart form needs around the file itself."""

NO_PAGE = "default-src 'none'; frame-ancestors 'none'"

_UNLIMITED = frozenset({"/healthz", "/readyz", "/metrics"})


def error_body(refusal: RequestRefused) -> dict[str, Any]:
    """Give the JSON form of a refusal, as docs/api.md has it."""
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.retry_after_seconds is not None:
        error["retry_after_seconds"] = refusal.retry_after_seconds
    if refusal.field is not None:
        error["field"] = refusal.field
    return {"error": error}


class WebRules:
    """Applies the rules around an application.

    Args:
        app: what is served.
        settings: the limits.
        peers: tells addresses.
        monotonic: the clock, in seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        peers: Peers,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._settings = settings
        self._peers = peers
        self._requests = Rate(settings.requests_per_second, settings.requests_burst, monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under the rules."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "path": scope["path"].rstrip("/") or "/"}  # people type one slash more
        with_headers = _adding(send, self._headers())
        body = RequestBody(scope, receive, self._limit(scope))
        try:
            self._check_rate(scope)
            body.check_length()
            _check_path(scope)
        except RequestRefused as refusal:
            await body.read_on()
            await _refuse(with_headers, refusal)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
            with_headers = _without_body(with_headers)
        await self._app(scope, body.receive, _after(body, with_headers))

    def _check_rate(self, scope: Scope) -> None:
        if scope["path"] not in _UNLIMITED:
            self._requests.take(self._peers.counted_as(scope))

    def _limit(self, scope: Scope) -> int:
        if scope["path"] in UPLOADS:
            return self._settings.upload_bytes + FORM_BYTES
        return self._settings.body_bytes

    def _headers(self) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        ]
        if self._settings.secure_cookies:
            headers.append((b"strict-transport-security", b"max-age=31536000"))
        return headers


def _check_path(scope: Scope) -> None:
    """Refuse an address with a character that PostgreSQL cannot even be asked for."""
    if "\x00" in scope["path"]:
        raise NotFound("There is no such route.", "没有这个地址。")


def _after(body: RequestBody, send: Send) -> Send:
    """Answer only when the body has been read, so that the browser hears it and not a reset."""

    async def answered(message: Message) -> None:
        if message["type"] == "http.response.start":
            await body.read_on()
            if not body.is_whole:  # what is left of it must not be taken for the next request
                message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return answered


def _adding(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    """Send with further headers, where the application has not set its own."""

    async def added(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            ours = [*headers, *_defaults(present)]
            message["headers"] = [
                *message["headers"],
                *(pair for pair in ours if pair[0] not in present),
            ]
        await send(message)

    return added


def _without_body(send: Send) -> Send:
    """Send what a GET would, without its body: the answer to HEAD."""

    async def bare(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return bare


def _defaults(present: set[bytes]) -> list[tuple[bytes, bytes]]:
    """Give what an answer that is no page gets: no script runs in it, nobody keeps it."""
    if b"content-security-policy" in present:
        return []
    return [
        (b"content-security-policy", NO_PAGE.encode()),
        (b"cache-control", b"no-store"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]


async def _refuse(send: Send, refusal: RequestRefused) -> None:
    body = json.dumps(error_body(refusal), ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if isinstance(refusal, TooMany) and refusal.retry_after_seconds:
        headers.append((b"retry-after", str(int(refusal.retry_after_seconds) + 1).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
