"""`shopkeeper chat`: a terminal client on the `websockets` library, written from docs/wire.md.

It keeps what a page keeps (conversation, token, last number, unsent messages) in a small file, so
that nothing is lost or doubled when the server, the network or the terminal goes away.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.shell.output import EXIT_FAILED, EXIT_USAGE, fail, say


def chat(
    url: Annotated[
        str, typer.Option(help="The shopper socket; /ws/shopper may be left out.")
    ] = "ws://127.0.0.1:8080",
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin a new conversation.")] = False,
    origin: Annotated[
        str | None, typer.Option(help="Origin to send; the server's own when left out.")
    ] = None,
    memory: Annotated[
        Path, typer.Option(help="Folder in which conversations are remembered.")
    ] = Path("~/.local/state/shopkeeper"),
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for the answer after the end of the input.")
    ] = 8.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print every frame as it came.")] = False,
) -> None:
    """Chat with a running server. Lines are messages; they are sent again until accepted.

    A number chooses a quick reply, /person asks for a person, /close ends, /quit leaves.

    Exit codes: 0 left, 1 refused for good (wrong origin, not yours), 2 usage.
    """
    if language not in ("zh", "en"):
        fail("--language is zh or en.", EXIT_USAGE)
    if not url.startswith(("ws://", "wss://")):
        fail("--url begins with ws:// or wss://.", EXIT_USAGE)
    from bot.shell.chat_client import ChatClient, Remembered, Stopped

    remembered = Remembered.load(memory.expanduser(), url, fresh)
    client = ChatClient(url, language, origin, remembered, as_json, typer.echo)
    try:
        asyncio.run(client.run(sys.stdin, wait))
    except Stopped as stopped:
        fail(str(stopped), EXIT_FAILED)
    except KeyboardInterrupt:
        say("")
