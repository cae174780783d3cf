"""The stem: what processes that answer are forked from, as often as one is needed.

    the server --- forks, while it has one thread ---> the stem   (idle, one thread, all loaded)
       |  <-- a branch is a child of the server -----    |
       +------------- channels ------------------------> branch   (`answering_branch`)

The server has threads once it serves, and may not be forked any more. The stem does nothing but
wait, so that what it shares with the others stays shared, and so that it may be forked at any time.
What it holds is as it was at the start; who asks for a branch tells it what has changed since.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import NoReturn

from bot.answering.answer import Answerer
from bot.answering.answering_branch import STOPPING, Branch, Follower, end_with, let_go_of_files

BRANCH_SECONDS = 30.0
"""For one fork, which takes a hundredth of a second unless the machine pages."""

GRACE_SECONDS = 1.0
"""What is waited beyond that: both may have been paused together."""

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_NUMBER_BYTES = 4


class BranchFailed(Exception):
    """No process could be forked this time."""


class StemEnded(Exception):
    """No process can be forked any more."""


class Stem:
    """The stem, as the server sees it. Made while `can_fork`; asked by one thread at a time.

    Args:
        answerer: answers, forked, in each branch.
        follower: what is done there with what it is told.
    """

    def __init__(self, answerer: Answerer, follower: Follower) -> None:
        # What the stem forks is handed to this process, and ends with it and not with the stem.
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
        server = os.getpid()
        self._here, there = Pipe()
        gc.freeze()  # the collector would write to every page that all share
        stopping = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # until it ignores them there
        stem = os.fork()
        if stem == 0:
            _Wood(Branch(answerer, follower), there, server).run()
        signal.pthread_sigmask(signal.SIG_SETMASK, stopping)
        there.close()
        self._stem: int | None = stem

    @property
    def process(self) -> int | None:
        """Its number; None after its end."""
        return self._stem

    def branch(self, channels: Sequence[Connection]) -> int:
        """Fork a process that serves these channels; gives its number, a child of this process.

        Args:
            channels: its ends, which the caller closes afterwards.

        Raises:
            BranchFailed: not this time.
            StemEnded: nor ever again.
        """
        if self._stem is None:
            raise StemEnded("It has ended.")
        try:
            self._here.send_bytes(len(channels).to_bytes(_NUMBER_BYTES))
            for channel in channels:
                send_handle(self._here, channel.fileno(), self._stem)
            if not self._here.poll(BRANCH_SECONDS) and not self._here.poll(GRACE_SECONDS):
                raise EOFError
            branch = int.from_bytes(self._here.recv_bytes())
        except (OSError, EOFError) as error:
            self.close()
            raise StemEnded("It has ended, or hangs.") from error
        if not branch:
            raise BranchFailed("The system gave no process.")
        return branch

    def close(self) -> None:
        """End it; branches go on."""
        stem, self._stem = self._stem, None
        if stem is not None:
            end_child(stem)
            self._here.close()


def end_child(child: int) -> None:
    """End a process that this one is the parent of; it may have ended before."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)


class _Wood:
    """The stem itself, in its process."""

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
                count = int.from_bytes(self._asked.recv_bytes())
                channels = [Connection(recv_handle(self._asked)) for _ in range(count)]
                self._asked.send_bytes(self._forked(channels).to_bytes(_NUMBER_BYTES))
                for channel in channels:
                    channel.close()
        except (OSError, EOFError):
            os._exit(0)  # the server is gone
        finally:
            os._exit(1)

    def _forked(self, channels: Sequence[Connection]) -> int:
        """Fork a process and leave it to the server; gives its number, 0 when it could not be.

        It is forked by a process in between, which ends: who has lost its parent goes to the
        server. It begins only afterwards, or it would ask the kernel to end it with the wrong one.
        """
        told, tells = os.pipe()
        gate, opens = os.pipe()
        try:
            between = os.fork()
            if between == 0:
                self._between(channels, tells, gate, opens)
            os.close(tells)
            number = int.from_bytes(os.read(told, _NUMBER_BYTES))
            os.waitpid(between, 0)
            if number:
                os.write(opens, b".")
            return number
        except OSError:
            return 0
        finally:
            for end in (told, gate, opens):
                os.close(end)

    def _between(
        self, channels: Sequence[Connection], tells: int, gate: int, opens: int
    ) -> NoReturn:
        try:
            branch = os.fork()
            if branch:
                os.write(tells, branch.to_bytes(_NUMBER_BYTES))
                os._exit(0)
            os.close(opens)
            if os.read(gate, 1):  # else the stem has ended meanwhile
                self._branch.run(channels, self._server)
        finally:
            os._exit(1)
