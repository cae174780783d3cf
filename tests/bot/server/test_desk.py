"""The desk at work: passing on, taking over, tags, calls, who looks at what, deadlines, routing."""

import asyncio
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.bus.in_process import InProcessBus
from bot.conversation.commands import StaffClaims
from knowledge_base.entry import Entry
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.floor import PATIENCE_SECONDS, open_floor


def fresh():
    return str(uuid.uuid4())


@asynccontextmanager
async def at_the_desk(floor, *logins, handed_over=True):
    """A shopper who waits, and people with open inboxes that follow the conversation."""
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(floor.staff(login)) for login in logins]
        shopper = await stack.enter_async_context(floor.shopper())
        await shopper.say("a person please" if handed_over else "hello there")
        wanted = "handoff_requested" if handed_over else "bot_answered"
        await shopper.until_event(wanted)
        for person in people:
            await person.send(type="open", conversation=shopper.conversation)
            person.opened = await person.until("opened")
        yield shopper, *people


async def acts(person, what, shopper, **fields):
    """Send a command; gives `done` or `refused`."""
    await person.send(type=what, conversation=shopper.conversation, **fields)
    while True:
        frame = await person.next()
        if frame["type"] in ("done", "refused") and frame.get("what", what) == what:
            return frame


async def event_seen(person, kind, **facts):
    """Give an event of this kind, whether it has come already or comes now."""

    def fits(frame):
        event = frame.get("event", {})
        return event.get("kind") == kind and all(event.get(k) == v for k, v in facts.items())

    for frame in person.seen:
        if fits(frame):
            return frame["event"]
    while not fits(frame := await person.next()):
        pass
    return frame["event"]


def id_of(person):
    return person.welcome["me"]["id"]


def test_a_conversation_is_passed_to_a_colleague_and_the_shopper_learns_the_name(floor):
    async def talk():
        async with at_the_desk(floor, "mei", "li") as (shopper, mei, li):
            early = await acts(mei, "transfer", shopper, to=id_of(li))
            await acts(mei, "claim", shopper)
            stranger = await acts(mei, "transfer", shopper, to="nobody-at-all")
            foreign = await acts(li, "transfer", shopper, to=id_of(li))
            done = await acts(mei, "transfer", shopper, to=id_of(li))
            event = await shopper.until_event("staff_transferred")
            seen = await li.until_event("staff_transferred")
            await li.send(
                type="say", id=fresh(), conversation=shopper.conversation, text="Li here."
            )
            said = await shopper.until_event("staff_said")
            return early, stranger, foreign, done, event, seen, said, id_of(li)

    early, stranger, foreign, done, event, seen, said, li = asyncio.run(talk())

    assert [one["code"] for one in (early, stranger, foreign)] == [
        "not_claimed", "no_colleague", "not_holder",
    ]  # fmt: skip
    assert done["type"] == "done"
    assert event["to_name"] == "Li"
    assert "to" not in event and "id" not in event["author"]
    assert seen["to"] == li
    assert said["author"] == {"role": "staff", "name": "Li"}


def test_an_admin_takes_over_and_a_colleague_only_when_the_holder_is_away(floor):
    async def talk():
        async with at_the_desk(floor, "li", "boss") as (shopper, li, boss):
            async with floor.staff("mei") as mei:
                await acts(mei, "claim", shopper)
                holder = id_of(mei)
                here = await acts(li, "take_over", shopper, held_by=holder)
                wrong = await acts(boss, "take_over", shopper, held_by=id_of(li))
            while floor.node.service.presence.is_connected(holder):
                await li.until("colleagues")
            away = await acts(li, "take_over", shopper, held_by=holder)
            event = await event_seen(li, "staff_took_over")
            by_role = await acts(boss, "take_over", shopper, held_by=id_of(li))
            again = await event_seen(boss, "staff_took_over", right="admin")
            public = await event_seen(shopper, "staff_took_over")
            return here, wrong, away, event, by_role, again, public

    here, wrong, away, event, by_role, again, public = asyncio.run(talk())

    assert (here["code"], wrong["code"]) == ("forbidden", "already_claimed")
    assert "Mei" in wrong["message"]["en"]
    assert (away["type"], event["right"]) == ("done", "holder_away")
    assert (by_role["type"], again["right"]) == ("done", "admin")
    assert "right" not in public and "from" not in public


def test_an_ended_conversation_is_taken_up_again_by_whoever_reopens_it(floor):
    async def talk():
        async with at_the_desk(floor, "mei") as (shopper, mei):
            early = await acts(mei, "reopen", shopper)
            await acts(mei, "close", shopper)
            await shopper.until("stage", stage="closed")
            done = await acts(mei, "reopen", shopper)
            await shopper.until("stage", stage="with_staff")
            return early, done

    early, done = asyncio.run(talk())

    assert (early["code"], done["type"]) == ("wrong_stage", "done")


def test_tags_are_seen_by_staff_alone_and_found_again(floor):
    async def talk():
        async with at_the_desk(floor, "mei", "li") as (shopper, mei, li):
            await acts(mei, "tag", shopper, add=["退款", "urgent"])
            event = await li.until_event("tagged")
            private = await shopper.until_event("private")
            while True:
                line = (await li.until("summary"))["summary"]
                if line["tags"]:
                    break
            await acts(li, "tag", shopper, remove=["urgent"])
            listed = (await mei.web.get("/api/tags")).json()
            found = (await mei.web.get("/api/conversations", params={"tag": "退款"})).json()
            none = (await mei.web.get("/api/conversations", params={"tag": "urgent"})).json()
            return event, private, line, listed, found, none

    event, private, line, listed, found, none = asyncio.run(talk())

    assert event["added"] == ["urgent", "退款"]
    assert set(private) == {"seq", "kind", "at"}
    assert line["tags"] == ["urgent", "退款"]
    assert listed == {"tags": [{"tag": "退款", "conversations": 1}]}
    assert [one["tags"] for one in found["conversations"]] == [["退款"]]
    assert none == {"conversations": []}


def test_a_note_calls_a_colleague_wherever_they_are_and_is_found_later(floor):
    async def talk():
        async with at_the_desk(floor, "mei") as (shopper, mei), floor.staff("li") as li:
            note = {"type": "note", "conversation": shopper.conversation, "text": "@Li look"}
            await mei.send(**note, id=fresh(), mentions=["nobody"])
            refused = await mei.until("refused")
            await mei.send(**note, id=fresh(), mentions=[id_of(li)])
            accepted = await mei.until("accepted")
            call = await li.until("mentioned")
            params = {"mentioned": id_of(li)}
            found = (await li.web.get("/api/conversations", params=params)).json()
            event = await shopper.until_event("private")
            return shopper.conversation, refused, accepted, call, found, event

    conversation, refused, accepted, call, found, event = asyncio.run(talk())

    assert refused["code"] == "no_colleague"
    assert (call["conversation"], call["seq"]) == (conversation, accepted["seq"])
    assert (call["by"]["name"], call["text"]) == ("Mei", "@Li look")
    assert [one["conversation"] for one in found["conversations"]] == [conversation]
    assert set(event) == {"seq", "kind", "at"}


def test_people_see_who_else_looks_and_writes_and_the_shopper_sees_the_holder_alone(floor):
    async def talk():
        async with at_the_desk(floor, "mei") as (shopper, mei):
            await acts(mei, "claim", shopper)
            conversation = shopper.conversation
            async with floor.staff("li") as li:
                await li.send(type="open", conversation=conversation)
                first = await li.until("opened")
                looks = await mei.until("watchers")
                await li.send(type="typing", conversation=conversation, on=True)
                writes = await mei.until("watchers")
                await mei.send(type="typing", conversation=conversation, on=True, private=True)
                noting = await li.until("watchers")
                await mei.send(type="typing", conversation=conversation, on=False, private=True)
                await mei.send(type="typing", conversation=conversation, on=True)
                typing = await shopper.until("typing", who="staff")
            gone = await mei.until("watchers", watchers=[])
            signs = [frame for frame in shopper.seen if frame["type"] == "typing"]
            return first, looks, writes, noting, typing, gone, signs

    first, looks, writes, noting, typing, gone, signs = asyncio.run(talk())

    assert [(one["name"], one["composing"]) for one in first["watchers"]] == [("Mei", False)]
    assert [(one["name"], one["composing"]) for one in looks["watchers"]] == [("Li", False)]
    assert [(one["name"], one["composing"]) for one in writes["watchers"]] == [("Li", True)]
    assert [(one["name"], one["composing"]) for one in noting["watchers"]] == [("Mei", True)]
    assert typing == {"type": "typing", "who": "staff", "on": True}
    assert [frame for frame in signs if frame["who"] == "staff"] == [typing]
    assert gone["watchers"] == []


def test_colleagues_are_listed_with_presence_and_load(floor):
    async def talk():
        async with at_the_desk(floor, "mei") as (shopper, mei):
            async with floor.staff("li") as li:
                await li.send(type="presence", present=False)
                while True:
                    seen = (await mei.until("colleagues"))["colleagues"]
                    if {one["name"]: one["presence"] for one in seen}["Li"] == "connected":
                        break
                await acts(li, "claim", shopper)
                while True:
                    busy = (await mei.until("colleagues"))["colleagues"]
                    if {one["name"]: one["holding"] for one in busy}["Li"] == 1:
                        break
            return mei.welcome["colleagues"], seen, (await mei.web.get("/api/colleagues")).json()

    first, seen, listed = asyncio.run(talk())

    assert [(one["name"], one["presence"]) for one in first] == [
        ("Mei", "present"), ("Boss", "gone"), ("Li", "gone"),
    ]  # fmt: skip
    assert [one["name"] for one in seen] == ["Mei", "Li", "Boss"]
    assert {one["name"]: one["holding"] for one in listed["colleagues"]} == {
        "Mei": 0, "Li": 1, "Boss": 0,
    }  # fmt: skip


def test_a_deadline_that_passes_is_told_once_by_line_event_and_notification(open_floor_with):
    async def talk(floor):
        async with at_the_desk(floor, "mei") as (shopper, mei):
            while True:
                line = (await mei.until("summary"))["summary"]
                if line["deadline"]["state"] == "late":
                    break
            event = await mei.until_event("reply_late")
            await acts(mei, "claim", shopper)
            await mei.send(
                type="say", id=fresh(), conversation=shopper.conversation, text="Here I am."
            )
            while True:
                answered = (await mei.until("summary"))["summary"]
                if "deadline" not in answered:
                    break
            await shopper.say("and now?")
            while True:
                waits = (await mei.until("summary"))["summary"]
                if "deadline" in waits:
                    break
            return line, event, waits, shopper.seen

    with open_floor_with(first_reply_seconds=0.3, next_reply_seconds=500) as floor:
        always_open(floor)
        line, event, waits, seen = asyncio.run(talk(floor))
        outbox = floor.parts.transcripts.outbox.take(10, 0).result(PATIENCE_SECONDS)
        rows = [(row.kind, row.payload.get("deadline")) for row in outbox]

    assert line["deadline"]["kind"] == "first_reply"
    assert event["late"] == "first_reply"
    assert waits["deadline"]["kind"] == "next_reply"
    assert waits["deadline"]["state"] == "running"
    assert [f["event"]["kind"] for f in seen if f["type"] == "event"].count("private") == 1
    assert rows[0][0] == "waiting"


def test_a_message_that_was_left_becomes_late_though_the_shopper_goes_on_with_the_bot(
    open_floor_with,
):
    async def talk(floor):
        async with floor.staff("mei") as mei, floor.shopper() as shopper:
            await shopper.say("hello there, is it in stock?")
            contact = {"email": "ada@example.com"}
            await shopper.send(type="leave_message", id=fresh(), text="Call me", contact=contact)
            await mei.send(type="open", conversation=shopper.conversation)
            await shopper.until("stage", stage="waiting_for_staff")
            await shopper.send(type="go_on_with_bot")
            await shopper.until("stage", stage="with_bot")
            while True:
                line = (await mei.until("summary"))["summary"]
                if line["stage"] == "with_bot" and line["deadline"]["state"] == "late":
                    return line, await mei.until_event("reply_late")

    with open_floor_with(first_reply_seconds=1.5) as floor:
        always_open(floor)
        line, event = asyncio.run(talk(floor))

    assert line["left_message"] is True
    assert event["late"] == "first_reply"


def always_open(floor):
    """Let the desk of this floor be open day and night, as an admin would."""

    async def set_hours():
        async with floor.web() as web:
            csrf = (
                await web.post(
                    "/api/sign-in", json={"login": "boss", "password": "a-password-for-tests"}
                )
            ).json()["csrf"]
            days = {str(day): [["00:00", "00:00"]] for day in range(7)}
            body = {"zone": "UTC", "weekly": days, "special": {}}
            answer = await web.post("/api/hours", json=body, headers={"X-CSRF-Token": csrf})
            assert answer.status_code == 200, answer.text

    asyncio.run(set_hours())


@pytest.mark.parametrize("routing", ["round_robin", "least_busy"])
def test_waiting_shoppers_are_given_to_people_in_turn(open_floor_with, routing):
    async def talk(floor):
        async with floor.staff("mei") as mei, floor.staff("li") as li:
            holders = []
            for _ in range(4):
                async with floor.shopper() as shopper:
                    await shopper.say("a person please")
                    claimed = await shopper.until_event("staff_claimed")
                    holders.append(claimed["author"]["name"])
                    assert "routed" not in claimed
                    conversation = shopper.conversation
            await mei.send(type="open", conversation=conversation)
            events = (await mei.until("opened"))["events"]
            await li.send(type="presence", present=False)
            await li.until("presence", staff_present=1)
            async with floor.shopper() as shopper:
                await shopper.say("a person please")
                alone = await shopper.until_event("staff_claimed")
            return holders, events[-1], alone["author"]["name"]

    with open_floor_with(routing=routing) as floor:
        holders, event, alone = asyncio.run(talk(floor))

    assert sorted(holders) == ["Li", "Li", "Mei", "Mei"]
    assert (event["kind"], event["routed"]) == ("staff_claimed", True)
    assert alone == "Mei"


def test_routing_looks_at_language_and_capacity(open_floor_with):
    async def talk(floor):
        async with floor.staff("boss") as boss, floor.staff("mei") as mei, floor.staff("li") as li:
            csrf = {"X-CSRF-Token": boss.csrf}
            await boss.send(type="presence", present=False)
            for person, languages, capacity in ((mei, ["zh"], None), (li, ["en"], 1)):
                body = {"languages": languages, "skills": [], "capacity": capacity}
                answer = await boss.web.post(
                    f"/api/staff/{id_of(person)}/skills", json=body, headers=csrf
                )
                assert answer.status_code == 200, answer.text
            names = []
            for _ in range(3):
                async with floor.shopper(language="en") as shopper:
                    await shopper.say("a person please")
                    names.append((await shopper.until_event("staff_claimed"))["author"]["name"])
            return names, answer.json()["account"]

    with open_floor_with(routing="round_robin") as floor:
        names, account = asyncio.run(talk(floor))

    assert names == ["Li", "Mei", "Mei"]
    assert (account["languages"], account["capacity"]) == (["en"], 1)


def test_what_somebody_away_holds_stays_theirs_when_the_setting_says_never(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            async with floor.staff("mei") as mei:
                await shopper.say("a person please")
                await shopper.until_event("handoff_requested")
                await acts(mei, "claim", shopper)
            async with floor.staff("li") as li:
                for _ in range(2):  # twice past a look of the desk
                    await li.send(type="tick")
                    await li.until("tick")
                    await asyncio.to_thread(floor.on_loop, floor.node.service.desk_watch.look())
                return (await li.web.get("/api/conversations")).json()["conversations"][0]

    with open_floor_with(staff_away_seconds=0) as floor:
        assert asyncio.run(talk(floor))["stage"] == "with_staff"


def test_what_somebody_held_whose_account_was_disabled_goes_back_at_once(open_floor_with):
    async def talk(floor):
        async with at_the_desk(floor, "mei", "boss") as (shopper, mei, boss):
            await acts(mei, "claim", shopper)
            headers = {"x-csrf-token": boss.csrf}
            gone = await boss.web.post(f"/api/staff/{id_of(mei)}/disable", headers=headers)
            assert gone.status_code == 200, gone.text
            released = await event_seen(boss, "staff_released")
            return released["away"]

    with open_floor_with(staff_away_seconds=0) as floor:
        assert asyncio.run(talk(floor)) is True


def test_nobody_is_sent_away_while_the_bus_cannot_tell_who_is_where(tmp_path):
    with open_floor(tmp_path, staff_away_seconds=0.01, bus=AwayBus()) as floor:
        service = floor.node.service

        async def talk():
            async with floor.shopper() as shopper:
                await shopper.say("a person please")
                await shopper.until_event("handoff_requested")
                mei = floor.parts.transcripts.accounts.by_login("mei")[0]
                store = floor.parts.transcripts.store
                claims = StaffClaims(mei.id, mei.name)
                await asyncio.to_thread(
                    lambda: store.submit(shopper.conversation, claims).result(PATIENCE_SECONDS)
                )
                for _ in range(3):
                    await asyncio.to_thread(floor.on_loop, service.desk_watch.look())
                return (await asyncio.to_thread(store.state, shopper.conversation)).stage

        assert asyncio.run(talk()).value == "with_staff"


def test_known_answers_are_suggested_for_what_the_shopper_said_last(tmp_path):
    with open_floor(tmp_path, knowledge=knowledge(tmp_path)) as floor:

        async def talk():
            async with at_the_desk(floor, "mei", handed_over=False) as (shopper, mei):
                await shopper.say("how long does delivery take")
                await shopper.until_event("bot_answered")
                conversation = shopper.conversation
                await mei.send(type="suggest", conversation=conversation)
                own = await mei.until("suggestions")
                await mei.send(type="suggest", conversation=conversation, text="return a parcel")
                asked = await mei.until("suggestions")
                await mei.send(type="suggest", conversation="nobody")
                return own, asked, await mei.until("refused")

        own, asked, refused = asyncio.run(talk())

    assert own["text"] == "how long does delivery take"
    assert own["replies"][0]["entry"] == "delivery"
    assert own["replies"][0]["answer"] == "Two to four days."
    assert set(own["replies"][0]) == {"entry", "question", "answer", "language", "score"}
    assert asked["replies"][0]["entry"] == "returns"
    assert refused["code"] == "not_yours"


def test_what_a_dead_node_left_with_somebody_goes_back_to_the_queue(tmp_path):
    """Nobody closed an inbox here: the holder was on a node that is no more."""
    with open_floor(tmp_path, staff_away_seconds=0.01) as floor:
        store = floor.parts.transcripts.store
        mei = floor.parts.transcripts.accounts.by_login("mei")[0]

        async def talk():
            async with floor.shopper() as shopper:
                await shopper.say("a person please")
                await shopper.until_event("handoff_requested")
                claims = StaffClaims(mei.id, mei.name)
                await asyncio.to_thread(
                    lambda: store.submit(shopper.conversation, claims).result(PATIENCE_SECONDS)
                )
                floor.loop.call_soon_threadsafe(
                    floor.node.service.inbox.changed, shopper.conversation
                )
                floor.loop.call_soon_threadsafe(
                    floor.node.service.switchboard.wake, shopper.conversation
                )
                return await shopper.until_event("staff_released")

        assert asyncio.run(talk())["author"]["name"] == "Mei"


class AwayBus(InProcessBus):
    """A bus whose server cannot be reached."""

    @property
    def connected(self):
        return False


def knowledge(folder):
    """A published knowledge base of two entries, with the cheap encoder."""
    base = KnowledgeBase(folder / "knowledge", HashedEncoder())
    base.load()
    entries = [
        Entry("delivery", ("How long does delivery take?",), "Two to four days.", "en"),
        Entry("returns", ("How do I return a parcel?",), "Within 30 days.", "en"),
    ]
    base.publish(entries, by="test", note="", now=datetime.now(UTC))
    return base
