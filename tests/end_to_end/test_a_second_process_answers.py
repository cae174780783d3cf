"""`shopkeeper serve` lets a second process answer; it follows what is published, and may end."""

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


def beside(address: str) -> float:
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("shopkeeper_answers_b"))


def children(process: int) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


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
        [child] = children(shop.process.pid)
        assert beside(shop.address) == 1
        [before] = asyncio.run(asked(shop.address, QUESTION))
        assert before != ANSWER
        publish(own_state, tmp_path, **settings)
        asyncio.run(asked_until(shop.address, QUESTION, ANSWER))
        assert (beside(shop.address), children(shop.process.pid)) == (1, [child])
        os.kill(child, signal.SIGKILL)
        assert asyncio.run(asked(shop.address, QUESTION, "Do you engrave teapots, please?")) == [
            ANSWER,
            ANSWER,
        ]
        assert (beside(shop.address), children(shop.process.pid)) == (0, [])


def test_a_server_that_shall_not_have_a_second_process_has_none(own_state, tmp_path) -> None:
    with served(own_state, tmp_path, SHOPKEEPER_ANSWERING_PROCESSES="0") as shop:
        assert children(shop.process.pid) == []
        assert beside(shop.address) == 0
        assert len(asyncio.run(asked(shop.address, "How much is shipping?"))) == 1
