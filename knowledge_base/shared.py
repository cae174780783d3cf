"""Versions that several machines share: the contract of the place, and how one is fetched from it.

The place is the truth about which version serves; a folder of this machine is a copy of it. What
comes from there is believed only when every file has the size and SHA-256 that were put with it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from knowledge_base.entry import VersionId
from knowledge_base.errors import VersionRefused
from knowledge_base.folder import sha256_of
from knowledge_base.phrasings import Progress

MOST_FILES = 1_000
MOST_BYTES = 8 << 30
"""Of a version; a large shop's has hundreds of megabytes."""

_PLAIN_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,3}")

FileFacts = Mapping[str, tuple[int, str]]
"""Path inside the version's folder -> bytes and SHA-256."""


class SharedVersions(Protocol):
    """Where machines that share no folder share their versions.

    Every method may be called from any thread, and raises OSError when the place is out of reach.
    """

    def serving(self) -> str | None:
        """Give the id of the version that serves, None before the first."""
        ...

    def newest_number(self) -> int:
        """Give the highest number of a version there, 0 before the first."""
        ...

    def about(self) -> Mapping[str, Mapping[str, Any]]:
        """List every version: its id -> its manifest, newest first."""
        ...

    def files(self, version: str) -> FileFacts | None:
        """Give size and SHA-256 of every file of a version; None when it is not there."""
        ...

    def chunks(self, version: str, path: str) -> Iterable[bytes]:
        """Read one file in order."""
        ...

    def put(
        self,
        version: str,
        number: int,
        about: Mapping[str, Any],
        files: FileFacts,
        folder: Path,
        instead_of: str | None,
    ) -> bool:
        """Put a version there and let it serve, all or nothing; False when another serves by now.

        Args:
            instead_of: the version that must be serving still; None: none yet.
        """
        ...

    def point_to(self, version: str) -> bool:
        """Let a version that is there serve; False when it is not."""
        ...

    def turn(self, waits: Callable[[float], None]) -> AbstractContextManager[None]:
        """Be the only one, of all machines, who works on the knowledge."""
        ...


@contextmanager
def reached() -> Iterator[None]:
    """Turn a place that is out of reach into a refusal that says what to do."""
    try:
        yield
    except OSError as error:
        raise VersionRefused(
            f"The published versions could not be read or written ({error}). "
            "Look whether the database runs and the disk has room, then try again.",
            "读写已发布的知识库版本失败，请检查数据库是否运行、磁盘是否有空间，然后重试。",
        ) from error


def files_of(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of every file of a version's folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, sha256_of(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def fetch(
    shared: SharedVersions,
    version: VersionId,
    folder: Path,
    progress: Progress | None = None,
    most_bytes: int = MOST_BYTES,
) -> None:
    """Write every file of a version into a folder that is empty, and verify it.

    Args:
        most_bytes: what names larger files than these together is refused before any is fetched.

    Raises:
        VersionRefused: it is not there, or a file is not what was put.
        OSError: the place is out of reach, or this disk refuses.
    """
    files = shared.files(version)
    if files is None:
        raise VersionRefused(
            f"Version {version} is not in the database, or was altered there. "
            "Go back to another version, then publish again.",
            f"数据库里没有版本 {version}，或者它已被改动。请先回退到另一个版本，再重新发布。",
        )
    _must_be_plain(version, files, most_bytes)
    of, done = sum(size for size, _ in files.values()), 0
    for path, facts in files.items():
        _fetch_file(shared, version, path, facts, folder / path)
        done += facts[0]
        if progress is not None:
            progress(done, of)


def _fetch_file(
    shared: SharedVersions, version: VersionId, path: str, facts: tuple[int, str], to: Path
) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        for content in shared.chunks(version, path):
            size += len(content)
            if size > facts[0]:
                break
            digest.update(content)
            file.write(content)
    if (size, digest.hexdigest()) != facts:
        raise VersionRefused(
            f"The file {path} of version {version} is damaged in the database. "
            "Go back to another version, then publish again.",
            f"数据库里版本 {version} 的文件 {path} 已损坏。请先回退到另一个版本，再重新发布。",
        )


def _must_be_plain(version: VersionId, files: FileFacts, most_bytes: int) -> None:
    """Refuse names and sizes that could harm this machine: whoever writes there is a stranger."""
    sizes = [size for size, _ in files.values()]
    fits = len(files) <= MOST_FILES and min(sizes, default=0) >= 0 and sum(sizes) <= most_bytes
    if not fits or not all(_PLAIN_PATH.fullmatch(path) for path in files):
        raise VersionRefused(
            f"Version {version} in the database names files that no version has. "
            "Go back to another version, then publish again.",
            f"数据库里版本 {version} 的文件名不对。请先回退到另一个版本，再重新发布。",
        )
