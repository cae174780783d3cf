"""nginx as deploy/ has it, before two nodes: shoppers and staff cannot tell that there are two."""

import asyncio
import csv
import random
import time
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from itertools import pairwise

import psycopg
import pytest
from sqlalchemy import make_url

from tests.conftest import ROOT
from tests.deploy.deployment import node_of, until
from tests.deploy.page import RESTARTING, inbox, page

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]  # many starts, on busy machines too


def questions():
    """Questions of the demo shop with their answers, each of another entry."""
    by_id = {}
    with (ROOT / "demo_shop/entries.en.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            by_id.setdefault(row["id"], (row["question"], row["answer"]))
    return list(by_id.values())


def stored(deployment, conversation):
    """The events of a conversation as PostgreSQL has them, read without the code under test."""
    url = make_url(deployment.database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as database:
        return database.execute(
            "SELECT seq, kind, text, client_id, turn FROM events WHERE conversation = %s "
            "ORDER BY seq", (conversation,)
        ).fetchall()  # fmt: skip


def check_whole(deployment, shopper):
    """What one shopper saw is what is stored, all of it once and in order."""
    assert shopper.faults == []
    assert shopper.unsent == {}
    rows = stored(deployment, shopper.conversation)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert [seq for seq, _, _ in shopper.shown] == list(range(1, len(shopper.shown) + 1))
    said = {row[3]: row[0] for row in rows if row[1] == "shopper_said"}
    assert said == shopper.accepted
    answered = Counter(row[4] for row in rows if row[1] in ("bot_answered", "bot_asked"))
    assert set(answered.values()) <= {1}


@pytest.mark.parametrize(
    ("shoppers", "messages"),
    [(6, 5), pytest.param(20, 10, marks=[pytest.mark.long, pytest.mark.timeout(900)])],
)
def test_shoppers_who_land_on_the_other_node_at_every_reconnect_lose_and_double_nothing(
    deployment, shoppers, messages
):
    asked = questions()[:30]  # orders and delivery: nothing that a person is asked for

    async def talk(number):
        chance = random.Random(number)
        async with page(deployment, f"127.0.1.{number}") as shopper:
            for turn in range(messages):
                question, _ = asked[(number * messages + turn) % len(asked)]
                id = await shopper.say(question)
                if chance.random() < 0.5:
                    await shopper.until_accepted(id)
                await shopper.drop()
                await shopper.connect(off=shopper.nodes[-1])
                await shopper.until_accepted(id, seconds=120)
                await shopper.until_answered(turn + 1, seconds=120)
        return shopper

    async def talk_all():
        return await asyncio.gather(*(talk(number) for number in range(1, shoppers + 1)))

    for number, shopper in enumerate(asyncio.run(talk_all()), 1):
        check_whole(deployment, shopper)
        said = [text for _, kind, text in shopper.shown if kind == "bot_answered"]
        turns = range(number * messages, (number + 1) * messages)
        assert said == [asked[turn % len(asked)][1] for turn in turns]
        assert [kind for _, kind, _ in shopper.shown] == ["shopper_said", "bot_answered"] * messages
        assert all(one != next for one, next in pairwise(shopper.nodes))


def test_a_colleague_on_one_node_sees_and_answers_a_shopper_on_the_other(deployment):
    async def talk():
        async with page(deployment, "127.0.2.1") as shopper:
            await shopper.say("I want to talk to a person")
            await shopper.until_shown("handoff_requested")
            async with inbox(deployment, "staff", "127.0.2.2", off=shopper.nodes[-1]) as mei:
                line = next(
                    line for line in mei.welcome["inbox"]
                    if line["conversation"] == shopper.conversation
                )  # fmt: skip
                await mei.send(type="open", conversation=shopper.conversation)
                opened = await mei.until("opened")
                await mei.send(type="claim", conversation=shopper.conversation)
                await shopper.until_shown("staff_claimed")
                await mei.send(
                    type="say", id=str(uuid.uuid4()), conversation=shopper.conversation,
                    text="Mei here, what is it?",
                )  # fmt: skip
                await shopper.until_shown("staff_said", "Mei here, what is it?")
                await shopper.drop()
                await shopper.connect(off=shopper.nodes[-1])
                await shopper.say("My mug broke")
                heard = await mei.until_event("shopper_said")
                await mei.send(type="hand_back", conversation=shopper.conversation)
                await shopper.until_shown("handed_back")
        return shopper, line, opened, heard, node_of(mei.socket)

    shopper, line, opened, heard, node = asyncio.run(talk())

    assert node not in shopper.nodes[:1]
    assert line["stage"] == "waiting_for_staff"
    assert opened["events"][0]["text"] == "I want to talk to a person"
    assert heard["text"] == "My mug broke"
    check_whole(deployment, shopper)


def test_a_published_version_is_answered_by_both_nodes_whoever_published_it(deployment):
    content = "question,answer\nDo you sell moon lamps?,Moon lamps come back in spring.\n"

    async def publish(web, csrf):
        headers = {"X-CSRF-Token": csrf}
        brought = await web.post(
            "/api/knowledge/uploads", headers=headers, files={"file": ("lamps.csv", content)}
        )
        assert brought.status_code == 201, brought.text
        begun = await web.post(
            f"/api/knowledge/uploads/{brought.json()['upload']}/publish",
            headers=headers, json={"options": {"language": "en"}},
        )  # fmt: skip
        assert begun.status_code == 202, begun.text
        return begun.json()["job"]

    async def ask(off=None):
        async with page(deployment, "127.0.3.2", off=off) as shopper:
            await shopper.say("Do you sell moon lamps?")
            await shopper.until(shopper.answers, "an answer")
            return shopper

    async def work():
        async with inbox(deployment, "admin", "127.0.3.1") as boss:
            job = await publish(boss.web, boss.csrf)
            told = [
                await until_done(node, f"/api/jobs/{job}", boss.cookie) for node in deployment.nodes
            ]
            for node in deployment.nodes:
                await until_serves(node, told[0]["report"]["version"], boss.cookie)
        one = await ask()
        return told, [one, await ask(off=one.nodes[0])]

    told, shoppers = asyncio.run(work())

    assert told[0] == told[1]
    assert told[0]["state"] == "done"
    for shopper in shoppers:
        check_whole(deployment, shopper)
        assert shopper.shown[-1][1:] == ("bot_answered", "Moon lamps come back in spring.")


async def until_done(node, path, cookie):
    """What a node tells of a job when it has ended."""

    def ended():
        told = node.ask(path, cookie)
        return told if told["state"] != "running" else None

    return await asyncio.to_thread(until, ended, "the end of the job")


async def until_serves(node, version, cookie):
    await asyncio.to_thread(
        until,
        lambda: node.ask("/api/overview", cookie)["knowledge"]["version"] == version,
        f"version {version}",
    )


def test_presence_is_counted_over_both_nodes(deployment):
    async def work():
        async with page(deployment, "127.0.4.3") as shopper:
            await shopper.say("I want to talk to a person")
            await shopper.until_shown("handoff_requested")
            async with inbox(deployment, "staff", "127.0.4.1") as mei:
                alone = mei.welcome["staff_present"]
                async with inbox(deployment, "admin", "127.0.4.2", off=node_of(mei.socket)):
                    both = await mei.until("presence", staff_present=alone + 1)
                    await shopper.until(
                        lambda: shopper.queue and shopper.queue["staff_present"] == 2,
                        "two colleagues",
                    )
                again = await mei.until("presence", staff_present=alone)
        return alone, both["staff_present"], again["staff_present"]

    assert asyncio.run(work()) == (1, 2, 1)


@pytest.mark.parametrize(
    ("rounds", "count"),
    [(1, 6), pytest.param(5, 20, marks=[pytest.mark.long, pytest.mark.timeout(900)])],
)
def test_a_rolling_restart_loses_nobody(deployment, rounds, count):
    asked = questions()[:30]

    async def talk(number, everybody, over):
        async with page(deployment, f"127.0.5.{number}") as shopper:
            keeping = asyncio.create_task(shopper.come_again_when_told())
            turn = number
            while not over.is_set():
                await shopper.say(asked[turn % len(asked)][0])
                await shopper.until_answered(turn - number + 1, seconds=90)
                if turn == number:
                    await everybody.wait()
                turn += 1
            keeping.cancel()
            return shopper

    async def restart(over):
        try:
            for node in deployment.nodes * rounds:
                node.ask_to_end()
                assert await asyncio.to_thread(node.wait_until_ended) == 0
                node.launch()
                await asyncio.to_thread(node.wait_until_ready)
        finally:
            over.set()

    async def work():
        over = asyncio.Event()
        everybody = asyncio.Barrier(count + 1)
        shoppers = asyncio.gather(
            *(talk(number, everybody, over) for number in range(1, count + 1))
        )
        await everybody.wait()
        await restart(over)
        return await shoppers

    shoppers = asyncio.run(work())

    for shopper in shoppers:
        check_whole(deployment, shopper)
        assert RESTARTING in shopper.closings
        assert set(shopper.closings) <= {RESTARTING, 1000}


def test_everybody_comes_to_a_node_that_is_back_while_the_other_is_away(deployment):
    """A proxy that counts failures must not hold them against a node that serves again."""

    async def come_and_stay():
        async with AsyncExitStack() as stay:
            come = (deployment.socket("/ws/shopper", f"127.0.9.{n}") for n in range(1, 13))
            sockets = await asyncio.gather(*(stay.enter_async_context(one) for one in come))
            return {node_of(socket) for socket in sockets}

    def away(node):
        node.ask_to_end()
        assert node.wait_until_ended() == 0

    def back(node):
        node.launch()
        node.wait_until_ready()

    came = []
    for node in deployment.nodes:
        away(node)
        try:
            came.append(asyncio.run(come_and_stay()))
        finally:
            back(node)

    assert came == [{f"127.0.0.1:{node.port}"} for node in reversed(deployment.nodes)]


def test_without_valkey_words_take_no_longer_than_the_poll(deployment, valkey):
    async def work():
        async with page(deployment, "127.0.6.1") as one:
            await one.say("I want to talk to a person")
            await one.until_shown("handoff_requested")
            off = one.nodes[-1]
            async with inbox(deployment, "staff", "127.0.6.2", off=off) as mei:
                await mei.send(type="open", conversation=one.conversation)
                await mei.until("opened")
                await asyncio.to_thread(valkey.stop)
                began = time.monotonic()
                id = await one.say("Is the bus away?")
                await one.until_accepted(id)
                heard = await mei.until_event("shopper_said")
                took = time.monotonic() - began
                await mei.send(type="claim", conversation=one.conversation)
                await one.until_shown("staff_claimed")
        check_whole(deployment, one)
        return heard, took

    for node in deployment.nodes:
        until(lambda node=node: node.standing()["checks"]["bus"] == "ok", "the bus")
    try:
        heard, took = asyncio.run(work())
    finally:
        restart(valkey)

    assert heard["text"] == "Is the bus away?"
    assert took < 4  # bus_poll_seconds is 2; the rest is for a busy machine
    for node in deployment.nodes:
        until(lambda node=node: node.standing()["checks"]["bus"] == "ok", "the bus again")


def restart(valkey):
    if not valkey.is_running():
        valkey.start(timeout=60)
