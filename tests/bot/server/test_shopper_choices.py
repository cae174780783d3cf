"""What a shopper may choose beside talking: leave a message, go on with the bot, say how it was."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    Begin,
    GoesOnWithBot,
    ShopperSays,
    StaffClaims,
)
from bot.conversation.events import ClientId, ConversationId, EventKind, StaffId, Stage
from bot.server.sign_in import digest_of
from bot.transcripts.open import open_transcripts
from tests.bot.server.floor import PATIENCE_SECONDS, SHOP


def fresh():
    return str(uuid.uuid4())


async def waiting(shopper):
    await shopper.say("a person please")
    await shopper.until_event("handoff_requested")


def test_a_widget_learns_when_people_answer_and_who_is_here(floor):
    async def talk():
        async with floor.staff(), floor.shopper() as shopper:
            return shopper.welcome["desk"], (await status(floor)).json()

    async def status(floor):
        async with floor.web() as web:
            return await web.get("/api/hours")

    desk, hours = asyncio.run(talk())

    assert desk["staff_present"] == 1
    assert desk["hours"] == hours["text"]
    assert desk["open"] is hours["open"]
    assert ("opens_at" in desk) is not desk["open"]
    assert hours["source"] == "shop"
    assert hours["weekly"]["5"] == [["10:00", "18:00"]]
    assert hours["special"]["2027-02-05"] == []


def test_a_waiting_shopper_is_offered_choices_by_who_is_here(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await waiting(shopper)
            alone = await shopper.until("queue")
            async with floor.staff():
                helped = await shopper.until("queue", staff_present=1)
            return alone, helped

    alone, helped = asyncio.run(talk())

    assert alone["offers"] == ["leave_message", "go_on_with_bot"]
    assert helped["offers"] == ["wait", "leave_message", "go_on_with_bot"]
    assert "expected" not in alone and "expected" not in helped
    assert alone["left_message"] is False


NOON = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
"""A Monday at which the demo shop answers, in Shanghai."""

CLOSING = NOON.replace(hour=13)


def claimed_a_minute_apart(floor, clock):
    store = floor.parts.transcripts.store
    for number in range(7):
        conversation = ConversationId(f"c{number}")
        first = ShopperSays(ClientId(fresh()), "hello")
        store.begin(Begin(conversation), bytes([number]) * 32, first).result(PATIENCE_SECONDS)
        claims = StaffClaims(StaffId("mei"), "Mei")
        store.submit(conversation, claims).result(PATIENCE_SECONDS)
        clock[0] += timedelta(minutes=1)


def test_the_wait_is_told_as_a_range_once_enough_is_known(open_floor_with):
    clock = [NOON]

    async def talk(floor):
        async with floor.staff(), floor.shopper() as shopper:
            await waiting(shopper)
            while "expected" not in (queue := await shopper.until("queue")):
                pass
            return queue

    with open_floor_with(now=lambda: clock[0]) as floor:
        claimed_a_minute_apart(floor, clock)
        queue = asyncio.run(talk(floor))

    assert queue["expected"] == {"from_seconds": 60, "to_seconds": 60}


@pytest.mark.parametrize("begin", [CLOSING - timedelta(minutes=7, seconds=30), CLOSING])
def test_no_wait_is_told_over_closing_time(open_floor_with, begin):
    clock = [begin]

    async def talk(floor):
        async with floor.staff(), floor.shopper() as shopper:
            await waiting(shopper)
            while not floor.node.service.waiting_room.claimed_at:
                await asyncio.sleep(0.01)
            clock[0] += timedelta(seconds=2)
            await shopper.send(type="leave_message", id=fresh(), text="hi", contact={"phone": "1"})
            return await shopper.until("queue", left_message=True)

    with open_floor_with(now=lambda: clock[0]) as floor:
        claimed_a_minute_apart(floor, clock)
        queue = asyncio.run(talk(floor))

    assert queue["open"] is (begin < CLOSING)
    assert "expected" not in queue


def test_a_message_is_left_with_contact_details_and_answered_later(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("are you open on Sunday?")
            id = fresh()
            left = {
                "type": "leave_message", "id": id, "text": "Please write to me.",
                "contact": {"name": "Ada", "email": "ada@example.com"},
            }  # fmt: skip
            await shopper.send(**left)
            accepted = await shopper.until("accepted", id=id)
            stage = await shopper.until("stage")
            queue = await shopper.until("queue")
            await shopper.send(**left)
            again = await shopper.until("accepted", id=id)
            async with floor.staff() as mei:
                line = mei.welcome["inbox"][0]
                await mei.send(type="open", conversation=shopper.conversation)
                opened = await mei.until("opened")
            return accepted, stage, queue, again, line, opened

    accepted, stage, queue, again, line, opened = asyncio.run(talk())

    assert again == accepted
    assert stage["stage"] == "waiting_for_staff"
    assert (queue["left_message"], queue["offers"]) == (True, ["go_on_with_bot"])
    assert line["left_message"] is True
    assert line["deadline"]["kind"] == "first_reply"
    assert opened["contact"] == {"name": "Ada", "email": "ada@example.com"}
    left = next(event for event in opened["events"] if event["kind"] == "message_left")
    assert (left["text"], left["contact"]["email"]) == ("Please write to me.", "ada@example.com")
    assert opened["packet"]["asked"][-1] == "Please write to me."


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"contact": {}}, "bad_frame"),
        ({"contact": {"name": "Ada"}}, "bad_frame"),
        ({"contact": {"email": "  "}}, "bad_frame"),
        ({"contact": {"fax": "1"}}, "bad_frame"),
        ({"contact": {"email": "a" * 201}}, "bad_frame"),
        ({"contact": "ada@example.com"}, "bad_frame"),
        ({"text": "   "}, "text_empty"),
        ({"text": "x" * 4001}, "text_too_long"),
        ({"id": "1"}, "bad_id"),
    ],
)
def test_a_message_that_could_not_be_answered_is_refused(floor, changes, code):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("hello")
            frame = {
                "type": "leave_message", "id": fresh(), "text": "Write to me.",
                "contact": {"phone": "139"}, **changes,
            }  # fmt: skip
            await shopper.send(**frame)
            return await shopper.until("refused")

    assert asyncio.run(talk())["code"] == code


def test_before_anything_was_said_there_is_nothing_to_choose(floor):
    async def talk():
        async with floor.shopper() as shopper:
            codes = []
            for frame in (
                {"type": "close"},
                {"type": "go_on_with_bot"},
                {"type": "rate", "score": 5},
            ):
                await shopper.send(**frame)
                codes.append((await shopper.until("refused"))["code"])
            return codes

    assert asyncio.run(talk()) == ["not_yours"] * 3


def test_a_message_can_be_the_very_first_thing_that_is_said(floor):
    async def talk():
        async with floor.shopper(page={"title": "Tea", "url": "https://shop.example/tea"}) as one:
            left = {
                "type": "leave_message", "id": fresh(), "text": "Please write to me.",
                "contact": {"phone": "139"},
            }  # fmt: skip
            await one.send(**left)
            begun = await one.until("begun")
            accepted = await one.until("accepted", id=left["id"])
            await one.until("stage", stage="waiting_for_staff")
            await one.send(**left)
            again = await one.until("accepted", id=left["id"])
        async with floor.shopper() as two:  # whose `begun` was lost says it again, on a new link
            await two.send(**left)
            other = await two.until("begun")
            await two.until("event")
        key = {"conversation": other["conversation"], "token": other["token"]}
        async with floor.shopper(**key) as back, floor.staff() as mei:
            events = (await back.until("events"))["events"]
            return begun, accepted, again, other, events, mei.welcome["inbox"]

    begun, accepted, again, other, events, inbox = asyncio.run(talk())

    assert accepted["seq"] == again["seq"] == 1
    assert other["conversation"] == begun["conversation"]
    assert other["token"] != begun["token"]
    assert [event["kind"] for event in events][:2] == ["message_left", "handoff_requested"]
    (line,) = inbox
    assert (line["conversation"], line["left_message"]) == (begun["conversation"], True)
    assert (line["last_text"], line["language"]) == ("Please write to me.", "en")


def test_a_first_message_that_could_not_be_answered_begins_nothing(floor):
    async def talk():
        async with floor.shopper() as shopper:
            frame = {"type": "leave_message", "id": fresh(), "text": "x", "contact": {"name": "A"}}
            await shopper.send(**frame)
            refused = await shopper.until("refused")
            await shopper.send(**{**frame, "text": "  ", "contact": {"phone": "139"}})
            empty = await shopper.until("refused")
            accepted = await shopper.say("hello")
            return refused["code"], empty["code"], accepted["seq"]

    assert asyncio.run(talk()) == ("bad_frame", "text_empty", 1)
    assert len(floor.parts.transcripts.store.recent()) == 1


def test_a_shopper_goes_on_with_the_bot_and_leaves_the_queue(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            await waiting(shopper)
            await mei.until("summary")
            await shopper.send(type="go_on_with_bot")
            await shopper.until("stage", stage="with_bot")
            answer = await shopper.ask("is the blue one in stock?")
            while True:
                line = (await mei.until("summary"))["summary"]
                if line["stage"] == "with_bot":
                    break
            await shopper.send(type="go_on_with_bot")
            refused = await shopper.until("refused")
            return answer, line, refused

    answer, line, refused = asyncio.run(talk())

    assert answer["text"].startswith("You said: is the blue one")
    assert "place" not in line and "deadline" not in line
    assert (refused["code"], refused["what"]) == ("wrong_stage", "go_on_with_bot")


def bot_words(store, conversation):
    """What the bot said last, and how often it spoke."""
    said = [
        event
        for event in store.after(conversation, 0).events
        if event.kind in (EventKind.BOT_ANSWERED, EventKind.BOT_ASKED)
    ]
    return said[-1].text, len(said)


def test_what_was_written_while_waiting_is_answered_once_the_shopper_goes_on_with_the_bot(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await waiting(shopper)
            await shopper.say("do you ship to Macau?")
            await shopper.say("and how long does it take?")
            resumes = {"conversation": shopper.conversation, "token": shopper.token}
            async with floor.shopper(**resumes) as other_tab:
                await asyncio.gather(
                    *(tab.send(type="go_on_with_bot") for tab in (shopper, other_tab))
                )
                answers = [await tab.until_event("bot_answered") for tab in (shopper, other_tab)]
            return answers, await shopper.ask("thanks"), shopper.conversation

    answers, thanks, conversation = asyncio.run(talk())

    words = "do you ship to Macau?\nand how long does it take?"
    assert {answer["text"] for answer in answers} == {f"You said: {words}"}
    assert thanks["text"] == "You said: thanks"
    assert bot_words(floor.parts.transcripts.store, conversation) == (thanks["text"], 2)


def test_who_asked_for_people_while_waiting_and_then_chose_the_bot_stays_with_it(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await waiting(shopper)
            await shopper.say("is there any person here?")
            await shopper.send(type="go_on_with_bot")
            answer = await shopper.until_event("bot_answered")
            again = await shopper.ask("a person please")
            return answer, again, shopper.conversation

    answer, again, conversation = asyncio.run(talk())

    assert answer["text"] == SHOP.say("here", "en")
    assert (again["kind"], again["text"]) == ("bot_gave_up", "A colleague will help.")
    state = floor.parts.transcripts.store.state(conversation)
    assert state.stage is Stage.WAITING_FOR_STAFF


def test_what_a_shopper_went_on_with_is_answered_after_a_restart_in_between(
    tmp_path, open_floor_with
):
    conversation = ConversationId("c1")
    transcripts = open_transcripts(f"sqlite:///{tmp_path}/shopkeeper.sqlite3")
    try:
        store, token = transcripts.store, digest_of("token")
        first = ShopperSays(ClientId(fresh()), "hello")
        store.begin(Begin(conversation, "en"), token, first).result(PATIENCE_SECONDS)
        for command in (
            AsksForPerson(),
            ShopperSays(ClientId(fresh()), "do you ship to Macau?"),
            GoesOnWithBot(),  # stored, and the server dies before it begins to answer
        ):
            store.submit(conversation, command).result(PATIENCE_SECONDS)
    finally:
        transcripts.close()

    async def talk(floor):
        async with floor.shopper(conversation="c1", token="token") as shopper:
            missed = await shopper.until("events")
            answered = [one for one in missed["events"] if one["kind"] == "bot_answered"]
            return answered[0] if answered else await shopper.until_event("bot_answered")

    for _ in range(2):  # and the next start says nothing more
        with open_floor_with() as floor:
            answer = asyncio.run(talk(floor))
            said = bot_words(floor.parts.transcripts.store, conversation)
        assert answer["text"] == "You said: hello\ndo you ship to Macau?"
        assert said == (answer["text"], 1)


def test_at_the_end_the_shopper_is_asked_and_the_answer_reaches_the_inbox(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            await shopper.ask("thank you, that was all")
            await shopper.send(type="close")
            await shopper.until("ask_rating")
            await mei.send(type="open", conversation=shopper.conversation)
            await mei.until("opened")
            await shopper.send(type="rate", score=4, comment="quick, thanks")
            rated = await shopper.until_event("rated")
            seen = await mei.until_event("rated")
            while True:
                line = (await mei.until("summary"))["summary"]
                if "score" in line:
                    break
            known = {"conversation": shopper.conversation, "token": shopper.token}
        async with floor.shopper(**known, last_seq=rated["seq"]) as back:
            await back.send(type="tick")
            await back.until("tick")
            return rated, seen, line, back.welcome, [frame["type"] for frame in back.seen]

    rated, seen, line, welcome, types = asyncio.run(talk())

    assert (rated["score"], rated["text"]) == (4, "quick, thanks")
    assert (seen["score"], line["score"], welcome["score"]) == (4, 4, 4)
    assert "ask_rating" not in types


def test_who_comes_back_to_an_ended_talk_is_asked_once_more(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("thank you")
            await shopper.send(type="close")
            await shopper.until("ask_rating")
            known = {"conversation": shopper.conversation, "token": shopper.token}
        async with floor.shopper(**known) as back:
            return await back.until("ask_rating")

    assert asyncio.run(talk()) == {"type": "ask_rating"}


def test_after_a_long_quiet_the_bots_answer_is_asked_about_once(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.ask("one thing")
            await shopper.until("ask_rating")
            await shopper.ask("another thing")
            await shopper.send(type="close")
            await shopper.until("stage", stage="closed")
            await shopper.send(type="tick")
            await shopper.until("tick")
            return [frame["type"] for frame in shopper.seen].count("ask_rating")

    with open_floor_with(rating_quiet_seconds=0.1) as floor:
        assert asyncio.run(talk(floor)) == 1


@pytest.mark.parametrize("score", [0, 6, -1, 3.5, "5", True, None])
def test_a_score_that_is_none_is_refused(floor, score):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("hello")
            await shopper.send(type="rate", score=score)
            return (await shopper.until("refused"))["code"]

    assert asyncio.run(talk()) == "bad_frame"


def test_outside_opening_hours_the_shopper_hears_when_people_answer(open_floor_with):
    """The hours are those an admin set, not those of the shop's file."""

    async def talk(floor):
        async with floor.staff("boss") as boss:
            body = {"zone": "UTC", "weekly": {"0": [["03:00", "03:30"]]}, "special": {}}
            csrf = {"X-CSRF-Token": boss.csrf}
            set_hours = await boss.web.post("/api/hours", json=body, headers=csrf)
        async with floor.shopper(language="zh") as shopper:
            await waiting(shopper)
            notice = await shopper.until_event("bot_notice")
            while not (places := [f for f in shopper.seen if f["type"] == "queue"]):
                await shopper.next()  # it may also have come before the notice
            queue = places[-1]
            desk = shopper.welcome["desk"]
        async with floor.staff("boss") as boss:
            csrf = {"X-CSRF-Token": boss.csrf}
            dropped = await boss.web.delete("/api/hours", headers=csrf)
            back = await boss.web.get("/api/hours")
        return set_hours, notice, queue, desk, dropped, back

    with open_floor_with() as floor:
        set_hours, notice, queue, desk, dropped, back = asyncio.run(talk(floor))

    assert set_hours.json()["source"] == "set"
    assert desk["hours"]["zh"] == "周一 3:00–3:30（UTC）"
    assert "Monday 03:00–03:30 (UTC)" in notice["text"]
    assert notice["notice"] == "nobody_here"
    assert queue["offers"][0] == "leave_message"
    assert dropped.status_code == 204
    assert back.json()["source"] == "shop"


def test_a_claim_is_not_shown_as_a_choice_of_the_desk(floor):
    """What the shopper's page gets of a claim holds a name and nothing else of the staff."""

    async def talk():
        async with floor.shopper() as shopper:
            await waiting(shopper)
            store = floor.parts.transcripts.store
            claims = StaffClaims(StaffId("id-of-mei"), "Mei", routed=True)
            await asyncio.to_thread(
                lambda: store.submit(shopper.conversation, claims).result(PATIENCE_SECONDS)
            )
            known = {"conversation": shopper.conversation, "token": shopper.token}
            async with floor.shopper(**known) as page:
                events = (await page.until("events"))["events"]
                return next(event for event in events if event["kind"] == "staff_claimed")

    event = asyncio.run(talk())

    assert event["author"] == {"role": "staff", "name": "Mei"}
    assert "routed" not in event


@pytest.mark.parametrize("then", ["go_on_with_bot", "close"])
def test_a_left_message_stays_in_the_inbox_until_a_person_has_dealt_with_it(floor, then):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("are you open?")
            await shopper.send(
                type="leave_message", id=fresh(), text="Write to me.", contact={"phone": "139"}
            )
            await shopper.until("stage", stage="waiting_for_staff")
            await shopper.send(type=then)
            await shopper.until("stage")
            async with floor.staff() as mei:
                while not floor.node.service.inbox.lines():
                    await mei.next()
                before = floor.node.service.inbox.lines()
                conversation = shopper.conversation
                if then == "close":
                    await mei.send(type="close", conversation=conversation)
                else:
                    await mei.send(type="claim", conversation=conversation)
                    said = {"id": fresh(), "text": "I wrote to you."}
                    await mei.send(type="say", conversation=conversation, **said)
                while True:
                    line = (await mei.until("summary"))["summary"]
                    if not line["left_message"]:
                        return before, line

    before, line = asyncio.run(talk())

    (shown,) = before
    assert shown["left_message"] is True
    assert shown["stage"] == ("closed" if then == "close" else "with_bot")
    assert shown["deadline"]["kind"] == "first_reply"
    assert line["stage"] == ("closed" if then == "close" else "with_staff")
