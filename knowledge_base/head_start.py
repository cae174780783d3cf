"""Threads for work that is begun before anybody asks for it, and must keep nobody waiting."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

BEHIND = 4
"""How much less urgent a head start is than other threads (the scale of `nice`). Models that run on
every core would otherwise hold up the storing of the very message that they read, since a thread
that wakes up waits until the time slice of another ends (3 ms)."""


def head_start_thread(name: str) -> ThreadPoolExecutor:
    """Make an executor with one thread, which stands back for all others of the program."""
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=stand_back)


def stand_back() -> None:
    """Have the thread that calls this, and those that it starts, stand back for all others."""
    if sys.platform != "linux":  # elsewhere it would be the whole program
        return
    me = threading.get_native_id()
    with suppress(OSError):  # where that is forbidden, it goes without
        os.setpriority(os.PRIO_PROCESS, me, os.getpriority(os.PRIO_PROCESS, me) + BEHIND)
