"""A disk between SQLite and the real one: it remembers every write and sync, and fails on command.

Works on the very SQLite that the store uses: the library that Python's `_sqlite3` is linked to gets
a default file system (VFS) whose files are the real ones with four methods of their own. Nothing
between the store and SQLite is replaced.

`Disk.calls` can be played up to any moment as a disk without power would remember them
(`what_survives`): all that was synced, and of the rest whatever chance leaves.
"""

import _sqlite3
import ctypes
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path

OK = 0
FULL = 13
CANTOPEN = 14
IOERR_WRITE = 10 | (3 << 8)
IOERR_FSYNC = 10 | (4 << 8)

_IO_METHODS = (
    "xClose xRead xWrite xTruncate xSync xFileSize xLock xUnlock xCheckReservedLock xFileControl "
    "xSectorSize xDeviceCharacteristics xShmMap xShmLock xShmBarrier xShmUnmap xFetch xUnfetch"
).split()


class IoMethods(ctypes.Structure):
    """`sqlite3_io_methods` of sqlite3.h."""

    _fields_ = [("iVersion", c_int), *[(name, c_void_p) for name in _IO_METHODS]]


class File(ctypes.Structure):
    """The beginning of every `sqlite3_file`."""

    _fields_ = [("pMethods", POINTER(IoMethods))]


class Vfs(ctypes.Structure):
    """`sqlite3_vfs` of sqlite3.h."""

    _fields_ = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", c_void_p),
        ("xDelete", c_void_p),
        *[
            (name, c_void_p)
            for name in (
                "xAccess xFullPathname xDlOpen xDlError xDlSym xDlClose xRandomness xSleep "
                "xCurrentTime xGetLastError xCurrentTimeInt64 xSetSystemCall xGetSystemCall "
                "xNextSystemCall"
            ).split()
        ],
    ]


# The name stays a bare pointer: SQLite keeps it as long as the file is open.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(File), c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that SQLite asked of the disk, or a note that a test put between.

    `kind` is "write", "truncate", "sync", "sync_failed", "delete" or "note"; a note is in `text`.
    """

    kind: str
    path: str = ""
    offset: int = 0
    content: bytes = b""
    text: str = ""


Fault = Callable[[str], int]
"""Asked before each call with its kind; 0 lets it happen, another number is SQLite's error."""


def no_fault(_kind: str) -> int:
    """Let everything happen."""
    return OK


@dataclass(eq=False)
class Disk:
    """What happens to files while it is plugged in; see `plugged_in`.

    Attributes:
        calls: everything that happened, in order; empty while `remembers` is off.
        fault: decides which call fails.
        counts: how many calls of each kind were asked for.
    """

    remembers: bool = True
    fault: Fault = no_fault
    calls: list[Call] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Put a note between the calls."""
        self.calls.append(Call("note", text=text))

    def _allows(self, kind: str) -> int:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return self.fault(kind)

    def _remember(self, call: Call) -> None:
        if self.remembers:
            self.calls.append(call)


class _Shim:
    """The file system that is registered with SQLite; made once, since SQLite keeps pointers."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(_sqlite3.__file__)  # finds symbols of what it is linked to
        self._library.sqlite3_vfs_find.restype = POINTER(Vfs)
        self._library.sqlite3_vfs_find.argtypes = [c_char_p]
        self._library.sqlite3_vfs_register.argtypes = [POINTER(Vfs), c_int]
        self._library.sqlite3_vfs_unregister.argtypes = [POINTER(Vfs)]
        self._real = self._library.sqlite3_vfs_find(None)
        self._open_really = _OPEN(self._real.contents.xOpen)
        self._delete_really = _DELETE(self._real.contents.xDelete)
        self._vfs = Vfs.from_buffer_copy(self._real.contents)
        self._vfs.pNext = None
        self._vfs.zName = b"watched"
        self._callbacks = [_OPEN(self._open), _DELETE(self._delete)]
        self._vfs.xOpen, self._vfs.xDelete = map(_address, self._callbacks)
        self._tables: dict[int, IoMethods] = {}
        self._paths: dict[int, str] = {}
        self._real_write: Callable[..., int]
        self._real_truncate: Callable[..., int]
        self._real_sync: Callable[..., int]
        self.disk = Disk(remembers=False)

    def register(self) -> None:
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)

    def unregister(self) -> None:
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
        self._library.sqlite3_vfs_register(self._real, 1)

    def _open(self, vfs: int, name: int | None, file, flags: int, out: int) -> int:
        failed = self.disk._allows("open") if name else OK
        if failed:
            file.contents.pMethods = None
            return failed
        code = self._open_really(vfs, name, file, flags, out)
        if code == OK and name:
            self._paths[ctypes.addressof(file.contents)] = ctypes.string_at(name).decode()
            file.contents.pMethods = ctypes.pointer(self._watched(file.contents.pMethods))
        return code

    def _watched(self, real) -> IoMethods:
        """Give the method table of the real file, with ours in the place of four."""
        key = ctypes.addressof(real.contents)
        if key not in self._tables:
            table = IoMethods.from_buffer_copy(real.contents)
            self._real_write = _WRITE(table.xWrite)
            self._real_truncate = _TRUNCATE(table.xTruncate)
            self._real_sync = _SYNC(table.xSync)
            ours = [_WRITE(self._write), _TRUNCATE(self._truncate), _SYNC(self._sync)]
            self._callbacks.extend(ours)
            table.xWrite, table.xTruncate, table.xSync = map(_address, ours)
            self._tables[key] = table
        return self._tables[key]

    def _write(self, file: int, content: int, size: int, offset: int) -> int:
        path = self._paths[file]
        failed = self.disk._allows("write")
        if failed:
            return failed
        code = self._real_write(file, content, size, offset)
        if code == OK:
            written = ctypes.string_at(content, size) if self.disk.remembers else b""
            self.disk._remember(Call("write", path, offset, written))
        return code

    def _truncate(self, file: int, size: int) -> int:
        code = self._real_truncate(file, size)
        self.disk._remember(Call("truncate", self._paths[file], size))
        return code

    def _sync(self, file: int, flags: int) -> int:
        path = self._paths[file]
        failed = self.disk._allows("sync")
        if failed:
            self.disk._remember(Call("sync_failed", path))
            return failed
        code = self._real_sync(file, flags)
        self.disk._remember(Call("sync", path))
        return code

    def _delete(self, vfs: int, name: bytes, sync_folder: int) -> int:
        code = self._delete_really(vfs, name, sync_folder)
        if code == OK:
            self.disk._remember(Call("delete", name.decode()))
        return code


def _address(callback) -> int | None:
    return ctypes.cast(callback, c_void_p).value


_shim: list[_Shim] = []


@contextmanager
def plugged_in(disk: Disk) -> Iterator[Disk]:
    """Put the disk under every SQLite file that is opened meanwhile in this process."""
    if not _shim:
        _shim.append(_Shim())
    shim = _shim[0]
    shim.disk = disk
    shim.register()
    try:
        yield disk
    finally:
        shim.unregister()
        shim.disk = Disk(remembers=False)


@dataclass
class _OneFile:
    """What is safe of a file, and what only the machine's memory holds."""

    safe: bytearray = field(default_factory=bytearray)
    waiting: list[Call] = field(default_factory=list)
    exists: bool = True
    syncs_folder: bool = False

    def sync(self) -> None:
        for call in self.waiting:
            self.happen(call)
        self.waiting.clear()

    def sync_removal(self) -> None:
        """Forget for good a file whose removal the folder now knows."""
        removals = [place for place, call in enumerate(self.waiting) if call.kind == "delete"]
        if removals:
            self.happen(self.waiting[removals[-1]])
            del self.waiting[: removals[-1] + 1]

    def happen(self, call: Call, keep: int | None = None) -> None:
        if call.kind == "delete":
            self.exists, self.syncs_folder = False, True
            self.safe.clear()
            return
        self.exists = True
        if call.kind == "truncate":
            del self.safe[call.offset :]
            return
        content = call.content[:keep]
        self.safe.extend(bytes(max(0, call.offset - len(self.safe))))
        self.safe[call.offset : call.offset + len(content)] = content


def what_survives(calls: Sequence[Call], chance: random.Random) -> dict[str, bytes]:
    """Give the files as a disk has them whose power was cut after the last of these calls.

    What was synced is there. Of what was not, per file: either some first part (the last write
    torn in the middle), or any part of it, since disks write in the order they like. A sync that
    failed has forgotten what it should have written.
    """
    files: dict[str, _OneFile] = {}
    for call in calls:
        if call.kind == "note":
            continue
        file = files.setdefault(call.path, _OneFile(syncs_folder=_is_log(call.path)))
        if call.kind == "sync":
            file.sync()
            if file.syncs_folder:  # as SQLite does with the first sync of a new log or journal
                file.syncs_folder = False
                for other in files.values():
                    other.sync_removal()
        elif call.kind == "sync_failed":
            _some_survive(file, chance)
        else:
            file.waiting.append(call)
    for file in files.values():
        _some_survive(file, chance)
    return {path: bytes(file.safe) for path, file in files.items() if file.exists}


def _is_log(path: str) -> bool:
    return path.endswith(("-wal", "-journal"))


def _some_survive(file: _OneFile, chance: random.Random) -> None:
    waiting, file.waiting = file.waiting, []
    if chance.random() < 0.5:
        first = chance.randrange(len(waiting) + 1)
        for call in waiting[:first]:
            file.happen(call)
        if first < len(waiting) and waiting[first].kind == "write":
            file.happen(waiting[first], keep=chance.randrange(len(waiting[first].content) + 1))
        return
    for call in waiting:
        if chance.random() < 0.5:
            file.happen(call)


def write_files(files: dict[str, bytes], to: Path) -> None:
    """Put the files that survived into another folder."""
    to.mkdir()
    for path, content in files.items():
        (to / Path(path).name).write_bytes(content)
