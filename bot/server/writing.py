"""The narrow place before the generator: one writes, few wait, and trouble opens a breaker.

Whoever cannot be served in time gets the answer that was ready without writing; a shopper is never
kept waiting for a generator that is dead, hung or busy.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from bot.answering.answer import Answer, Answerer, Unwritten
from bot.server.logs import log_of
from bot.settings import Settings

FAILURES_THAT_OPEN = 5
"""Slow or failed tries in a row after which nobody asks the generator for a while."""

OPEN_SECONDS = 15.0
"""How long the breaker stays open before one turn tries again."""

log = log_of(__name__)


class WritingDesk:
    """Runs `Answerer.write` one at a time, in a thread of its own.

    Args:
        settings: how many may wait, and for how long.
        monotonic: the clock, in seconds.
    """

    def __init__(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writing")
        self._inside = 0
        self._failures = 0
        self._open_until = 0.0

    @property
    def state(self) -> Literal["closed", "open"]:
        """Whether the generator is asked at all (`closed`, as a circuit is) or not (`open`)."""
        return "open" if self._monotonic() < self._open_until else "closed"

    async def write(self, answerer: Answerer, unwritten: Unwritten) -> Answer:
        """Let the generator try; gives `unwritten.otherwise` when it cannot in time."""
        if self.state == "open" or self._inside > self._settings.waiting_writes:
            return unwritten.otherwise
        self._inside += 1
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._thread, answerer.write, unwritten)
        try:
            async with asyncio.timeout(self._settings.writing_seconds):
                answer = await asyncio.shield(work)
        except TimeoutError:
            self._failed(work)
            return unwritten.otherwise
        except Exception:  # the edge to the generator: its fault never costs the shopper an answer
            log.exception("writing.fault", turn=unwritten.question.turn)
            self._failed(work)
            return unwritten.otherwise
        finally:
            self._inside -= 1
        self._failures = 0
        return answer

    def _failed(self, work: asyncio.Future[Answer]) -> None:
        """Count a failure; a thread that hangs is left behind so that the next one can be tried."""
        self._failures += 1
        if not work.cancel() or self._failures == FAILURES_THAT_OPEN:
            log.warning("writing.slow", failures=self._failures)
        if self._failures >= FAILURES_THAT_OPEN:
            self._open_until = self._monotonic() + OPEN_SECONDS
            self._failures = FAILURES_THAT_OPEN - 1  # one more failure opens it again
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="writing")

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
