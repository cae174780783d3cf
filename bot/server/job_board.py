"""How far every node's jobs are: small files in the state folder, or rows of the shared database.

A balancer may lead each request of the console to another node than the one that works. The file
of a running job is written again and again, so that one whose node died is told from one at work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from bot.transcripts.published import PublishedKnowledge
from knowledge_base.folder import write_file

KEPT = timedelta(days=1)

SILENT_SECONDS = 20.0
"""A running job whose file is older than this has lost its node; it is written every second."""

_ID = re.compile(r"[A-Za-z0-9_-]{16}")


class JobBoard(Protocol):
    """Keeps what jobs tell of themselves, for a day."""

    def pin(self, told: dict[str, Any]) -> None:
        """Write how far a job is, in one step. Raises OSError."""
        ...

    def look_up(self, id: str) -> tuple[dict[str, Any], bool] | None:
        """Give what a job of any node last told of itself, and whether its node lives.

        Returns:
            None when there is no such job.
        """
        ...


class FolderJobBoard:
    """See `JobBoard`; in a folder, which nodes of one machine may share.

    Args:
        folder: `<state_folder>/jobs`.
        now: the wall clock, UTC.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    def pin(self, told: dict[str, Any]) -> None:
        """See `JobBoard.pin`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forget_old()
        write_file(self._folder / f"{told['job']}.json", json.dumps(told, ensure_ascii=False))

    def look_up(self, id: str) -> tuple[dict[str, Any], bool] | None:
        """See `JobBoard.look_up`."""
        if not _ID.fullmatch(id):
            return None
        file = self._folder / f"{id}.json"
        try:
            told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            age = self._now().timestamp() - file.stat().st_mtime
        except (FileNotFoundError, ValueError):
            return None
        return told, told["state"] != "running" or age < SILENT_SECONDS

    def _forget_old(self) -> None:
        oldest = (self._now() - KEPT).timestamp()
        for file in self._folder.glob("*.json"):
            try:
                if file.stat().st_mtime < oldest:
                    file.unlink()
            except FileNotFoundError:
                continue  # another node was quicker


class SharedJobBoard:
    """See `JobBoard`; in the database that nodes share, by the clock of its server."""

    def __init__(self, shared: PublishedKnowledge) -> None:
        self._shared = shared

    def pin(self, told: dict[str, Any]) -> None:
        """See `JobBoard.pin`."""
        self._shared.pin_job(told["job"], told)
        if told["state"] != "running":
            self._shared.drop_jobs_older_than(KEPT)

    def look_up(self, id: str) -> tuple[dict[str, Any], bool] | None:
        """See `JobBoard.look_up`."""
        found = self._shared.job(id) if _ID.fullmatch(id) else None
        if found is None:
            return None
        told, age = found
        return told, told["state"] != "running" or age.total_seconds() < SILENT_SECONDS
