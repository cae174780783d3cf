import asyncio
import json
import uuid

import pytest


def test_a_shopper_asks_and_the_bot_answers(floor):
    async def talk():
        async with floor.shopper() as shopper:
            accepted = await shopper.say("where is my parcel?")
            return accepted, await shopper.until_event("bot_answered")

    accepted, answer = asyncio.run(talk())

    assert accepted["seq"] == 1
    assert answer["seq"] == 2
    assert answer["text"] == "You said: where is my parcel?"
    assert answer["author"] == {"role": "bot"}
    assert answer["source"] == "known"


def test_the_first_frame_says_who_speaks_and_within_which_limits(floor):
    async def talk():
        async with floor.shopper() as shopper:
            return shopper.welcome

    welcome = asyncio.run(talk())

    assert welcome["conversation"] is None
    assert welcome["label"] == {"zh": "智能助手", "en": "Automatic assistant"}
    assert welcome["limits"]["text_characters"] == 4000
    assert set(welcome["buttons"]["talk_to_person"]) == {"zh", "en"}
    assert set(welcome["warning"]) == {"zh", "en"}
    assert welcome["stage"] == "with_bot"


def test_a_message_sent_again_gets_the_stored_answer_and_is_stored_once(floor):
    id = str(uuid.uuid4())

    async def talk():
        async with floor.shopper() as shopper:
            first = await shopper.say("hold on a second", id=id)
            again = await shopper.say("hold on a second", id=id)
            async with floor.shopper(conversation=shopper.conversation, token=shopper.token) as tab:
                elsewhere = await tab.say("hold on a second", id=id)
            floor.answerer.release.set()
            return first, again, elsewhere, shopper.conversation

    first, again, elsewhere, conversation = asyncio.run(talk())

    assert first == again == elsewhere
    said = floor.parts.transcripts.store.after(conversation, 0).events
    assert [event.text for event in said if event.author == "shopper"] == ["hold on a second"]


def test_the_first_message_sent_again_without_a_token_does_not_begin_a_twin(floor):
    id = str(uuid.uuid4())

    async def talk():
        conversations = []
        for _ in range(2):
            async with floor.shopper() as shopper:
                await shopper.say("hello again", id=id)
                conversations.append(shopper.conversation)
                async with floor.shopper(
                    conversation=shopper.conversation, token=shopper.token
                ) as tab:
                    assert tab.conversation == shopper.conversation
        return conversations

    first, second = asyncio.run(talk())

    assert first == second


def test_another_tab_sees_everything_in_order(floor):
    async def talk():
        async with floor.shopper() as one:
            await one.ask("one")
            async with floor.shopper(conversation=one.conversation, token=one.token) as two:
                missed = await two.until("events")
                await one.ask("two")
                live = [await two.until("event"), await two.until("event")]
                return missed["events"], [frame["event"] for frame in live]

    missed, live = asyncio.run(talk())

    assert [event["seq"] for event in missed + live] == [1, 2, 3, 4]
    assert [event["text"] for event in live] == ["two", "You said: two"]


def test_a_dropped_connection_resumes_exactly_where_it_was(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("before")
            known = shopper.conversation, shopper.token
        async with floor.shopper(conversation=known[0], token=known[1], last_seq=1) as shopper:
            events = await shopper.until("events")
            return events

    events = asyncio.run(talk())

    assert [event["seq"] for event in events["events"]] == [2]
    assert events["more"] is False


def test_a_long_absence_comes_in_pages_and_a_longer_one_starts_over(open_floor_with):
    async def talk(floor, count, last_seq):
        async with floor.shopper() as shopper:
            for number in range(count):
                await shopper.say(f"message {number}")
            known = {"conversation": shopper.conversation, "token": shopper.token}
            await shopper.until_event("bot_answered")
        state = floor.parts.transcripts.store.state(known["conversation"])
        async with floor.shopper(**known, last_seq=last_seq) as shopper:
            frames = [await shopper.until_one_of("events", "start_over")]
            while frames[-1].get("more"):
                frames.append(await shopper.until("events"))
            await shopper.send(type="more", before=frames[0].get("first_seq", 1))
            older = await shopper.until("older")
            return frames, older, state.last_seq

    with open_floor_with(replay_events=120, start_over_events=30) as floor:
        pages, _, last = asyncio.run(talk(floor, 60, last_seq=0))
        over, older, longer = asyncio.run(talk(floor, 130, last_seq=1))

    assert [frame["type"] for frame in pages] == ["events"] * len(pages)
    seqs = [event["seq"] for frame in pages for event in frame["events"]]
    assert seqs[: last - 1] == list(range(1, last))
    assert over[0]["type"] == "start_over"
    assert over[0]["last_seq"] >= longer
    assert next(event["seq"] for event in over[0]["events"]) == over[0]["first_seq"]
    assert len(over[0]["events"]) == 30
    assert older["events"][-1]["seq"] == over[0]["first_seq"] - 1


@pytest.mark.parametrize("wrong", [{"epoch": "another-history"}, {"last_seq": 99}])
def test_when_resuming_is_impossible_the_page_is_told_to_start_over(floor, wrong):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("hello there, where is it?")
            known = {"conversation": shopper.conversation, "token": shopper.token}
        async with floor.shopper(**known, **{"last_seq": 1, **wrong}) as shopper:
            return await shopper.until_one_of("events", "start_over")

    frame = asyncio.run(talk())

    assert frame["type"] == "start_over"
    assert [event["seq"] for event in frame["events"]] == [1, 2]


@pytest.mark.parametrize("change", ["token", "conversation", "no token"])
def test_a_foreign_conversation_is_not_opened_and_not_told_apart(floor, change):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.say("mine")
            known = {"conversation": shopper.conversation, "token": shopper.token}
        if change == "no token":
            del known["token"]
        else:
            known[change] = known[change][:-1] + ("A" if known[change][-1] != "A" else "B")
        async with floor.socket("/ws/shopper") as socket:
            await socket.send(json.dumps({"type": "hello", "protocol": 1, **known}))
            refused = json.loads(await socket.recv())
            try:
                await socket.recv()
            except Exception as end:
                return refused, end.rcvd.code

    refused, code = asyncio.run(talk())

    assert (refused["type"], refused["code"], code) == ("refused", "not_yours", 4003)


def test_several_short_messages_become_one_turn(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.say("hi")
            await shopper.say("i have a question")
            await shopper.say("do you ship to Japan?")
            answer = await shopper.until_event("bot_answered")
            return answer

    with open_floor_with(burst_seconds=5) as floor:
        answer = asyncio.run(talk(floor))
        asked = floor.answerer.history

    assert answer["text"] == "You said: hi\ni have a question\ndo you ship to Japan?"
    assert [question.texts for question in asked] == [
        ("hi", "i have a question", "do you ship to Japan?")
    ]


def test_a_greeting_alone_is_answered_after_a_moment(floor):
    async def talk():
        async with floor.shopper() as shopper:
            return await shopper.ask("hi")

    assert asyncio.run(talk())["text"] == "You said: hi"


def test_a_message_during_an_answer_is_the_next_turn(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.say("please hold the line for me")
            await asyncio.to_thread(floor.answerer.held.wait, 5)
            await shopper.say("and where is my parcel?")
            await shopper.say("number 12")
            floor.answerer.release.set()
            first = await shopper.until_event("bot_answered")
            second = await shopper.until_event("bot_answered")
            return first["text"], second["text"]

    first, second = asyncio.run(talk())

    assert first == "You said: please hold the line for me"
    assert second == "You said: and where is my parcel?\nnumber 12"


def test_a_quick_reply_reaches_the_answerer_only_if_it_was_offered(floor):
    async def talk():
        async with floor.shopper() as shopper:
            question = await shopper.ask("which one do you mean?")
            await shopper.say("The red one", choice=question["choices"][0]["value"])
            await shopper.until_event("bot_answered")
            await shopper.say("The green one", choice="entry:green")
            await shopper.until_event("bot_answered")
            return question

    question = asyncio.run(talk())

    assert question["choices"][0] == {"label": "The red one", "value": "entry:red"}
    assert [asked.choice for asked in floor.answerer.history] == [None, "entry:red", None]


def test_the_bot_remembers_what_it_kept(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("which one do you mean?")
            await shopper.ask("something else entirely")

    asyncio.run(talk())

    second = floor.answerer.history[1]
    assert second.memory.language == "en"
    assert [choice.value for choice in second.memory.offered] == ["entry:red", "entry:blue"]
    assert [said.who for said in second.history] == ["shopper", "bot"]


def test_nobody_here_is_said_honestly_and_the_place_is_told(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.say("a person please")
            await shopper.until_event("handoff_requested")
            notice = await shopper.until_event("bot_notice")
            while not (places := [f for f in shopper.seen if f["type"] == "queue"]):
                await shopper.next()  # it may also have come before the notice
            return notice, places[-1]

    notice, queue = asyncio.run(talk())

    assert "saved" in notice["text"]
    assert (queue["place"], queue["waiting"], queue["staff_present"]) == (1, 1, 0)


def test_a_shopper_closes_and_comes_back(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("first things first, please")
            await shopper.send(type="close")
            closed = await shopper.until("stage")
            await shopper.say("one more question, if I may")
            await shopper.until("stage", stage="with_bot")
            return closed["stage"], [
                f["event"]["kind"] for f in shopper.seen if f["type"] == "event"
            ]

    stage, kinds = asyncio.run(talk())

    assert stage == "closed"
    assert "reopened" in kinds


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "say", "id": str(uuid.uuid4()), "text": "are you still there?"},
        {"type": "rate", "score": 5},
        {"type": "close"},
        {"type": "more", "before": 2},
    ],
    ids=lambda frame: frame["type"],
)
def test_row_08_a_page_whose_conversation_was_forgotten_comes_again_as_a_stranger(floor, frame):
    """No wake-up told it, as when it ran out of its days, or another node erased it."""

    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("hello there, is it in stock?")
            retention = floor.parts.transcripts.retention
            await asyncio.wrap_future(retention.erase([shopper.conversation]))
            await shopper.send(**frame)
            return await shopper.closed(), [one["type"] for one in shopper.seen]

    code, seen = asyncio.run(talk())

    assert code == 4003
    assert "refused" not in seen, "the page would give up what was not sent"


def test_ticks_are_answered(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.send(type="tick")
            return await shopper.until("tick")

    assert asyncio.run(talk())["at"].endswith("Z")


def test_the_server_ticks_by_itself(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            return [await shopper.until("tick"), await shopper.until("tick")]

    with open_floor_with(tick_seconds=0.05) as floor:
        assert len(asyncio.run(talk(floor))) == 2


def test_a_refused_wish_says_which_it_was(floor):
    """A page keeps a rating until it is told; one that can never be stored is not told again."""
    wishes = [
        {"type": "go_on_with_bot"},
        {"type": "rate", "score": 5, "comment": "x" * 4001},
    ]

    async def talk():
        async with floor.shopper() as shopper:
            answers = []
            for wish in [{"type": "close"}, *wishes]:  # before anything was said
                await shopper.send(**wish)
                answers.append(await shopper.until("refused"))
            await shopper.ask("first things first, please")
            for wish in wishes:
                await shopper.send(**wish)
                answers.append(await shopper.until("refused"))
            return [(answer["what"], answer["code"]) for answer in answers]

    assert asyncio.run(talk()) == [
        ("close", "not_yours"),
        ("go_on_with_bot", "not_yours"),
        ("rate", "text_too_long"),
        ("go_on_with_bot", "wrong_stage"),
        ("rate", "text_too_long"),
    ]
