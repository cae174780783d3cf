"""Ends open staff sockets whose session has ended: signed out, disabled, reset, or run out."""

from __future__ import annotations

import asyncio

from bot.server.logs import log_of
from bot.server.sign_in import SignIn
from bot.server.staff_connection import StaffConnection
from bot.settings import Settings
from bot.transcripts.errors import TranscriptsError

log = log_of(__name__)


class SessionWatch:
    """Looks at the sessions of all open staff sockets of this node, again and again."""

    def __init__(self, sign_in: SignIn, settings: Settings) -> None:
        self._sign_in = sign_in
        self._seconds = settings.revoke_seconds
        self._connections: set[StaffConnection] = set()
        self._look_now = asyncio.Event()

    def watch(self, connection: StaffConnection) -> None:
        """Watch one more socket."""
        self._connections.add(connection)

    def unwatch(self, connection: StaffConnection) -> None:
        """Watch it no longer."""
        self._connections.discard(connection)

    def look_now(self) -> None:
        """Look without waiting: a session was just revoked somewhere."""
        self._look_now.set()

    async def run(self) -> None:
        """Look for ever; when the store cannot be read, the sockets stay as they are."""
        while True:
            try:
                async with asyncio.timeout(self._seconds):
                    await self._look_now.wait()
            except TimeoutError:
                pass
            self._look_now.clear()
            try:
                await self._look()
            except TranscriptsError as error:
                log.warning("sessions.unreadable", why=str(error))

    async def _look(self) -> None:
        connections = tuple(self._connections)
        if not connections:
            return
        digests = list({connection.digest for connection in connections})
        sessions = await self._sign_in.still_good(digests)
        for connection in connections:
            session = sessions[connection.digest]
            if session is None:
                connection.signed_out()
            connection.session = session or connection.session
