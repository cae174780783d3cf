"""The stem: what processes that answer are forked from, as often as one is needed.

    the server --- forks, while it has one thread ---> the stem   (idle, one thread, all loaded)
       |  <-- its heir is a child of the server -----    |
       |  <-- a branch is a child of the server -----    |
       +------------- channels ------------------------> branch   (`answering_branch`)

The server has threads once it serves, and may not be forked any more. The stem does nothing but
wait, so that what it shares with the others stays shared, and so that it may be forked at any time.
What it holds is as it was at the start; who asks for a branch tells it what has changed since.

Nobody could make the stem anew. So it has an heir, forked from it and as idle, which costs next to
nothing since nobody writes in either: when the stem ends, the heir takes its place and has an heir
of its own.
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
from multiprocessing.reduction import send_handle

import structlog

from bot.answering.answer import Answerer
from bot.answering.answering_branch import STOPPING, Branch, Follower
from bot.answering.stem_process import BRANCH, HEIR, NUMBER_BYTES, StemProcess

BRANCH_SECONDS = 30.0
"""For one fork, which takes a hundredth of a second unless the machine pages."""

GRACE_SECONDS = 1.0
"""What is waited beyond that: both may have been paused together."""

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER

log = structlog.get_logger(__name__)


class BranchFailed(Exception):
    """No process could be forked this time."""


class StemEnded(Exception):
    """No process can be forked any more."""


class Stem:
    """The stem and its heir, as the server sees them. Made while `can_fork`.

    Asked by one thread at a time.

    Args:
        answerer: answers, forked, in each branch.
        follower: what is done there with what it is told.
    """

    def __init__(self, answerer: Answerer, follower: Follower) -> None:
        # What the stem forks is handed to this process, and ends with it and not with the stem.
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
        server = os.getpid()
        here, there = Pipe()
        gc.freeze()  # the collector would write to every page that all share
        stopping = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # until it ignores them there
        stem = os.fork()
        if stem == 0:
            StemProcess(Branch(answerer, follower), there, server).run()
        signal.pthread_sigmask(signal.SIG_SETMASK, stopping)
        there.close()
        self._stem: _Forks | None = _Forks(stem, here)
        self._heir = self._heir_of(self._stem)

    @property
    def process(self) -> int | None:
        """Its number; None after its end."""
        return self._stem.process if self._stem else None

    @property
    def heir(self) -> int | None:
        """The number of what takes its place; None when there is none just now."""
        return self._heir.process if self._heir else None

    def branch(self, channels: Sequence[Connection]) -> int:
        """Fork a process that serves these channels; gives its number, a child of this process.

        Args:
            channels: its ends, which the caller closes afterwards.

        Raises:
            BranchFailed: not this time.
            StemEnded: nor ever again.
        """
        while self._stem is not None:
            try:
                branch = self._stem.fork(BRANCH, channels)
            except (OSError, EOFError):
                self._give_place("it has ended, or hangs")
                continue
            if not branch:
                raise BranchFailed("The system gave no process.")
            return branch
        raise StemEnded("It has ended, and its heir too.")

    def mend(self) -> None:
        """Put the heir in the place of a stem that has ended, and see that there is an heir."""
        if self._heir is not None and self._heir.has_ended():
            self._heir.close()
            self._heir = None
        if self._stem is not None and self._stem.has_ended():
            self._give_place("it has ended")
        if self._stem is not None and self._heir is None:
            self._heir = self._heir_of(self._stem)

    def close(self) -> None:
        """End both; branches go on."""
        for forks in (self._stem, self._heir):
            if forks is not None:
                forks.close()
        self._stem = self._heir = None

    def _give_place(self, why: str) -> None:
        if self._stem is not None:
            self._stem.close()
        self._stem, self._heir = self._heir, None
        if self._stem is None:
            log.error("answering.none_forked_any_more", why=why, until="the next start")
            return
        log.warning("answering.stem_replaced", why=why)
        self._heir = self._heir_of(self._stem)

    def _heir_of(self, stem: _Forks) -> _Forks | None:
        here, there = Pipe()
        heir = 0
        with suppress(OSError, EOFError):  # a stem that cannot is noticed by who asks next
            heir = stem.fork(HEIR, [there])
        there.close()
        if heir:
            return _Forks(heir, here)
        here.close()
        return None


class _Forks:
    """A process that forks others when it is asked to.

    Args:
        process: its number, a child of this process.
        channel: asks it.
    """

    def __init__(self, process: int, channel: Connection) -> None:
        self.process = process
        self._channel = channel
        self._ended = False

    def fork(self, what: bytes, ends: Sequence[Connection]) -> int:
        """Have a process forked that gets these ends; gives its number, 0 when it could not be.

        Raises:
            OSError, EOFError: it has ended, or hangs.
        """
        self._channel.send_bytes(what + len(ends).to_bytes(NUMBER_BYTES))
        for end in ends:
            send_handle(self._channel, end.fileno(), self.process)
        if not self._channel.poll(BRANCH_SECONDS) and not self._channel.poll(GRACE_SECONDS):
            raise EOFError
        return int.from_bytes(self._channel.recv_bytes())

    def has_ended(self) -> bool:
        """Look whether it has ended, and take note of it."""
        if not self._ended:
            try:
                self._ended = os.waitpid(self.process, os.WNOHANG) != (0, 0)
            except ChildProcessError:
                self._ended = True
        return self._ended

    def close(self) -> None:
        """End it, where it has not ended."""
        if not self._ended:  # else its number may be somebody else's by now
            end_child(self.process)
        self._ended = True
        self._channel.close()


def end_child(child: int) -> None:
    """End a process that this one is the parent of; it may have ended before."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
