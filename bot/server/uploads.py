"""Files that admins brought, kept for a day under ids of our own; their names are text only."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.errors import NotFound
from bot.transcripts.published import PublishedKnowledge
from knowledge_base.folder import new_folder

KEPT = timedelta(days=1)
LONGEST_NAME = 200
_ID = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was brought.

    Attributes:
        id: random; the name of its folder.
        name: as the browser named it, its last part only; text, never a path.
        by: id of the account.
        at: ISO 8601, UTC.
    """

    id: str
    name: str
    size_bytes: int
    by: str
    at: str


class Uploads(Protocol):
    """Keeps files that were brought, for a day."""

    def keep(self, content: bytes, name: str, by: str) -> Upload:
        """Keep a file; forgets those that are over a day old."""
        ...

    def get(self, id: str) -> tuple[Upload, bytes]:
        """Give a file back. Raises NotFound."""
        ...

    def forget(self, id: str) -> None:
        """Delete a file; nothing happens when it is gone."""
        ...


class FolderUploads:
    """See `Uploads`; under one folder, which nodes of one machine may share.

    Args:
        folder: `<state_folder>/uploads`.
        now: the wall clock, UTC.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    def keep(self, content: bytes, name: str, by: str) -> Upload:
        """See `Uploads.keep`."""
        self._forget_old()
        upload = _new_upload(content, name, by, self._now())
        with new_folder(self._folder / upload.id) as folder:
            (folder / "content").write_bytes(content)
            (folder / "upload.json").write_text(json.dumps(asdict(upload)), encoding="utf-8")
        return upload

    def get(self, id: str) -> tuple[Upload, bytes]:
        """See `Uploads.get`."""
        folder = self._folder_of(id)
        try:
            facts = json.loads((folder / "upload.json").read_text(encoding="utf-8"))
            return Upload(**facts), (folder / "content").read_bytes()
        except FileNotFoundError:
            raise _unknown() from None

    def forget(self, id: str) -> None:
        """See `Uploads.forget`."""
        shutil.rmtree(self._folder_of(id), ignore_errors=True)

    def _folder_of(self, id: str) -> Path:
        if not _ID.fullmatch(id):
            raise _unknown()
        return self._folder / id

    def _forget_old(self) -> None:
        if not self._folder.is_dir():
            return
        oldest = (self._now() - KEPT).timestamp()
        for folder in self._folder.iterdir():
            if _ID.fullmatch(folder.name) and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


class SharedUploads:
    """See `Uploads`; in the database that nodes share.

    Args:
        shared: the database.
        now: the wall clock, UTC.
    """

    def __init__(self, shared: PublishedKnowledge, now: Callable[[], datetime]) -> None:
        self._shared = shared
        self._now = now

    def keep(self, content: bytes, name: str, by: str) -> Upload:
        """See `Uploads.keep`."""
        self._shared.drop_uploads_older_than(KEPT)
        upload = _new_upload(content, name, by, self._now())
        self._shared.keep_upload(upload.id, asdict(upload), content)
        return upload

    def get(self, id: str) -> tuple[Upload, bytes]:
        """See `Uploads.get`."""
        found = self._shared.upload(id) if _ID.fullmatch(id) else None
        if found is None:
            raise _unknown()
        facts, content = found
        return Upload(**facts), content

    def forget(self, id: str) -> None:
        """See `Uploads.forget`."""
        if not _ID.fullmatch(id):
            raise _unknown()
        self._shared.drop_upload(id)


def _new_upload(content: bytes, name: str, by: str, at: datetime) -> Upload:
    return Upload(secrets.token_urlsafe(12), plain_name(name), len(content), by, at.isoformat())


def plain_name(name: str) -> str:
    """Give the last part of a file's name without control characters and direction marks."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(character for character in last if character.isprintable())
    return plain[-LONGEST_NAME:].strip() or "file"


def _unknown() -> NotFound:
    return NotFound("There is no such upload; bring the file again.", "没有这个文件，请重新上传。")
