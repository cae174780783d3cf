"""The client behind `shopkeeper chat`: a reading loop, a line loop, a file that remembers."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

PATH = "/ws/shopper"
LONGEST_WAIT_SECONDS = 30.0
SILENCE_SECONDS = 60.0
"""Two ticks missed, and a little: the link is dead."""


class Stopped(Exception):
    """The server refused for good; the text says why."""


@dataclass
class Remembered:
    """What is kept between two runs.

    Attributes:
        unsent: messages that were not accepted yet, oldest first, with their ids.
    """

    path: Path
    conversation: str | None = None
    token: str | None = None
    epoch: str | None = None
    last_seq: int = 0
    unsent: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path, url: str, fresh: bool) -> Remembered:
        """Read what is remembered of a server; nothing when it is to begin anew."""
        path = folder / f"chat-{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
        if fresh or not path.exists():
            return cls(path)
        return cls(path, **json.loads(path.read_text(encoding="utf-8")))

    def save(self) -> None:
        """Write it in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in asdict(self).items() if name != "path"}
        fresh = self.path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        fresh.replace(self.path)

    def forget_conversation(self) -> None:
        """Begin anew; what was not sent yet stays."""
        self.conversation = self.token = self.epoch = None
        self.last_seq = 0
        self.save()


class ChatClient:
    """Talks to the shopper socket.

    Args:
        url: ws:// or wss://, with or without the path.
        language: "zh" or "en".
        origin: what to send as Origin; the server's own when None.
        remembered: kept between runs.
        as_json: print frames as they came.
        show: prints one line.
    """

    def __init__(
        self,
        url: str,
        language: str,
        origin: str | None,
        remembered: Remembered,
        as_json: bool,
        show: Callable[[str], object],
    ) -> None:
        parts = urlsplit(url)
        self._url = url if parts.path not in ("", "/") else url.rstrip("/") + PATH
        scheme = "https" if parts.scheme == "wss" else "http"
        self._origin = origin or f"{scheme}://{parts.netloc}"
        self._language = language
        self._remembered = remembered
        self._as_json = as_json
        self._show = show
        self._socket: ClientConnection | None = None
        self._choices: list[dict[str, str]] = []
        self._answered = asyncio.Event()
        self._failures = 0

    async def run(self, lines: TextIO, wait_seconds: float) -> None:
        """Chat until the lines end and everything sent is answered, or that took too long.

        Raises:
            Stopped: the server refused for good.
        """
        talking = asyncio.ensure_future(self._keep_connected())
        typing = asyncio.ensure_future(self._send_lines(lines))
        done, _ = await asyncio.wait({talking, typing}, return_when=asyncio.FIRST_COMPLETED)
        if typing in done:
            waited = asyncio.ensure_future(self._all_answered())
            await asyncio.wait(
                {talking, waited}, timeout=wait_seconds, return_when="FIRST_COMPLETED"
            )
            waited.cancel()
        for task in (talking, typing):
            if task.done() and not task.cancelled():
                task.result()
            task.cancel()
        await asyncio.gather(talking, typing, return_exceptions=True)

    async def _all_answered(self) -> None:
        while self._remembered.unsent or not self._answered.is_set():
            await asyncio.sleep(0.05)

    # -- the link ----------------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        while True:
            hint = 0.0
            try:
                await self._talk()
            except InvalidStatus as error:
                if error.response.status_code == 403:
                    raise Stopped(
                        f"The server refuses the origin {self._origin}; "
                        "name the server's own (its public_url) with --origin."
                    ) from error
            except ConnectionClosed as closed:
                hint = self._after(closed)
            except (OSError, TimeoutError):
                self._tell("connecting …")
            self._socket = None
            self._failures += 1
            longest = min(2.0 ** min(self._failures - 1, 5), LONGEST_WAIT_SECONDS)
            await asyncio.sleep(hint + random.uniform(0, longest))

    def _after(self, closed: ConnectionClosed) -> float:
        """Decide what a close code asks for: stop, or come again after so many seconds."""
        code = closed.rcvd.code if closed.rcvd else 1006
        reason = closed.rcvd.reason if closed.rcvd else ""
        if code == 4003:
            self._remembered.forget_conversation()
            raise Stopped("The conversation is not known there any more; the next run begins anew.")
        if 4000 <= code < 4100:
            raise Stopped(f"The server closed the connection for good ({code} {reason}).")
        found = re.search(r"retry_after[\"':= ]*([0-9.]+)", reason)
        return float(found.group(1)) if found else 0.0

    async def _talk(self) -> None:
        async with connect(self._url, origin=Origin(self._origin), compression=None) as socket:
            self._socket = socket
            await self._hello()
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    frame = json.loads(await socket.recv())
                await self._take(frame)

    async def _hello(self) -> None:
        kept = self._remembered
        hello: dict[str, Any] = {"type": "hello", "protocol": 1, "language": self._language}
        if kept.conversation is not None:
            hello |= {"conversation": kept.conversation, "token": kept.token}
            hello |= {"last_seq": kept.last_seq}
            if kept.epoch is not None:
                hello["epoch"] = kept.epoch
        await self._send(hello)

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket is not None:
            await self._socket.send(json.dumps(frame, ensure_ascii=False))

    # -- frames ------------------------------------------------------------------------------

    async def _take(self, frame: dict[str, Any]) -> None:
        if self._as_json:
            self._show(json.dumps(frame, ensure_ascii=False))
        match frame["type"]:
            case "welcome":
                await self._welcomed(frame)
            case "begun":
                self._remembered.conversation = frame["conversation"]
                self._remembered.token = frame["token"]
                self._remembered.save()
            case "accepted":
                self._accepted(frame)
                await self._send_next()
            case "event":
                self._events([frame["event"]])
            case "events":
                self._events(frame["events"])
            case "start_over":
                self._remembered.epoch = frame["epoch"]
                self._remembered.last_seq = 0
                self._events(frame["events"])
            case "refused":
                await self._refused(frame)
            case "queue":
                self._tell(f"place {frame['place']} of {frame['waiting']} in the queue")
            case "stage":
                self._tell(frame["stage"].replace("_", " "))
            case "tick":
                await self._send({"type": "tick"})

    async def _welcomed(self, frame: dict[str, Any]) -> None:
        self._failures = 0
        self._remembered.epoch = frame["epoch"]
        if frame["conversation"] is None:
            self._tell(f"{frame['shop'][self._language]} · {frame['label'][self._language]}")
        await self._send_next()

    async def _send_next(self) -> None:
        """Send the oldest unaccepted message; one at a time keeps their order."""
        if self._remembered.unsent:
            await self._send({"type": "say", **self._remembered.unsent[0]})

    def _accepted(self, frame: dict[str, Any]) -> None:
        kept = self._remembered
        kept.unsent = [message for message in kept.unsent if message["id"] != frame["id"]]
        kept.last_seq = max(kept.last_seq, frame["seq"])
        kept.save()

    def _events(self, events: list[dict[str, Any]]) -> None:
        kept = self._remembered
        for event in events:
            if event["seq"] > kept.last_seq:
                kept.last_seq = event["seq"]
                self._tell_event(event)
            if any(message["id"] == event.get("client_id") for message in kept.unsent):
                kept.unsent = [m for m in kept.unsent if m["id"] != event["client_id"]]
        kept.save()

    def _tell_event(self, event: dict[str, Any]) -> None:
        author = event.get("author", {})
        if author.get("role") == "bot" and event["text"]:
            self._answered.set()
        self._choices = event.get("choices", []) or self._choices
        if self._as_json or not event.get("text"):
            return
        who = {"shopper": "you", "bot": "bot"}.get(author.get("role"), author.get("name", "staff"))
        self._show(f"{who}: {event['text']}")
        for number, choice in enumerate(event.get("choices", []), start=1):
            self._show(f"  {number}) {choice['label']}")

    async def _refused(self, frame: dict[str, Any]) -> None:
        self._tell(frame["message"][self._language])
        if frame["code"] in ("rate_limited", "storage", "overload", "too_many_unaccepted"):
            await asyncio.sleep(frame.get("retry_after_seconds", 1.0))
            await self._send_next()
        elif frame.get("id"):
            kept = self._remembered
            kept.unsent = [message for message in kept.unsent if message["id"] != frame["id"]]
            kept.save()
            await self._send_next()

    # -- lines -------------------------------------------------------------------------------

    async def _send_lines(self, lines: TextIO) -> None:
        async for line in _each_line(lines):
            text = line.strip()
            if text == "/quit":
                return
            if text == "/close":
                await self._send({"type": "close"})
            elif text:
                await self._say(text)

    async def _say(self, text: str) -> None:
        message = {"id": str(uuid.uuid4()), "text": text}
        if text == "/person":
            message |= {"text": {"zh": "转人工", "en": "Talk to a person"}[self._language]}
            message |= {"choice": "person"}
        elif text.isdecimal() and 0 < int(text) <= len(self._choices):
            chosen = self._choices[int(text) - 1]
            message |= {"text": chosen["label"], "choice": chosen["value"]}
        self._answered.clear()
        self._remembered.unsent.append(message)
        self._remembered.save()
        if len(self._remembered.unsent) == 1:
            await self._send_next()

    def _tell(self, text: str) -> None:
        if not self._as_json:
            self._show(f"— {text}")


async def _each_line(lines: TextIO) -> AsyncIterator[str]:
    """Read lines in a thread, so that frames are shown while nobody types."""
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, lines.readline)
        if not line:
            return
        yield line
