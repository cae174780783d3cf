"""Shares batches among processes that answer, so that a machine with more cores answers more.

Each process answers one batch after the other without waiting for the interpreter of another. One
that dies, hangs or cannot follow is done without (`answering_process`); what is left goes on, and
the server itself when none is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from bot.answering.answer import Answer, Answerer, Question, Unwritten
from bot.answering.answering_process import AnsweringProcess, Follower


class AnsweringProcesses:
    """An `Answerer` that lets the process answer which has least to do. Safe in several threads.

    Made while `can_fork`.

    Args:
        processes: how many, 1 or more.
        inside, follower, threads, turn_seconds: see `AnsweringProcess`; the threads are all of
            theirs together.
    """

    def __init__(
        self,
        processes: int,
        inside: Answerer,
        follower: Follower,
        threads: int,
        turn_seconds: float,
    ) -> None:
        self._inside = inside
        # Each can have all batches at once: the others may have ended.
        self._processes = [
            AnsweringProcess(inside, follower, threads, turn_seconds) for _ in range(processes)
        ]
        self._batches = [0] * processes
        self._choosing = threading.Lock()

    @property
    def up(self) -> int:
        """How many there are still."""
        return sum(process.is_up for process in self._processes)

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        """See Answerer."""
        with self._choosing:
            chosen = self._least_busy()
            self._batches[chosen] += 1
        try:
            return self._processes[chosen].answer_batch(questions)
        finally:
            with self._choosing:
                self._batches[chosen] -= 1

    def foresee(self, text: str) -> None:
        """See Answerer; where nobody else is answered, the same process is asked afterwards."""
        with self._choosing:
            chosen = self._least_busy()
        self._processes[chosen].foresee(text)

    def write(self, unwritten: Unwritten) -> Answer:
        """See Answerer; the generator has a process of its own anyway."""
        return self._inside.write(unwritten)

    def answer(self, question: Question) -> Answer:
        """See Answerer."""
        return self._inside.answer(question)

    def follow_knowledge(self, version: str) -> None:
        """Have all serve a version too; comes back when each does, or was given up."""
        for process in self._processes:
            process.follow_knowledge(version)

    def follow_training(self, folder: Path) -> None:
        """Have all take over a trained set; comes back as `follow_knowledge` does.

        Args:
            folder: lasts until then.
        """
        for process in self._processes:
            process.follow_training(folder)

    def close(self) -> None:
        """End all; they have nothing that could be lost."""
        for process in self._processes:
            process.close()

    def _least_busy(self) -> int:
        """The first of those with the fewest batches; of those that are up, while any is."""
        every = range(len(self._processes))
        up = [at for at in every if self._processes[at].is_up] or every
        return min(up, key=self._batches.__getitem__)
