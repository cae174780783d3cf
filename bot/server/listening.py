"""The socket that a node listens on: bound first of all, so that a second one stops at once."""

from __future__ import annotations

import socket

from bot.errors import StartRefused
from bot.settings import Settings

SEND_BUFFER_BYTES = 131_072
"""What the kernel keeps for a reader that does not read; by itself it would grow to megabytes."""


def open_socket(settings: Settings) -> socket.socket:
    """Bind the address of the settings.

    Raises:
        StartRefused: it is taken or may not be bound.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise StartRefused(
            f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}). "
            "Stop what uses it, or choose another with --port."
        ) from error
    return listening
