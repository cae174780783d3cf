"""A process that opens a database, and dies without a word at its n-th write to the disk.

    python upgrading_child.py DATABASE_URL N

Exits with 0 when the upgrade took fewer writes than that, and was finished.
"""

import os
import sys

from bot.transcripts.database import open_database
from tests.reliability.watched_disk import OK, Disk, plugged_in


def main(url: str, last: int) -> None:
    disk = Disk(remembers=False)

    def die(kind: str) -> int:
        if kind in ("write", "sync") and sum(disk.counts.values()) >= last:
            os._exit(9)
        return OK

    disk.fault = die
    with plugged_in(disk):
        open_database(url).close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
