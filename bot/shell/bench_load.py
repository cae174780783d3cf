"""The clients of the bench: shoppers who ask question after question, and sockets that wait."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

ANSWERS = frozenset({"bot_answered", "bot_asked"})
ENDS = ANSWERS | {"bot_gave_up", "bot_notice"}
CONNECT_AT_ONCE = 50


@dataclass
class Times:
    """What was measured, in seconds."""

    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    handed_over: int = 0


async def talk(
    url: str, origin: str, questions: list[str], shoppers: int, seconds: float, plain: bool
) -> dict[str, Any]:
    """Let so many shoppers ask for so long, each the next question as soon as one is answered."""
    times = Times()
    end = time.perf_counter() + seconds
    began = time.perf_counter()
    ask = _ask_plain if plain else _ask
    await asyncio.gather(
        *(
            ask(url, origin, random.Random(number), questions, end, times)
            for number in range(shoppers)
        )
    )
    took = time.perf_counter() - began
    figures: dict[str, Any] = {
        "answered_per_second": round(len(times.answered) / took, 1),
        "answered": len(times.answered),
        "handed_over": times.handed_over,
        "answered_ms": percentiles(times.answered),
    }
    if times.acknowledged:
        figures["acknowledged_ms"] = percentiles(times.acknowledged)
    return figures


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Give p50, p95 and p99 in milliseconds."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {
        name: round(1000 * ordered[min(last, int(share * len(ordered)))], 2)
        for name, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))
    }


async def _ask(
    url: str, origin: str, chance: random.Random, questions: list[str], end: float, times: Times
) -> None:
    """Ask on one connection; a conversation that people have now is left for a fresh one."""
    while time.perf_counter() < end:
        async with connect(url, origin=Origin(origin), compression=None) as socket:
            await socket.send('{"type":"hello","protocol":1}')
            await socket.recv()
            while time.perf_counter() < end:
                if not await _one_question(socket, chance.choice(questions), times):
                    break


async def _one_question(socket: ClientConnection, text: str, times: Times) -> bool:
    """Ask one question to its end; False when people have the conversation now."""
    began = time.perf_counter()
    say = {"type": "say", "id": str(uuid.UUID(int=random.getrandbits(128))), "text": text}
    await socket.send(json.dumps(say))
    while True:
        frame = json.loads(await socket.recv())
        if frame["type"] == "accepted":
            times.acknowledged.append(time.perf_counter() - began)
        elif frame["type"] == "refused":
            raise RuntimeError(f"the server refused a question of the bench: {frame}")
        elif frame["type"] == "event" and frame["event"]["kind"] in ENDS:
            if frame["event"]["kind"] in ANSWERS:
                times.answered.append(time.perf_counter() - began)
                return True
            times.handed_over += 1
            return False


async def _ask_plain(
    url: str, origin: str, chance: random.Random, questions: list[str], end: float, times: Times
) -> None:
    # The plain server blocks its loop for seconds: a patient client measures it all the same.
    async with connect(url, compression=None, ping_interval=None, open_timeout=120) as socket:
        while time.perf_counter() < end:
            began = time.perf_counter()
            await socket.send(json.dumps({"text": chance.choice(questions)}))
            await socket.recv()
            times.answered.append(time.perf_counter() - began)


async def hold(url: str, origin: str, sockets: int) -> list[ClientConnection]:
    """Open so many sockets that have said hello and say nothing more."""
    gate = asyncio.Semaphore(CONNECT_AT_ONCE)

    async def one() -> ClientConnection:
        async with gate:
            socket = await connect(
                url,
                origin=Origin(origin),
                compression=None,
                ping_interval=None,
                open_timeout=60,
            )
            await socket.send('{"type":"hello","protocol":1}')
            await socket.recv()
            return socket

    return list(await asyncio.gather(*(one() for _ in range(sockets))))


async def let_go(sockets: list[ClientConnection]) -> None:
    """Close them all."""

    async def one(socket: ClientConnection) -> None:
        try:
            await socket.close()
        except ConnectionClosed:
            return

    await asyncio.gather(*(one(socket) for socket in sockets))
