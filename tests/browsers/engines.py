"""The browsers that the walks are made in, each person with one of their own.

A browser starts in a folder of its own, with nothing kept, and is gone with its `ExitStack`.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.browsers.window import Window
from tests.browsers.wire import DriverOverHttp, Marionette, Refused
from tests.free_ports import free_port

START_SECONDS = 60.0
END_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.05

DESKTOP = (1280, 800)
PHONE = (390, 844)

HERE = Path(__file__).parent
FIREFOX_NAMES = ("firefox-esr", "firefox")
WEBKIT_DRIVER = "WebKitWebDriver"
SYSTEM_PYTHON = "/usr/bin/python3"  # the one for which the system packages its own libraries


@dataclass(frozen=True)
class Guest:
    """Whose browser it is: the language it asks for, and the size of its pages in pixels."""

    locale: str = "en-GB"
    size: tuple[int, int] = DESKTOP


class Engine(Protocol):
    """One make of browser."""

    name: str

    def missing(self) -> str:
        """What is not on this machine and how to get it; empty when everything is there."""
        ...

    def open(self, guest: Guest, folder: Path, until: ExitStack) -> Window:
        """A fresh browser with one empty tab."""
        ...


class Firefox:
    """Gecko; speaks for itself, without a driver."""

    name = "firefox"

    def missing(self) -> str:
        return "" if _first(FIREFOX_NAMES) else "no Firefox: apt-get install firefox-esr"

    def open(self, guest: Guest, folder: Path, until: ExitStack) -> Window:
        port = free_port()
        width, height = guest.size
        (folder / "user.js").write_text(_preferences(guest, port), encoding="utf-8")
        command = [
            _first(FIREFOX_NAMES), "--headless", "--no-remote", "--marionette",
            "--remote-allow-system-access", "--profile", str(folder),
            f"--width={max(width, 600)}", f"--height={height + 200}", "about:blank",
        ]  # fmt: skip
        process = _started(command, folder, dict(os.environ), until)
        wire = Marionette(_connected(process, port))
        until.callback(wire.end)
        window = FirefoxWindow(wire, wire.send("tabs")[0])
        window.size = guest.size
        window.fit()
        return window


class FirefoxWindow(Window):
    """What only Firefox can: any width, a true input method."""

    wire: Marionette
    size: tuple[int, int] = DESKTOP

    def another(self) -> FirefoxWindow:
        window = FirefoxWindow(self.wire, super().another().tab)
        window.size = self.size
        window.fit()
        return window

    def fit(self) -> None:
        """Gives the page its size: a window of Firefox itself is never as narrow as a phone."""
        self.show()
        width, height = self.size
        style = f"width:{width}px;max-width:{width}px;height:{height}px;max-height:{height}px"
        script = (
            "Services.wm.getMostRecentWindow('navigator:browser')"
            ".gBrowser.selectedBrowser.style.cssText = arguments[0];"
        )
        self._as_firefox(script, style)

    def _as_firefox(self, script: str, *arguments: object) -> None:
        self.wire.raw("Marionette:SetContext", value="chrome")
        self.wire.raw("WebDriver:ExecuteScript", script=script, args=list(arguments))
        self.wire.raw("Marionette:SetContext", value="content")


class WebKit:
    """WebKit as GTK has it: Safari's engine, not Safari."""

    name = "webkit"

    def missing(self) -> str:
        lacks = [tool for tool in (WEBKIT_DRIVER, "Xvfb") if shutil.which(tool) is None]
        probe = "import gi; gi.require_version('WebKit2', '4.1'); gi.require_version('Gtk', '3.0')"
        asked = [SYSTEM_PYTHON, "-c", probe]
        if not lacks and subprocess.run(asked, capture_output=True, check=False).returncode:
            lacks = ["WebKit2 4.1 for Python"]
        packages = "webkit2gtk-driver gir1.2-webkit2-4.1 python3-gi xvfb locales"
        return f"no {', '.join(lacks)}: apt-get install {packages}" if lacks else ""

    def open(self, guest: Guest, folder: Path, until: ExitStack) -> Window:
        screen = _screen(folder, until)
        port = free_port()
        kept = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        environment = {
            **os.environ, **kept, **_language(guest.locale, folder),
            "DISPLAY": screen, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1",
            # In a Chinese locale GTK takes the X server's input method, which loses Shift.
            "GTK_IM_MODULE": "gtk-im-context-simple",
        }  # fmt: skip
        process = _started([WEBKIT_DRIVER, f"--port={port}"], folder, environment, until)
        _connected(process, port).close()
        arguments = [str(HERE / "bare_webkit.py"), *map(str, guest.size)]
        browser = {"binary": SYSTEM_PYTHON, "args": arguments}
        wire = DriverOverHttp(f"http://127.0.0.1:{port}", {"webkitgtk:browserOptions": browser})
        until.callback(wire.end)
        return Window(wire, wire.send("tabs")[0])


def version(engine: Engine) -> str:
    """What a browser calls itself, for whoever reads the run."""
    command = [_first(FIREFOX_NAMES), "--version"]
    if isinstance(engine, WebKit):
        ask = "import gi; gi.require_version('WebKit2', '4.1')\n"
        ask += "from gi.repository import WebKit2 as W\n"
        ask += "parts = W.get_major_version(), W.get_minor_version(), W.get_micro_version()\n"
        ask += "print('WebKitGTK', *parts)"
        command = [SYSTEM_PYTHON, "-c", ask]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return re.sub(r"(\d) (?=\d)", r"\1.", told.strip())


def _first(names: tuple[str, ...]) -> str:
    return next((path for name in names if (path := shutil.which(name))), "")


def _preferences(guest: Guest, port: int) -> str:
    language = guest.locale
    # No new profile is welcomed, measured, updated or told of the news: nothing leaves the machine.
    chosen = {
        "marionette.port": str(port),
        "intl.accept_languages": f'"{language}, {language[:2]}"',
        "app.normandy.enabled": "false",
        "app.update.disabledForTesting": "true",
        "browser.aboutwelcome.enabled": "false",
        "browser.shell.checkDefaultBrowser": "false",
        "datareporting.policy.dataSubmissionEnabled": "false",
        "network.captive-portal-service.enabled": "false",
        "network.connectivity-service.enabled": "false",
        "services.settings.server": '"data:,none"',
        "toolkit.telemetry.enabled": "false",
    }
    return "".join(f'user_pref("{name}", {value});\n' for name, value in chosen.items())


def _language(locale: str, folder: Path) -> dict[str, str]:
    """WebKit asks for the language of the C library's locale, which is made for it."""
    source = locale.replace("-", "_")
    name = f"{source}.UTF-8"
    made = subprocess.run(
        ["localedef", "-i", source, "-f", "UTF-8", str(folder / name)],
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, f"no locale {name} can be made: apt-get install locales"
    return {"LANG": name, "LC_ALL": name, "LOCPATH": str(folder)}


def _screen(folder: Path, until: ExitStack) -> str:
    """A screen that nobody looks at; names itself, since several runs share the machine."""
    reading, writing = os.pipe()
    size = ["-screen", "0", "1600x1200x24"]
    command = ["Xvfb", "-displayfd", str(writing), *size, "-nolisten", "tcp"]
    _started(command, folder, dict(os.environ), until, pass_fds=(writing,))
    os.close(writing)
    with os.fdopen(reading) as told:
        return f":{told.readline().strip()}"


def _started(
    command: list[str],
    folder: Path,
    environment: dict[str, str],
    until: ExitStack,
    pass_fds: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    log = until.enter_context((folder / f"{Path(command[0]).name}.log").open("wb"))
    process = subprocess.Popen(
        command, env=environment, stdout=log, stderr=log, cwd=folder, pass_fds=pass_fds
    )
    until.callback(_ended, process)
    return process


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _connected(process: subprocess.Popen[bytes], port: int) -> socket.socket:
    """Waits until a browser listens."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(LOOK_AGAIN_SECONDS)
    raise Refused(f"{process.args!r} did not start; its folder has what it said")


ENGINES: tuple[Callable[[], Engine], ...] = (Firefox, WebKit)
