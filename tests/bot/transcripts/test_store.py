"""The contract of the transcripts, over SQLite and PostgreSQL."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    Begin,
    BotAnswers,
    BotGivesUp,
    BotNotices,
    BotSpeech,
    GoesOnWithBot,
    LeavesMessage,
    ShopperCloses,
    ShopperRates,
    ShopperSays,
    StaffClaims,
    StaffNotes,
    StaffSays,
    StaffTags,
)
from bot.conversation.errors import Refused
from bot.conversation.events import (
    ClientId,
    ConversationId,
    EventKind,
    HandoffReason,
    StaffId,
    Stage,
    TurnId,
    TurnState,
)
from bot.transcripts.errors import StoreClosed, UnknownConversation
from bot.transcripts.records import STAFF_READER, ComesBack, ReadMarks, ReplayLimits
from bot.transcripts.store import TranscriptStore
from bot.transcripts.turn_contexts import MOST_TAKEN_UP

C1 = ConversationId("c1")
LI = StaffId("li")
STRANGE_TEXT = "多少钱？\r\n\t‮ 𝟙 é é 👩‍👩‍👧 '; DROP TABLE events; -- \x01\x7f\ufeff" + "长" * 3_900


def opens(store: TranscriptStore, conversation: ConversationId, token_digest: bytes) -> bool:
    return store.resume(conversation, ComesBack(token_digest, 0), ReplayLimits()) is not None


def test_the_first_message_begins_a_conversation_and_is_stored_as_it_was_typed(shop) -> None:
    begun = shop.begin(STRANGE_TEXT)
    assert begun.recorded.said.seq == 1 and not begun.repeated
    view = shop.transcripts.store.after(C1, 0)
    (event,) = view.events
    assert event == begun.recorded.said
    assert event.text == STRANGE_TEXT
    assert event.at == shop.clock.moment
    assert view.state == begun.recorded.state
    assert view.state.page == {"title": "Tea", "url": "https://shop.example/tea"}
    assert view.complete


def test_everything_that_a_state_holds_comes_back_equal(shop) -> None:
    shop.begin()
    shop.answer(
        "c1",
        source="known",
        choices=(("Yes", "entry:7"),),
        memory={"slots": {"order": "A1\x00"}, "last_entries": ["a"]},
        failures=1,
        mood="angry",
        intent="order_status",
        order="A1001",
        trace={"rule": "known", "hits": [{"id": "7", "score": 0.5}]},
    )
    shop.do("c1", AsksForPerson())
    recorded = shop.do("c1", StaffClaims(LI, "Li Na"))
    assert shop.transcripts.store.state(C1) == recorded.state
    assert recorded.state.memory["slots"] == {"order": "A1\x00"}
    closed = shop.do("c1", ShopperCloses())
    assert shop.transcripts.store.state(C1) == closed.state


def test_a_message_sent_again_gets_the_number_and_time_it_had(shop) -> None:
    shop.begin()
    first = shop.say("c1", "is it waterproof?", id="x1")
    shop.say("c1", "?")
    shop.clock.move(60)
    again = shop.say("c1", "is it waterproof?", id="x1")
    assert again.repeated and not first.repeated
    assert again.said == first.said
    assert again.turns == () and again.state.last_seq == 3
    assert len(shop.transcripts.store.after(C1, 0).events) == 3


def test_a_message_sent_again_in_the_same_group_is_stored_once(shop) -> None:
    shop.begin()
    store = shop.transcripts.store
    futures = [store.submit(C1, ShopperSays(ClientId("x1"), "hello?")) for _ in range(50)]
    recorded = [future.result(20) for future in futures]
    assert {one.said.seq for one in recorded} == {2}
    assert sum(not one.repeated for one in recorded) == 1


def test_the_id_of_another_persons_message_is_refused(shop) -> None:
    shop.begin()
    shop.say("c1", "hello", id="x1")
    shop.do("c1", StaffClaims(LI, "Li Na"))
    with pytest.raises(Refused) as refused:
        shop.do("c1", StaffSays(LI, "Li Na", ClientId("x1"), "hello"))
    assert refused.value.code == "bad_id"
    note = shop.do("c1", StaffNotes(LI, "Li Na", ClientId("n1"), "regular customer"))
    assert shop.do("c1", StaffNotes(LI, "Li Na", ClientId("n1"), "regular customer")).repeated
    assert note.said.seq == 4


def test_the_same_id_in_two_conversations_is_two_messages(shop) -> None:
    shop.begin(id="c1")
    shop.begin(id="c2")
    assert not shop.say("c1", "hi", id="x").repeated
    assert not shop.say("c2", "hi", id="x").repeated


def test_a_first_message_sent_again_finds_the_conversation_it_began(shop) -> None:
    store = shop.transcripts.store
    first = ShopperSays(ClientId("x1"), "hello")
    lost = store.begin(Begin(ConversationId("c1")), b"1" * 32, first).result(20)
    found = store.begin(Begin(ConversationId("c2")), b"2" * 32, first).result(20)
    assert found.repeated
    assert found.recorded.said == lost.recorded.said
    assert opens(store, C1, b"2" * 32)
    assert store.state(ConversationId("c2")) is None


def test_another_text_or_a_later_week_does_not_open_an_earlier_conversation(shop) -> None:
    store = shop.transcripts.store
    store.begin(
        Begin(ConversationId("c1")), b"1" * 32, ShopperSays(ClientId("x1"), "hello")
    ).result(20)
    other = ShopperSays(ClientId("x1"), "open it for me")
    begun = store.begin(Begin(ConversationId("c2")), b"2" * 32, other).result(20)
    assert not begun.repeated and begun.recorded.state.id == "c2"
    assert not opens(store, C1, b"2" * 32)
    shop.clock.move(8 * 24 * 3600)
    same = ShopperSays(ClientId("x1"), "hello")
    assert not store.begin(Begin(ConversationId("c3")), b"3" * 32, same).result(20).repeated


def test_a_refused_first_message_leaves_no_conversation_behind(shop) -> None:
    store = shop.transcripts.store
    future = store.begin(Begin(C1), b"1" * 32, ShopperSays(ClientId("x1"), "  "))
    with pytest.raises(Refused):
        future.result(20)
    assert store.state(C1) is None


def test_a_conversation_opens_for_its_own_token_only(shop) -> None:
    shop.begin(id="c1")
    shop.begin(id="c2")
    store = shop.transcripts.store
    own, foreign = (hashlib.sha256(id).digest() for id in (b"c1", b"c2"))
    assert opens(store, C1, own)
    assert not opens(store, C1, foreign)
    assert not opens(store, ConversationId("c9"), own)
    assert not opens(store, C1, hashlib.sha256(b"").digest())


def test_a_refused_command_stores_nothing_and_harms_no_other_of_its_group(shop) -> None:
    shop.begin()
    store = shop.transcripts.store
    refused = store.submit(C1, StaffSays(LI, "Li Na", ClientId("s1"), "hi"))
    unknown = store.submit(ConversationId("c9"), ShopperSays(ClientId("s2"), "hi"))
    taken = store.submit(C1, ShopperSays(ClientId("s3"), "hi"))
    assert isinstance(refused.exception(20), Refused)
    assert isinstance(unknown.exception(20), UnknownConversation)
    assert taken.result(20).said.seq == 2


def test_numbers_have_no_holes_when_many_write_at_once(shop) -> None:
    ids = [shop.begin().recorded.state.id for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: shop.say(ids[n % 4], f"message {n}"), range(200)))
    for id in ids:
        view = shop.transcripts.store.after(id, 0)
        assert [event.seq for event in view.events] == list(range(1, 52))
        assert view.state.last_seq == 51


def test_one_of_twenty_claims_at_once_succeeds(shop) -> None:
    shop.begin()
    store = shop.transcripts.store
    futures = [store.submit(C1, StaffClaims(StaffId(f"s{n}"), f"Person {n}")) for n in range(20)]
    failures = [future.exception(20) for future in futures]
    assert failures.count(None) == 1
    assert all(error.code == "already_claimed" for error in failures if error is not None)


def test_events_are_read_in_pages_in_both_directions(shop) -> None:
    shop.begin()
    for number in range(2, 12):
        shop.say("c1", f"message {number}")
    store = shop.transcripts.store
    page = store.after(C1, 3, limit=4)
    assert [event.seq for event in page.events] == [4, 5, 6, 7]
    assert not page.complete and page.state.last_seq == 11
    assert store.after(C1, 7).complete
    assert [event.seq for event in store.newest(C1, limit=3).events] == [9, 10, 11]
    assert [event.seq for event in store.before(C1, 4, limit=2).events] == [2, 3]
    assert store.after(C1, 11).events == ()
    with pytest.raises(UnknownConversation):
        store.after(ConversationId("c9"), 0)


def test_a_turn_is_read_with_its_messages_and_what_was_said_before(shop) -> None:
    shop.begin("hello")
    shop.answer("c1", "Welcome!")
    shop.do("c1", StaffNotes(LI, "Li Na", ClientId("n1"), "private"))
    shop.say("c1", "my parcel")
    recorded = shop.say("c1", "where is it")
    [context] = shop.transcripts.store.turns([TurnId("c1.2")])
    assert context.turn == recorded.turns[0]
    assert context.texts == ("my parcel", "where is it")
    assert [event.text for event in context.history] == ["hello", "Welcome!"]
    assert context.state == recorded.state
    assert shop.transcripts.store.turns([TurnId("c1.9")]) == (None,)


def _waits(shop) -> None:
    """A shopper who has been answered once waits, writes, is told something, and writes more."""
    shop.begin("hello")
    shop.answer("c1", "Welcome!")
    shop.do("c1", AsksForPerson())
    shop.say("c1", "do you ship to Macau?")
    shop.do("c1", BotNotices("Nobody is here just now.", "nobody_here"))
    contact = {"email": "shopper@example.com"}
    shop.do("c1", LeavesMessage(ClientId("left"), "please write to me", contact))
    shop.say("c1", "how long does it take?")


@pytest.mark.parametrize("remembered", [True, False])
def test_a_turn_that_takes_up_what_was_written_while_waiting_has_all_of_it(
    shop, url, open_shop, remembered
) -> None:
    _waits(shop)
    shop.do("c1", GoesOnWithBot())
    if not remembered:
        shop.transcripts.close()
        shop = open_shop(url)
    [context] = shop.transcripts.store.turns([TurnId("c1.2")])
    assert context.texts == ("do you ship to Macau?", "how long does it take?")
    assert [event.text for event in context.history] == ["hello", "Welcome!"]
    assert context.chose_bot
    assert context.state.unanswered_from is None
    shop.say("c1", "by air", id="joins")  # before anybody has taken the turn: it joins it
    [context] = shop.transcripts.store.turns([TurnId("c1.2")])
    assert context.texts == ("do you ship to Macau?", "how long does it take?", "by air")
    assert not context.chose_bot
    shop.take("c1")
    shop.say("c1", "and to Taipei?", id="apart")
    taken_up, joined = shop.transcripts.store.turns([TurnId("c1.2"), TurnId("c1.3")])
    assert taken_up.texts == context.texts
    assert joined.texts == ("and to Taipei?",)


def test_of_much_that_was_written_while_waiting_the_newest_is_taken_up(shop) -> None:
    shop.begin("hello")
    shop.do("c1", AsksForPerson())
    for number in range(MOST_TAKEN_UP + 3):
        shop.say("c1", f"line {number}")
    shop.do("c1", GoesOnWithBot())
    [context] = shop.transcripts.store.turns([TurnId("c1.2")])
    assert (len(context.texts), context.texts[-1]) == (MOST_TAKEN_UP, f"line {MOST_TAKEN_UP + 2}")


def test_turns_left_open_by_a_crash_are_found_at_the_next_start(shop, url, open_shop) -> None:
    shop.begin(id="c1")
    shop.clock.move(1)
    shop.begin(id="c2")
    shop.take("c2")
    shop.clock.move(1)
    shop.begin(id="c3")
    shop.answer("c3")
    shop.transcripts.close()
    restarted = open_shop(url)
    left = restarted.transcripts.store.open_turns()
    assert [(turn.id, turn.state) for turn in left] == [
        ("c1.1", TurnState.ASKED),
        ("c2.1", TurnState.ANSWERING),
    ]
    resumed = restarted.take("c2").turns[0]
    assert resumed.attempt == 2
    answer = BotAnswers(resumed.ticket, BotSpeech("Here you are.", "en"))
    assert restarted.do("c2", answer).events[0].seq == 2


def test_an_acknowledged_answer_and_its_trace_survive_a_restart(shop, url, open_shop) -> None:
    shop.begin()
    shop.answer("c1", "Yes.", trace={"rule": "known", "seconds": {"search": 0.004}})
    epoch = shop.transcripts.store.epoch
    shop.transcripts.close()
    restarted = open_shop(url).transcripts.store
    assert restarted.epoch == epoch
    assert [event.text for event in restarted.after(C1, 0).events] == ["hello", "Yes."]
    assert restarted.traces(C1) == {"c1.1": {"rule": "known", "seconds": {"search": 0.004}}}


def test_a_draft_keeps_its_trace_beside_that_of_the_turn_it_is_for(shop) -> None:
    shop.begin()
    ticket = shop.take("c1").turns[0].ticket
    shop.do("c1", StaffClaims(LI, "Li Na"))
    late = BotAnswers(ticket, BotSpeech("late", "en", trace={"rule": "known"}))
    assert shop.do("c1", late).events[0].kind is EventKind.BOT_DRAFTED
    assert shop.do("c1", late).events[0].kind is EventKind.BOT_DRAFTED
    assert shop.transcripts.store.traces(C1) == {"c1.1": {"rule": "known"}}


def test_of_a_long_talk_only_the_trace_is_read_that_is_wanted(shop) -> None:
    shop.begin()
    for number in (1, 2, 3):
        shop.answer("c1", f"Answer {number}.", trace={"number": number})
        shop.say("c1", f"question {number}")
    traces = shop.transcripts.store.traces(C1, of=4)
    assert [trace["number"] for trace in traces.values()] == [2]


def test_what_led_to_the_newest_handoff_is_found_under_whatever_came_after_it(shop) -> None:
    store = shop.transcripts.store
    shop.begin("first")
    shop.do("c1", AsksForPerson())
    shop.do("c1", GoesOnWithBot())
    assert [event.seq for event in store.until_handoff(C1)] == [1, 2]
    shop.say("c1", "second")
    shop.do("c1", AsksForPerson())
    shop.say("c1", "third")
    assert [event.text for event in store.until_handoff(C1, limit=2)] == ["second", ""]
    shop.begin("another", id="c2")
    assert store.until_handoff(ConversationId("c2")) == ()


def _give_up(shop, id: str, mood: str) -> None:
    shop.begin(f"words of {id}", id=id)
    ticket = shop.take(id).turns[0].ticket
    speech = BotSpeech("A colleague will help.", "en", mood=mood, intent="complaint")
    shop.do(id, BotGivesUp(ticket, speech, HandoffReason.LOW_CONFIDENCE))
    shop.clock.move(10)


def test_the_inbox_shows_the_angry_first_then_who_waits_longest_then_who_is_held(shop) -> None:
    for id, mood in (("c1", "neutral"), ("c2", "neutral"), ("c3", "angry"), ("c4", "negative")):
        _give_up(shop, id, mood)
    shop.begin(id="c5")
    shop.do("c1", StaffClaims(LI, "Li Na"))
    inbox = shop.transcripts.store.inbox()
    assert [line.conversation for line in inbox] == ["c3", "c2", "c4", "c1"]
    top, held = inbox[0], inbox[-1]
    assert (top.mood, top.intent, top.reason) == (
        "angry",
        "complaint",
        HandoffReason.LOW_CONFIDENCE,
    )
    assert (top.last_text, top.unread, top.last_seq) == ("words of c3", 1, 3)
    assert held.holder.name == "Li Na"
    assert shop.transcripts.store.summary(C1) == held
    assert shop.transcripts.store.summary(ConversationId("c9")) is None
    recent = shop.transcripts.store.recent(limit=2)
    assert [line.conversation for line in recent] == ["c1", "c5"]
    with_bot = shop.transcripts.store.recent(stage=Stage.WITH_BOT)
    assert [line.conversation for line in with_bot] == ["c5"]


def test_read_marks_only_move_forward_and_never_beyond_the_newest(shop) -> None:
    shop.begin()
    shop.say("c1", "hello?")
    store = shop.transcripts.store
    assert store.read_marks(C1) == ReadMarks(0, 0)
    assert store.mark_seen(C1, STAFF_READER, 1).result(20) == 1
    assert store.summary(C1).unread == 1
    assert store.mark_seen(C1, STAFF_READER, 99).result(20) == 2
    assert store.mark_seen(C1, STAFF_READER, 1).result(20) == 2
    assert store.mark_seen(C1, "shopper", -5).result(20) == 0
    assert store.read_marks(C1) == ReadMarks(shopper=0, staff=2)
    assert store.summary(C1).unread == 0
    with pytest.raises(UnknownConversation):
        store.mark_seen(ConversationId("c9"), STAFF_READER, 1).result(20)


def test_what_was_read_counts_for_its_own_conversation_alone(shop) -> None:
    store = shop.transcripts.store
    for id, many in (("one", 1), ("two", 3), ("three", 2)):
        shop.begin(id=id)
        for number in range(many - 1):
            shop.say(id, f"more {number}")
        shop.do(id, AsksForPerson())
    store.mark_seen(ConversationId("one"), STAFF_READER, 1).result(20)
    store.mark_seen(ConversationId("two"), STAFF_READER, 2).result(20)
    unread = {line.conversation: line.unread for line in store.inbox()}
    assert unread == {"one": 0, "two": 1, "three": 2}
    assert [store.summary(ConversationId(id)).unread for id in unread] == list(unread.values())


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("100%", ["it is 100% cotton"]),
        ("_", ["a_b"]),
        ("COTTON", ["it is 100% cotton"]),
        ("退货", ["我要退货"]),
        ("a\\", ["a\\b"]),
        ("%", ["it is 100% cotton"]),
        (" ", []),
        ("nothing", []),
    ],
)
def test_a_search_takes_every_character_for_itself(shop, sought: str, found: list[str]) -> None:
    shop.begin("it is 100% cotton")
    for text in ("1000 cups", "a_b", "axb", "a\\b", "我要退货"):
        shop.say("c1", text)
    results = shop.transcripts.store.search(sought)
    assert [one.event.text for one in results] == found


def test_figures_for_metrics_are_counted(shop) -> None:
    _give_up(shop, "c1", "neutral")
    shop.begin(id="c2")
    counts = shop.transcripts.store.counts()
    assert counts.conversations == {
        Stage.WITH_BOT: 1,
        Stage.WAITING_FOR_STAFF: 1,
        Stage.WITH_STAFF: 0,
        Stage.CLOSED: 0,
    }
    assert (counts.events, counts.open_turns, counts.outbox_waiting) == (4, 1, 1)
    assert shop.transcripts.store.check() == ()


def test_after_closing_nothing_more_is_taken(shop) -> None:
    shop.begin()
    store = shop.transcripts.store
    waiting = [store.submit(C1, ShopperSays(ClientId(f"x{n}"), "hi")) for n in range(300)]
    shop.transcripts.close()
    assert all(future.result(0).said.seq for future in waiting)
    with pytest.raises(StoreClosed):
        store.submit(C1, ShopperSays(ClientId("late"), "hi")).result(20)


def test_a_message_that_is_left_is_stored_once_with_its_contact_details(shop) -> None:
    shop.begin()
    left = LeavesMessage(ClientId("left"), "call me", {"phone": "555 0100"})
    first, again = shop.do("c1", left), shop.do("c1", left)
    assert (again.repeated, again.said) == (True, first.events[0])
    state = shop.transcripts.store.state(C1)
    assert (state.stage, state.contact) == (Stage.WAITING_FOR_STAFF, {"phone": "555 0100"})
    summary = shop.transcripts.store.summary(C1)
    assert (summary.left_message, summary.unread) == (True, 2)


def test_tags_and_satisfaction_are_kept_and_shown_in_the_inbox(shop) -> None:
    shop.begin()
    shop.do("c1", StaffTags(StaffId("li"), "Li", add=("vip",)))
    shop.do("c1", ShopperRates(5, "lovely"))
    summary = shop.transcripts.store.summary(C1)
    assert (summary.tags, summary.score) == (("vip",), 5)
    assert shop.transcripts.store.state(C1).score == 5
