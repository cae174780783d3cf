"""The writer's bulkhead: the model in a child process that may hang, die or talk rubbish.

Parent and child speak JSON lines over pipes (see `writer_worker` for the child's side). One call
runs, a few wait, more are turned away at once. A child that does not answer in time is killed and
another is started beside the traffic; a breaker keeps a sick one from being asked again and again.
"""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from bot.answering.breaker import Breaker, BreakerLimits, BreakerState

log = logging.getLogger(__name__)

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
LINE_BYTES = 64 * 1024  # no reply is longer
REPLY_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class WrittenReply:
    """What the writer wrote, not yet checked.

    Attributes:
        text: one paragraph, never empty.
        tokens: how many tokens were written.
        seconds: wall seconds in the child.
        model: name of the model, as the child says it.
    """

    text: str
    tokens: int
    seconds: float
    model: str


@dataclass(frozen=True, slots=True)
class WriterLimits:
    """Times and sizes of the bulkhead.

    Attributes:
        reply_seconds: for one reply, waiting included; the child stops writing by itself.
        grace_seconds: beyond it the child is killed.
        slow_seconds: a call that took longer counts as bad for the breaker.
        start_seconds: for loading the model.
        waiting: calls that may wait behind the one that runs.
        tokens: most tokens of one reply.
    """

    reply_seconds: float = 5.0
    grace_seconds: float = 0.5
    slow_seconds: float = 5.0
    start_seconds: float = 90.0
    waiting: int = 8
    tokens: int = 80
    breaker: BreakerLimits = field(default_factory=BreakerLimits)


class ChildFailed(Exception):
    """The child died, hung or said something that is no reply."""


def worker_command(folder: Path) -> list[str]:
    """The command that runs the real writer on a model folder."""
    return [sys.executable, "-m", "bot.answering.writer_worker", str(folder)]


class WriterProcess:
    """One child and the queue before it. `write` may be called from any thread."""

    def __init__(
        self,
        command: Sequence[str],
        limits: WriterLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = list(command)
        self._limits = limits
        self._clock = clock
        self._breaker = Breaker(limits.breaker, clock)
        self._ids = count(1)
        self._running = Lock()  # held by the one call that runs
        self._counts = Lock()
        self._inside = 0
        self._child: _Child | None = None
        self._starter: Thread | None = None
        self._closed = False

    @property
    def state(self) -> str:
        """For status pages: "ready", "starting", "resting" (the breaker is open) or "closed"."""
        if self._closed:
            return "closed"
        if self._breaker.state is not BreakerState.CLOSED:
            return "resting"
        return "ready" if self._child is not None else "starting"

    def start(self) -> None:
        """Start the child beside the traffic, unless it runs or is being started."""
        with self._counts:
            if self._closed or self._child or (self._starter and self._starter.is_alive()):
                return
            self._starter = Thread(target=self._bring_up, name="writer-start", daemon=True)
            self._starter.start()

    def wait_until_ready(self) -> bool:
        """Wait for the start that is going on; whether the child can be asked now."""
        if self._starter is not None:
            self._starter.join(self._limits.start_seconds + self._limits.grace_seconds)
        return self._child is not None

    def write(self, prompt: str, stops: Sequence[str]) -> WrittenReply | None:
        """Let the child continue the prompt; None when it cannot be done in time."""
        deadline = self._clock() + self._limits.reply_seconds
        with self._counts:
            if self._closed or self._inside > self._limits.waiting:
                return None
            self._inside += 1
        try:
            if not self._running.acquire(timeout=max(deadline - self._clock(), 0)):
                return None
            try:
                return self._write_alone(prompt, stops, deadline)
            finally:
                self._running.release()
        finally:
            with self._counts:
                self._inside -= 1

    def close(self) -> None:
        """Kill the child and wait for its end."""
        with self._counts:
            self._closed = True
        if self._starter is not None:
            self._starter.join()
        self._drop()

    def _write_alone(
        self, prompt: str, stops: Sequence[str], deadline: float
    ) -> WrittenReply | None:
        if not self._breaker.allows():
            return None
        child = self._child
        if child is None or child.has_ended:
            self._drop()
            self._breaker.forget()
            self.start()
            return None
        started = self._clock()
        try:
            reply = self._ask(child, prompt, stops, deadline - started)
        except ChildFailed as failure:
            log.warning("writer failed: %s", failure)
            self._drop()
            self._breaker.record(good=False)
            self.start()
            return None
        self._breaker.record(good=self._clock() - started <= self._limits.slow_seconds)
        return reply

    def _ask(
        self, child: _Child, prompt: str, stops: Sequence[str], seconds: float
    ) -> WrittenReply | None:
        number = next(self._ids)
        request = {
            "id": number,
            "prompt": prompt,
            "stops": list(stops),
            "tokens": self._limits.tokens,
            "seconds": max(seconds, 0.0),
        }
        child.send(request)
        return _reply(child.receive(max(seconds, 0.0) + self._limits.grace_seconds), number)

    def _bring_up(self) -> None:
        """Start a child and wait until it says that it is ready."""
        child = _Child(self._command)
        try:
            ready = child.receive(self._limits.start_seconds)
            if ready.get("ready") is not True:
                raise ChildFailed(f"it would not start: {str(ready.get('error'))[:300]}")
        except ChildFailed as failure:
            log.warning("writer not ready: %s", failure)
            child.kill()
            self._breaker.record(good=False)
            return
        with self._counts:
            if not self._closed:
                self._child = child
                return
        child.kill()

    def _drop(self) -> None:
        """Kill the child, if there is one."""
        with self._counts:
            child, self._child = self._child, None
        if child is not None:
            child.kill()


class _Child:
    """One child process with its pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
            start_new_session=True,  # Ctrl-C of the server must not reach it first
        )
        self._left = b""

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def send(self, request: dict[str, Any]) -> None:
        """Write one line.

        Raises:
            ChildFailed: the child has ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ChildFailed("it has ended") from error

    def receive(self, seconds: float) -> dict[str, Any]:
        """Read one line.

        Raises:
            ChildFailed: nothing came in time, the child ended, or the line is no JSON object.
        """
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        until = time.monotonic() + seconds
        while b"\n" not in self._left:
            readable, _, _ = select.select([handle], [], [], max(until - time.monotonic(), 0))
            if not readable:
                raise ChildFailed(f"it did not answer within {seconds:.1f} s")
            read = os.read(handle, LINE_BYTES)
            if not read:
                raise ChildFailed("it has ended")
            self._left += read
            if len(self._left) > LINE_BYTES:
                raise ChildFailed("it said more than any reply is long")
        line, _, self._left = self._left.partition(b"\n")
        try:
            said = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ChildFailed("what it said is not JSON") from error
        if not isinstance(said, dict):
            raise ChildFailed("what it said is no object")
        return said

    def kill(self) -> None:
        """End the process at once and close its pipes; no zombie is left."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # a half-written request cannot be flushed any more
                    log.debug("the writer's pipe was broken")


def _reply(said: dict[str, Any], number: int) -> WrittenReply | None:
    """Check what the child said; None when it honestly has nothing.

    Raises:
        ChildFailed: it is no answer to this request.
    """
    if said.get("id") != number:
        raise ChildFailed("it answered another request")
    text, tokens, seconds = said.get("text"), said.get("tokens"), said.get("seconds")
    model = said.get("model")
    if (
        not isinstance(text, str)
        or not isinstance(model, str)
        or not isinstance(tokens, int)
        or not isinstance(seconds, int | float)
        or len(text) > REPLY_CHARACTERS
    ):
        raise ChildFailed("its answer lacks a field, or one is of the wrong kind or too long")
    text = " ".join(text.split())
    return WrittenReply(text, tokens, float(seconds), model) if text else None
