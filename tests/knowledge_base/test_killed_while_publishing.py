"""Promise 33: whatever a killed program leaves, index and entries agree at the next start."""

import random
import subprocess
import sys
import time

import pytest

from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase

PUBLISHER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase

knowledge = KnowledgeBase(Path(sys.argv[1]), HashedEncoder(32))
knowledge.load()
while True:
    count = 1 + len(knowledge.current.entries) % 40
    entries = [Entry(EntryId(f"e{n}"), (f"question {n} of {count}",), f"answer {n}", "en")
               for n in range(count)]
    info = knowledge.publish(entries, note="", by="a", now=datetime(2026, 1, 1, tzinfo=UTC))
    print(info.number, count, flush=True)
"""


def kill_a_publisher(folder, seconds):
    """Let a program publish for a while and kill it; the last version that it claimed."""
    program = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    first = program.stdout.readline()
    time.sleep(seconds)  # the moment of the kill is what is being tried
    program.kill()
    claimed = [first, *program.stdout.read().splitlines()]
    program.wait()
    program.stdout.close()
    complete = [line.split() for line in claimed if len(line.split()) == 2]
    return max(int(number) for number, _ in complete)


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.long)])
@pytest.mark.timeout(1200)
def test_33_index_and_entries_agree_after_every_kill(tmp_path, kills):
    chance = random.Random(33)
    for _ in range(kills):
        claimed = kill_a_publisher(tmp_path / "knowledge", chance.uniform(0, 0.15))
        knowledge = KnowledgeBase(tmp_path / "knowledge", HashedEncoder(32))
        searcher = knowledge.load()
        info = knowledge.folder.info(searcher.version)
        assert info.number >= claimed, "what was claimed to be published is served"
        assert info.entries == len(searcher.entries) == len(searcher.indexes.nearest)
        assert knowledge.encoder.asked == 0, "no index had to be built again"
        for entry in searcher.entries:
            (hit,) = searcher.search(entry.questions[0]).hits
            assert hit.entry == entry
