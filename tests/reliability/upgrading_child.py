"""A process that opens a database, and dies without a word in the middle of bringing it forward.

    python upgrading_child.py DATABASE_URL N

At its n-th write to the disk with SQLite, before its n-th statement with PostgreSQL. Exits with 0
when the upgrade took fewer than that, and was finished.
"""

import os
import sys

from sqlalchemy import Engine, event

from bot.transcripts.database import open_database
from tests.reliability.watched_disk import OK, Disk, plugged_in


def main(url: str, last: int) -> None:
    if url.startswith("postgresql"):
        _die_before_statement(last)
        open_database(url).close()
        return
    disk = Disk(remembers=False)

    def die(kind: str) -> int:
        if kind in ("write", "sync") and sum(disk.counts.values()) >= last:
            os._exit(9)
        return OK

    disk.fault = die
    with plugged_in(disk):
        open_database(url).close()


def _die_before_statement(last: int) -> None:
    done = 0

    @event.listens_for(Engine, "before_cursor_execute")
    def count(*_about: object) -> None:
        nonlocal done
        done += 1
        if done >= last:
            os._exit(9)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
