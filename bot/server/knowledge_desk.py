"""What an admin does with the knowledge base: look at a file, try it, publish it, go back.

Everything slow runs as a job in a thread; publishing is one step and a failed one leaves the old
version serving. Knows the knowledge base and no socket.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bot.errors import NotFound, PartMissing
from bot.server.jobs import Job, Jobs, ServerEnded
from bot.server.knowledge_json import (
    check_report,
    mapping_of,
    preview_json,
    report_json,
    rows_json,
    search_json,
    version_json,
)
from bot.server.logs import log_of
from bot.server.requests import ImportOptions
from bot.server.uploads import Uploads
from bot.settings import Settings
from knowledge_base.entry import Entry, Language, VersionId
from knowledge_base.errors import (
    FileRefused,
    KnowledgeBaseError,
    UnknownEncoding,
)
from knowledge_base.live import KnowledgeBase
from knowledge_base.merge import Merged, MergeMode, merge
from knowledge_base.readers.reading import FileInspection, ReadEntries, must_give_entries
from knowledge_base.readers.uploads import inspect_file, read_entries

JOB_ENDS_SECONDS = 5.0
NOTE_CHARACTERS = 120

log = log_of(__name__)


class KnowledgeDesk:
    """Serves the admin's side of the knowledge base.

    Args:
        base: the knowledge base that answers; None where there is none to manage.
        settings: how large a file may be.
        jobs: runs what takes long.
        uploads: keeps the files that admins bring.
        now: the wall clock, UTC.
    """

    def __init__(
        self,
        base: KnowledgeBase | None,
        settings: Settings,
        jobs: Jobs,
        uploads: Uploads,
        now: Callable[[], datetime],
    ) -> None:
        self._base = base
        self._max_bytes = settings.upload_bytes
        self._now = now
        self._jobs = jobs
        self.uploads = uploads
        self.published: Callable[[VersionId], None] = _tell_nobody
        self._refreshing: asyncio.Task[None] | None = None
        self._refused = ""
        self._ending = threading.Event()

    @property
    def is_there(self) -> bool:
        """Whether this server has a knowledge base."""
        return self._base is not None

    @property
    def base(self) -> KnowledgeBase:
        """The knowledge base. Raises PartMissing where there is none."""
        if self._base is None:
            raise PartMissing("This server has no knowledge base to manage.")
        return self._base

    async def close(self) -> None:
        """Let a running job end for a moment; one that waits for another node's gives up."""
        self._ending.set()
        if self._refreshing is not None:
            self._refreshing.cancel()
        await self._jobs.close(JOB_ENDS_SECONDS)

    def standing(self) -> dict[str, Any]:
        """Tell which version serves."""
        if self._base is None:
            return {"version": None, "entries": 0}
        searcher = self._base.current
        return {"version": searcher.version, "entries": len(searcher.entries)}

    def refresh_soon(self) -> None:
        """Look whether another process has published, and take its version over."""
        if self._base is None or (self._refreshing and not self._refreshing.done()):
            return
        self._refreshing = asyncio.get_running_loop().create_task(self._refresh(self._base))

    async def _refresh(self, base: KnowledgeBase) -> None:
        try:
            if await asyncio.to_thread(base.refresh):
                log.info("knowledge.taken_over", version=base.current.version)
            self._refused = ""
        except KnowledgeBaseError as error:
            if str(error) != self._refused:  # it is tried again every few seconds
                log.error("knowledge.not_taken_over", why=str(error))
            self._refused = str(error)

    @contextmanager
    def _turn(self, job: Job) -> Iterator[None]:
        """Be the only node that works on the knowledge, and know what serves by now."""
        job.progress("queue")
        with self.base.turn(self._wait):
            self.base.refresh()
            yield

    def _wait(self, seconds: float) -> None:
        if self._ending.wait(seconds):
            raise ServerEnded

    # -- files -------------------------------------------------------------------------------

    def preview(self, id: str, options: ImportOptions) -> dict[str, Any]:
        """Look at an uploaded file as the options say.

        Where its encoding cannot be told, every one that it could have is shown instead, for the
        admin to choose from.
        """
        upload, content = self.uploads.get(id)
        facts = {"upload": upload.id, "name": upload.name, "bytes": upload.size_bytes}
        try:
            inspection = self._inspect(content, upload.name, options, options.encoding)
        except UnknownEncoding as error:
            choices = self._encoding_choices(content, upload.name, options, error.candidates)
            if options.encoding is not None or not choices:
                raise
            asked = {"zh": error.zh, "en": str(error)}
            return {**facts, "encoding_choices": choices, "question": asked}
        return {**facts, "preview": preview_json(inspection, options)}

    def _inspect(
        self,
        content: bytes,
        name: str,
        options: ImportOptions,
        encoding: str | None,
        telling: bool = False,
    ) -> FileInspection:
        return inspect_file(
            content,
            name,
            encoding=encoding,
            sheet=options.sheet,
            has_header=options.columns is None or options.columns.has_header,
            telling=telling,
            max_bytes=self._max_bytes,
        )

    def _encoding_choices(
        self, content: bytes, name: str, options: ImportOptions, candidates: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Show the file in each encoding in which it can be read at all."""
        choices = []
        for encoding in candidates:
            try:
                seen = self._inspect(content, name, options, encoding, telling=True)
            except FileRefused:
                continue
            choices.append(
                {"encoding": encoding, "columns": list(seen.columns), "rows": rows_json(seen)}
            )
        return choices

    def dry_run(self, id: str, options: ImportOptions, job: Job) -> dict[str, Any]:
        """Tell what publishing the file would change, and change nothing."""
        with self._turn(job):
            read, merged, _ = self._merged(id, options, job)
        return report_json(read, merged)

    def publish(
        self, id: str, options: ImportOptions, note: str, by: str, job: Job
    ) -> dict[str, Any]:
        """Publish the file as a new version, and ask it everything once.

        Args:
            note: what the version is about; empty: the file's name.
        """
        with self._turn(job):
            read, merged, based_on = self._merged(id, options, job)
            must_give_entries(read)
            info = self.base.publish(
                merged.entries,
                note=note.strip() or self.uploads.get(id)[0].name,
                by=by,
                now=self._now(),
                based_on=based_on,
                progress=job.progress("encode"),
            )
        self._serves(info.id, job)
        check = self.check(job)
        return {**report_json(read, merged), "version": info.id, "self_check": check}

    def published_entry(self, id: str, language: Language) -> Entry:
        """Give an entry of the version that serves. Raises NotFound when it is not in it."""
        for entry in self.base.current.entries:
            if (entry.id, entry.language) == (id, language):
                return entry
        raise NotFound(
            "There is no such entry in what is published; look for it again.",
            "已发布的内容里没有这个条目，请重新查找。",
        )

    def remove(self, id: str, language: Language, by: str, job: Job) -> dict[str, Any]:
        """Publish a version without one entry; its file brings it again when it is imported."""
        with self._turn(job):
            gone, current = self.published_entry(id, language), self.base.current
            info = self.base.publish(
                [entry for entry in current.entries if entry is not gone],
                note=f"− {gone.questions[0][:NOTE_CHARACTERS]}",
                by=by,
                now=self._now(),
                based_on=current.version,
                progress=job.progress("encode"),
            )
        self._serves(info.id, job)
        return {"removed": 1, "version": info.id, "self_check": self.check(job)}

    def _merged(
        self, id: str, options: ImportOptions, job: Job
    ) -> tuple[ReadEntries, Merged, VersionId]:
        upload, content = self.uploads.get(id)
        job.progress("read")
        read = read_entries(
            content,
            upload.name,
            source=upload.name,
            encoding=options.encoding,
            sheet=options.sheet,
            mapping=mapping_of(options),
            language=options.language,
            max_bytes=self._max_bytes,
        )
        current = self.base.current
        mode = MergeMode(options.mode)
        merged = merge(
            current.entries, read.entries, upload.name, mode, keep_learnt=options.keep_learnt
        )
        return read, merged, current.version

    # -- versions ----------------------------------------------------------------------------

    def check(self, job: Job) -> dict[str, Any]:
        """Ask every question of the version that serves, and list those that lead elsewhere."""
        return check_report(self.base.current, job.progress("check"))

    def roll_back(self, version: str, job: Job) -> dict[str, Any]:
        """Let an earlier version serve again."""
        job.progress("queue")
        with self.base.turn(self._wait):  # whatever serves, damaged too, can be gone back from
            info = self.base.rollback(VersionId(version), progress=job.progress("load"))
        self._serves(info.id, job)
        return version_json(info)

    def _serves(self, version: VersionId, job: Job) -> None:
        job.facts["version"] = version
        self.published(version)

    def versions(self) -> dict[str, Any]:
        """List every published version."""
        versions = [version_json(info) for info in self.base.versions()]
        return {"current": self.base.current.version, "versions": versions}

    def search(self, text: str, language: Language | None, limit: int) -> dict[str, Any]:
        """Search as the bot does."""
        return search_json(self.base.current.search(text, k=limit, language=language))


def check_language(language: str | None) -> Language | None:
    """Narrow a query's language. Raises NotFound for one that the knowledge base does not have."""
    if language in (None, ""):
        return None
    if language == "zh":
        return "zh"
    if language == "en":
        return "en"
    raise NotFound("Languages are zh and en.", "语言只有 zh 和 en。")


def _tell_nobody(_version: VersionId) -> None:
    """Tell no other node: there is none."""
