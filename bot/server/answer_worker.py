"""Takes the turns that shoppers begin, has them answered, and records what is said.

    asked -> (waits while it looks unfinished, or while the answerer is busy) -> taken, in the
    commit of the message itself where nothing is waited for -> answered (`answer_batches`)
    -> recorded; a turn that may be written is finished apart, behind its own short queue, so that
    no quick answer waits for a slow one

A turn is never left alone: what the database refused is stored again soon, a whole-turn timeout
hands it to people, and what a crash or another node left behind is found (`left_turns`). The
transcript decides who may answer (tickets), so a late answer is refused or kept as a draft there,
whatever happens here.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from bot.answering.answer import Answer, Answerer, Decision, Unwritten
from bot.answering.shop import Shop
from bot.conversation.commands import (
    AsksForPerson,
    BotGivesUp,
    BotNotices,
    BotSpeech,
)
from bot.conversation.conversation import ConversationState, Turn
from bot.conversation.errors import Refused
from bot.conversation.events import ConversationId, EventKind, HandoffReason, TurnId, TurnState
from bot.server.answer_batches import AnswerBatches, Outcomes
from bot.server.bursts import looks_unfinished
from bot.server.desk import Desk
from bot.server.left_turns import LeftTurns
from bot.server.logs import log_of
from bot.server.metrics import Metrics
from bot.server.patience import PatientDesk
from bot.server.rates import Rate
from bot.server.turn_job import TurnJob
from bot.server.turns import command_of, language_from
from bot.server.writing import WritingDesk
from bot.settings import Settings
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.records import Recorded
from knowledge_base.head_start import head_start_thread

SIGN_AFTER_SECONDS = 0.5
"""The typing sign appears only when an answer takes this long; before, it would only flicker."""

TRIES = 3
"""A turn that was taken this often and never ended is given to people: it may be what kills us."""

log = log_of(__name__)


class AnswerWorker:
    """Answers turns of this node. Made on the running event loop; `start` begins, `drain` ends.

    Args:
        desk: stores and reads.
        answerer: the brain.
        shop: its texts for trouble.
        settings: batch, timeouts, limits.
        metrics: what is counted.
        now: the wall clock, UTC.
        shows_typing: tells the shopper's pages that the bot is at it, or no longer.
        unheard: told of a conversation in which something was stored without a word of it.

    Attributes:
        leaves: told of each turn that this node, which ends, leaves to others, and how often it had
            been taken.
    """

    def __init__(
        self,
        desk: Desk,
        answerer: Answerer,
        shop: Shop,
        settings: Settings,
        metrics: Metrics,
        now: Callable[[], datetime],
        shows_typing: Callable[[ConversationId, bool], None],
        unheard: Callable[[ConversationId], None],
    ) -> None:
        self.leaves: Callable[[TurnId, int], None] = _to_nobody
        self._desk = desk
        self._answerer = answerer
        self._patient = PatientDesk(desk, alone=not settings.redis_url, unheard=unheard)
        self._shop = shop
        self._settings = settings
        self._metrics = metrics
        self._shows_typing = shows_typing
        self._loop = asyncio.get_running_loop()
        self._jobs: dict[TurnId, TurnJob] = {}
        self._waiting: deque[TurnJob] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ahead = head_start_thread("foresight")
        self._foreseen = self._ahead.submit(_nothing)
        self._taken = 0
        self._draining = False
        self._writes = Rate(settings.generator_answers / 600, settings.generator_answers)
        self.writing = WritingDesk(settings)
        outcomes = Outcomes(self._answered, self._give_up, self._end, self._take_waiting)
        self._batches = AnswerBatches(desk, answerer, shop, settings, metrics, outcomes)
        self._left = LeftTurns(desk, settings, now, self._resume)
        desk.hear(self._hear)
        desk.hear_repeats(self._hear_again)

    @property
    def stuck_threads(self) -> int:
        """Batches that never came back; each holds a thread for ever."""
        return self._batches.stuck_threads

    def start(self) -> None:
        """Begin to answer, with what was left open before."""
        for _ in range(self._settings.answering_threads):
            self._spawn(self._batches.run())
        self._spawn(self._left.sweep())

    async def drain(self, seconds: float) -> None:
        """Take no further turns and let the running ones end for so long; leave the rest."""
        self._draining = True
        self._waiting.clear()
        for job in [job for job in self._jobs.values() if not job.taken]:
            self._leave(job)
        until = time.monotonic() + seconds
        while self._taken and time.monotonic() < until:
            await asyncio.sleep(0.02)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for job in tuple(self._jobs.values()):
            self._leave(job)
        self._batches.close()
        self._ahead.shutdown(wait=False, cancel_futures=True)
        self.writing.close()

    def take_over(self, turn: TurnId, attempt: int) -> None:
        """Go on with a turn that another node leaves, unless somebody else has taken it already.

        Args:
            attempt: how often it had been taken when it was left.
        """
        if turn not in self._jobs and not self._draining:
            self._spawn(self._take_over(turn, attempt))

    # -- what is asked -----------------------------------------------------------------------

    def _hear(self, recorded: Recorded) -> None:
        """Look at everything recorded on this node for turns that may be taken now."""
        for turn in recorded.turns:
            job = self._jobs.get(turn.id)
            if job is not None and turn.ended_at is not None:
                self._end(job)
        turns = recorded.state.open_turns
        if not turns:
            return
        if self._draining:
            if turns[0].state is TurnState.ASKED and turns[0].id not in self._jobs:
                self.leaves(turns[0].id, turns[0].attempt)
            return
        said = [event.text for event in recorded.events if event.kind is EventKind.SHOPPER_SAID]
        if turns[0].state is TurnState.ASKED:
            self._asked(turns[0], recorded.state, said[-1] if said else "")
        elif said and turns[0] in recorded.turns:
            self._taken_when_said(turns[0], recorded.state)

    def _hear_again(self, recorded: Recorded) -> None:
        """A message came again: the word that it was stored may have been lost on its way here.

        Then nobody knows of its turn, and the shopper would wait until the sweep finds it. Among
        several nodes another may be at it, so only a turn that nobody has taken is looked at.
        """
        turns = recorded.state.open_turns
        if not turns or turns[0].id in self._jobs or self._draining:
            return
        if turns[0].state is TurnState.ASKED or not self._settings.redis_url:
            self._wait_for_thread(self._new_job(turns[0], recorded.state))

    def will_take(self, text: str, choice: str | None) -> bool:
        """Whether the turn of this message would be answered at once.

        Then it is taken in the commit that stores the message, which spares a commit; otherwise it
        waits, and what the shopper adds meanwhile joins it. Where nobody else is being answered,
        the answerer begins to read it while it is stored.
        """
        if self._draining or self._waiting or (choice is None and looks_unfinished(text)):
            return False
        if not self._jobs and choice is None and self._foreseen.done():
            self._foresee(text)
        return self._has_room() and len(self._jobs) < self._settings.waiting_turns

    def _foresee(self, text: str) -> None:
        try:
            rest = self._answerer.foresee(text)
        except Exception:  # the edge to the answerer: only a head start is lost
            log.exception("answering.foresight")
        else:
            self._foreseen = self._ahead.submit(_carefully, rest)

    def _has_room(self) -> bool:
        """Turns are taken ahead of the threads, but never more than they will answer at once."""
        ahead = self._settings.answering_threads * self._settings.answering_batch * 2
        return self._taken < ahead

    def _taken_when_said(self, turn: Turn, state: ConversationState) -> None:
        job = self._jobs.get(turn.id) or self._new_job(turn, state)
        job.stop_waiting_for_more()
        if not job.taken:
            job.taken = True
            self._taken += 1
        self._answer_soon(job, turn)

    def _asked(self, turn: Turn, state: ConversationState, text: str) -> None:
        job = self._jobs.get(turn.id)
        if job is None:
            if len(self._jobs) >= self._settings.waiting_turns:
                self._spawn(self._refuse(state.id, state.language))
                return
            job = self._new_job(turn, state)
        elif job.taken:
            return
        job.stop_waiting_for_more()  # here it is
        if text and turn.choice is None and looks_unfinished(text):
            seconds = self._settings.burst_seconds
            job.burst = self._loop.call_later(seconds, self._wait_for_thread, job)
        else:
            self._wait_for_thread(job)

    def _new_job(self, turn: Turn, state: ConversationState) -> TurnJob:
        job = TurnJob(turn.id, state.id, turn.ticket, state.language, time.monotonic())
        self._jobs[turn.id] = job
        limit = self._settings.turn_seconds
        job.timers.append(self._loop.call_later(limit, self._too_late, job))
        self._metrics.waiting_turns.set(len(self._jobs))
        return job

    def _wait_for_thread(self, job: TurnJob) -> None:
        if not job.waiting:
            job.waiting = True
            self._waiting.append(job)
        self._take_waiting()

    def _take_waiting(self) -> None:
        while self._waiting and self._has_room() and not self._draining:
            job = self._waiting.popleft()
            if not job.ended and not job.taken:
                job.taken = True
                self._taken += 1
                self._spawn(self._take(job))

    async def _take(self, job: TurnJob) -> None:
        if job.answering:  # a message that joined the turn has taken it along meanwhile
            return
        try:
            turn = await self._patient.take(job.conversation, job.ticket)
        except (Refused, TranscriptsError):
            if not job.answering:
                # Ended, taken by another node, or not storable for long: the sweep looks again.
                self._end(job)
            return
        if job.answering or job.ended:
            return
        if turn.attempt > TRIES:
            job.ticket = turn.ticket
            await self._give_up(job)
            return
        self._answer_soon(job, turn)

    def _answer_soon(self, job: TurnJob, taken: Turn) -> None:
        job.answering = True
        job.ticket = taken.ticket
        job.timers.append(self._loop.call_later(SIGN_AFTER_SECONDS, self._sign, job))
        self._batches.add(job)

    # -- answering ---------------------------------------------------------------------------

    def _answered(self, job: TurnJob, answer: Answer | Unwritten) -> None:
        if isinstance(answer, Unwritten):
            self._spawn(self._write(job, answer))
        else:
            self._spawn(self._record(job, answer))

    async def _write(self, job: TurnJob, unwritten: Unwritten) -> None:
        if self._writes.wait_seconds(job.conversation) > 0:
            answer = unwritten.otherwise
        else:
            answer = await self.writing.write(self._answerer, unwritten)
        await self._record(job, answer)

    async def _record(self, job: TurnJob, answer: Answer) -> None:
        if job.ended:
            # People have it already: the words are kept for them as a draft.
            log.info("turn.late", conversation=job.conversation, turn=job.turn)
        try:
            recorded = await self._patient.speak(job.conversation, command_of(answer, job.ticket))
        except Refused:
            self._end(job)
            return
        except TranscriptsError as error:
            log.warning("turn.not_stored", conversation=job.conversation, why=str(error))
            self._end(job)  # stays open in the transcript; the sweep takes it again
            return
        self._metrics.turns.labels(answer.decision.value).inc()
        self._metrics.turn_seconds.observe(time.monotonic() - job.began)
        self._end(job)
        if answer.decision is Decision.ESCALATE:
            log.info(
                "turn.handed_over",
                conversation=job.conversation,
                reason=answer.handoff if recorded is None else recorded.state.reason,
            )

    # -- trouble -----------------------------------------------------------------------------

    def _too_late(self, job: TurnJob) -> None:
        if job.ended:
            return
        log.warning("turn.timeout", conversation=job.conversation, turn=job.turn)
        if job.taken:
            self._spawn(self._give_up(job))
        else:
            self._end(job)
            self._spawn(self._refuse(job.conversation, job.language))

    async def _give_up(self, job: TurnJob) -> None:
        """Hand a taken turn to people, with an apology."""
        language = language_from(job.language) or "zh"
        words = BotSpeech(self._shop.say("failed", language), language, source="said")
        command = BotGivesUp(job.ticket, words, HandoffReason.FAULT)
        try:
            await self._patient.speak(job.conversation, command)
        except (Refused, TranscriptsError) as error:
            log.warning("turn.not_given_up", conversation=job.conversation, why=str(error))
        self._metrics.turns.labels("escalate").inc()
        self._end(job)

    async def _refuse(self, conversation: ConversationId, language_name: str | None) -> None:
        """Send a turn to people at once because too many wait; the shopper is told so."""
        words = self._shop.say("overload", language_from(language_name) or "zh")
        try:
            await self._desk.submit(conversation, AsksForPerson(HandoffReason.FAULT))
            await self._desk.submit(conversation, BotNotices(words, "overload"))
        except (Refused, TranscriptsError) as error:
            log.warning("turn.not_shed", conversation=conversation, why=str(error))
        self._metrics.turns.labels("shed").inc()

    async def _take_over(self, turn: TurnId, attempt: int) -> None:
        try:
            await self._resume(turn, attempt)
        except TranscriptsError as error:
            log.warning("turn.not_taken_over", turn=turn, why=str(error))  # the sweep finds it

    async def _resume(self, turn: TurnId, attempt: int) -> None:
        """Take up a turn that nobody is at, if it still is the next one and nobody took it."""
        if turn in self._jobs or self._draining:
            return
        conversation = ConversationId(turn.rsplit(".", 1)[0])
        state = await self._desk.read(self._desk.store.state, conversation)
        oldest = state.open_turns[0] if state is not None and state.open_turns else None
        if state is None or oldest is None or (oldest.id, oldest.attempt) != (turn, attempt):
            return
        if turn in self._jobs or self._draining:  # meanwhile
            return
        log.info("turn.resumed", conversation=conversation, turn=turn, attempt=attempt)
        self._wait_for_thread(self._new_job(oldest, state))

    # -- small things ------------------------------------------------------------------------

    def _sign(self, job: TurnJob) -> None:
        if not job.ended:
            job.signed = True
            self._shows_typing(job.conversation, True)

    def _leave(self, job: TurnJob) -> None:
        """Leave a turn open, for another node or for the next start."""
        self._end(job)
        self.leaves(job.turn, job.ticket.attempt)

    def _end(self, job: TurnJob) -> None:
        if job.ended:
            return
        job.ended = True
        self._taken -= job.taken
        job.forget_timers()
        self._jobs.pop(job.turn, None)
        self._metrics.waiting_turns.set(len(self._jobs))
        if job.signed:
            self._shows_typing(job.conversation, False)
        self._take_waiting()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:  # the edge of a task: its turn is ended by its timer or by the sweep
            log.exception("worker.fault")


def _to_nobody(_turn: TurnId, _attempt: int) -> None:
    """Leave it to the next start: there is one node."""


def _carefully(rest: Callable[[], None]) -> None:
    try:
        rest()
    except Exception:  # the edge to the answerer: only a head start is lost
        log.exception("answering.foresight")


def _nothing() -> None:
    """Be done at once."""
