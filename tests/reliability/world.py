"""The simulated world around a writing child: it sends, keeps its own journal, kills, and checks.

The journal belongs to the test. What the database holds is read by sqlite3 alone, without a line of
the code under test.
"""

import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

CHILD = Path(__file__).with_name("writing_child.py")
IN_FLIGHT = 64


@dataclass
class Journal:
    """What was sent and what was acknowledged, by message id."""

    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def accept(self, line: str) -> None:
        _, _, id, seq = line.split(" ")
        earlier = self.accepted.setdefault(id, int(seq))
        if earlier != int(seq):
            self.broken.append(f"{id} was accepted as {earlier}, then as {seq}")


class World:
    """Shoppers who talk through a child that dies again and again."""

    def __init__(self, database: Path, seed: int, sabotage: str = "") -> None:
        self.database = database
        self.random = random.Random(seed)
        self.seed = seed
        self.sabotage = sabotage
        self.journal = Journal()
        self.next_number: dict[str, int] = {}
        self.rest = b""

    def make_message(self) -> str:
        """Somebody writes something; a conversation's first message begins it."""
        conversation = f"c{self.random.randrange(40)}"
        number = self.next_number.get(conversation, 0)
        self.next_number[conversation] = number + 1
        id = f"{conversation}-{number}"
        words = "你好 😀 " * self.random.randrange(1, 30)
        self.journal.sent[id] = (conversation, f"{number} {words}")
        return id

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(CHILD), f"sqlite:///{self.database}"]
        if self.sabotage:
            command += ["--sabotage", self.sabotage]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=CHILD.parents[2],
        )

    def live_until_killed(self) -> None:
        """One life: resend what was not acknowledged, go on talking, die at a random moment."""
        child = self.start()
        early = self.random.random() < 0.15
        seconds = self.random.uniform(0.05, 1.0) if early else 60.0
        many = self.random.randrange(1, 300)
        self._talk(child, until=len(self.journal.accepted) + many, seconds=seconds)
        child.send_signal(signal.SIGKILL)
        self._read_what_is_left(child)

    def live_to_the_end(self) -> None:
        """The last life: everything is sent until it is accepted, every turn ends."""
        child = self.start()
        self._talk(child, until=len(self.journal.sent), seconds=60, fresh=False)
        child.stdin.close()
        self._read_what_is_left(child)
        assert child.returncode == 0

    def _talk(
        self, child: subprocess.Popen[bytes], until: int, seconds: float, fresh: bool = True
    ) -> None:
        # In the order in which they were written, or a conversation would not begin with its first.
        waiting = [id for id in self.journal.sent if id not in self.journal.accepted]
        in_flight: set[str] = set()
        ready = False
        end = time.monotonic() + seconds
        while len(self.journal.accepted) < until and time.monotonic() < end:
            while ready and len(in_flight) < IN_FLIGHT and (waiting or fresh):
                id = waiting.pop(0) if waiting else self.make_message()
                in_flight.add(id)
                self._send(child, id)
            if not select.select([child.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return
            read = os.read(child.stdout.fileno(), 65_536)
            assert read, f"the child died by itself (seed {self.seed})"
            *lines, self.rest = (self.rest + read).split(b"\n")
            for line in lines:
                if line == b"ready":
                    ready = True
                else:
                    self.journal.accept(line.decode())
                    in_flight.discard(line.decode().split(" ")[2])

    def _send(self, child: subprocess.Popen[bytes], id: str) -> None:
        conversation, text = self.journal.sent[id]
        message = {"conversation": conversation, "id": id, "text": text}
        child.stdin.write(json.dumps(message).encode() + b"\n")

    def _read_what_is_left(self, child: subprocess.Popen[bytes]) -> None:
        """What the dead child had written was acknowledged too."""
        lines = (self.rest + child.stdout.read()).split(b"\n")[:-1]
        for line in lines:
            if line != b"ready":
                self.journal.accept(line.decode())
        self.rest = b""
        child.stdin.close()
        child.stdout.close()
        child.wait()

    def violations(self, *, every_turn_ended: bool = True) -> list[str]:
        """Compare the journal with the file, as an independent reader sees it."""
        found = list(self.journal.broken)
        with closing(sqlite3.connect(self.database)) as reader:
            rows = reader.execute(
                "SELECT client_id, conversation, seq, text FROM events WHERE client_id IS NOT NULL"
            ).fetchall()
            dense = reader.execute(
                "SELECT conversation, count(*), count(DISTINCT seq), min(seq), max(seq) "
                "FROM events GROUP BY conversation"
            ).fetchall()
            open_turns = reader.execute(
                "SELECT count(*) FROM turns WHERE ended_at IS NULL"
            ).fetchone()[0]
            answers = reader.execute(
                "SELECT turn, count(*) FROM events WHERE kind = 'bot_answered' GROUP BY turn"
            ).fetchall()
            integrity = reader.execute("PRAGMA integrity_check").fetchone()[0]
            foreign = reader.execute("PRAGMA foreign_key_check").fetchall()
        stored: dict[str, tuple[str, int, str]] = {}
        for id, conversation, seq, text in rows:
            if id in stored:
                found.append(f"{id} is stored twice")
            stored[id] = (conversation, seq, text)
        for id, seq in self.journal.accepted.items():
            if id not in stored:
                found.append(f"{id} was accepted and is lost")
            elif stored[id] != (self.journal.sent[id][0], seq, self.journal.sent[id][1]):
                found.append(f"{id} is stored otherwise than it was accepted")
        found += [f"{id} was never sent" for id in stored if id not in self.journal.sent]
        found += [
            f"holes in {row}" for row in dense if not row[1] == row[2] == row[4] or row[3] != 1
        ]
        found += [f"turn {turn} was answered {many} times" for turn, many in answers if many != 1]
        if every_turn_ended and open_turns:
            found.append(f"{open_turns} turns never ended")
        if integrity != "ok" or foreign:
            found.append(f"the file is spoiled: {integrity} {foreign}")
        return found
