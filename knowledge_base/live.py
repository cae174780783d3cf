"""The knowledge base as a running program holds it: one current version, swapped in one step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry, VersionId
from knowledge_base.errors import VersionRefused
from knowledge_base.phrasings import Progress
from knowledge_base.search import Searcher
from knowledge_base.shared import SharedVersions, fetch, files_of, reached
from knowledge_base.versions import VersionFolder, VersionInfo, checked, info_from, probe

NOTHING_PUBLISHED = VersionId("none")


class KnowledgeBase:
    """Answers from the version that serves, publishes new ones and goes back to old ones.

    A search that is under way finishes on the version it began with, because a `Searcher` never
    changes: take `current` once per question. Safe in several threads; versions published by
    another process are noticed by `refresh`.

    Where machines share their versions, that place says what serves, and the folder is a copy.

    Attributes:
        also: told of each version that is about to serve; it serves here when this comes back.
    """

    def __init__(
        self, folder: Path, encoder: Encoder, shared: SharedVersions | None = None
    ) -> None:
        """Cheap; nothing is read before `load`.

        Args:
            folder: `<state_folder>/knowledge`.
            encoder: what encodes questions here and now.
            shared: where machines share their versions; None: the folder is all there is.
        """
        self.folder = VersionFolder(folder)
        self.encoder = encoder
        self._shared = shared
        self._current = _empty(encoder)
        self._changing = threading.Lock()
        self.also: Callable[[VersionId], None] = _to_nobody

    @property
    def current(self) -> Searcher:
        """The version that serves; one without entries (`NOTHING_PUBLISHED`) before the first."""
        return self._current

    def load(self, progress: Progress | None = None) -> Searcher:
        """Open the version that serves; builds its indexes when they do not fit.

        Where versions are shared and none was yet, the one of this folder becomes the first; and
        when the shared one cannot be had, the one that this machine served last serves on, until
        `refresh` succeeds.

        Raises:
            VersionRefused: it is spoiled, and there is no other.
        """
        if self._shared is not None:
            self._offer_own(progress)
        try:
            self.refresh(progress)
        except VersionRefused:
            last = self.folder.current() if self._shared is not None else None
            if last is None:
                raise
            with self._changing:
                self._serve(self.folder.load(last, self.encoder, progress))
        return self._current

    def refresh(self, progress: Progress | None = None) -> bool:
        """Take over a version that another process has published; True when there was one.

        Costs one small read when nothing changed, so it may be called every second.

        Raises:
            VersionRefused: the new version is spoiled or out of reach; the old one goes on serving.
        """
        if not self._is_behind(self.serving()):
            return False
        with self._changing:
            version = self.serving()
            if not self._is_behind(version):
                return False
            self._serve(self._open(version, progress) if version else _empty(self.encoder))
        return True

    def follow(self, version: VersionId) -> None:
        """Serve a version that another process of this machine has opened in the same folder.

        Raises:
            VersionRefused: it cannot be opened here.
        """
        with self._changing:
            known = version != NOTHING_PUBLISHED
            self._serve(self.folder.load(version, self.encoder) if known else _empty(self.encoder))

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
        if self._shared is not None:
            self.refresh()
        with self._changing:
            serving = self.serving()
            based_on = serving if based_on in (None, NOTHING_PUBLISHED) else based_on
            with reached():
                above = self._shared.newest_number() if self._shared else 0
            searcher = self.folder.publish(
                entries,
                self.encoder,
                note=note,
                by=by,
                now=now,
                based_on=based_on,
                progress=progress,
                above=above,
                share=partial(self._share, based_on) if self._shared else None,
            )
            self._serve(searcher)
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
            serving = self.serving()
            if version is None:
                version = self.info(serving).previous if serving else None
            if version is None:
                raise VersionRefused("There is no earlier version to go back to.")
            searcher = self._ready(version, progress)
            if self._shared is not None:
                with reached():
                    if not self._shared.point_to(version):
                        raise _unknown(version)
            self.folder.point_to(version)
            self._serve(searcher)
        return self.info(version)

    def serving(self) -> VersionId | None:
        """The version that serves by now, loaded here or not; None before the first.

        Raises:
            VersionRefused: the pointer is spoiled, or out of reach.
        """
        if self._shared is None:
            return self.folder.current()
        with reached():
            version = self._shared.serving()
        return None if version is None else checked(VersionId(version))

    def versions(self) -> list[VersionInfo]:
        """Every published version, newest first."""
        if self._shared is None:
            return self.folder.versions()
        with reached():
            listed = self._shared.about()
        return [info_from(manifest, VersionId(version)) for version, manifest in listed.items()]

    def info(self, version: VersionId) -> VersionInfo:
        """What is known of one version. Raises VersionRefused when it is unknown."""
        if self._shared is None:
            return self.folder.info(version)
        for info in self.versions():
            if info.id == version:
                return info
        raise _unknown(version)

    @contextmanager
    def turn(self, waits: Callable[[float], None] = time.sleep) -> Iterator[None]:
        """Be the only one, of all machines, who works on the knowledge for as long as this lasts.

        Raises:
            VersionRefused: the place that machines share is out of reach.
        """
        if self._shared is None:
            yield
            return
        with ExitStack() as stack:
            with reached():
                stack.enter_context(self._shared.turn(waits))
            yield

    def _serve(self, searcher: Searcher) -> None:
        self.also(searcher.version)  # first: who sees a version here is answered from it everywhere
        self._current = searcher

    # -- what machines share -----------------------------------------------------------------

    def _is_behind(self, serving: VersionId | None) -> bool:
        if serving is None and self._shared is not None:
            return False  # a database that was made anew takes nothing away
        return (serving or NOTHING_PUBLISHED) != self._current.version

    def _open(self, version: VersionId, progress: Progress | None) -> Searcher:
        """Open the version that serves by now; one that came from elsewhere must find itself."""
        if self._shared is None:
            return self.folder.load(version, self.encoder, progress)
        searcher = self._ready(version, progress)
        self.folder.point_to(version)
        return searcher

    def _ready(self, version: VersionId, progress: Progress | None) -> Searcher:
        """Have a version here, and open it."""
        if self._shared is None:
            return self.folder.load(version, self.encoder, progress)
        with reached():
            self._bring(self._shared, version, progress)
            searcher = self.folder.load(version, self.encoder, progress)
        probe(searcher)
        return searcher

    def _bring(self, shared: SharedVersions, version: VersionId, progress: Progress | None) -> None:
        """Fetch a version that is not here, or not as it was published."""
        files = shared.files(version) or {}
        digests = {path: sha256 for path, (_, sha256) in files.items()}
        if not files or not self.folder.holds(version, digests):
            self.folder.receive(version, lambda folder: fetch(shared, version, folder, progress))

    def _share(self, instead_of: VersionId | None, version: VersionId) -> None:
        """Share a version of this folder, and let it serve everywhere."""
        assert self._shared is not None
        folder = self.folder.folder_of(version)
        with reached():
            put = self._shared.put(
                version,
                self.folder.info(version).number,
                self.folder.manifest(version),
                files_of(folder),
                folder,
                instead_of,
            )
        if not put:
            raise VersionRefused(
                "Another version was published meanwhile. Look at the changes again, then publish.",
                "在此期间已发布了另一个版本，请重新查看改动后再发布。",
            )

    def _offer_own(self, progress: Progress | None) -> None:
        """Make the version of this folder the first that is shared, where there is none yet."""
        with suppress(VersionRefused):  # out of reach, spoiled, or another machine was quicker
            own = self.folder.current()
            if own is not None and self.serving() is None:
                self.folder.load(own, self.encoder, progress)
                self._share(None, own)


def _unknown(version: VersionId) -> VersionRefused:
    return VersionRefused(
        f"There is no version {version[:80]}. `shopkeeper knowledge versions` lists them.",
        f"没有版本 {version[:80]}。",
    )


def _empty(encoder: Encoder) -> Searcher:
    return Searcher.of((), encoder, NOTHING_PUBLISHED)


def _to_nobody(_version: VersionId) -> None:
    """Only this process serves."""
