"""Runs one command of the shell as a process that yields to whoever serves.

Its memory and its faults are its own; it has little claim to the processors, writes what is
temporary into a folder that goes with it, and ends when this process does.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bot.settings import PREFIX, Settings
from bot.told_steps import GRACE_SECONDS, VARIABLE, Report, refusal_in, step_in

NICE = 15
"""Of 19: a server that has work gets about thirty times as much of a processor."""

LOOK_SECONDS = 0.25
MOST_OUTPUT_BYTES = 8 << 20
MOST_LINE = 16_000  # bytes; a refusal names a file and its first row, in two languages
WORDS_KEPT = 40
"""Lines of what it says to people; the last ones hold the refusal."""


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: its exit code; negative for a signal.
        output: the JSON object that it wrote; None where it wrote none.
        words: what it said to people, its last lines.
        refusal: why it did not do what was asked, in English and Chinese, where it told that.
    """

    code: int
    output: dict[str, Any] | None
    words: str
    refusal: tuple[str, str] | None = None


def run_command(
    command: Sequence[str],
    settings: Settings,
    folder: Path,
    told: Report,
    wanted: Callable[[], None],
) -> Ended:
    """Run a command to its end.

    Args:
        folder: a new folder for what is temporary; it is removed.
        told: called with every step, from another thread.
        wanted: called several times a second; raises when the command is to end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment_of(settings, folder),
            process_group=0,  # no session of its own: its priority would count within that alone
        )
        _make_modest(process.pid)
        return _followed(process, told, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_modest(pid: int) -> None:
    """Yield the processors to those who serve, and be the first to go where memory runs out."""
    with suppress(OSError):  # it has ended already, or the system has no such thing
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")


def environment_of(settings: Settings, temporary: Path) -> dict[str, str]:
    """Give the environment of a command that is to have exactly these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {
        f"{PREFIX}{name.upper()}": _as_text(getattr(settings, name))
        for name in Settings.model_fields
    }
    return {
        **kept,
        **given,
        VARIABLE: "1",
        "TMPDIR": str(temporary.absolute()),
        "PYTHONUNBUFFERED": "1",
    }


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, Path):
        return str(value.absolute())
    return str(value)


def _followed(process: subprocess.Popen[bytes], told: Report, wanted: Callable[[], None]) -> Ended:
    written = bytearray()
    words: deque[str] = deque(maxlen=WORDS_KEPT)
    refusals: deque[tuple[str, str]] = deque(maxlen=1)
    assert process.stdin and process.stdout and process.stderr
    readers = [
        threading.Thread(target=_read_output, args=(process.stdout, written), daemon=True),
        threading.Thread(
            target=_read_words, args=(process.stderr, words, refusals, told), daemon=True
        ),
    ]
    for reader in readers:
        reader.start()
    try:
        while True:
            try:
                code = process.wait(LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                wanted()
    finally:
        _end(process)
        for reader in readers:
            reader.join(GRACE_SECONDS)
        for stream in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):
                stream.close()
    refusal = refusals[0] if refusals else None
    return Ended(code, _object_in(bytes(written)), "\n".join(words).strip(), refusal)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and whatever it began; nothing happens when it has ended."""
    if process.poll() is not None:
        return
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        try:
            process.wait(GRACE_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


def _read_output(stream: IO[bytes], into: bytearray) -> None:
    while part := stream.read1(65_536):  # type: ignore[attr-defined]
        if len(into) <= MOST_OUTPUT_BYTES:
            into += part


def _read_words(
    stream: IO[bytes], into: deque[str], refusals: deque[tuple[str, str]], told: Report
) -> None:
    while line := stream.readline(MOST_LINE):
        text = line.decode("utf-8", "replace").rstrip()
        step = step_in(text)
        if step is not None:
            told(*step)
        elif (refusal := refusal_in(text)) is not None:
            refusals.append((printable(refusal[0]), printable(refusal[1])))
        elif text:
            into.append(printable(text))


def printable(text: str) -> str:
    """A text that came from a file or a program, without what a terminal would obey."""
    return "".join(one for one in text if one.isprintable())


def _object_in(written: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def remove_left_over(folder: Path, names: str) -> None:
    """Remove the temporary folders of commands whose server was killed."""
    for left in folder.glob(names):
        shutil.rmtree(left, ignore_errors=True)
