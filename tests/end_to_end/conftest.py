"""A real shop on a free port, served by the command a user runs, and a real Chromium."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.conftest import COMMAND, ROOT, demo_environment

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 90


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
def chromium_path() -> str:
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    raise AssertionError("no Chromium found: run `make browser`")


@pytest.fixture(scope="session")
def browser(chromium_path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=list(CHROMIUM_FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shop(prepared_state, tmp_path_factory) -> Iterator[ServedShop]:
    # What it prints goes to a file: a pipe that nobody empties would stop the server some day.
    printed = tmp_path_factory.mktemp("served") / "printed.log"
    with printed.open("wb") as sink:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0"],
            cwd=ROOT,
            env=demo_environment(prepared_state),
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


def visit(browser: Browser, **options: object) -> BrowserContext:
    """A fresh visitor: no cookies, no storage."""
    context = browser.new_context(**options)
    context.set_default_timeout(15_000)
    return context
