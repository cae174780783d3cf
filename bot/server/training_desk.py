"""What an admin does with what was learnt: look at it, have it learnt again, go back.

Training is the shell's own command in a process of its own (`training_run`), one at a time over all
nodes; every node can tell how far it is, and end it. Knows no socket.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from bot.answering.live_training import LiveTraining
from bot.errors import Conflict, NotFound, PartMissing, RequestRefused
from bot.server.audience import iso
from bot.server.job_board import JobBoard
from bot.server.jobs import CameTo, Job, Jobs, ServerEnded
from bot.server.learnt import Learnt
from bot.server.mined_questions import MinedQuestions
from bot.server.step_times import StepTimes, UsualTimes
from bot.server.training_outcome import found_in, lost, outcome_of, problems_in
from bot.server.training_run import Ended, remove_left_over, run_command
from bot.server.training_slot import TrainingSlot
from bot.server.training_wanted import Wanted, What, command_for, written
from bot.server.uploads import Uploads
from bot.settings import Settings

RUN = "training-current"
"""The one name under which a run is pinned to the board: there is one at a time."""

END = "training--cancel"
"""Where whoever wants the run ended says so."""

ASK_BOARD_SECONDS = 1.0
RUN_ENDS_SECONDS = 25.0
SLOT_TRIES = 100
SLOT_SECONDS = 0.1
"""Between tries for the place of a run that has ended; a busy node gives it back a little later."""

_WORK = "run-"
USUAL = "usual.json"

Audit = Callable[[str, str, str, dict[str, Any]], Awaitable[None]]


class TrainingRuns(Conflict):
    """Somebody trains already."""

    code = "training_runs"

    def __init__(self) -> None:
        super().__init__(
            "A training is running already. Wait for its end, or end it.",
            "已经有训练在进行，请等它结束，或先取消它。",
        )


class Cancelled(RequestRefused):
    """The training was ended by an admin."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__(
            "It was ended before it was done; nothing has changed.",
            "训练已取消，原有内容没有任何改变。",
        )


@dataclass
class _Run:
    """One run, as its node knows it."""

    id: str
    wanted: Wanted
    serving: str | None
    times: StepTimes
    asked_board_at: float = 0.0
    ending: bool = False
    chats: tuple[str, bytes] | None = None
    slot: ExitStack = field(default_factory=ExitStack)

    @property
    def what(self) -> What:
        return self.wanted.what


class TrainingDesk:
    """Serves the admin's side of what was trained.

    Args:
        training: what answers; None where nothing was trained (tests of the sockets).
        learnt: reads what training wrote down.
        board: where nodes tell each other how far a run is.
        slot: of which there is one for all nodes.
        uploads: keeps the old chats that admins bring.
        shell: the shell's command, without what it is to do.
        now: the wall clock, UTC.
    """

    def __init__(
        self,
        training: LiveTraining | None,
        learnt: Learnt,
        settings: Settings,
        board: JobBoard,
        slot: TrainingSlot,
        uploads: Uploads,
        shell: tuple[str, ...],
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._training = training
        self._learnt = learnt
        self._settings = settings
        self._board = board
        self._slot = slot
        self._uploads = uploads
        self._shell = shell
        self._now = now
        self._monotonic = monotonic
        self._folder = settings.state_folder / "trained" / "console"
        self._usual = UsualTimes(self._folder / USUAL)
        self.mined = MinedQuestions(board)
        self._jobs = Jobs(1, board)
        self._ending = threading.Event()
        self._followers: set[asyncio.Task[None]] = set()
        self.taken_over: Callable[[], None] = lambda: None

    # -- looking -----------------------------------------------------------------------------

    def standing(self, refused: str) -> dict[str, Any]:
        """Tell what was learnt, and what runs or ran last; reads files and the database.

        Args:
            refused: why a newer set does not answer, for the page.
        """
        told = self._learnt.as_json()
        return {**told, "refused": refused, "run": self.run()}

    def run(self) -> dict[str, Any] | None:
        """Tell how far the run of any node is, or what became of the last one, for a day."""
        own = self._jobs.running(RUN)
        if own is not None:  # however long it could not write to the board, it lives
            return own
        found = self._board.look_up(RUN)
        if found is None:
            return None
        told, lives = found
        return told if lives else {**told, "state": "failed", "error": lost()}

    # -- training ----------------------------------------------------------------------------

    async def begin(self, wanted: Wanted, audit: Audit) -> dict[str, Any]:
        """Have a part learnt again, or old chats looked through; gives the run.

        Args:
            audit: writes into the audit log that it begins, and what became of it.

        Raises:
            TrainingRuns: on this node or another.
            NotFound: there is no such upload.
            PartMissing: this server has nothing to train.
            RequestRefused: there would be no chats to look through.
        """
        what, by = wanted.what, wanted.by
        brought = wanted.upload is not None
        if not (brought or wanted.desk):
            raise RequestRefused(
                "Bring a file of old chats, or look at the own desk.",
                "请导入聊天记录文件，或选择查看自家客服的对话。",
                code="no_chats",
            )
        run = await asyncio.to_thread(self._prepared, wanted)
        try:
            await audit(by, "training_started", what, {"chats": brought})
            facts: dict[str, Any] = {
                "run": run.id,
                "what": what,
                "by": by,
                "began_at": iso(self._now()),
            }
            usual = await asyncio.to_thread(self._usual.seconds)
            facts |= {"usual_seconds": usual[what]} if what in usual else {}
            work = partial(self._work, run)
            note = partial(_note, run, audit)
            job = await self._jobs.begin("training", by, work, RUN, facts, note)
        except BaseException:
            run.slot.close()
            raise
        follower = asyncio.get_running_loop().create_task(self._follow(run, job))
        self._followers.add(follower)
        follower.add_done_callback(self._followers.discard)
        return job.as_json()

    async def end(self, by: str) -> str:
        """Ask the node that trains to end; gives the run. Raises NotFound when none runs."""
        told = await asyncio.to_thread(self.run)
        if told is None or told["state"] != "running":
            raise NotFound("No training is running.", "现在没有训练在进行。")
        wish = {"job": END, "kind": "cancel", "state": "done", "run": told["run"], "by": by}
        await asyncio.to_thread(self._board.pin, wish)
        return str(told["run"])

    async def close(self) -> None:
        """End a run of this node; the others are told what became of it."""
        self._ending.set()
        await self._jobs.close(RUN_ENDS_SECONDS)
        if self._followers:
            await asyncio.wait(self._followers, timeout=RUN_ENDS_SECONDS)

    # -- going back --------------------------------------------------------------------------

    def must_have(self, id: str) -> None:
        """Raise NotFound where there is no such set to go back to."""
        if id not in {one.id for one in self._trained().sets.listed()}:
            raise NotFound("There is no such trained set.", "没有这个训练版本。")

    def roll_back(self, id: str) -> None:
        """Let an earlier set serve; every node takes it over when it looks next.

        Raises:
            TrainingRuns: it would be replaced again in a moment.
            PartMissing: there is no such set, or it cannot be used here.
        """
        sets = self._trained().sets
        with ExitStack() as slot:
            self._take_slot(slot)
            sets.roll_back(id, _refuse_to_wait)

    def _take_slot(self, into: ExitStack) -> None:
        """Be the only one, of all nodes. Raises TrainingRuns."""
        for _ in range(SLOT_TRIES):
            attempt = ExitStack()
            if attempt.enter_context(self._slot.taken()):
                into.push(attempt.pop_all())
                return
            attempt.close()
            run = self.run()
            if run is not None and run["state"] == "running":
                break
            self._ending.wait(SLOT_SECONDS)  # it has ended, and gives its place back just now
        raise TrainingRuns

    def _trained(self) -> LiveTraining:
        if self._training is None:
            raise PartMissing("This server has nothing trained to manage.")
        return self._training

    # -- in the thread of the run --------------------------------------------------------------

    def _prepared(self, wanted: Wanted) -> _Run:
        sets = self._trained().sets
        chats = None
        if wanted.upload is not None:
            brought, content = self._uploads.get(wanted.upload)
            chats = (brought.name, content)
        id, times = secrets.token_urlsafe(8), StepTimes(self._monotonic)
        run = _Run(id, wanted, None, times, chats=chats)
        try:
            self._take_slot(run.slot)
            run.serving = sets.serving()
            remove_left_over(self._folder, f"{_WORK}*")
        except BaseException:
            run.slot.close()
            raise
        return run

    def _work(self, run: _Run, job: Job) -> dict[str, Any]:
        folder = self._folder / f"{_WORK}{run.id}"

        def told(step: str, done: int, of: int) -> None:
            left = run.times.left(step, done, of)
            job.progress(step)(done, of)
            job.facts["seconds_left"] = None if left is None else round(left)

        def wanted() -> None:
            job.facts["seconds"] = round(run.times.so_far)
            self._go_on(run)

        told("begin", 0, 0)
        try:
            chats = None if run.chats is None else written(*run.chats, folder=folder)
            command = [*self._shell, *command_for(run.wanted, chats)]
            ended = run_command(command, self._settings, folder, told, wanted)
        except RequestRefused:
            if self._was_kept(run):  # it had just come to its end
                return {"outcome": "kept"}
            raise
        report = self._report(run, ended)
        self._usual.keep(run.what, run.times.so_far)
        return report

    def _go_on(self, run: _Run) -> None:
        """Return while the run is wanted."""
        if self._ending.is_set():
            raise ServerEnded
        if self._monotonic() - run.asked_board_at < ASK_BOARD_SECONDS:
            return
        run.asked_board_at = self._monotonic()
        try:
            wish = self._board.look_up(END)
        except OSError:
            return  # asked again in a second
        if wish is not None and wish[0].get("run") == run.id:
            raise Cancelled

    def _was_kept(self, run: _Run) -> bool:
        try:
            sets = self._trained().sets
            sets.mend()
            return sets.serving() not in (None, run.serving)
        except (PartMissing, OSError):
            return False

    def _report(self, run: _Run, ended: Ended) -> dict[str, Any]:
        if run.what != "questions":
            return outcome_of(ended, figures_apart=run.what == "takeover")
        output = found_in(ended)
        return {
            "outcome": "found",
            "found": self.mined.keep(run.id, output),
            **problems_in(output),
        }

    async def _follow(self, run: _Run, job: Job) -> None:
        """Give the place back when a run has ended, and have a new set taken over at once."""
        await job.ended.wait()
        await asyncio.to_thread(run.slot.close)
        if job.report is not None and job.report["outcome"] == "kept":
            self.taken_over()


async def _note(run: _Run, audit: Audit, _job: Job, came_to: CameTo) -> None:
    """Tell the audit log what became of a run."""
    outcome = came_to.code if isinstance(came_to, RequestRefused) else came_to["outcome"]
    await audit(run.wanted.by, "training_ended", run.what, {"outcome": outcome})


def _refuse_to_wait(_seconds: float) -> None:
    raise TrainingRuns
