"""Processes that answer beside the server: one always, more while batches keep waiting.

Each answers one batch after the other without waiting for the interpreter of another. The first is
there from the start. Another is forked from the stem when more batches are under way than there are
processes (`answering_demand`), and ends again when it was not needed for a while, so that its
memory goes back. One that dies, hangs or cannot follow is replaced; until then what is left goes
on, and the server itself when none is. A stem that ends is replaced by its heir.

What may answer follows every change. A process that is just being made is told what has changed
since the start before it is one of those that answer. A change that comes meanwhile is not told
to it, because it is none of them yet: so it is only taken among them, in one step with looking,
when nothing has changed since it was told, and else told again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe
from pathlib import Path

import structlog

from bot.answering.answer import Answer, Answerer, Question, Unwritten
from bot.answering.answering_branch import Follower
from bot.answering.answering_demand import Demand, Losses
from bot.answering.answering_process import AnsweringProcess
from bot.answering.answering_stem import BranchFailed, Stem, StemEnded
from bot.errors import PartMissing

STEM_SECONDS = 60.0
"""So often it is looked whether the stem and its heir are there, when nothing else happens."""

BUSY_SECONDS = 1.0
"""After so long it is looked again whether a process that is too many has nothing to do."""

Lend = Callable[[Callable[[Path], None]], None]
"""Tells a folder of the trained set that answers; raises PartMissing when there is none now."""

log = structlog.get_logger(__name__)


class AnsweringProcesses:
    """An `Answerer` that lets the process answer which has least to do. Safe in several threads.

    Made while `can_fork`. Processes come and go in `tend`, which the thread of `start` calls.

    Args:
        most: processes, 1 or more.
        inside: answers, forked, in each of them; and here when there is none.
        follower: what is done there with what it is told.
        threads: batches that are answered at the same time, by all of them together.
        turn_seconds: a batch that takes longer means that its process hangs.
        lend: has a process that was not there when the trained set was exchanged take it over.
        clock: seconds, only going forward.
    """

    def __init__(
        self,
        most: int,
        inside: Answerer,
        follower: Follower,
        threads: int,
        turn_seconds: float,
        *,
        lend: Lend,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inside = inside
        self._threads = threads
        self._turn_seconds = turn_seconds
        self._lend = lend
        self._clock = clock
        self._demand, self._losses = Demand(most), Losses()
        self._choosing, self._following = threading.Lock(), threading.Lock()
        self._look, self._closed = threading.Event(), False
        self._under_way = 0
        self._changes, self._knowledge, self._trained_anew = 0, "", False
        self._stem = Stem(inside, follower)
        self._batches: dict[AnsweringProcess, int] = {}  # under way in each that may answer
        self._foresaw: AnsweringProcess | None = None
        self._add()

    @property
    def up(self) -> int:
        """How many may answer."""
        return sum(process.is_up for process in tuple(self._batches))

    @property
    def lost(self) -> int:
        """How many have ended by themselves, hung or not followed since the start."""
        return self._losses.count

    @property
    def stem(self) -> int | None:
        """The number of the process that they are forked from; None when it has no heir left."""
        return self._stem.process

    @property
    def heir(self) -> int | None:
        """The number of the process that takes the stem's place; None when there is none now."""
        return self._stem.heir

    def start(self) -> None:
        """Let them come and go from now on, in a thread."""
        threading.Thread(target=self._tend_on, name="answering-processes", daemon=True).start()

    # -- answering ---------------------------------------------------------------------------

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        """See Answerer."""
        with self._chosen() as chosen:
            return (chosen or self._inside).answer_batch(questions)

    def foresee(self, text: str) -> Callable[[], None]:
        """See Answerer; where nobody else is answered, the same process is asked afterwards."""
        with self._choosing:
            chosen = self._foresaw = self._least_busy()
        return (chosen or self._inside).foresee(text)

    def write(self, unwritten: Unwritten) -> Answer:
        """See Answerer; the generator has a process of its own anyway."""
        return self._inside.write(unwritten)

    def answer(self, question: Question) -> Answer:
        """See Answerer."""
        return self._inside.answer(question)

    @contextmanager
    def _chosen(self) -> Iterator[AnsweringProcess | None]:
        """Who answers a batch while this lasts."""
        with self._choosing:
            chosen = self._least_busy()
            self._count(chosen, 1)
        try:
            yield chosen
        finally:
            with self._choosing:
                self._count(chosen, -1)

    def _count(self, process: AnsweringProcess | None, batches: int) -> None:
        if process in self._batches:
            self._batches[process] += batches
        self._under_way += batches
        now = self._clock()
        self._demand.under_way(self._under_way, now)
        if self._demand.wanted(now) > len(self._batches) and self.stem is not None:
            self._look.set()

    def _least_busy(self) -> AnsweringProcess | None:
        """Of those that are up, one with the fewest batches: who foresaw, else the oldest."""
        up = [process for process in self._batches if process.is_up]
        return min(
            up,
            key=lambda process: (self._batches[process], process is not self._foresaw),
            default=None,
        )

    # -- following ---------------------------------------------------------------------------

    def follow_knowledge(self, version: str) -> None:
        """Have all serve a version too; comes back when each does, or was given up."""
        with self._following:
            for process in self._changed(knowledge=version):
                process.follow_knowledge(version)

    def follow_training(self, folder: Path) -> None:
        """Have all take over a trained set; comes back as `follow_knowledge` does.

        Args:
            folder: lasts until then.
        """
        with self._following:
            for process in self._changed(trained_anew=True):
                process.follow_training(folder)

    def _changed(
        self, knowledge: str = "", trained_anew: bool = False
    ) -> tuple[AnsweringProcess, ...]:
        """Take note of a change; gives who answers just now, and has to be told."""
        with self._choosing:
            self._changes += 1
            self._knowledge = knowledge or self._knowledge
            self._trained_anew |= trained_anew
            return tuple(self._batches)

    def _take_in(self, process: AnsweringProcess) -> bool:
        """Let a process answer as soon as it follows; False when it was lost before.

        Raises:
            PartMissing: what it would have to follow cannot be had now.
        """
        followed = 0
        while process.is_up:
            with self._choosing:
                if self._closed:
                    break
                if self._changes == followed:
                    self._batches[process] = 0
                    return True
                followed, knowledge = self._changes, self._knowledge
                trained_anew = self._trained_anew
            if knowledge:
                process.follow_knowledge(knowledge)
            if trained_anew:
                self._lend(process.follow_training)  # no lock is held: it waits for changes
        return False

    # -- coming and going --------------------------------------------------------------------

    def tend(self) -> float | None:
        """Fork what is wanted, replace what was lost, end what is not needed; one at a time.

        Returns:
            Seconds until it is to be looked again; None: when something happens.
        """
        self._stem.mend()
        now = self._clock()
        with self._choosing:
            for process in [process for process in self._batches if not process.is_up]:
                del self._batches[process]
            wanted, there = self._demand.wanted(now), len(self._batches)
            pause, lasts = self._losses.pause(now), self._demand.lasts(now)
        if there < wanted and self.stem is not None:
            if pause == 0:
                self._add_ready()
            return pause
        if there > wanted:
            return 0.0 if self._end_one() else BUSY_SECONDS
        return lasts

    def close(self) -> None:
        """End all; they have nothing that could be lost."""
        with self._choosing:
            self._closed = True
            ended = tuple(self._batches)
        self._look.set()
        for process in ended:
            process.close()
        self._stem.close()

    def _tend_on(self) -> None:
        while not self._closed:
            self._look.clear()
            try:
                again = self.tend()
            except Exception:  # the edge of this thread: the database may be away, for one
                log.exception("answering.not_tended")
                again = BUSY_SECONDS
            if again != 0:
                self._look.wait(STEM_SECONDS if again is None else min(again, STEM_SECONDS))

    def _add(self) -> None:
        """Have the first; it is as the server is, so nothing has to be waited for."""
        process = self._branch()
        if process is not None:
            self._batches[process] = 0

    def _add_ready(self) -> None:
        process = self._branch()
        if process is None:
            return
        taken_in = False
        try:
            process.get_ready()
            taken_in = self._take_in(process)
        except (PartMissing, OSError) as error:
            log.warning("answering.process_not_taken_in", why=str(error))
        finally:
            if not taken_in and process.close():
                self._one_lost()
        if taken_in:
            log.info("answering.process_added", processes=self.up)

    def _branch(self) -> AnsweringProcess | None:
        pairs = [Pipe() for _ in range(self._threads + 2)]
        try:
            number = self._stem.branch([there for _, there in pairs])
        except BranchFailed as error:
            log.warning("answering.not_forked", why=str(error))
            self._one_lost()
            return None
        except StemEnded:
            return None  # the stem has told it
        finally:
            for _, there in pairs:
                there.close()
        here = [here for here, _ in pairs]
        return AnsweringProcess(number, here, self._inside, self._turn_seconds, self._one_lost)

    def _one_lost(self) -> None:
        with self._choosing:
            self._losses.one_more(self._clock())
        self._look.set()

    def _end_one(self) -> bool:
        """End the youngest that has nothing to do; False when all have."""
        with self._choosing:
            idle = [process for process, batches in self._batches.items() if not batches]
            if not idle:
                return False
            del self._batches[idle[-1]]
        idle[-1].close()
        log.info("answering.process_ended", processes=self.up, why="it was not needed for a while")
        return True
