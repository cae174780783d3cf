"""Files and folders that are either there in full or not there at all.

What is written gets a temporary name, is synced, renamed, and the folder around it is synced, so
that neither a killed program nor a lost power supply leaves half of it behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UNFINISHED = ".new-"
_READ_AT_ONCE_BYTES = 1 << 20


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill; when the block ends without an error it becomes `target`.

    Raises:
        FileExistsError: `target` exists already; what was written is thrown away.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    folder.mkdir()
    try:
        yield folder
        sync_tree(folder)
        if target.exists():
            raise FileExistsError(target)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    sync(target.parent)


def write_file(path: Path, content: str | bytes) -> None:
    """Replace a file in one step; text becomes UTF-8."""
    unfinished = path.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    try:
        with unfinished.open("wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed program left unfinished; call it while holding the lock."""
    for leftover in folder.glob(f"{_UNFINISHED}*"):
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder among all processes of this machine; waits for it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file lets go of the lock


@contextmanager
def locked_if_free(folder: Path) -> Iterator[bool]:
    """Hold the same lock where nobody holds it; gives whether it is held, and waits for nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_READ_AT_ONCE_BYTES):
            digest.update(part)
    return digest.hexdigest()


def digests_of(folder: Path) -> dict[str, str]:
    """Path inside the folder -> SHA-256, for every file in it."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sync_tree(folder: Path) -> None:
    """Sync every file and folder under a folder, and the folder itself."""
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Make a file or folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
