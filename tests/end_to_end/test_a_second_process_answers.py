"""`shopkeeper serve` lets other processes answer; they follow what is published, come and go."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import websockets

from tests.bot.conftest import postgres_server, postgres_url
from tests.bot.server.floor import Shopper
from tests.conftest import COMMAND, ROOT, demo_environment
from tests.end_to_end.conftest import served

__all__ = ["postgres_server", "postgres_url"]

pytestmark = [
    pytest.mark.weights,
    pytest.mark.services,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
        reason="a second process answers on Linux with two cores or more",
    ),
]

QUESTION = "Do you engrave teapots?"
ANSWER = "Yes: up to twelve letters on any teapot, in three working days."


@pytest.fixture
def own_state(prepared_state, tmp_path) -> Path:
    """A copy of what was prepared, in which something may be published."""
    state = tmp_path / "state"
    shutil.copytree(
        prepared_state,
        state,
        symlinks=True,
        ignore=lambda _, names: [name for name in names if name.startswith("shopkeeper.sqlite3")],
    )
    return state


def metric(address: str, name: str) -> float:
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def beside(address: str) -> float:
    return metric(address, "shopkeeper_answers_beside")


async def beside_until(address: str, count: int) -> None:
    async with asyncio.timeout(60):
        while await asyncio.to_thread(beside, address) != count:
            await asyncio.sleep(0.05)


def children(process: int) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def answering(process: int) -> list[int]:
    """Children that answer: they have a thread for each channel, and what they are forked from one.

    Which has no children itself, or they would end with it.
    """
    found = children(process)
    assert not any(children(child) for child in found)
    threads = {child: len(os.listdir(f"/proc/{child}/task")) for child in found}
    assert min(threads.values(), default=1) == 1
    return [child for child in found if threads[child] > 1]


async def asked(address: str, *questions: str) -> list[str]:
    url = address.replace("http", "ws", 1) + "/ws/shopper"
    async with websockets.connect(url, origin=address, compression=None) as socket:
        shopper = await Shopper(socket).say_hello()
        return [(await shopper.ask(question))["text"] for question in questions]


async def asked_until(address: str, question: str, answer: str) -> None:
    async with asyncio.timeout(60):
        while await asked(address, question) != [answer]:
            await asyncio.sleep(0.2)


def publish(state: Path, folder: Path, **settings: str) -> None:
    file = folder / "engraving.csv"
    file.write_text(f'question,answer\n"{QUESTION}","{ANSWER}"\n', encoding="utf-8")
    done = subprocess.run(
        [COMMAND, "knowledge", "import", str(file), "--publish"],
        cwd=ROOT,
        env={**demo_environment(state), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_second_process_answers_follows_what_is_published_and_may_be_killed(
    own_state, tmp_path, request, database
) -> None:
    settings = {}
    if database == "postgresql":
        settings["SHOPKEEPER_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    with served(own_state, tmp_path, **settings) as shop:
        [child] = answering(shop.process.pid)
        assert beside(shop.address) == 1
        [before] = asyncio.run(asked(shop.address, QUESTION))
        assert before != ANSWER
        publish(own_state, tmp_path, **settings)
        asyncio.run(asked_until(shop.address, QUESTION, ANSWER))
        assert (beside(shop.address), answering(shop.process.pid)) == (1, [child])
        os.kill(child, signal.SIGKILL)
        assert asyncio.run(asked(shop.address, QUESTION, "Do you engrave teapots, please?")) == [
            ANSWER,
            ANSWER,
        ]
        asyncio.run(beside_until(shop.address, 1))
        [another] = answering(shop.process.pid)
        assert another != child
        assert metric(shop.address, "shopkeeper_answers_beside_lost") == 1
        assert asyncio.run(asked(shop.address, QUESTION)) == [ANSWER]
        assert answering(shop.process.pid) == [another]


def test_another_process_answers_while_shoppers_keep_waiting(own_state, tmp_path) -> None:
    async def ask_until(address: str, over: asyncio.Event, number: int) -> None:
        while not over.is_set():
            await asked(address, f"Do you engrave teapot number {number} before I order today?")

    async def crowd(address: str) -> None:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as shoppers:
            for number in range(24):
                shoppers.create_task(ask_until(address, over, number))
            await beside_until(address, 2)
            over.set()

    no_limits = dict.fromkeys(
        ("SHOPKEEPER_CONVERSATIONS_BURST", "SHOPKEEPER_CONVERSATIONS_PER_MINUTE",
         "SHOPKEEPER_HANDSHAKES_BURST", "SHOPKEEPER_HANDSHAKES_PER_SECOND"), "1000000"
    )  # fmt: skip
    with served(own_state, tmp_path, **no_limits) as shop:
        [first] = answering(shop.process.pid)
        asyncio.run(crowd(shop.address))
        assert len(answering(shop.process.pid)) == 2
        assert first in answering(shop.process.pid)


def test_a_server_that_shall_not_have_a_second_process_has_none(own_state, tmp_path) -> None:
    with served(own_state, tmp_path, SHOPKEEPER_ANSWERING_PROCESSES="0") as shop:
        assert children(shop.process.pid) == []
        assert beside(shop.address) == 0
        assert len(asyncio.run(asked(shop.address, "How much is shipping?"))) == 1
