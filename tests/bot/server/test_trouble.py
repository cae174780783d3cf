import asyncio
import gc
import json
import threading
import time
import uuid
from concurrent.futures import Future

import pytest
import websockets
from sqlalchemy import text

from bot.answering.answer import Unwritten
from bot.conversation.commands import (
    BotAnswers,
    BotGivesUp,
    ShopperSays,
    StaffClaims,
    TakeTurn,
    Ticket,
)
from bot.conversation.events import ClientId, StaffId, Stage
from bot.server.patience import PatientDesk
from bot.transcripts.errors import StorageRefused
from tests.bot.server.floor import PATIENCE_SECONDS, ScriptedAnswerer


def test_a_turn_that_takes_too_long_goes_to_people_with_an_apology(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.say("please hold")
            sorry = await shopper.until_event("bot_gave_up")
            await shopper.until("stage", stage="waiting_for_staff")
            floor.answerer.release.set()
            await shopper.until_event("private")
            answer = [f["event"] for f in shopper.seen if f["type"] == "event"]
            return sorry, answer

    with open_floor_with(turn_seconds=0.3) as floor:
        sorry, events = asyncio.run(talk(floor))

    assert "went wrong" in sorry["text"]
    assert "bot_answered" not in [event["kind"] for event in events]


def test_the_typing_sign_shows_only_when_an_answer_takes_a_while(floor):
    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("a quick one, please tell me")
            quick = [f for f in shopper.seen if f["type"] == "typing" and f["on"]]
            await shopper.say("now hold it")
            on = await shopper.until("typing", who="bot", on=True)
            floor.answerer.release.set()
            off = await shopper.until("typing", who="bot", on=False)
            return quick, on, off

    quick, on, off = asyncio.run(talk())

    assert quick == []
    assert (on["on"], off["on"]) == (True, False)


def test_when_too_many_wait_a_shopper_is_told_at_once_and_goes_to_people(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as first, floor.shopper() as second:
            await first.say("please hold")
            await asyncio.to_thread(floor.answerer.held.wait, 5)
            await second.say("where is my parcel?")
            notice = await second.until_event("bot_notice")  # while the answerer is held
            floor.answerer.release.set()
            return notice, second.conversation

    with open_floor_with(waiting_turns=1) as floor:
        notice, conversation = asyncio.run(talk(floor))
        stage = floor.parts.transcripts.store.state(conversation).stage

    assert notice["text"]
    assert stage is Stage.WAITING_FOR_STAFF


def test_a_turn_left_open_by_a_stop_is_answered_after_the_next_start(open_floor_with):
    async def ask(floor):
        async with floor.shopper() as shopper:
            await shopper.say("please hold this thought")
            await asyncio.to_thread(floor.answerer.held.wait, 5)
            return {"conversation": shopper.conversation, "token": shopper.token}

    async def come_back(floor, known):
        async with floor.shopper(**known, last_seq=1) as shopper:
            while True:
                frame = await shopper.next()
                events = frame.get("events") or [frame.get("event")]
                for event in events:
                    if event and event["kind"] == "bot_answered":
                        return event

    with open_floor_with(drain_seconds=0.1) as floor:
        known = asyncio.run(ask(floor))
        hung = floor.answerer
        floor.node.should_exit = True
        await_end(floor)
    hung.release.set()
    with open_floor_with() as floor:
        floor.answerer.release.set()
        answer = asyncio.run(come_back(floor, known))

    assert answer["text"] == "You said: please hold this thought"


def await_end(floor):
    for _ in range(500):
        if floor.loop.is_closed() or not floor.loop.is_running():
            return
        time.sleep(0.02)
    raise AssertionError("the node did not end")


@pytest.mark.parametrize("take", [True, False])
def test_a_message_that_was_stored_unheard_is_answered_when_it_comes_again(open_floor_with, take):
    """As when the link to the database breaks between a commit and the word of it."""

    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.ask("hello there, where is it?")
            unheard = ShopperSays(ClientId(str(uuid.uuid4())), "and what does it cost?", None, take)
            stored = floor.parts.transcripts.store.submit(shopper.conversation, unheard)
            await asyncio.to_thread(stored.result)
            await shopper.say(unheard.text, id=unheard.client_id)
            return await shopper.until_event("bot_answered")

    with open_floor_with(turn_seconds=60) as floor:
        answer = asyncio.run(talk(floor))

    assert answer["turn"].endswith(".2")


def test_a_batch_that_hangs_does_not_keep_the_few_who_come_after_it_waiting(floor):
    async def talk():
        async with floor.shopper() as first, floor.shopper() as second:
            await first.say("please hold")
            await asyncio.to_thread(floor.answerer.held.wait, 5)
            answer = await second.ask("where is my parcel?")
            still_held = not floor.answerer.release.is_set()
            floor.answerer.release.set()
            return answer, still_held

    answer, still_held = asyncio.run(talk())

    assert answer["text"] == "You said: where is my parcel?"
    assert still_held


class FailsInTheEnd(ScriptedAnswerer):
    """Hangs, as a read of a database that is away does, and then fails."""

    def __init__(self):
        super().__init__()
        self.ended = threading.Event()

    def answer_batch(self, questions):
        super().answer_batch(questions)
        self.ended.set()
        raise OSError("the link to the database is dead")


def test_a_batch_that_hangs_and_fails_in_the_end_is_left_behind_in_silence(open_floor_with):
    faults = []

    async def watch(floor):
        floor.loop.set_exception_handler(lambda _, context: faults.append(context["message"]))

    async def collect():
        gc.collect()

    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.say("please hold")
            await shopper.until_event("bot_gave_up")
            while not floor.node.service.worker.stuck_threads:
                await asyncio.sleep(0.01)
            floor.answerer.release.set()
            await asyncio.to_thread(floor.answerer.ended.wait, PATIENCE_SECONDS)

    with open_floor_with(turn_seconds=0.1, answerer=FailsInTheEnd()) as floor:
        floor.on_loop(watch(floor))
        asyncio.run(talk(floor))
        for _ in range(3):  # the thread tells the loop, the loop tells whoever waits
            floor.on_loop(collect())
    assert faults == []


class RefusingStore:
    """The store of a floor, which refuses a kind of command a few times, kept or not."""

    def __init__(self, floor, kind, times, kept):
        self.left, self.kind, self.kept = times, kind, kept
        self.real = floor.node.service.desk.store
        floor.node.service.desk.store = self

    def __getattr__(self, name):
        return getattr(self.real, name)

    def submit(self, conversation, command):
        if not isinstance(command, self.kind) or self.left == 0:
            return self.real.submit(conversation, command)
        self.left -= 1
        if self.kept:
            self.real.submit(conversation, command).result(PATIENCE_SECONDS)
        failed = Future()
        failed.set_exception(StorageRefused("It could not be stored."))
        return failed


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    ("kind", "times", "words"),
    [(TakeTurn, 2, "hello"), (BotAnswers, 2, "where is it?"), (BotGivesUp, 1, "a person please")],
)
def test_what_the_database_refused_of_a_turn_is_stored_again_soon_and_said_once(
    open_floor_with, kind, times, words, kept
):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.ask("first of all, a good one")
            store = RefusingStore(floor, kind, 1 if kept and kind is not TakeTurn else times, kept)
            await shopper.say(words)
            said = {BotGivesUp: "bot_gave_up"}.get(kind, "bot_answered")
            await shopper.until_event(said)
            assert store.left == 0
            return floor.parts.transcripts.store.newest(shopper.conversation)

    with open_floor_with(turn_seconds=60) as floor:
        view = asyncio.run(talk(floor))

    of_the_bot = [event for event in view.events if event.turn and event.turn.endswith(".2")]
    assert [event.author for event in of_the_bot if event.text][1:] == ["bot"]
    assert view.state.open_turns == ()


@pytest.mark.parametrize("fault", [StorageRefused("away"), OSError("the link is dead")])
def test_a_turn_that_the_database_does_not_give_is_read_again_soon(open_floor_with, fault):
    class ForgetfulStore:
        def __init__(self, floor):
            self.left, self.real = 2, floor.node.service.desk.store
            floor.node.service.desk.store = self

        def __getattr__(self, name):
            return getattr(self.real, name)

        def turns(self, turns):
            if self.left == 0:
                return self.real.turns(turns)
            self.left -= 1
            raise fault

    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.ask("first of all, a good one")
            store = ForgetfulStore(floor)
            answer = await shopper.ask("where is it?")
            return answer, store.left

    with open_floor_with(turn_seconds=60) as floor:
        answer, left = asyncio.run(talk(floor))

    assert answer["text"] == "You said: where is it?"
    assert left == 0


def test_words_that_come_after_a_person_took_over_are_not_said_when_they_are_stored_again(
    open_floor_with,
):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.ask("first of all, a good one")
            real = floor.parts.transcripts.store
            store = RefusingStore(floor, BotAnswers, 1000, False)
            await shopper.say("where is it?")
            real.submit(shopper.conversation, StaffClaims(StaffId("1"), "Mei")).result(
                PATIENCE_SECONDS
            )
            store.left = 0
            await shopper.until_event("private")
            return real.newest(shopper.conversation)

    with open_floor_with(turn_seconds=60) as floor:
        view = asyncio.run(talk(floor))

    late = [event.kind.value for event in view.events if (event.turn or "").endswith(".2")]
    assert late == ["shopper_said", "bot_drafted"]


def test_a_turn_that_can_never_be_stored_is_left_to_the_sweep(open_floor_with):
    class Away:
        def __init__(self, desk):
            self.asked = 0
            self.store = desk.store

        async def read(self, read, *arguments):
            raise StorageRefused("It could not be read.")

        def submit(self, conversation, command):
            self.asked += 1
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(StorageRefused("It could not be stored."))
            return failed

    async def take(floor):
        away = Away(floor.node.service.desk)
        patient = PatientDesk(away, alone=True, unheard=[].append, waits=(0, 0, 0))
        with pytest.raises(StorageRefused):
            await patient.take("c", Ticket("c.1", 0, 0))
        return away.asked

    with open_floor_with() as floor:
        assert floor.on_loop(take(floor)) == 4


def test_a_graceful_end_answers_what_runs_and_sends_everybody_away_with_a_moment_to_come_again(
    open_floor_with,
):
    async def talk(floor):
        async with floor.shopper() as busy, floor.staff() as mei:
            others = [await connect(floor) for _ in range(20)]
            await busy.say("please hold")
            await asyncio.to_thread(floor.answerer.held.wait, 5)
            floor.node.should_exit = True
            await asyncio.sleep(0)
            threading.Timer(0.3, floor.answerer.release.set).start()
            codes = [await busy.closed(), await mei.closed()]
            answered = any(
                f["type"] == "event" and f["event"]["kind"] == "bot_answered" for f in busy.seen
            )
            hints = [await hint_of(socket) for socket in others]
            return codes, answered, hints

    with open_floor_with(spread_seconds=10) as floor:
        codes, answered, hints = asyncio.run(talk(floor))

    assert codes == [1012, 1012]
    assert answered
    assert max(hints) - min(hints) >= 8


async def connect(floor):
    socket = await websockets.connect(
        f"{floor.url}/ws/shopper", origin=floor.origin, compression=None
    )
    await socket.send(json.dumps({"type": "hello", "protocol": 1}))
    await socket.recv()
    return socket


async def hint_of(socket):
    with pytest.raises(websockets.ConnectionClosed) as end:
        await socket.recv()
    assert end.value.rcvd.code == 1012
    return json.loads(end.value.rcvd.reason)["retry_after"]


def test_what_cannot_be_stored_is_refused_and_not_acknowledged(floor):
    store = floor.node.service.desk.store
    real = store.submit

    class FullDisk:
        full = True

        def submit(self, conversation, command):
            if not self.full:
                return real(conversation, command)
            failed = Future()
            failed.set_exception(StorageRefused("The disk is full."))
            return failed

    disk = FullDisk()

    class Store:
        def __getattr__(self, name):
            return getattr(store, name)

        submit = staticmethod(disk.submit)

    async def talk():
        async with floor.shopper() as shopper:
            await shopper.ask("first of all, a good one")
            floor.node.service.desk.store = Store()
            id = str(uuid.uuid4())
            refused = await shopper.say("is the disk full?", id=id)
            disk.full = False
            accepted = await shopper.say("is the disk full?", id=id)
            return refused, accepted

    refused, accepted = asyncio.run(talk())

    assert (refused["type"], refused["code"]) == ("refused", "storage")
    assert accepted["seq"] == 3


def test_row_22_a_full_disk_is_told_to_those_who_look_after_the_server(floor):
    store = floor.node.service.desk.store

    def allow_pages(pages):
        work = store._writer.run(lambda c: c.execute(text(f"PRAGMA max_page_count={pages}")))
        work.result(20)

    async def standing(web):
        ready, status = await web.get("/readyz"), await web.get("/api/status")
        return ready.status_code, ready.json()["checks"]["storing"], status.json()["status"]

    async def talk():
        async with floor.shopper() as shopper, floor.web() as web, floor.staff("mei") as mei:
            await shopper.ask("first of all, a good one")
            told = [await standing(web)]
            allow_pages(1)  # SQLite takes this as "as many as there are": the disk is full now
            while (await shopper.say("long " * 700))["type"] == "accepted":
                pass
            told.append(await standing(web))
            seen = [mei.welcome["storing"], (await mei.until("storing"))["on"]]
            async with floor.staff("li") as li:
                seen.append(li.welcome["storing"])
            allow_pages(1_000_000)
            accepted = await shopper.say("is there room again?")
            seen.append((await mei.until("storing"))["on"])
            return told, accepted["type"], await standing(web), seen

    told, again, after, seen = asyncio.run(talk())

    assert told == [(200, "ok", "ok"), (200, "refused just now", "down")]
    assert (again, after) == ("accepted", (200, "ok", "ok"))
    assert seen == [True, False, False, True]


def test_a_writer_that_hangs_never_keeps_a_shopper_waiting(open_floor_with):
    class HangingWriter(ScriptedAnswerer):
        def answer_batch(self, questions):
            answers = super().answer_batch(questions)
            return [
                Unwritten(question, "en", ("e1",), answer)
                for question, answer in zip(questions, answers, strict=True)
            ]

        def write(self, unwritten):
            assert self.release.wait(PATIENCE_SECONDS)
            return unwritten.otherwise

    async def talk(floor):
        async with floor.shopper() as shopper:
            began = time.monotonic()
            for number in range(7):
                await shopper.ask(f"write me something about number {number}")
            return time.monotonic() - began, floor.node.service.worker.writing.state

    with open_floor_with(writing_seconds=0.1, answerer=HangingWriter()) as floor:
        took, state = asyncio.run(talk(floor))

    assert took < 5
    assert state == "open"


def test_only_so_many_written_answers_in_ten_minutes(open_floor_with):
    class Writer(ScriptedAnswerer):
        written = 0

        def answer_batch(self, questions):
            answers = super().answer_batch(questions)
            return [
                Unwritten(question, "en", ("e1",), answer)
                for question, answer in zip(questions, answers, strict=True)
            ]

        def write(self, unwritten):
            self.written += 1
            return unwritten.otherwise

    async def talk(floor):
        async with floor.shopper() as shopper:
            for number in range(5):
                await shopper.ask(f"write me something about number {number}")

    with open_floor_with(generator_answers=3, answerer=Writer()) as floor:
        asyncio.run(talk(floor))
        assert floor.answerer.written == 3


def test_an_answerer_that_breaks_hands_over_and_the_next_shopper_is_served(open_floor_with):
    class Breaking(ScriptedAnswerer):
        def answer_batch(self, questions):
            if any("break" in question.text for question in questions):
                raise RuntimeError("broken")
            return super().answer_batch(questions)

    async def talk(floor):
        async with floor.shopper() as one, floor.shopper() as two:
            await one.say("please break now")
            sorry = await one.until_event("bot_gave_up")
            return sorry, await two.ask("and do I get an answer?")

    with open_floor_with(answerer=Breaking()) as floor:
        sorry, answer = asyncio.run(talk(floor))

    assert sorry["text"]
    assert answer["text"] == "You said: and do I get an answer?"


def test_a_port_that_is_taken_is_said_plainly(floor):
    from bot.errors import StartRefused
    from bot.server.listening import open_socket
    from bot.settings import load_settings

    taken = open_socket(load_settings(None, {}, port=0))
    taken.listen()
    with pytest.raises(StartRefused, match="--port"):
        open_socket(load_settings(None, {}, port=taken.getsockname()[1]))
    taken.close()
