"""A node that fetches what nodes share, file by file, and is killed in the middle of it."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[3]


class FileByFile:
    """What nodes share; after each chunk it is waited for a line of standard input."""

    def __init__(self, shared):
        self._shared = shared

    def __getattr__(self, name):
        return getattr(self._shared, name)

    def chunks(self, version, path):
        for content in self._shared.chunks(version, path):
            yield content
            sys.stdout.write(f"{path}\n")
            sys.stdout.flush()
            sys.stdin.readline()


def kill_while_fetching(what, address, folder, files):
    """Kill a node that has fetched so many files of the `knowledge`, or of what was `trained`."""
    node = subprocess.Popen(
        [sys.executable, "-m", __name__, what, address, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    for _ in range(files):
        assert node.stdout.readline()
        node.stdin.write("go on\n")
        node.stdin.flush()
    node.send_signal(signal.SIGKILL)
    node.wait()
    node.stdin.close()
    node.stdout.close()


def fetch(what, address, folder):
    from bot.transcripts.published import open_published
    from knowledge_base.hashed_encoder import HashedEncoder
    from knowledge_base.live import KnowledgeBase
    from tests.bot.answering.trained_shop import training_in

    shared = open_published(address, 10)
    if what == "knowledge":
        KnowledgeBase(folder, HashedEncoder(), FileByFile(shared)).load()
    else:
        training_in(folder, FileByFile(shared.trained)).load(datetime.now(UTC))


if __name__ == "__main__":
    fetch(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
