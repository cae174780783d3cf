"""The two servers of the bench as processes: started, asked, measured, stopped."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.assemble.places import knowledge_folder
from bot.errors import PartMissing, StartRefused
from bot.settings import Settings
from bot.shell import bench_load

START_SECONDS = 400.0
SHARED = ("models", "intents", "doubt", "moods", "knowledge")
"""What the measured server uses of the state folder; its transcripts are its own."""

LIMITS_LIFTED = {
    "MESSAGES_PER_SECOND": "100000", "MESSAGES_BURST": "1000000",
    "MESSAGES_PER_MINUTE": "10000000", "CONVERSATIONS_BURST": "1000000",
    "CONVERSATIONS_PER_MINUTE": "1000000", "HANDSHAKES_BURST": "1000000",
    "HANDSHAKES_PER_SECOND": "1000000", "SOCKETS_PER_ADDRESS": "1000000",
}  # fmt: skip
"""All shoppers of a bench come from one address, so the limits for one must not count."""

ENDINGS = {
    "zh": (
        "，我下周要用", "，麻烦说一下", "，谢谢啦", "，帮我看看", "，急着送人", "，我在上海",
        "，给我妈买的", "，第一次在你家买", "，今天想下单", "，朋友推荐来的", "，怕记错了",
        "，等着用呢",
    ),
    "en": (
        " for next week please", " thanks a lot", " asking for a friend", " please tell me",
        " before I order today", " as a gift for mum", " I live in Leeds", " first time here",
        " just to be sure", " need to know today", " cheers", " if I buy two",
    ),
}  # fmt: skip
"""What follows a published question so that it is no exact one. Many, so that hardly a question is
asked twice and no memory of earlier ones helps; at the end, because the answerer leaves out what
only opens a question; and without an "it", which would make a follow-up that is looked up twice."""


@dataclass
class Bench:
    """One running server."""

    pid: int
    url: str
    origin: str
    startup_seconds: float
    plain: bool

    async def talk(self, questions: list[str], shoppers: int, seconds: float) -> dict[str, Any]:
        """Let shoppers ask; gives the figures."""
        return await bench_load.talk(
            self.url, self.origin, questions, shoppers, seconds, self.plain
        )

    async def hold(self, sockets: int) -> dict[str, Any]:
        """Hold idle sockets and tell what they cost."""
        _allow_files(sockets + 200)
        before = self.rss_mb()
        began = time.perf_counter()
        held = await bench_load.hold(self.url, self.origin, sockets)
        took = time.perf_counter() - began
        after = self.rss_mb()
        await bench_load.let_go(held)
        return {
            "sockets": sockets,
            "kb_each": round(1024 * (after - before) / sockets, 1),
            "opened_per_second": round(sockets / took, 1),
        }

    def rss_mb(self) -> float:
        """Give the memory of the server and its children; what they share counts once."""
        family = [self.pid, *_children(self.pid)]
        anonymous = sum(_kb(f"/proc/{one}/smaps_rollup", r"Pss_Anon:\s+(\d+) kB") for one in family)
        return round((_mapped_kb(self.pid) + anonymous) / 1024, 1)


def questions_of(settings: Settings) -> tuple[list[str], list[str]]:
    """Give questions that the knowledge base can answer: reworded ones, and exact ones.

    Raises:
        PartMissing: nothing is published.
    """
    from knowledge_base.versions import VersionFolder

    folder = VersionFolder(knowledge_folder(settings))
    version = folder.current()
    if version is None:
        raise PartMissing("Nothing is published. Run `shopkeeper prepare` first.")
    reworded, exact = [], []
    for entry in folder.entries(version):
        for question in entry.questions[:2]:
            exact.append(question)
            reworded += [question.rstrip("？?") + more for more in ENDINGS[entry.language]]
    return reworded, exact


@asynccontextmanager
async def real_server(settings: Settings, config: Path | None) -> AsyncIterator[Bench]:
    """Run `shopkeeper serve` on what is trained and published, with transcripts of its own."""
    with tempfile.TemporaryDirectory(prefix="shopkeeper-bench-") as folder:
        for name in SHARED:
            made = settings.state_folder / name
            if made.exists():
                (Path(folder) / name).symlink_to(made.absolute())
        lifted = {f"SHOPKEEPER_{name}": value for name, value in LIMITS_LIFTED.items()}
        environ = {**os.environ, **lifted, "SHOPKEEPER_STATE_FOLDER": folder,
                   "SHOPKEEPER_LOG_LEVEL": "warning", "SHOPKEEPER_DATABASE_URL": ""}  # fmt: skip
        options = [] if config is None else ["--config", str(config)]
        command = ["-m", "bot", "serve", "--port", "0", *options]
        async with _process(command, environ, r"http://127\.0\.0\.1:(\d+)/console") as started:
            pid, port, took = started
            yield Bench(
                pid, f"ws://127.0.0.1:{port}/ws/shopper", f"http://127.0.0.1:{port}", took, False
            )


@asynccontextmanager
async def plain_server(settings: Settings) -> AsyncIterator[Bench]:
    """Run the plain server on the same weights and phrasings."""
    environ = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    asked = json.dumps(
        {
            "state_folder": str(settings.state_folder.absolute()),
            "encoder": settings.encoder,
            "knowledge": str(knowledge_folder(settings).absolute()),
        }
    )
    command = ["-m", "bot.shell.bench_plain_server", asked]
    async with _process(command, environ, r"plain (\d+) ([0-9.]+)") as (pid, port, took):
        yield Bench(pid, f"ws://127.0.0.1:{port}", "", took, True)


@asynccontextmanager
async def busy_process() -> AsyncIterator[None]:
    """Keep a core busy, as a program of somebody else does, whose share is as large as ours."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "while True: pass", start_new_session=True
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _process(
    command: list[str], environ: dict[str, str], ready: str
) -> AsyncIterator[tuple[int, int, float]]:
    """Start a server, wait until it says its port on standard error, and end it afterwards."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environ, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said: list[str] = []
    try:
        port, not_counted = await _port_in_time(process.stderr, ready, said)
        took = round(time.perf_counter() - began - not_counted, 2)
        reading = asyncio.ensure_future(_read_on(process.stderr))
        yield process.pid, port, took
        reading.cancel()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _port_in_time(
    stream: asyncio.StreamReader, ready: str, said: list[str]
) -> tuple[int, float]:
    try:
        async with asyncio.timeout(START_SECONDS):
            return await _port(stream, ready, said)
    except TimeoutError as error:
        raise StartRefused(f"The server did not start in {START_SECONDS:.0f} s.") from error


async def _port(stream: asyncio.StreamReader, ready: str, said: list[str]) -> tuple[int, float]:
    """Read the port, and the seconds that are no start-up (making vectors that could be kept)."""
    while line := await stream.readline():
        said.append(line.decode("utf-8", errors="backslashreplace"))
        found = re.search(ready, said[-1])
        if found:
            seconds = float(found.group(2)) if found.re.groups > 1 else 0.0
            return int(found.group(1)), seconds
    raise StartRefused("The server ended at once:\n" + "".join(said[-20:]))


async def _read_on(stream: asyncio.StreamReader) -> None:
    while await stream.readline():
        continue


def _mapped_kb(pid: int) -> int:
    """Files that a process has mapped, libraries and models, as far as they are in memory."""
    return _kb(f"/proc/{pid}/status", r"Rss(?:File|Shmem):\s+(\d+) kB")


def _kb(path: str, line: str) -> int:
    try:
        text = Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(found) for found in re.findall(line, text))


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(child) for child in text.split()]


def _allow_files(count: int) -> None:
    """Raise this process's own limit of open files, which children inherit no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
