"""Runs one node: a socket, uvicorn with our protocols, and an orderly end on SIGTERM."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import threading
from collections.abc import Callable

import uvicorn

from bot.prompt_thread import be_prompt
from bot.server.app import make_app
from bot.server.loaded import end_loading
from bot.server.logs import log_of
from bot.server.service import Parts, Service
from bot.server.transports import CutOffWebSocket, PatientForAWhile
from bot.settings import Settings

BACKLOG = 4_096
"""Connections that may wait to be accepted: a reconnect storm comes at once."""

OPEN_FILES = 65_536
"""Each socket is an open file, and a shell allows a process 1,024 of them unless it is asked."""

FRAME_ROOM = 4
"""A frame up to so many times over the limit is still read, so that it can be refused by name."""

log = log_of(__name__)


def allow_open_files(wanted: int = OPEN_FILES) -> int:
    """Raise what this process may open as far as the system lets it; gives how much that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


class Node(uvicorn.Server):
    """One node: our service around uvicorn's server.

    Args:
        parts: what it is made of.
        listening: the bound socket.
        started: called on the event loop when shoppers may come.
    """

    def __init__(
        self, parts: Parts, listening: socket.socket, started: Callable[[Node], None]
    ) -> None:
        self._parts = parts
        self._listening = listening
        self._when_started = started
        self.settings = parts.settings
        self.port = int(listening.getsockname()[1])
        self.service: Service | None = None
        super().__init__(server_config(parts.settings))

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop, then end in order."""
        self.service = Service(self._parts, self.port)
        self.config.load()
        self.config.loaded_app = make_app(self.service)
        await self.service.start()
        await super().serve([self._listening])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        be_prompt()
        end_loading()
        log.info("node.started", port=self.port, pid=os.getpid())
        self._when_started(self)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, drain, then let uvicorn close what is left."""
        log.info("node.draining")
        deadline = threading.Timer(self._parts.settings.exit_seconds, os._exit, (1,))
        deadline.daemon = True
        deadline.start()
        for server in self.servers:
            server.close()
        assert self.service is not None
        await self.service.drain()
        await super().shutdown(sockets)
        deadline.cancel()
        self._captured_signals.clear()  # a wanted end is not a death by signal
        log.info("node.ended")


def server_config(settings: Settings) -> uvicorn.Config:
    """Make uvicorn's configuration with our two protocols and limits."""

    class Http(PatientForAWhile):
        head_seconds = settings.handshake_seconds

    return uvicorn.Config(
        _not_loaded,
        loop="auto",
        http=Http,
        ws=CutOffWebSocket,
        ws_max_size=settings.frame_bytes * FRAME_ROOM,
        ws_ping_interval=settings.ping_seconds,
        ws_ping_timeout=settings.ping_seconds,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # bot.server.peers tells addresses by the settings
        backlog=BACKLOG,
        timeout_graceful_shutdown=5,
    )


async def _not_loaded(scope: object, receive: object, send: object) -> None:
    """Stand in for the application until the service runs."""


def run_node(parts: Parts, listening: socket.socket, started: Callable[[Node], None]) -> None:
    """Run a node until it is told to stop (SIGTERM, SIGINT)."""
    log.info("node.may_open", files=allow_open_files())
    node = Node(parts, listening, started)
    with asyncio.Runner(loop_factory=node.config.get_loop_factory()) as runner:
        runner.run(node.serve())
