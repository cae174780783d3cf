"""Row 33: a version of the knowledge base gets its name only when every file of it is on the disk.

A kill does not show a missing sync, a power cut does; so the order of the system calls is read.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PUBLISHER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase

knowledge = KnowledgeBase(Path(sys.argv[1]), HashedEncoder(32))
knowledge.load()
entries = [Entry(EntryId(f"e{n}"), (f"question {n}",), f"answer {n}", "en") for n in range(20)]
knowledge.publish(entries, note="", by="a", now=datetime(2026, 1, 1, tzinfo=UTC))
"""
SYNC = re.compile(r"\bf(?:data)?sync\(\d+<([^>]+)>\)\s+= 0")
RENAME = re.compile(r'\brename(?:at2?)?\((?:[^"]*)"([^"]+)",[^"]*"([^"]+)"')
WRITTEN = re.compile(r'\bopenat?\([^"]*"([^"]+)", [^,)]*(?:O_WRONLY|O_RDWR)')


def publish_traced(folder: Path) -> str:
    trace = folder / "trace"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,open,openat"
    strace = ["strace", "-f", "-y", "-s", "256", "-e", calls, "-o", str(trace)]
    subprocess.run(
        [*strace, sys.executable, "-c", PUBLISHER, str(folder / "knowledge")],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )
    return trace.read_text(encoding="utf-8", errors="replace")


def unsynced_at_rename(trace: str, inside: Path) -> tuple[int, list[str]]:
    """Count what was renamed into place, and list what was written before and not synced."""
    dirty: set[str] = set()
    unsynced: list[str] = []
    renamed = 0
    for line in trace.splitlines():
        if (written := WRITTEN.search(line)) and "= -1" not in line:
            dirty.add(written[1])
        elif synced := SYNC.search(line):
            dirty.discard(synced[1])
        elif (rename := RENAME.search(line)) and rename[1].startswith(str(inside)):
            renamed += 1
            unsynced += [path for path in dirty if path.startswith(rename[1])]
    return renamed, unsynced


def test_row_33_every_file_of_a_version_is_synced_before_it_gets_its_name(
    tmp_path, record_property
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here")
    renamed, unsynced = unsynced_at_rename(publish_traced(tmp_path), tmp_path / "knowledge")
    assert renamed >= 2, "a version and the note of which one serves"
    assert unsynced == []
    record_property("renamed into place", renamed)
    record_property("unsynced by then", 0)
