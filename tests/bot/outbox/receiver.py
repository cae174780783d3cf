"""A real HTTP receiver that tests make lazy: it fails, drops, sleeps, and keeps what it got."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    kept: bool


@dataclass
class Moods:
    """How often, out of 1, the receiver misbehaves in each way; the rest is answered 204.

    `refuses`: answers 500 and keeps nothing. `forgets`: keeps it, then drops the link without an
    answer, so that it comes again. `naps`: sleeps `nap_seconds` before it answers.
    """

    refuses: float = 0.0
    forgets: float = 0.0
    naps: float = 0.0
    nap_seconds: float = 0.02
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)


class Receiver(ThreadingHTTPServer):
    """Listens on loopback."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, moods: Moods, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.moods = moods
        self.chance = random.Random(seed)
        self.door = threading.Lock()
        self.got: list[Received] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?shop=1"

    def kept_keys(self) -> list[str]:
        """Keys in the order in which they were first kept."""
        return list(dict.fromkeys(one.headers["Idempotency-Key"] for one in self.got if one.kept))


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server, moods = self.server, self.server.moods
        with server.door:
            fate = server.chance.random()
            refused = fate < moods.refuses
            server.got.append(Received(self.path, dict(self.headers), body, not refused))
            naps = server.chance.random() < moods.naps
        if naps:
            time.sleep(moods.nap_seconds)
        if refused:
            self.send_response(500)
        elif fate < moods.refuses + moods.forgets:
            self.close_connection = True
            return
        else:
            self.send_response(moods.status)
        for name, value in moods.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def receiving(moods: Moods | None = None, seed: int = 1) -> Iterator[Receiver]:
    """Run a receiver."""
    with Receiver(moods or Moods(), seed) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
