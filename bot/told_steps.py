"""How a command of the shell, run as a process of its own, tells its parent what a page shows.

Lines on standard error that begin with a record separator hold how far it is, or why it refuses in
both languages; all other lines are words. Such a process ends when its standard input does, so that
none outlives whoever wants it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

VARIABLE = "SHOPKEEPER_TELLS_STEPS"
"""Set to 1 by the parent."""

MARK = "\x1e"
OFTEN_SECONDS = 0.2
"""Steps of thousands of small parts are told no more often than this, but for first and last."""

GRACE_SECONDS = 10.0
"""In which a process that was told to end removes what it left half done."""

Report = Callable[[str, int, int], None]  # what is done, how many, of how many


def parent_wants_steps() -> bool:
    """Whether this process was begun by a parent that listens."""
    return os.environ.get(VARIABLE) == "1"


def tell_to(out: TextIO, clock: Callable[[], float] = time.monotonic) -> Report:
    """Give a function that writes each step as a line."""
    told: dict[str, float] = {}

    def report(what: str, done: int, of: int) -> None:
        now = clock()
        if 0 < done < of and what in told and now - told[what] < OFTEN_SECONDS:
            return
        told[what] = now
        out.write(f"{MARK}{json.dumps([what, done, of])}\n")
        out.flush()

    return report


def step_in(line: str) -> tuple[str, int, int] | None:
    """Read a line: a step, or None for words."""
    if not line.startswith(MARK):
        return None
    try:
        what, done, of = json.loads(line[1:])
    except (ValueError, TypeError, RecursionError):
        return None
    numbers = type(done) is int and type(of) is int and 0 <= done <= of
    return (what[:40], done, of) if isinstance(what, str) and numbers else None


def tell_refusal(out: TextIO, en: str, zh: str) -> None:
    """Write why the command refuses, for a page in either language."""
    out.write(f"{MARK}{json.dumps({'en': en, 'zh': zh})}\n")
    out.flush()


def refusal_in(line: str) -> tuple[str, str] | None:
    """Read a line: why the command refuses, in English and Chinese, or None for anything else."""
    if not line.startswith(MARK):
        return None
    try:
        told = json.loads(line[1:])
        en, zh = told["en"], told["zh"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return (en, zh) if isinstance(en, str) and isinstance(zh, str) else None


def end_with_parent() -> None:
    """End this process in order when its parent has gone, or says so by SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_wait_for_the_end, name="parent", daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
