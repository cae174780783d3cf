"""The two uvicorn protocols, each with what it lacks against slow and silent peers.

HTTP: a request's head must arrive whole within a time and a size, or the link is cut.
WebSocket: the connection may cut the link at once (`cut_off`), because a close frame queued behind
data that the peer never reads would keep the socket, and its buffer, for ever; and it may forget
the handshake (`forget_head`), which an idle socket would hold as long as it lives.
"""

from __future__ import annotations

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

HEAD_BYTES = 32_768
"""Bytes of a request's head: cookies and an address, never more."""

CUT_OFF = "shopkeeper.cut_off"
FORGET_HEAD = "shopkeeper.forget_head"


class PatientForAWhile(HttpToolsProtocol):
    """HTTP whose heads have `head_seconds` to arrive."""

    head_seconds = 5.0
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: BaseTransport) -> None:
        """Start the clock for the first head."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._head_timer = self.loop.call_later(self.head_seconds, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Start the clock for a further head on a kept connection."""
        super().on_message_begin()
        if self._head_timer is None:
            self._head_bytes = 0
            self._head_timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def on_headers_complete(self) -> None:
        """Stop the clock: the head is whole."""
        self._stop_clock()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Count what comes before the head is whole."""
        if self._head_timer is not None:
            if self._head_bytes > HEAD_BYTES:
                self.transport.abort()
                return
            self._head_bytes += len(data)
        super().data_received(data)

    def _stop_clock(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class CutOffWebSocket(WebSocketsSansIOProtocol):
    """A websocket that its connection may cut off at once."""

    def handle_connect(self, event: Request) -> None:
        """Hand `cut_off` and `forget_head` to the application with the scope."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[CUT_OFF] = {"cut_off": self.transport.abort}
            extensions[FORGET_HEAD] = {"forget_head": self._forget_head}

    def _forget_head(self) -> None:
        """Empty what the parser and the scope would keep of the handshake to the end."""
        self.request.headers.clear()
        self.response.headers.clear()
        cast(list[Any], self.scope["headers"]).clear()

    def keepalive_timeout(self) -> None:
        """Cut a dead link, whatever still waits to be sent on it."""
        super().keepalive_timeout()
        self.transport.abort()


def cut_off_of(scope: Any) -> Callable[[], None]:
    """Get the function that cuts a websocket's link, from its scope."""
    cut_off: Callable[[], None] = scope["extensions"][CUT_OFF]["cut_off"]
    return cut_off


def forget_head(scope: Any) -> None:
    """Let go of a websocket's handshake headers, once everything in them has been looked at.

    A browser sends a kilobyte of them, which costs some five in memory for every open socket.
    """
    scope["extensions"][FORGET_HEAD]["forget_head"]()
