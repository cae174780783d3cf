"""How a test speaks to a browser: WebDriver's commands, over what each browser listens on.

Firefox takes them itself, over its own socket (Marionette); WebKit has a driver that takes them
over HTTP. No other library stands between: both need a handful of commands.
"""

from __future__ import annotations

import json
import socket
from typing import Any, Protocol

import httpx

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which WebDriver names an element; the standard's own constant."""

PATIENCE_SECONDS = 60.0

# command -> method and path of WebDriver, command of Marionette
_COMMANDS = {
    "go": ("POST", "url", "WebDriver:Navigate"),
    "reload": ("POST", "refresh", "WebDriver:Refresh"),
    "script": ("POST", "execute/sync", "WebDriver:ExecuteScript"),
    "act": ("POST", "actions", "WebDriver:PerformActions"),
    "frame": ("POST", "frame", "WebDriver:SwitchToFrame"),
    "tabs": ("GET", "window/handles", "WebDriver:GetWindowHandles"),
    "tab": ("POST", "window", "WebDriver:SwitchToWindow"),
    "new tab": ("POST", "window/new", "WebDriver:NewWindow"),
    "close tab": ("DELETE", "window", "WebDriver:CloseWindow"),
    "size": ("POST", "window/rect", "WebDriver:SetWindowRect"),
    "picture": ("GET", "screenshot", "WebDriver:TakeScreenshot"),
    "choose files": ("POST", "element/{id}/value", "WebDriver:ElementSendKeys"),
}


class Refused(Exception):
    """The browser answered a command with an error; says which, in the browser's words."""


class Wire(Protocol):
    """Takes commands to one browser."""

    def send(self, command: str, **parameters: Any) -> Any:
        """What the browser answers. Raises `Refused`."""
        ...


class Marionette:
    """Firefox's own socket: each message is its length, a colon and JSON."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        self._connection = connection
        self._stream = connection.makefile("rwb")
        self._sent = 0
        self._read()  # Firefox introduces itself
        self.session = self.raw("WebDriver:NewSession")

    def send(self, command: str, **parameters: Any) -> Any:
        if command == "script":
            # In the page itself, not beside it: what a page sees is what is looked at.
            parameters.setdefault("sandbox", None)
        if command == "picture":
            parameters["full"] = False
        answer = self.raw(_COMMANDS[command][2], **parameters)
        return answer["value"] if isinstance(answer, dict) and "value" in answer else answer

    def raw(self, command: str, **parameters: Any) -> Any:
        """A command that only Firefox has, by Firefox's name."""
        self._sent += 1
        body = json.dumps([0, self._sent, command, parameters]).encode()
        self._stream.write(b"%d:%s" % (len(body), body))
        self._stream.flush()
        _, _, error, answer = self._read()
        if error is not None:
            raise Refused(f"{command}: {error['error']}: {error['message']}")
        return answer

    def end(self) -> None:
        """Hangs up; Firefox itself is ended by whoever started it."""
        self._stream.close()
        self._connection.close()

    def _read(self) -> Any:
        length = b""
        while (digit := self._stream.read(1)) != b":":
            if digit == b"":
                raise Refused("Firefox has gone")
            length += digit
        return json.loads(self._stream.read(int(length)))


class DriverOverHttp:
    """The HTTP driver that comes with WebKit; one session."""

    def __init__(self, address: str, browser: dict[str, Any]) -> None:
        # A driver on this machine is not to be sought through a proxy.
        self._client = httpx.Client(base_url=address, timeout=PATIENCE_SECONDS, trust_env=False)
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": browser}})
        self._session = f"/session/{made['sessionId']}"

    def send(self, command: str, **parameters: Any) -> Any:
        method, path, _ = _COMMANDS[command]
        if command == "choose files":
            path = path.format(id=parameters.pop("id"))
        body = parameters if method == "POST" else None
        return self._ask(method, f"{self._session}/{path}", body)

    def end(self) -> None:
        """Closes the browser with its session."""
        self._ask("DELETE", self._session, None)
        self._client.close()

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        answer = self._client.request(method, path, json=body).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise Refused(f"{path}: {answer['error']}: {answer.get('message', '')}")
        return answer
