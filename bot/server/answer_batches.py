"""Has turns answered together, in threads beside the event loop.

    taken -> (waits for a thread) -> read from the transcript and answered, several in one batch
    -> what it came to is told

Small batches cost twice as much for each turn, so one that is under way is joined by another only
for many turns, or for one that has waited long. A thread that never comes back is left behind, and
the others go on.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bot.answering.answer import Answer, Answerer, Question, Unwritten
from bot.answering.shop import Shop
from bot.server.desk import Desk
from bot.server.logs import log_of
from bot.server.metrics import Metrics
from bot.server.turn_job import TurnJob
from bot.server.turns import question_of, stay_with_bot
from bot.settings import Settings
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.records import TurnContext

SHARED_FROM = 8
"""Turns that wait from which on a first batch leaves half of them to the next thread."""

BESIDE_ANOTHER = 4
"""Turns that are worth a batch of their own while another is under way."""

BESIDE_ANOTHER_SECONDS = 0.1
"""So long fewer turns wait for the batch under way to end, which may hang."""

READ_AGAIN_SECONDS = 0.3
"""After so long turns are read again that the database did not give."""

READ_TRIES = 5
"""How often they are read again together."""

log = log_of(__name__)


@dataclass(frozen=True)
class Outcomes:
    """Who is told what a turn came to, on the event loop.

    Attributes:
        answered: of what is to be said.
        failed: of a turn that no answer can be found for; people are to have it.
        gone: of a turn that is there no longer, or cannot be read.
        room_made: that a batch has ended.
    """

    answered: Callable[[TurnJob, Answer | Unwritten], None]
    failed: Callable[[TurnJob], Awaitable[None]]
    gone: Callable[[TurnJob], None]
    room_made: Callable[[], None]


class AnswerBatches:
    """The turns that are ready to be answered. Made on the running event loop.

    Args:
        desk: reads the turns.
        answerer: the brain.
        shop: its texts, for who chose to stay with the bot.
        settings: threads, size of a batch, time for one.
        metrics: counts the sizes.
        outcomes: who is told.
    """

    def __init__(
        self,
        desk: Desk,
        answerer: Answerer,
        shop: Shop,
        settings: Settings,
        metrics: Metrics,
        outcomes: Outcomes,
    ) -> None:
        self._desk = desk
        self._answerer = answerer
        self._shop = shop
        self._settings = settings
        self._metrics = metrics
        self._outcomes = outcomes
        self._loop = asyncio.get_running_loop()
        self._ready: deque[TurnJob] = deque()
        self._wake = asyncio.Event()
        self._under_way = 0
        self._threads = self._new_threads()
        self._stuck = 0

    @property
    def stuck_threads(self) -> int:
        """Batches that never came back; each holds a thread for ever."""
        return self._stuck

    def add(self, job: TurnJob) -> None:
        """Have one more turn answered soon."""
        job.ready = time.monotonic()
        self._ready.append(job)
        self._wake.set()
        if self._under_way:
            late = BESIDE_ANOTHER_SECONDS + 0.001
            job.timers.append(self._loop.call_later(late, self._wake.set))

    async def run(self) -> None:
        """Answer one batch after another; as many of these run as there are threads."""
        while True:
            while not self._worth_a_batch():
                self._wake.clear()
                await self._wake.wait()
            jobs = [self._ready.popleft() for _ in range(self._size())]
            self._under_way += 1
            try:
                await self._answer([job for job in jobs if not job.ended])
            finally:
                self._under_way -= 1
                self._wake.set()
            self._outcomes.room_made()

    def close(self) -> None:
        """Begin no further batch; what still runs is left alone."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _worth_a_batch(self) -> bool:
        """Whether to begin a batch; beside another one only for many turns, or late ones."""
        if not self._ready or not self._under_way:
            return bool(self._ready)
        late = time.monotonic() - self._ready[0].ready > BESIDE_ANOTHER_SECONDS
        return late or len(self._ready) >= BESIDE_ANOTHER

    def _size(self) -> int:
        """How many the next batch takes; half of many, where another thread can have the rest."""
        waiting = min(len(self._ready), self._settings.answering_batch)
        last = self._under_way or self._settings.answering_threads == 1
        return waiting if last or waiting < SHARED_FROM else waiting - waiting // 2

    async def _answer(self, jobs: list[TurnJob]) -> None:
        """Answer some turns together in a thread; one that never returns is left behind."""
        if not jobs:
            return
        self._metrics.batch.observe(len(jobs))
        work = self._loop.run_in_executor(self._threads, self._in_thread, jobs)
        try:
            async with asyncio.timeout(self._settings.turn_seconds + 1):
                answers = await asyncio.shield(work)
        except TimeoutError:
            work.add_done_callback(_look_at)
            self._leave_thread_behind(len(jobs))
            return
        except TranscriptsError as error:
            log.warning("turns.unreadable", why=str(error))
            await self._unread(jobs)
            return
        except Exception:  # the edge to the answerer: one text harms only itself
            log.exception("answering.fault", turns=len(jobs))
            await self._answer_alone(jobs)
            return
        for job, answer in zip(jobs, answers, strict=True):
            if answer is None:
                self._outcomes.gone(job)
            else:
                self._outcomes.answered(job, answer)

    def _in_thread(self, jobs: list[TurnJob]) -> list[Answer | Unwritten | None]:
        contexts = self._desk.read_here(self._desk.store.turns, [job.turn for job in jobs])
        questions: list[Question] = [
            question_of(context) for context in contexts if context is not None
        ]
        answers = iter(self._answerer.answer_batch(questions) if questions else [])
        return [
            None if context is None else self._fit(next(answers), context) for context in contexts
        ]

    def _fit(self, answer: Answer | Unwritten, context: TurnContext) -> Answer | Unwritten:
        return stay_with_bot(answer, self._shop) if context.chose_bot else answer

    async def _unread(self, jobs: list[TurnJob]) -> None:
        """Read turns again soon; in the end each alone, and what still fails is the sweep's."""
        for job in jobs:
            job.unread += 1
        if max(job.unread for job in jobs) <= READ_TRIES:
            self._loop.call_later(READ_AGAIN_SECONDS, self._answer_again, jobs)
        elif len(jobs) == 1:
            self._outcomes.gone(jobs[0])
        else:
            await self._answer_alone(jobs)

    def _answer_again(self, jobs: list[TurnJob]) -> None:
        self._ready.extendleft(reversed([job for job in jobs if not job.ended]))
        self._wake.set()

    async def _answer_alone(self, jobs: list[TurnJob]) -> None:
        """After a fault: give up a turn that was alone, try each of several by itself."""
        if len(jobs) == 1:
            await self._outcomes.failed(jobs[0])
            return
        for job in jobs:
            if not job.ended:
                await self._answer([job])

    def _leave_thread_behind(self, turns: int) -> None:
        self._stuck += 1
        log.error("answering.stuck", turns=turns, stuck_threads=self._stuck)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._threads = self._new_threads()

    def _new_threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._settings.answering_threads, thread_name_prefix="answering")


def _look_at(left_behind: asyncio.Future[Any]) -> None:
    """See how a batch ended that nobody waits for, or its fault would be logged as one of ours."""
    if not left_behind.cancelled():
        left_behind.exception()
