"""Serves the two websockets; everything else goes on to the pages and routes.

They stand in front of the web framework and not among its routes: each of its layers would hold
something for every open socket, a fifth of what an idle visitor costs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.server import wire
from bot.server.connection import Connection
from bot.server.service import Service
from bot.server.shopper_connection import ShopperConnection
from bot.server.sign_in import digest_of
from bot.server.staff_connection import StaffConnection
from bot.server.transports import forget_head
from bot.transcripts.errors import TranscriptsError

Connect = Callable[[WebSocket, str], Awaitable[Connection]]


class Sockets:
    """Leads a handshake to its kind of connection.

    Args:
        service: what the connections talk to.
        others: serves every other request, and refuses sockets with other addresses.
    """

    def __init__(self, service: Service, others: ASGIApp) -> None:
        self._service = service
        self._others = others
        self._kinds: dict[str, Connect] = {
            "/ws/shopper": self._shopper,
            "/ws/staff": self._staff,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it ends, or hand the request on."""
        connect = self._kinds.get(scope["path"]) if scope["type"] == "websocket" else None
        if connect is None:
            await self._others(scope, receive, send)
            return
        await self._serve(WebSocket(scope, receive, send), connect)

    async def _shopper(self, websocket: WebSocket, address: str) -> Connection:
        return ShopperConnection(websocket, address, self._service.shoppers)

    async def _staff(self, websocket: WebSocket, address: str) -> Connection:
        sign_in = self._service.sign_in
        cookie = sign_in.cookie_of(websocket.scope) or ""
        session = await sign_in.session(cookie)
        return StaffConnection(
            websocket,
            digest_of(cookie),
            session,
            self._service.staff,
            self._service.watch,
            sign_in.used,
        )

    async def _serve(self, websocket: WebSocket, connect: Connect) -> None:
        """Check origin and counts, accept, and serve until the end."""
        service = self._service
        if not service.peers.origin_allowed(websocket.scope):
            await websocket.close()  # before it is accepted: HTTP 403
            return
        address = service.peers.counted_as(websocket.scope)
        too_many = service.handshakes.wait_seconds(address) > 0
        entered = not too_many and service.open_from_address.enter(address)
        try:
            await self._accept_and_serve(websocket, connect, address, entered)
        except WebSocketDisconnect:
            return
        finally:
            if entered:
                service.open_from_address.leave(address)

    async def _accept_and_serve(
        self, websocket: WebSocket, connect: Connect, address: str, entered: bool
    ) -> None:
        service = self._service
        await websocket.accept()
        if not entered:
            await websocket.close(wire.TOO_MANY_CONNECTIONS, '{"retry_after": 5}')
            return
        if service.draining:
            await websocket.close(wire.RESTARTING, '{"retry_after": 2}')
            return
        try:
            connection = await connect(websocket, address)
        except TranscriptsError:
            await websocket.close(1013, '{"retry_after": 2}')
            return
        forget_head(websocket.scope)
        service.connections.add(connection)
        try:
            await connection.serve()
        finally:
            service.connections.discard(connection)
            service.leftovers.one_more(len(service.connections))
