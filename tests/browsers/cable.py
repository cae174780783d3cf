"""The cable between the browsers and the shop, which a test can cut and mend."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE_BYTES = 65_536


class Cable:
    """Carries bytes to a server on this machine.

    Attributes:
        address: where browsers find the server, "http://127.0.0.1:PORT".
    """

    def __init__(self) -> None:
        self._server_port = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._lock = threading.Lock()
        self._is_cut = False
        self._ends: set[socket.socket] = set()
        threading.Thread(target=self._take_all, daemon=True).start()

    def lead_to(self, server_port: int) -> None:
        """Plugs the other end in: a server may be told its address before it has a port."""
        self._server_port = server_port

    def cut(self) -> None:
        """Every connection breaks, and every new one does."""
        with self._lock:
            self._is_cut = True
            for end in self._ends:
                _broken(end)
            self._ends.clear()

    def mend(self) -> None:
        """New connections come through again."""
        with self._lock:
            self._is_cut = False

    def end(self) -> None:
        """Nothing is listened to any more."""
        self.cut()
        _broken(self._listening)

    def _take_all(self) -> None:
        with suppress(OSError):  # `end` closes the socket under it
            while True:
                near, _ = self._listening.accept()
                self._take(near)

    def _take(self, near: socket.socket) -> None:
        with self._lock:
            if self._is_cut:
                return _broken(near)
            try:
                far = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                return _broken(near)
            self._ends |= {near, far}
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(_PIECE_BYTES):
                other.sendall(piece)
        _broken(one)
        _broken(other)
        with self._lock:
            self._ends -= {one, other}


def _broken(end: socket.socket) -> None:
    with suppress(OSError):  # it may have broken already
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def laid_cable() -> Iterator[Cable]:
    """A cable until the block ends."""
    cable = Cable()
    try:
        yield cable
    finally:
        cable.end()
