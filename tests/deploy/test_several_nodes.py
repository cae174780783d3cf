"""nginx as deploy/ has it, before two nodes: shoppers and staff cannot tell that there are two."""

import asyncio
import csv
import random
import uuid
from collections import Counter
from itertools import pairwise

import psycopg
import pytest
from sqlalchemy import make_url

from tests.conftest import ROOT
from tests.deploy.deployment import node_of
from tests.deploy.page import inbox, page

pytestmark = [pytest.mark.services, pytest.mark.timeout(120)]


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


def test_shoppers_who_land_on_the_other_node_at_every_reconnect_lose_and_double_nothing(deployment):
    asked = questions()

    async def talk(number):
        chance = random.Random(number)
        async with page(deployment, f"127.0.1.{number}") as shopper:
            for question, answer in asked[number * 5 - 5 : number * 5]:
                id = await shopper.say(question)
                if chance.random() < 0.5:
                    await shopper.until_accepted(id)
                await shopper.drop()
                await shopper.connect(elsewhere=True)
                await shopper.until_accepted(id)
                await shopper.until_shown("bot_answered", answer)
        return shopper

    async def talk_all():
        return await asyncio.gather(*(talk(number) for number in range(1, 7)))

    shoppers = asyncio.run(talk_all())

    for shopper in shoppers:
        check_whole(deployment, shopper)
        assert [kind for _, kind, _ in shopper.shown] == ["shopper_said", "bot_answered"] * 5
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
                await shopper.connect(elsewhere=True)
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
