"""A process that answers beside the server: what runs there, and what it is told.

It is forked from the stem (`answering_stem`) with all models loaded, has a thread for each channel,
and ends when the server does. Questions and answers cross as JSON.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, NoReturn, Protocol

import structlog
from pydantic import Field, TypeAdapter

from bot.answering.answer import Answer, Answerer, Question, Unwritten
from knowledge_base.head_start import stand_back

MOST_BYTES = 256 * 1024 * 1024
"""Of one message between the two; a batch of the longest turns has less."""

STOPPING = (signal.SIGINT, signal.SIGTERM)
"""What is sent to every process when the server is to stop; it drains, and needs answers till then.
"""

QUESTIONS = TypeAdapter(list[Question])
ANSWERS = TypeAdapter(list[Annotated[Answer | Unwritten, Field(union_mode="left_to_right")]])
DONE, FAILED = b"+", b"-"
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG

log = structlog.get_logger(__name__)


class Told:
    """First byte of what is sent to the process."""

    READY, ASK, FORESEE, KNOWLEDGE, TRAINING = b"r", b"a", b"f", b"k", b"t"


class Follower(Protocol):
    """What the process does with what it is told; any exception means that it cannot."""

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


def end_with(server: int) -> None:
    """Have the kernel end this process when the server ends; ends it now when that has happened."""
    for told_to_stop in STOPPING:
        signal.signal(told_to_stop, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(0)


class Branch:
    """What answers, in the process that was forked for it."""

    def __init__(self, answerer: Answerer, follower: Follower) -> None:
        self._answerer = answerer
        self._follower = follower

    def run(self, channels: Sequence[Connection], server: int) -> NoReturn:
        """Serve all channels until one ends.

        Args:
            server: its process, the parent of this one.
        """
        try:
            end_with(server)
            let_go_of_files({channel.fileno() for channel in channels})
            self._follower.begin()
            for channel in channels[1:]:
                threading.Thread(target=self._serve, args=(channel,), daemon=True).start()
            stand_back()  # what foresees must not hold up the storing of that very message
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
            return DONE + self._done(what, told)
        except Exception as error:  # the edge of this process: the server does it itself
            log.exception("answering.process_failed", at=what.decode())
            return FAILED + type(error).__name__.encode()

    def _done(self, what: bytes, told: bytes) -> bytes:
        match what:
            case Told.ASK:
                answers = self._answerer.answer_batch(QUESTIONS.validate_json(told))
                return ANSWERS.dump_json(answers)
            case Told.FORESEE:
                self._answerer.foresee(told.decode())()
            case Told.KNOWLEDGE:
                self._follower.serve_knowledge(told.decode())
            case Told.TRAINING:
                self._follower.take_training(Path(os.fsdecode(told)))
        return b""


def let_go_of_files(kept: set[int]) -> None:
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
