"""One POST to another program: no redirect followed, no proxy, over in time, a small answer.

Whoever is asked may be slow, drip, or speak another protocol; none of it may hold a thread.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """Where a POST goes.

    Attributes:
        path: with the query.
        secure: https.
    """

    host: str
    port: int
    path: str
    secure: bool

    @classmethod
    def of(cls, url: str) -> HttpAddress:
        """Read an address. Raises ValueError for one of another kind, or with a password."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError("it must be an http(s) address without a password")
        secure = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.hostname, parts.port or (443 if secure else 80), path, secure)


@dataclass(frozen=True, slots=True)
class Target:
    """A network address that may be connected to: its family, and what `connect` takes."""

    family: int
    address: tuple[Any, ...]


def resolved(host: str, port: int) -> list[Target]:
    """Ask the system's resolver. Raises OSError or UnicodeError where the host has no address."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Target(answer[0], tuple(answer[4])) for answer in answers]


def post(
    to: HttpAddress,
    targets: Sequence[Target],
    body: bytes,
    headers: Mapping[str, str],
    *,
    tls: ssl.SSLContext | None,
    seconds: float,
    most_bytes: int,
) -> tuple[int, bytes]:
    """Exchange one request.

    Args:
        targets: where the host is, not empty; tried in this order.
        tls: None where the address is not secure.
        seconds: for the whole exchange.
        most_bytes: read of the answer; the rest is left.

    Returns:
        The status, and the answer's body.

    Raises:
        OSError, http.client.HTTPException: it did not come to an answer in time.
    """
    ends = time.monotonic() + seconds
    link = _connected(targets, ends)
    if tls is not None:
        link = tls.wrap_socket(link, server_hostname=to.host, do_handshake_on_connect=False)
    with link, _cut_at(ends, link):
        if isinstance(link, ssl.SSLSocket):
            link.do_handshake()
        exchange = http.client.HTTPConnection(to.host, to.port)
        exchange.sock = link
        exchange.request("POST", to.path, body, {**headers, "Connection": "close"})
        answer = exchange.getresponse()
        told = answer.status, answer.read(most_bytes)
    if time.monotonic() >= ends:  # what was cut off looks like one that has ended
        raise TimeoutError("the answer did not come to an end in time")
    return told


def _connected(targets: Sequence[Target], ends: float) -> socket.socket:
    """Connect to the first that listens; a name of this machine often has two, and one listens."""
    for position, target in enumerate(targets, start=1):
        link = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            link.settimeout(max(0.001, ends - time.monotonic()))
            link.connect(target.address)
            return link
        except OSError:
            link.close()
            if position == len(targets):
                raise
    raise OSError("there is no address to connect to")


@contextmanager
def _cut_at(ends: float, link: socket.socket) -> Iterator[None]:
    """Cut the link at a moment: a timeout of the socket begins anew with every byte that drips."""
    end = threading.Timer(max(0.0, ends - time.monotonic()), _cut, [link])
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()


def _cut(link: socket.socket) -> None:
    """Wake whoever reads from a socket; closing alone would not.

    A socket's own way also where it is one of TLS, which would first take itself apart.
    """
    try:
        socket.socket.shutdown(link, socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended by itself meanwhile
