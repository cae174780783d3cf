"""The knowledge base as a running program holds it: one current version, swapped in one step."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry, VersionId
from knowledge_base.errors import VersionRefused
from knowledge_base.phrasings import Progress
from knowledge_base.search import Searcher
from knowledge_base.versions import VersionFolder, VersionInfo

NOTHING_PUBLISHED = VersionId("none")


class KnowledgeBase:
    """Answers from the version that serves, publishes new ones and goes back to old ones.

    A search that is under way finishes on the version it began with, because a `Searcher` never
    changes: take `current` once per question. Safe in several threads; versions published by
    another process are noticed by `refresh`.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Cheap; nothing is read before `load`.

        Args:
            folder: `<state_folder>/knowledge`.
            encoder: what encodes questions here and now.
        """
        self.folder = VersionFolder(folder)
        self.encoder = encoder
        self._current = _empty(encoder)
        self._changing = threading.Lock()

    @property
    def current(self) -> Searcher:
        """The version that serves; one without entries (`NOTHING_PUBLISHED`) before the first."""
        return self._current

    def load(self, progress: Progress | None = None) -> Searcher:
        """Open the version that serves; builds its indexes when they do not fit.

        Raises:
            VersionRefused: it is spoiled.
        """
        self.refresh(progress)
        return self._current

    def refresh(self, progress: Progress | None = None) -> bool:
        """Take over a version that another process has published; True when there was one.

        Costs one small file read when nothing changed, so it may be called every second.

        Raises:
            VersionRefused: the new version is spoiled; the old one goes on serving.
        """
        if (self.folder.current() or NOTHING_PUBLISHED) == self._current.version:
            return False
        with self._changing:
            version = self.folder.current()
            if (version or NOTHING_PUBLISHED) == self._current.version:
                return False
            self._current = (
                self.folder.load(version, self.encoder, progress)
                if version
                else _empty(self.encoder)
            )
        return True

    def publish(
        self,
        entries: Sequence[Entry],
        *,
        note: str,
        by: str,
        now: datetime,
        based_on: VersionId | None = None,
        progress: Progress | None = None,
    ) -> VersionInfo:
        """Publish entries as a new version and serve it at once.

        Args:
            based_on: the version the entries were merged with; the one that serves when None.
            now: UTC.
            progress: called while questions are encoded; those of the last are known.

        Raises:
            VersionRefused: another version was published meanwhile, or the new one does not find
                its own questions; the old one goes on serving.
            ValueError: two entries have one id in one language, or an entry is incomplete.
        """
        with self._changing:
            serving = self.folder.current()
            based_on = serving if based_on in (None, NOTHING_PUBLISHED) else based_on
            searcher = self.folder.publish(
                entries,
                self.encoder,
                note=note,
                by=by,
                now=now,
                based_on=based_on,
                progress=progress,
            )
            self._current = searcher
        return self.folder.info(searcher.version)

    def rollback(
        self, version: VersionId | None = None, progress: Progress | None = None
    ) -> VersionInfo:
        """Serve an earlier version again.

        Args:
            version: which one; the one before the current when None.

        Raises:
            VersionRefused: there is none before it, or it is unknown or spoiled.
        """
        with self._changing:
            serving = self.folder.current()
            if version is None:
                version = self.folder.info(serving).previous if serving else None
            if version is None:
                raise VersionRefused("There is no earlier version to go back to.")
            searcher = self.folder.load(version, self.encoder, progress)
            self.folder.point_to(version)
            self._current = searcher
        return self.folder.info(version)

    def versions(self) -> list[VersionInfo]:
        """Every published version, newest first."""
        return self.folder.versions()


def _empty(encoder: Encoder) -> Searcher:
    return Searcher.of((), encoder, NOTHING_PUBLISHED)
