"""Crowds of light pages (`crowd_child.py`), spread over processes and addresses of this machine."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.reliability.crowd_child import Told
from tests.reliability.nodes import NodeProcess

CHILD = Path(__file__).with_name("crowd_child.py")


class CrowdProcess:
    """One process full of pages, on their way to a node until `wait_until_here`.

    Args:
        node: where they go.
        number: of this crowd; each comes from an address of its own, so that none of them runs out
            of ports.
        count: pages.
        first: what each says first.
        questions: what `talk` lets them say.
        stays_with_bot: whether they go on with the bot when a person would be called.
    """

    def __init__(
        self,
        node: NodeProcess,
        number: int,
        count: int,
        first: str,
        questions: Sequence[str] = (),
        stays_with_bot: bool = False,
    ) -> None:
        self.count = count
        asked = {
            "port": node.port,
            "origin": node.origin,
            "address": f"127.0.7.{number + 1}",
            "count": count,
            "first": first,
            "questions": list(questions),
            "stays_with_bot": stays_with_bot,
        }
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), json.dumps(asked)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=CHILD.parents[2],
            env={**os.environ, "PYTHONPATH": str(CHILD.parents[2])},
        )

    def wait_until_here(self) -> None:
        """Wait until every page has its conversation."""
        line = self.process.stdout.readline().decode().strip()
        assert line == f"here {self.count}", f"only {line!r} of {self.count} pages came"

    def ask(self, command: str) -> None:
        """Give a command whose answer is read later."""
        self.process.stdin.write(command.encode() + b"\n")

    def read(self) -> Told:
        """Read the answer."""
        line = self.process.stdout.readline()
        assert line, "the crowd's process died"
        return Told(**json.loads(line))

    def end(self) -> None:
        """End it, wherever it stands."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@contextmanager
def crowds(
    node: NodeProcess,
    counts: Sequence[int],
    first: Sequence[str],
    questions: Sequence[Sequence[str]] = (),
    begin: int = 0,
    stay_with_bot: bool = False,
) -> Iterator[list[CrowdProcess]]:
    """Crowds that are here, numbered from `begin`; they leave at the end.

    Args:
        node, counts, begin: see `CrowdProcess`; one crowd for each count.
        first, questions: those of each crowd.
        stay_with_bot: what is true of all of them.
    """
    come: list[CrowdProcess] = []
    try:
        for place, count in enumerate(counts):
            asked = questions[place] if questions else ()
            number = begin + place
            come.append(CrowdProcess(node, number, count, first[place], asked, stay_with_bot))
            come[-1].wait_until_here()
        yield come
    finally:
        for crowd in come:
            crowd.end()


def told_by(crowds: Sequence[CrowdProcess], command: str = "told") -> Told:
    """Give all crowds one command, and join what they tell."""
    for crowd in crowds:
        crowd.ask(command)
    told = [crowd.read() for crowd in crowds]
    return Told(
        open=sum(one.open for one in told),
        closed=dict(sum((Counter(one.closed) for one in told), Counter())),
        fewest_ticks=min(one.fewest_ticks for one in told),
        fewest_pings=min(one.fewest_pings for one in told),
        refused=dict(sum((Counter(one.refused) for one in told), Counter())),
        put_off=sum(one.put_off for one in told),
        said=sum(one.said for one in told),
        unanswered=sum(one.unanswered for one in told),
        accepted_seconds=[took for one in told for took in one.accepted_seconds],
        answered_seconds=[took for one in told for took in one.answered_seconds],
    )
