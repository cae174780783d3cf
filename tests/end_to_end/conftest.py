"""A real shop on a free port, served by the command a user runs, and a real Chromium."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chromium import visit
from tests.conftest import COMMAND, ROOT, demo_environment
from tests.end_to_end.light_floor import Visitors

__all__ = ["visit"]

START_SECONDS = 90


@pytest.fixture
def people(browser, floor):
    """Whoever looks at the pages of the test's own `floor`; nothing may go wrong in a page."""
    visitors = Visitors(browser, floor)
    yield visitors
    visitors.close()
    assert visitors.troubles == []


@dataclass
class ServedShop:
    """A running `shopkeeper serve`.

    Attributes:
        address: "http://127.0.0.1:PORT".
        passwords: login -> the password printed on the first start.
    """

    process: subprocess.Popen[bytes]
    address: str
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def shop(prepared_state, tmp_path_factory) -> Iterator[ServedShop]:
    with served(prepared_state, tmp_path_factory.mktemp("served")) as shop:
        yield shop


@contextmanager
def served(state: Path, folder: Path, **settings: str) -> Iterator[ServedShop]:
    """Serve a state folder until the block ends; `settings` are SHOPKEEPER_… of its own."""
    # What it prints goes to a file: a pipe that nobody empties would stop the server some day.
    printed = folder / "printed.log"
    with printed.open("wb") as sink:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0"],
            cwd=ROOT,
            env={**demo_environment(state), **settings},
            stderr=sink,
        )
    try:
        yield _greeting(process, printed)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0


def _greeting(process: subprocess.Popen[bytes], printed: Path) -> ServedShop:
    """Wait for what `serve` prints: three addresses and the passwords of a first start."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        text = printed.read_text("utf-8")
        address = re.search(r"(http://\S+)/inbox", text)
        passwords = dict(re.findall(r"^  (admin|staff)\s+(\S+)$", text, re.MULTILINE))
        if address and len(passwords) == 2:
            return ServedShop(process, address[1], passwords)
        time.sleep(0.1)
    raise AssertionError("shopkeeper serve did not start:\n" + printed.read_text("utf-8"))
