"""Work that takes longer than a request: one at a time, in a thread, with progress to ask for.

Every node can tell how far any node's job is: a working node pins it to the board that they share.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.errors import NotFound, RequestRefused, ShopkeeperError, TooMany
from bot.server.job_board import JobBoard
from bot.server.loaded import give_back_memory
from bot.server.logs import log_of
from bot.server.refusals import refusal_of, refusal_of_system
from bot.server.web_rules import error_body
from bot.transcripts.errors import TranscriptsError
from knowledge_base.errors import KnowledgeBaseError

WAITING_JOBS = 10

PIN_SECONDS = 1.0
"""How often the other nodes are told how far a job is."""

log = log_of(__name__)


class ServerEnded(RequestRefused):
    """A job that ran, or waited for its turn, when its server ended."""

    code = "ended"

    def __init__(self) -> None:
        super().__init__("The server ended.", "服务器停止了。")


@dataclass(eq=False)
class Job:
    """One piece of work.

    Attributes:
        id: random.
        kind: what it does, for the page.
        by: id of the account that asked for it.
        facts: what else is told of it, JSON values.
        report: what it came to, JSON values; None before it is done.
        error: the refusal, as docs/api.md has it.
    """

    id: str
    kind: str
    by: str
    state: Literal["running", "done", "failed"] = "running"
    step: str = ""
    done: int = 0
    of: int = 0
    report: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def progress(self, step: str) -> Callable[[int, int], None]:
        """Name the step that begins, and give the function that counts in it (from any thread)."""
        self.step, self.done, self.of = step, 0, 0

        def count(done: int, of: int) -> None:
            self.done, self.of = done, of

        return count

    def as_json(self) -> dict[str, Any]:
        """Give it as `GET /api/jobs/{id}` answers."""
        told: dict[str, Any] = {
            "job": self.id,
            "kind": self.kind,
            "state": self.state,
            "progress": {"step": self.step, "done": self.done, "of": self.of},
            **self.facts,
        }
        if self.report is not None:
            told["report"] = self.report
        if self.error is not None:
            told.update(self.error)
        return told

    def end(self, came_to: CameTo) -> None:
        """Have it told as done, or as failed."""
        if isinstance(came_to, RequestRefused):
            self.state, self.error = "failed", error_body(came_to)
        else:
            self.state, self.report = "done", came_to


CameTo = dict[str, Any] | RequestRefused
"""The report of a job, or why there is none."""

Note = Callable[[Job, CameTo], Awaitable[None]]
"""Writes down what a job came to."""


class Jobs:
    """The jobs of this node, the last ones with their reports.

    Args:
        kept: how many finished jobs are remembered.
        board: where the nodes tell each other.
    """

    def __init__(self, kept: int, board: JobBoard) -> None:
        self._kept = kept
        self._board = board
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="job")
        self._tasks: set[asyncio.Task[None]] = set()
        self._pinning = threading.Lock()

    async def begin(
        self,
        kind: str,
        by: str,
        work: Callable[[Job], dict[str, Any]],
        id: str | None = None,
        facts: dict[str, Any] | None = None,
        note: Note | None = None,
    ) -> Job:
        """Run `work` in the thread; what it returns is the report. Every node knows of it then.

        Args:
            id: of work of which there is one at a time; random by itself.
            facts: see `Job`.
            note: called with what it came to before anybody is told that it has ended; may raise
                TranscriptsError, which changes nothing about the job.

        Raises:
            TooMany: too many wait already.
        """
        running = sum(job.state == "running" for job in self._jobs.values())
        if running >= WAITING_JOBS:
            raise TooMany(
                "Too many jobs are waiting.", "等待的任务太多了。", retry_after_seconds=10
            )
        job = Job(id or secrets.token_urlsafe(12), kind, by, facts=facts or {})
        self._jobs[job.id] = job
        self._forget_oldest()
        await self._pin(job)
        task = asyncio.get_running_loop().create_task(self._run(job, work, note))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    async def tell(self, id: str) -> dict[str, Any]:
        """Tell how far a job of any node is. Raises NotFound when it is unknown, or forgotten."""
        job = self._jobs.get(id)
        if job is not None:
            return job.as_json()
        found = await asyncio.to_thread(self._board.look_up, id)
        if found is None:
            raise NotFound("There is no such job.", "没有这个任务。")
        told, lives = found
        return told if lives else {**told, "state": "failed", **error_body(ServerEnded())}

    def running(self, id: str) -> dict[str, Any] | None:
        """Tell how far a job of this node is; None where it does not run here."""
        job = self._jobs.get(id)
        return job.as_json() if job is not None and job.state == "running" else None

    async def close(self, seconds: float) -> None:
        """Let the running job end for so long; the others are dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def _run(
        self, job: Job, work: Callable[[Job], dict[str, Any]], note: Note | None
    ) -> None:
        pinning = asyncio.get_running_loop().create_task(self._keep_pinned(job))
        came_to = await self._came_to(job, work)
        try:
            if note is not None:
                await note(job, came_to)
        except TranscriptsError as error:
            log.error("job.not_noted", kind=job.kind, job=job.id, why=type(error).__name__)
        finally:
            job.end(came_to)
            pinning.cancel()
            try:
                await self._pin(job)
            finally:
                job.ended.set()

    async def _came_to(self, job: Job, work: Callable[[Job], dict[str, Any]]) -> CameTo:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, _done, work, job)
        except (KnowledgeBaseError, ShopkeeperError) as error:
            return refusal_of(error)
        except TranscriptsError as error:
            log.error("job.not_stored", kind=job.kind, job=job.id, why=type(error).__name__)
            return refusal_of(error)
        except asyncio.CancelledError:  # it still waited for its turn when the server ended
            return ServerEnded()
        except Exception as error:  # the edge of a job: it must be seen as failed, whatever broke
            log.exception("job.fault", kind=job.kind, job=job.id)
            return _of_a_fault(error)

    async def _keep_pinned(self, job: Job) -> None:
        while True:
            await asyncio.sleep(PIN_SECONDS)
            await self._pin(job)

    async def _pin(self, job: Job) -> None:
        def pin() -> None:
            with self._pinning:  # whoever comes last writes what is so by then
                self._board.pin(job.as_json())

        try:
            await asyncio.to_thread(pin)
        except OSError as error:  # the job itself goes on; only other nodes do not hear of it
            log.warning("job.not_pinned", job=job.id, why=str(error))

    def _forget_oldest(self) -> None:
        finished = [job.id for job in self._jobs.values() if job.state != "running"]
        for id in finished[: max(0, len(finished) - self._kept)]:
            del self._jobs[id]


def _done(work: Callable[[Job], dict[str, Any]], job: Job) -> dict[str, Any]:
    """Do the work, and give the system back the memory that it needed: 100 MB for a large file."""
    try:
        return work(job)
    finally:
        give_back_memory()


def _of_a_fault(error: Exception) -> RequestRefused:
    told = refusal_of_system(error) if isinstance(error, OSError) else None
    return told or RequestRefused(
        "It failed; the log says why.", "任务失败，详见日志。", code="fault"
    )
