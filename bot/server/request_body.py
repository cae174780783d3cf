"""The body of one request: at most so large, and never slower than a poor line would bring it.

What comes with a refused request is read and thrown away up to a point, because a browser that is
still sending when the link closes shows a reset and not the answer.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from starlette.types import Message, Receive, Scope

from bot.errors import RequestRefused

READ_ON = 3
"""A refused body is read up to so many times its limit before the link is closed on it."""

READ_ON_LEAST_BYTES = 4 << 20
"""A small limit must not cut off a browser that sends an ordinary file: it would see a reset."""

READ_ON_SECONDS = 30.0
"""And no longer than this, from the beginning of the request."""

GRACE_SECONDS = 10.0
LEAST_BYTES_A_SECOND = 8_192
"""A body has the grace, and then this rate, or whoever drips holds a connection for ever."""


class BodyTooLarge(RequestRefused):
    """The body is over its limit."""

    code = "body_too_large"
    status = 413


class BodyTooSlow(RequestRefused):
    """The body did not arrive in time."""

    code = "body_too_slow"
    status = 408


class RequestBody:
    """Receives the body of a request.

    Args:
        scope: of the request, for what its headers say of the body.
        receive: where the body comes from.
        limit: bytes at most.
        monotonic: the clock, in seconds.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        limit: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._headers = dict(scope["headers"])
        self._receive = receive
        self._limit = limit
        self._monotonic = monotonic
        self._began = monotonic()
        self._received = 0
        self._is_asked_for = b"expect" not in self._headers
        self.is_whole = not {b"content-length", b"transfer-encoding"} & set(self._headers)

    def check_length(self) -> None:
        """Refuse a body by what is said of its length. Raises BodyTooLarge."""
        said = self._headers.get(b"content-length", b"0")
        if not said.isdigit() or int(said[:20]) > self._limit:
            raise self._too_large()

    async def receive(self) -> Message:
        """Give the next part, or what comes after the whole.

        Raises:
            BodyTooLarge: whatever the headers said.
            BodyTooSlow: the sender drips.
        """
        if self.is_whole:
            return await self._receive()
        message = await self._next()
        if self._received > self._limit:
            raise self._too_large()
        return message

    async def read_on(self) -> None:
        """Read what is left, and throw it away; gives up on what is large, slow or not sent yet."""
        most = max(self._limit * READ_ON, READ_ON_LEAST_BYTES)
        # Who waits for a word before sending has sent nothing that would have to be read.
        while self._is_asked_for and not self.is_whole and self._received <= most:
            try:
                await self._next(READ_ON_SECONDS)
            except BodyTooSlow:
                return

    async def _next(self, most_seconds: float = math.inf) -> Message:
        self._is_asked_for = True
        seconds = min(GRACE_SECONDS + self._received / LEAST_BYTES_A_SECOND, most_seconds)
        left = seconds - (self._monotonic() - self._began)
        if left <= 0:
            raise _too_slow()
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        self._received += len(message.get("body", b""))
        self.is_whole = message["type"] != "http.request" or not message.get("more_body")
        return message

    def _too_large(self) -> BodyTooLarge:
        limit = self._limit
        return BodyTooLarge(
            f"The request is over {limit} bytes.", f"请求超过了 {limit} 字节的上限。"
        )


def _too_slow() -> BodyTooSlow:
    return BodyTooSlow("The request did not arrive in time.", "请求发送得太慢，请检查网络后重试。")
