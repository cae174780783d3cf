"""One process that answers beside the server, as the server sees it.

    the server                                 a branch of the stem, with all models loaded
    answer_batch(questions) --- a channel ---> the same answerer, a thread for each channel
                            <-- answers ------

Python runs one thread of a process at a time. A message is accepted when the event loop and the
writer have had their turns, and beside answers these came late (docs/speed.md). A fork shares the
memory of what is loaded, so that it costs some 40 MB and no time to start.

What begins to serve, a version of the knowledge or a trained set, is told to it before the change
counts as done. When it ends, hangs or cannot follow, it is given up: the server has the very same
answerer, which goes on until there is another (`answering_processes`).
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import structlog

from bot.answering.answer import Answer, Answerer, Question, Unwritten
from bot.answering.answering_branch import ANSWERS, DONE, MOST_BYTES, QUESTIONS, Told
from bot.answering.answering_stem import end_child

GRACE_SECONDS = 1.0
"""What is waited beyond a turn's time: both may have been paused together."""

CHANGE_SECONDS = 600.0
"""For opening what is to serve; a million entries take minutes."""

log = structlog.get_logger(__name__)


class ProcessFailed(Exception):
    """The process has ended, hangs, or could not do what it was told."""


class AnsweringProcess:
    """Answers in a process of its own, as long as there is one, and in this one afterwards.

    Safe to call from several threads.

    Args:
        child: the number of the process.
        channels: these ends of them: to foresee, to follow, and one for each batch at a time.
        inside: answers here when there is no such process any more.
        turn_seconds: a batch that takes longer means that the process hangs.
        lost: told when it was given up.
    """

    def __init__(
        self,
        child: int,
        channels: Sequence[Connection],
        inside: Answerer,
        turn_seconds: float,
        lost: Callable[[], None],
    ) -> None:
        self._child: int | None = child
        self._inside = inside
        self._turn_seconds = turn_seconds
        self._lost = lost
        self._foresees, self._follows, *asks = channels
        self._free: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        for channel in asks:
            self._free.put(channel)
        self._foreseeing, self._following, self._ending = (threading.Lock() for _ in range(3))

    @property
    def process(self) -> int | None:
        """The number of the process; None after its end."""
        return self._child

    @property
    def is_up(self) -> bool:
        """Whether there is such a process still."""
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
            asked = Told.ASK + QUESTIONS.dump_json(list(questions))
            return ANSWERS.validate_json(self._tell(channel, asked, self._turn_seconds))
        except (ProcessFailed, ValueError) as failure:
            log.warning("answering.not_beside", turns=len(questions), why=str(failure)[:300])
            return self._inside.answer_batch(questions)
        finally:
            self._free.put(channel)

    def foresee(self, text: str) -> Callable[[], None]:
        """See Answerer.

        The process is told at once, by whoever asks, and not when a worker comes to it: that would
        wait for the interpreter behind the storing of the very message. One message at a time is
        far less than a channel takes without anybody reading it.
        """
        if not self.is_up:
            return self._inside.foresee(text)
        if not self._foreseeing.acquire(blocking=False):
            return _nothing
        try:
            self._foresees.send_bytes(Told.FORESEE + text.encode())
        except (OSError, UnicodeEncodeError):  # an end is found out by whoever waits for an answer
            self._foreseeing.release()
            return _nothing
        return self._hear_that_it_foresaw

    def _hear_that_it_foresaw(self) -> None:
        try:
            with suppress(ProcessFailed):
                self._hear(self._foresees, self._turn_seconds)
        finally:
            self._foreseeing.release()

    def get_ready(self) -> None:
        """Come back when it has begun to serve, or was given up."""
        self._follow(Told.READY)

    def follow_knowledge(self, version: str) -> None:
        """Have the process serve a version too; comes back when it does, or was given up."""
        self._follow(Told.KNOWLEDGE + version.encode())

    def follow_training(self, folder: Path) -> None:
        """Have the process take over a trained set; comes back as `follow_knowledge` does.

        Args:
            folder: lasts until then.
        """
        self._follow(Told.TRAINING + os.fsencode(folder.absolute()))

    def close(self) -> bool:
        """End the process, which has nothing that could be lost; False when it was ended before."""
        with self._ending:
            child, self._child = self._child, None
            if child is not None:
                end_child(child)
        return child is not None

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
        except OSError as error:
            raise self._ended() from error
        return self._hear(channel, seconds)

    def _hear(self, channel: Connection, seconds: float) -> bytes:
        """Wait until something is done; as `_tell`."""
        try:
            if not channel.poll(seconds) and not channel.poll(GRACE_SECONDS):
                self._give_up(f"no answer within {seconds:.0f} s")
                raise ProcessFailed("It hangs.")
            said = channel.recv_bytes(MOST_BYTES)
        except (OSError, EOFError) as error:
            raise self._ended() from error
        if not said.startswith(DONE):
            raise ProcessFailed(said[1:].decode(errors="replace"))
        return said[1:]

    def _ended(self) -> ProcessFailed:
        self._give_up("it has ended")
        return ProcessFailed("It has ended.")

    def _give_up(self, why: str) -> None:
        """Go on without it; what else it was at is answered here instead."""
        if self.close():
            log.error("answering.process_given_up", why=why)
            self._lost()


def _nothing() -> None:
    """Be done at once."""
