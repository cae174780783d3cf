"""Threads that others wait for: they run as soon as they wake, and never for long.

Models keep every core busy for milliseconds on end, and Linux lets whoever runs use up a time slice
(3 ms) before a thread that wakes up gets its turn. A message is accepted after four such wakes. A
thread that asks for a shorter slice than others is let in at once; it gets no more time than they.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

SLICE_NANOSECONDS = 100_000
"""The shortest slice that Linux gives."""

_CALLS = {"x86_64": (314, 315), "aarch64": (274, 275)}  # numbers of sched_setattr, sched_getattr
_FORMAT = "=IIQiIQQQ"  # size, policy, flags, nice, priority, runtime, deadline, period
_SIZE = struct.calcsize(_FORMAT)
_NORMAL = 0
_NOT_FOR_CHILDREN = 1  # whatever this thread starts gets the usual slice


def be_prompt() -> bool:
    """Ask for short slices in the thread that calls this; gives whether the system knows them.

    Before Linux 6.12 and elsewhere nothing changes. No right is needed for it.
    """
    calls = _CALLS.get(platform.machine())
    if sys.platform != "linux" or calls is None:
        return False
    set_attributes, get_attributes = calls
    system_call = ctypes.CDLL(None, use_errno=True).syscall
    found = ctypes.create_string_buffer(_SIZE)
    if system_call(get_attributes, 0, found, _SIZE, 0) != 0:
        return False
    _, policy, flags, nice, priority, *_ = struct.unpack(_FORMAT, found.raw)
    if policy != _NORMAL:
        return False  # somebody has decided otherwise
    if nice >= 0:  # with the flag, those below would lose what they were given
        flags |= _NOT_FOR_CHILDREN
    wanted = struct.pack(_FORMAT, _SIZE, policy, flags, nice, priority, SLICE_NANOSECONDS, 0, 0)
    if system_call(set_attributes, 0, wanted, 0) != 0:
        return False
    return system_call(get_attributes, 0, found, _SIZE, 0) == 0 and _slice(found.raw) > 0


def _slice(attributes: bytes) -> int:
    runtime: int = struct.unpack(_FORMAT, attributes)[5]
    return runtime
