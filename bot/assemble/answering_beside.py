"""Lets other processes answer beside the server, and follow what that one learns."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assemble.brain import Brain
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.answering.answering_processes import AnsweringProcesses


@dataclass(frozen=True)
class FollowingBrain:
    """A brain that was forked, and what it does to stay as the first one is (a `Follower`)."""

    brain: Brain

    def begin(self) -> None:
        """Have the collector work here as it does in the server."""
        from bot.server.loaded import end_loading

        end_loading()

    def serve_knowledge(self, version: str) -> None:
        """Open a version in the folder of this machine, and answer from it."""
        from bot.server.loaded import give_back_memory
        from knowledge_base.entry import VersionId

        self.brain.knowledge.follow(VersionId(version))
        give_back_memory()

    def take_training(self, folder: Path) -> None:
        """Open a trained set, and answer with it."""
        from bot.server.loaded import give_back_memory

        self.brain.answerer.take_over(self.brain.training.open(folder))
        give_back_memory()


def answer_beside(settings: Settings, brain: Brain) -> AnsweringProcesses | None:
    """Fork processes that answer, where the settings and the system allow it.

    They follow what the brain does from then on. To be asked before the program has threads.
    """
    from bot.answering.answering_branch import can_fork
    from bot.answering.answering_processes import AnsweringProcesses
    from bot.server.loaded import give_back_memory
    from bot.server.logs import log_of

    most = min(settings.answering_processes, _cores())
    if not most or _cores() < 2:
        return None
    if not can_fork():
        log_of(__name__).warning("answering.not_forked", why="no Linux, or threads run already")
        return None
    give_back_memory()  # else the others would keep what this one gives back later
    beside = AnsweringProcesses(
        most,
        brain.answerer,
        FollowingBrain(brain),
        settings.answering_threads,
        settings.turn_seconds,
        lend=brain.training.lend,
    )
    brain.knowledge.also = beside.follow_knowledge
    brain.training.also = beside.follow_training
    beside.start()
    return beside


def _cores() -> int:
    """How many cores this program may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
