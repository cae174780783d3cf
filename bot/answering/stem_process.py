"""What runs in the stem and in its heir: they wait, and fork what the server asks for.

Neither has a second thread, ever, and neither writes more than it must: what they hold is shared
with all others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import NoReturn

from bot.answering.answering_branch import Branch, end_with, let_go_of_files

NUMBER_BYTES = 4
BRANCH, HEIR = b"b", b"h"
"""First byte of what is asked for: a process that answers, or one that waits as this one does."""

Runs = Callable[[], NoReturn]


class StemProcess:
    """Forks processes for the server, which each becomes a child of.

    Args:
        branch: what answers, in one that is forked for it.
        asked: how the server asks.
        server: its process.
    """

    def __init__(self, branch: Branch, asked: Connection, server: int) -> None:
        self._branch = branch
        self._asked = asked
        self._server = server

    def run(self) -> NoReturn:
        """Fork a process for each request, until the server ends."""
        try:
            end_with(self._server)
            let_go_of_files({self._asked.fileno()})
            while True:
                asked = self._asked.recv_bytes()
                count = int.from_bytes(asked[1:])
                channels = [Connection(recv_handle(self._asked)) for _ in range(count)]
                number = self._forked(self._runs(asked[:1], channels))
                self._asked.send_bytes(number.to_bytes(NUMBER_BYTES))
                for channel in channels:
                    channel.close()
        except (OSError, EOFError):
            os._exit(0)  # the server is gone, or asks another one
        finally:
            os._exit(1)

    def _runs(self, what: bytes, channels: Sequence[Connection]) -> Runs:
        if what == HEIR:
            [asked] = channels
            return StemProcess(self._branch, asked, self._server).run
        return lambda: self._branch.run(channels, self._server)

    def _forked(self, runs: Runs) -> int:
        """Fork a process and leave it to the server; gives its number, 0 when it could not be.

        It is forked by a process in between, which ends: who has lost its parent goes to the
        server. It begins only afterwards, or it would ask the kernel to end it with the wrong one.
        """
        told, tells = os.pipe()
        gate, opens = os.pipe()
        try:
            between = os.fork()
            if between == 0:
                self._between(runs, tells, gate, opens)
            os.close(tells)
            number = int.from_bytes(os.read(told, NUMBER_BYTES))
            os.waitpid(between, 0)
            if number:
                os.write(opens, b".")
            return number
        except OSError:
            return 0
        finally:
            for end in (told, gate, opens):
                os.close(end)

    def _between(self, runs: Runs, tells: int, gate: int, opens: int) -> NoReturn:
        try:
            forked = os.fork()
            if forked:
                os.write(tells, forked.to_bytes(NUMBER_BYTES))
                os._exit(0)
            os.close(opens)
            if os.read(gate, 1):  # else the stem has ended meanwhile
                runs()
        finally:
            os._exit(1)
