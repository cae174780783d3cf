"""Row 4: the acknowledgement leaves the process only after the write-ahead log is on the disk.

Every message carries a mark of its own. It must be seen in what is written to the log, and that
must be synced, before the process says that the message is accepted.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.world import CHILD

EXCHANGES = 100
CALL = re.compile(r"^(\d+) +(\w+)\((\d+)(?:<([^>]*)>)?(.*)$")
MARK = re.compile(r"mark-(\d+)-of-it")
ACCEPTED = re.compile(r"accepted c(\d+) ")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")


def _trace(folder: Path, sabotage: str = "") -> str:
    """Let a child store messages one after the other, under strace."""
    trace = folder / "trace"
    child = [sys.executable, str(CHILD), f"sqlite:///{folder}/shop.sqlite3"]
    if sabotage:
        child += ["--sabotage", sabotage]
    calls = "trace=fdatasync,fsync,write,pwrite64"
    command = ["strace", "-f", "-y", "-s", "5000", "-e", calls, "-o", str(trace), *child]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=CHILD.parents[2]
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        for number in range(EXCHANGES):
            said = {
                "conversation": f"c{number}",
                "id": f"c{number}-0",
                "text": f"mark-{number}-of-it",
            }
            line = json.dumps(said) + "\n"
            process.stdin.write(line.encode())
            assert process.stdout.readline().startswith(b"accepted")
        process.stdin.close()
    return trace.read_text(encoding="utf-8", errors="replace")


def _acknowledged_after_sync(trace: str) -> tuple[int, int]:
    """Count acknowledgements, and those whose own message was written to the log and synced."""
    written: set[str] = set()
    safe: set[str] = set()
    syncing: dict[str, set[str]] = {}
    acknowledged = good = 0
    for line in trace.splitlines():
        if (resumed := RESUMED.match(line)) and resumed[2] in ("fdatasync", "fsync"):
            covered = syncing.pop(resumed[1], set())
            safe |= covered if resumed[3] == "0" else set()
            continue
        call = CALL.match(line)
        if call is None:
            continue
        thread, name, number, path, rest = call.groups()
        is_log = (path or "").endswith("-wal")
        if name in ("write", "pwrite64") and is_log:
            written.update(MARK.findall(rest))
        elif name in ("fdatasync", "fsync") and is_log:
            if "unfinished" in rest:
                syncing[thread] = set(written)  # what is written meanwhile may not be covered
            elif rest.endswith("= 0"):
                safe |= written
        elif name == "write" and number == "1" and (accepted := ACCEPTED.search(rest)):
            acknowledged += 1
            good += accepted[1] in safe
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
