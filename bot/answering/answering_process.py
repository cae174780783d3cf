"""Answers in a second process, so that no model holds up what the server does for everybody else.

    the server                                 forked from it once all models are loaded
    answer_batch(questions) --- a channel ---> the same answerer, a thread for each channel
                            <-- answers ------

Python runs one thread of a process at a time. A message is accepted when the event loop and the
writer have had their turns, and beside answers these came late (docs/speed.md). A fork shares the
memory of what is loaded, so that a second process costs some 40 MB and no time to start.

Questions and answers cross as JSON. What begins to serve, a version of the knowledge or a trained
set, is told to the second process before the change counts as done. When that process ends, hangs
or cannot follow, it is given up for good: the server has the very same answerer and goes on alone.
"""

from __future__ import annotations

import ctypes
import gc
import os
import queue
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, NoReturn, Protocol

import structlog
from pydantic import Field, TypeAdapter

from bot.answering.answer import Answer, Answerer, Question, Unwritten

MOST_BYTES = 256 * 1024 * 1024
"""Of one message between the two; a batch of the longest turns has less."""

GRACE_SECONDS = 1.0
"""What is waited beyond a turn's time: both may have been paused together."""

CHANGE_SECONDS = 600.0
"""For opening what is to serve; a million entries take minutes."""

STOPPING = (signal.SIGINT, signal.SIGTERM)
"""What is sent to every process when the server is to stop; it drains, and needs answers till then.
"""

_QUESTIONS = TypeAdapter(list[Question])
_ANSWERS = TypeAdapter(list[Annotated[Answer | Unwritten, Field(union_mode="left_to_right")]])
_DONE, _FAILED = b"+", b"-"
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG

log = structlog.get_logger(__name__)


class Told:
    """First byte of what is sent to the second process."""

    ASK, FORESEE, KNOWLEDGE, TRAINING = b"a", b"f", b"k", b"t"


class ProcessFailed(Exception):
    """The second process has ended, hangs, or could not do what it was told."""


class Follower(Protocol):
    """What the second process does with what it is told; any exception means that it cannot."""

    def begin(self) -> None:
        """Get ready, before the first question."""
        ...

    def serve_knowledge(self, version: str) -> None:
        """Answer from this version of the knowledge base from now on."""
        ...

    def take_training(self, folder: Path) -> None:
        """Answer with the trained set of this folder from now on."""
        ...


def can_fork() -> bool:
    """Whether this program may be forked now: on Linux, while it has no more than one thread.

    A fork copies only the thread that asks for it; what others held locked would stay so for ever.
    """
    return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1


class AnsweringProcess:
    """Answers in a second process, as long as there is one, and in this one afterwards.

    Made while `can_fork`. Safe to call from several threads.

    Args:
        inside: answers, forked, there; and here when there is no second process any more.
        follower: what is done there with what it is told.
        threads: batches that are answered at the same time.
        turn_seconds: a batch that takes longer means that the second process hangs.
    """

    def __init__(
        self, inside: Answerer, follower: Follower, threads: int, turn_seconds: float
    ) -> None:
        self._inside = inside
        self._turn_seconds = turn_seconds
        pairs = [Pipe() for _ in range(threads + 2)]
        gc.freeze()  # the collector would write to every page that both share
        stopping = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # until it ignores them there
        child = os.fork()
        if child == 0:
            _Child(inside, follower).run([there for _, there in pairs])
        signal.pthread_sigmask(signal.SIG_SETMASK, stopping)
        self._child: int | None = child
        for _, there in pairs:
            there.close()
        self._foresees, self._follows, *channels = [here for here, _ in pairs]
        self._free: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        for channel in channels:
            self._free.put(channel)
        self._foreseeing, self._following, self._ending = (threading.Lock() for _ in range(3))

    @property
    def is_up(self) -> bool:
        """Whether there is a second process still."""
        return self._child is not None

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        """See Answerer."""
        try:
            channel = self._free.get_nowait() if self.is_up else None
        except queue.Empty:
            channel = None  # threads that hang have them all
        if channel is None:
            return self._inside.answer_batch(questions)
        try:
            asked = Told.ASK + _QUESTIONS.dump_json(list(questions))
            return _ANSWERS.validate_json(self._tell(channel, asked, self._turn_seconds))
        except (ProcessFailed, ValueError) as failure:
            log.warning("answering.not_beside", turns=len(questions), why=str(failure)[:300])
            return self._inside.answer_batch(questions)
        finally:
            self._free.put(channel)

    def foresee(self, text: str) -> None:
        """See Answerer."""
        if not self.is_up:
            self._inside.foresee(text)
            return
        with self._foreseeing, suppress(ProcessFailed, UnicodeEncodeError):
            self._tell(self._foresees, Told.FORESEE + text.encode(), self._turn_seconds)

    def follow_knowledge(self, version: str) -> None:
        """Have the second process serve a version too; comes back when it does, or was given up."""
        self._follow(Told.KNOWLEDGE + version.encode())

    def follow_training(self, folder: Path) -> None:
        """Have the second process take over a trained set; comes back as `follow_knowledge` does.

        Args:
            folder: lasts until then.
        """
        self._follow(Told.TRAINING + os.fsencode(folder.absolute()))

    def close(self) -> None:
        """End the second process; it has nothing that could be lost."""
        with self._ending:
            child, self._child = self._child, None
            if child is not None:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(child, 0)

    def _follow(self, told: bytes) -> None:
        with self._following:
            if not self.is_up:
                return
            try:
                self._tell(self._follows, told, CHANGE_SECONDS)
            except ProcessFailed as failure:
                self._give_up(f"it cannot follow: {failure}")

    def _tell(self, channel: Connection, told: bytes, seconds: float) -> bytes:
        """Have something done; gives what it came to.

        Raises:
            ProcessFailed: it could not be done; or the process had to be given up.
        """
        try:
            channel.send_bytes(told)
            if not channel.poll(seconds) and not channel.poll(GRACE_SECONDS):
                self._give_up(f"no answer within {seconds:.0f} s")
                raise ProcessFailed("It hangs.")
            said = channel.recv_bytes(MOST_BYTES)
        except (OSError, EOFError) as error:
            self._give_up("it has ended")
            raise ProcessFailed("It has ended.") from error
        if not said.startswith(_DONE):
            raise ProcessFailed(said[1:].decode(errors="replace"))
        return said[1:]

    def _give_up(self, why: str) -> None:
        """Go on without the second process; what else it was at is answered here instead."""
        if self.is_up:
            log.error("answering.process_given_up", why=why, until="the next start")
        self.close()


class _Child:
    """The second process. It ends when the server does, however that ends."""

    def __init__(self, answerer: Answerer, follower: Follower) -> None:
        self._answerer = answerer
        self._follower = follower

    def run(self, channels: Sequence[Connection]) -> NoReturn:
        """Serve all channels until one ends."""
        try:
            for told_to_stop in STOPPING:
                signal.signal(told_to_stop, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
            _let_go_of_files({channel.fileno() for channel in channels})
            self._follower.begin()
            for channel in channels[1:]:
                threading.Thread(target=self._serve, args=(channel,), daemon=True).start()
            self._serve(channels[0])
        finally:
            os._exit(1)

    def _serve(self, channel: Connection) -> None:
        while True:
            try:
                told = channel.recv_bytes(MOST_BYTES)
                channel.send_bytes(self._do(told[:1], told[1:]))
            except (OSError, EOFError):
                os._exit(0)  # the server is gone

    def _do(self, what: bytes, told: bytes) -> bytes:
        try:
            return _DONE + self._done(what, told)
        except Exception as error:  # the edge of this process: the server does it itself
            log.exception("answering.process_failed", at=what.decode())
            return _FAILED + type(error).__name__.encode()

    def _done(self, what: bytes, told: bytes) -> bytes:
        match what:
            case Told.ASK:
                answers = self._answerer.answer_batch(_QUESTIONS.validate_json(told))
                return _ANSWERS.dump_json(answers)
            case Told.FORESEE:
                self._answerer.foresee(told.decode())
            case Told.KNOWLEDGE:
                self._follower.serve_knowledge(told.decode())
            case Told.TRAINING:
                self._follower.take_training(Path(os.fsdecode(told)))
        return b""


def _let_go_of_files(kept: set[int]) -> None:
    """Let nothing that the server had open stay open here: its port, its database, its bus.

    They are replaced and not closed: objects that a fork has copied would close such a number
    again, when it may be somebody else's.
    """
    devnull = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number > 2 and number not in kept and number != devnull:
            with suppress(OSError):
                os.dup2(devnull, number, inheritable=False)
