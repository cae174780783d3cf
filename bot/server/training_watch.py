"""Notices what was trained meanwhile, here or on another machine, and has it answer."""

from __future__ import annotations

import asyncio

from bot.answering.live_training import LiveTraining
from bot.errors import PartMissing
from bot.server.loaded import give_back_memory
from bot.server.logs import log_of

log = log_of(__name__)


class TrainingWatch:
    """Looks, whenever it is told to, in a thread.

    Args:
        training: what answers; None where nothing was trained (tests of the sockets).
    """

    def __init__(self, training: LiveTraining | None) -> None:
        self._training = training
        self._looking: asyncio.Task[None] | None = None
        self._refused = ""

    def versions(self) -> dict[str, str]:
        """What answers, by name, and why a newer set does not, for the overview."""
        if self._training is None:
            return {}
        refused = {"training_refused": self._refused} if self._refused else {}
        return {**self._training.versions(), **refused}

    def refresh_soon(self) -> None:
        """Look whether something was trained, and take it over."""
        if self._training is None or (self._looking and not self._looking.done()):
            return
        self._looking = asyncio.get_running_loop().create_task(self._refresh(self._training))

    async def look_now(self) -> None:
        """Look, and come back when what was found answers, or was refused."""
        if self._looking is not None:
            await asyncio.wait([self._looking])  # it may have looked too early
        self.refresh_soon()
        if self._looking is not None:
            await asyncio.wait([self._looking])

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _refresh(self, training: LiveTraining) -> None:
        try:
            if await asyncio.to_thread(training.refresh):
                self._refused = ""
                await asyncio.to_thread(give_back_memory)  # of the set that answered before
                log.info("training.taken_over", **training.versions())
        except PartMissing as error:
            if str(error) != self._refused:  # it is tried again and again
                log.error("training.not_taken_over", why=str(error))
            self._refused = str(error)
