"""Starts nodes as processes of their own, so that they can be killed, stopped and paused."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.free_ports import free_port

CHILD = Path(__file__).with_name("node_child.py")

GENEROUS = {
    "host": "127.0.0.1",
    "messages_burst": 100_000,
    "messages_per_second": 100_000,
    "messages_per_minute": 100_000,
    "staff_messages_per_second": 100_000,
    "sign_in_tries_per_address": 100_000,
    "requests_burst": 100_000,
    "handshakes_per_second": 100_000,
    "handshakes_burst": 100_000,
    "sockets_per_address": 100_000,
    "sockets_per_visitor": 1_000,
    "conversations_burst": 10_000_000,
    "burst_seconds": 0.05,
    "turn_seconds": 60,
    "log_level": "error",
}
"""Limits against abuse are out of the way: every shopper of a test comes from one address."""


class NodeProcess:
    """One node that is alive, or was.

    Attributes:
        port: where it listens; the same in every life.
    """

    def __init__(self, folder: Path, **overrides: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self._settings = {**GENEROUS, "pages_folder": str(folder / "pages"), **overrides}
        self._settings["port"] = self.port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def database_url(self) -> str:
        """Where an independent reader finds what it stored."""
        return self._settings.get("database_url") or f"sqlite:///{self.folder}/shopkeeper.sqlite3"

    @property
    def origin(self) -> str:
        """Its own origin, which is always allowed."""
        return f"http://127.0.0.1:{self.port}"

    def address(self) -> tuple[str, str]:
        """Where a page connects, without a link between."""
        return f"ws://127.0.0.1:{self.port}/ws/shopper", self.origin

    def behind(self, port: int) -> tuple[str, str]:
        """Where a page connects through a link."""
        return f"ws://127.0.0.1:{port}/ws/shopper", self.origin

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Its newest life."""
        assert self._process is not None
        return self._process

    def start(self) -> "NodeProcess":
        """Begin a life, and wait until shoppers may come."""
        self.begin()
        self.wait_until_ready()
        return self

    def begin(self) -> None:
        """Begin a life."""
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), str(self.folder), json.dumps(self._settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=CHILD.parents[2],
            env={**os.environ, "PYTHONPATH": str(CHILD.parents[2])},
        )

    def wait_until_ready(self) -> None:
        """Wait until shoppers may come."""
        line = self.process.stdout.readline()
        assert line == f"ready {self.port}\n".encode(), f"the node did not start: {line!r}"

    def tell(self, command: str) -> str:
        """Give a command, and read the answer."""
        self.process.stdin.write(command.encode() + b"\n")
        return self.process.stdout.readline().decode().strip()

    def signal(self, which: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(which)

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self.process.kill()
        self.wait()

    def wait(self, seconds: float = 40) -> int:
        """Wait for its end; gives the exit code."""
        code = self.process.wait(seconds)
        self.process.stdin.close()
        self.process.stdout.close()
        return code

    @property
    def resident_bytes(self) -> int:
        """Memory that it holds now."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None


@contextmanager
def running(folder: Path, **overrides: Any) -> Iterator[NodeProcess]:
    """A node that runs until the block ends, whatever happened to it meanwhile."""
    node = NodeProcess(folder, **overrides)
    try:
        yield node.start()
    finally:
        if node.alive:
            node.signal(signal.SIGCONT)
            node.kill()
