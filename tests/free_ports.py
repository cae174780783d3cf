"""Ports for servers of tests, out of the way of connections that go out.

The system gives an outgoing connection any port of a range of its own. A port from there can be
in use again before
the server that it was meant for has started; thousands of clients make that likely.
"""

import random
import socket
from pathlib import Path

_FIRST = 10_000
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port of this machine that nothing listens on and no outgoing connection will take."""
    below = int(_OUTGOING.read_text().split()[0]) if _OUTGOING.exists() else 32_768
    for port in random.sample(range(_FIRST, max(below, _FIRST + 1_000)), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"none of a hundred ports between {_FIRST} and {below} is free")
