import asyncio
import json
import uuid

import pytest
import websockets

from bot.conversation.commands import ShopperSays
from bot.conversation.events import ClientId
from bot.server.conversation_view import NEWEST_EVENTS
from bot.server.sign_in import digest_of
from tests.bot.server.floor import PATIENCE_SECONDS, open_floor


async def waiting_shopper(floor, shopper):
    await shopper.say("a person please")
    await shopper.until_event("handoff_requested")
    return shopper.conversation


def test_a_handoff_appears_in_the_inbox_without_reloading(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            conversation = await waiting_shopper(floor, shopper)
            line = (await mei.until("summary"))["summary"]
            while line["conversation"] != conversation:
                line = (await mei.until("summary"))["summary"]
            return line, mei.welcome

    line, welcome = asyncio.run(talk())

    assert (line["stage"], line["reason"], line["place"]) == ("waiting_for_staff", "wish", 1)
    assert line["last_text"]
    assert welcome["me"]["name"] == "Mei"
    assert welcome["staff_present"] == 1


def test_staff_claim_talk_and_hand_back_and_the_bot_goes_on(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            conversation = await waiting_shopper(floor, shopper)
            await mei.send(type="open", conversation=conversation)
            opened = await mei.until("opened")
            await mei.send(type="claim", conversation=conversation)
            await mei.until("done", what="claim")
            await shopper.until("stage", stage="with_staff")
            await mei.send(
                type="say", id=str(uuid.uuid4()), conversation=conversation, text="Mei here."
            )
            accepted = await mei.until("accepted")
            said = await shopper.until_event("staff_said")
            await shopper.say("thanks Mei")
            seen = await mei.until_event("shopper_said")
            await mei.send(type="hand_back", conversation=conversation)
            await shopper.until("stage", stage="with_bot")
            await shopper.until_event("bot_answered")  # the thanks, which nobody had answered
            answer = await shopper.ask("and the parcel, where is it?")
            return opened, accepted, said, seen, answer

    opened, accepted, said, seen, answer = asyncio.run(talk())

    assert opened["packet"]["asked"] == ["a person please"]
    assert opened["packet"]["reason"] == "wish"
    assert opened["events"][-1]["kind"] == "handoff_requested"
    assert accepted["seq"] == said["seq"]
    assert said["author"] == {"role": "staff", "name": "Mei"}
    assert seen["text"] == "thanks Mei"
    assert answer["text"].startswith("You said: and the parcel")


def test_the_packet_of_a_handoff_stands_however_much_was_said_since(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            await shopper.ask("hello")
            conversation = await waiting_shopper(floor, shopper)
            store = floor.parts.transcripts.store
            for number in range(NEWEST_EVENTS + 1):
                said = ShopperSays(ClientId(f"more-{number}"), f"line {number}")
                stored = store.submit(conversation, said)
            await asyncio.to_thread(stored.result, PATIENCE_SECONDS)
            await mei.send(type="open", conversation=conversation)
            opened = await mei.until("opened")
            view = await mei.web.get(f"/api/conversations/{conversation}")
            return opened, view.json()

    opened, view = asyncio.run(talk())

    assert opened["first_seq"] > 6  # the handoff itself is not among what the page loads
    packet = opened["packet"]
    assert (packet["asked"], packet["reason"]) == (["a person please"], "wish")
    assert packet["intent"] == "echo"  # from the trace of the turn that was given up
    assert view["packet"] == packet


def test_what_a_shopper_said_in_the_moment_of_giving_back_is_answered_by_the_bot(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            await shopper.say("a person please")
            await shopper.until("stage", stage="waiting_for_staff")
            conversation = shopper.conversation
            await mei.send(type="claim", conversation=conversation)
            await mei.until("done", what="claim")
            words = {"id": str(uuid.uuid4()), "text": "All settled, bye."}
            await mei.send(type="say", conversation=conversation, **words)
            await shopper.until_event("staff_said")
            await shopper.say("one more thing")
            await shopper.say("do you ship to Macau?")
            await mei.send(type="hand_back", conversation=conversation)
            await mei.until("done", what="hand_back")
            return await shopper.until_event("bot_answered")

    answer = asyncio.run(talk())

    assert answer["text"] == "You said: one more thing\ndo you ship to Macau?"
    asked = floor.answerer.history[-1]
    assert asked.texts == ("one more thing", "do you ship to Macau?")
    assert [(said.who, said.text) for said in asked.history][-1] == (
        "staff",
        "All settled, bye.",
    )


def test_what_was_asked_before_a_person_looked_in_and_gave_back_is_answered_by_the_bot(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            conversation = await waiting_shopper(floor, shopper)
            await shopper.say("do you ship to Macau?")
            await mei.send(type="claim", conversation=conversation)
            await mei.until("done", what="claim")
            await mei.send(type="hand_back", conversation=conversation)
            return await shopper.until_event("bot_answered")

    assert asyncio.run(talk())["text"] == "You said: do you ship to Macau?"


def test_two_staff_claim_and_exactly_one_succeeds(floor):
    async def talk():
        async with floor.staff("mei") as mei, floor.staff("li") as li, floor.shopper() as shopper:
            conversation = await waiting_shopper(floor, shopper)
            claim = {"type": "claim", "conversation": conversation}
            await asyncio.gather(mei.send(**claim), li.send(**claim))
            answers = []
            for person in (mei, li):
                while True:
                    frame = await person.next()
                    if frame["type"] in ("done", "refused"):
                        answers.append(frame)
                        break
            await li.send(type="say", id=str(uuid.uuid4()), conversation=conversation, text="Hi")
            await mei.send(type="say", id=str(uuid.uuid4()), conversation=conversation, text="Hi")
            said = []
            for person in (mei, li):
                while True:
                    frame = await person.next()
                    if frame["type"] in ("accepted", "refused"):
                        said.append(frame["type"])
                        break
            return answers, said

    answers, said = asyncio.run(talk())

    assert sorted(frame["type"] for frame in answers) == ["done", "refused"]
    refused = next(frame for frame in answers if frame["type"] == "refused")
    assert refused["code"] == "already_claimed"
    holder = "Mei" if answers[0]["type"] == "done" else "Li"
    assert holder in refused["message"]["en"]
    assert sorted(said) == ["accepted", "refused"]


def test_an_answer_that_comes_after_staff_took_over_is_never_shown_to_the_shopper(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            await shopper.say("please hold my parcel")
            conversation = shopper.conversation
            await asyncio.to_thread(floor.answerer.held.wait, 5)
            await mei.send(type="open", conversation=conversation)
            await mei.until("opened")
            await mei.send(type="claim", conversation=conversation)
            await shopper.until("stage", stage="with_staff")
            floor.answerer.release.set()
            draft = await mei.until_event("bot_drafted")
            await mei.send(
                type="say", id=str(uuid.uuid4()), conversation=conversation, text="I have it."
            )
            await shopper.until_event("staff_said")
            return draft, [f["event"] for f in shopper.seen if f["type"] == "event"]

    draft, events = asyncio.run(talk())

    assert draft["text"] == "You said: please hold my parcel"
    assert [event["kind"] for event in events] == ["staff_claimed", "private", "staff_said"]
    assert "text" not in events[1]
    assert [event["seq"] for event in events] == [2, 3, 4]


def test_a_note_is_for_staff_alone(floor):
    async def talk():
        async with floor.staff() as mei, floor.staff("li") as li, floor.shopper() as shopper:
            await shopper.ask("something plain, thank you")
            conversation = shopper.conversation
            await li.send(type="open", conversation=conversation)
            await li.until("opened")
            await mei.send(
                type="note", id=str(uuid.uuid4()), conversation=conversation, text="Be kind."
            )
            noted = await li.until_event("staff_noted")
            private = await shopper.until_event("private")
            return noted, private

    noted, private = asyncio.run(talk())

    assert (noted["text"], noted["author"]["name"]) == ("Be kind.", "Mei")
    assert set(private) == {"seq", "kind", "at"}


def test_typing_signs_and_read_marks_go_both_ways(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            conversation = await waiting_shopper(floor, shopper)
            await mei.send(type="open", conversation=conversation)
            await mei.until("opened")
            await shopper.send(type="typing", on=True)
            shopper_types = await mei.until("typing")
            await mei.send(type="claim", conversation=conversation)
            await mei.until_event("staff_claimed")
            await mei.send(type="typing", conversation=conversation, on=True)
            staff_type = await shopper.until("typing", who="staff")
            await mei.send(type="seen", conversation=conversation, up_to=1)
            staff_read = await shopper.until("read", up_to=1)
            await shopper.send(type="seen", up_to=2)
            shopper_read = await mei.until("read")
            return shopper_types["on"], staff_type["on"], staff_read, shopper_read["up_to"]

    assert asyncio.run(talk())[:2] == (True, True)


def test_a_holder_who_goes_away_gives_the_shopper_back_to_the_queue(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            async with floor.staff() as mei:
                conversation = await waiting_shopper(floor, shopper)
                await mei.send(type="claim", conversation=conversation)
                await shopper.until("stage", stage="with_staff")
            await shopper.until("stage", stage="waiting_for_staff")
            return [f["event"]["kind"] for f in shopper.seen if f["type"] == "event"]

    with open_floor_with(staff_away_seconds=0.2) as floor:
        assert asyncio.run(talk(floor))[-1] == "staff_released"


def test_the_place_in_the_queue_moves_up(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as one, floor.shopper() as two:
            first = await waiting_shopper(floor, one)
            await waiting_shopper(floor, two)
            second = await two.until("queue", place=2)
            await mei.send(type="claim", conversation=first)
            moved = await two.until("queue", place=1)
            return second, moved

    second, moved = asyncio.run(talk())

    assert (second["waiting"], moved["waiting"]) == (2, 1)
    assert moved["staff_present"] == 1


def test_a_bot_message_carries_its_trace_for_staff(floor):
    async def talk():
        async with floor.staff() as mei, floor.shopper() as shopper:
            await shopper.ask("something plain, thank you")
            await shopper.ask("那么，还有“别的”吗？")
            conversation = shopper.conversation
            await mei.send(type="open", conversation=conversation)
            opened = await mei.until("opened")
            traces = await mei.web.get(f"/api/conversations/{conversation}/traces")
            return opened["events"][-1], traces.json()["traces"]

    event, traces = asyncio.run(talk())

    assert len(traces) == 2
    assert event["confidence"] == 0.9
    assert traces[event["trace_turn"]]["rule"] == "script"
    assert traces[event["trace_turn"]]["intent_confidence"] == 0.9


@pytest.mark.parametrize("kind", ["no cookie", "wrong csrf", "no csrf"])
def test_a_cookie_alone_opens_nothing(floor, kind):
    async def talk():
        async with floor.web() as web:
            from_sign_in = await web.post(
                "/api/sign-in", json={"login": "mei", "password": "a-password-for-tests"}
            )
            csrf = from_sign_in.json()["csrf"]
            cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
        headers = {} if kind == "no cookie" else {"Cookie": cookie}
        hello = {"type": "hello", "protocol": 1, "csrf": csrf if kind == "no cookie" else "x"}
        if kind == "no csrf":
            del hello["csrf"]
        async with floor.socket("/ws/staff", additional_headers=headers) as socket:
            await socket.send(json.dumps(hello))
            refused = json.loads(await socket.recv())
            if kind == "no csrf":
                return refused["code"], None
            with pytest.raises(websockets.ConnectionClosed) as end:
                await socket.recv()
            return refused["code"], end.value.rcvd.code

    expected = {
        "no cookie": ("signed_out", 4001),
        "wrong csrf": ("csrf", 4003),
        "no csrf": ("bad_frame", None),
    }
    assert asyncio.run(talk()) == expected[kind]


@pytest.mark.parametrize("how", ["sign-out", "disable", "reset", "roles", "expired"])
def test_a_revoked_session_ends_its_open_sockets_within_a_second(floor, how):
    async def talk():
        async with floor.staff() as mei, floor.staff("boss") as boss:
            loop = asyncio.get_running_loop()
            id, began = mei.welcome["me"]["id"], loop.time()
            csrf = {"X-CSRF-Token": boss.csrf}
            if how == "sign-out":
                await mei.web.post("/api/sign-out", headers={"X-CSRF-Token": mei.csrf})
            elif how == "roles":
                body = {"roles": ["staff", "admin"]}
                await boss.web.post(f"/api/staff/{id}/roles", json=body, headers=csrf)
            elif how == "expired":
                accounts = floor.parts.transcripts.accounts
                (cookie,) = mei.web.cookies.values()
                await asyncio.to_thread(accounts.revoke_session(digest_of(cookie)).result, 5)
            else:
                await boss.web.post(f"/api/staff/{id}/{how}", headers=csrf)
            code = await mei.closed()
            took = loop.time() - began
            await boss.send(type="tick")
            await boss.until("tick")
            return code, took

    code, took = asyncio.run(talk())

    assert code == 4001
    assert took < 1.5


def test_staff_frames_about_unknown_conversations_are_refused(floor):
    async def talk():
        async with floor.staff() as mei:
            codes = []
            id = str(uuid.uuid4())
            for frame in (
                {"type": "open", "conversation": "nobody"},
                {"type": "claim", "conversation": "nobody"},
                {"type": "say", "id": id, "conversation": "nobody", "text": "x"},
                {"type": "seen", "conversation": "nobody", "up_to": 3},
                {"type": "more", "conversation": "nobody", "before": 3},
            ):
                await mei.send(**frame)
                codes.append((await mei.until("refused"))["code"])
            await mei.send(type="hello", protocol=1, csrf="x")
            codes.append((await mei.until("refused"))["code"])
            return codes

    assert asyncio.run(talk()) == ["not_yours"] * 5 + ["bad_frame"]


def test_of_what_was_said_too_fast_the_page_is_told_which_it_was(tmp_path):
    async def talk(floor):
        async with floor.staff() as mei, floor.shopper() as shopper:
            conversation = await waiting_shopper(floor, shopper)
            await mei.send(type="claim", conversation=conversation)
            await mei.until("done", what="claim")
            ids = [str(uuid.uuid4()) for _ in range(30)]
            for id_ in ids:
                await mei.send(type="say", id=id_, conversation=conversation, text="Hello")
            return ids, conversation, await mei.until("refused")

    with open_floor(tmp_path, staff_messages_per_second=0.5) as floor:
        ids, conversation, refused = asyncio.run(talk(floor))

    assert (refused["code"], refused["what"]) == ("rate_limited", "say")
    assert refused["conversation"] == conversation
    assert refused["id"] in ids
    assert refused["retry_after_seconds"] > 0
