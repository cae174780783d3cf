"""Row 4: the acknowledgement leaves the process only after the write-ahead log is on the disk."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.world import CHILD

EXCHANGES = 100
CALL = re.compile(r"^(\d+) +(\w+)\((\d+)(?:<([^>]*)>)?(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")


def _trace(folder: Path, sabotage: str = "") -> str:
    """Let a child store messages one after the other, under strace."""
    trace = folder / "trace"
    child = [sys.executable, str(CHILD), f"sqlite:///{folder}/shop.sqlite3"]
    if sabotage:
        child += ["--sabotage", sabotage]
    calls = "trace=fdatasync,fsync,write,pwrite64"
    command = ["strace", "-f", "-y", "-s", "16", "-e", calls, "-o", str(trace), *child]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=CHILD.parents[2]
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        for number in range(EXCHANGES):
            line = f'{{"conversation": "c{number}", "id": "c{number}-0", "text": "hi"}}\n'
            process.stdin.write(line.encode())
            assert process.stdout.readline().startswith(b"accepted")
        process.stdin.close()
    return trace.read_text(encoding="utf-8", errors="replace")


def _acknowledged_after_sync(trace: str) -> tuple[int, int]:
    """Count acknowledgements, and those before which every written page of the log was synced."""
    dirty, synced_since = False, False
    syncing: dict[str, bool] = {}
    acknowledged = good = 0
    for line in trace.splitlines():
        if (resumed := RESUMED.match(line)) and resumed[2] in ("fdatasync", "fsync"):
            if syncing.pop(resumed[1], False) and resumed[3] == "0":
                dirty, synced_since = False, True
            continue
        call = CALL.match(line)
        if call is None:
            continue
        thread, name, number, path, rest = call.groups()
        is_log = (path or "").endswith("-wal")
        if name in ("write", "pwrite64") and is_log:
            dirty = True
        elif name in ("fdatasync", "fsync") and is_log:
            if "unfinished" in rest:
                syncing[thread] = True
            elif rest.endswith("= 0"):
                dirty, synced_since = False, True
        elif name == "write" and number == "1" and "accepted" in rest:
            acknowledged += 1
            good += synced_since and not dirty
            synced_since = False
    return acknowledged, good


@pytest.fixture(autouse=True)
def strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True)
    if tried.returncode != 0:
        pytest.skip("strace may not trace here")


def test_row_04_every_acknowledgement_follows_a_sync_of_the_log(
    tmp_path: Path, record_property
) -> None:
    assert _acknowledged_after_sync(_trace(tmp_path)) == (EXCHANGES, EXCHANGES)
    record_property("exchanges", EXCHANGES)
    record_property("synced first", EXCHANGES)


@pytest.mark.parametrize("sabotage", ["normal", "early"])
def test_row_04_the_check_notices_acknowledgements_without_a_sync(
    tmp_path: Path, sabotage: str
) -> None:
    acknowledged, good = _acknowledged_after_sync(_trace(tmp_path, sabotage))
    assert acknowledged == EXCHANGES
    assert good < EXCHANGES
