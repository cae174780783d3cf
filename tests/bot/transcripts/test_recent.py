"""What one process remembers of its last commits says what the database says, or nothing."""

import sqlite3
from datetime import UTC, datetime

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    GoesOnWithBot,
    HandsBack,
    ShopperSays,
    StaffClaims,
    StaffNotes,
    StaffSays,
)
from bot.conversation.conversation import ConversationState
from bot.conversation.errors import Refused
from bot.conversation.events import ClientId, ConversationId, Event, EventKind, StaffId, Stage
from bot.server.turns import question_of
from bot.transcripts.errors import UnknownConversation
from bot.transcripts.recent import WORDS_KEPT, Recent
from bot.transcripts.records import Recorded

C1 = ConversationId("c1")
LI = StaffId("li")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def remembered_and_read(shop, conversation: ConversationId = C1):
    """The question of the open turn, from memory and from the database."""
    store = shop.transcripts.store
    turns = [turn.id for turn in store.state(conversation).open_turns]
    known = store._recent.context(turns[0], 20)
    (read,) = store._read_turns(turns[:1], 20)
    return known and question_of(known), question_of(read)


def said(seq: int, text: str = "hello") -> Event:
    return Event(EventKind.SHOPPER_SAID, C1, NOON, "shopper", text, seq)


def recorded(*seqs: int, text: str = "hello") -> Recorded:
    state = ConversationState(C1, Stage.WITH_BOT, NOON, NOON, last_seq=seqs[-1])
    return Recorded(state, tuple(said(seq, text) for seq in seqs))


def test_a_turn_is_remembered_as_the_database_has_it_however_long_the_talk(sqlite_shop) -> None:
    shop = sqlite_shop
    shop.begin("hi")
    for number in range(30):
        known, read = remembered_and_read(shop)
        assert known == read
        assert len(known.history) == min(20, max(0, 3 * number - 1))
        shop.answer(
            "c1",
            f"answer {number}",
            memory={"slots": {"n": [number]}, "last_entries": ("a",), "failures": 0},
            choices=(("Yes", "entry:7"),),
        )
        shop.say("c1", f"question {number}")
        shop.say("c1", "and more")


def test_what_only_staff_see_is_not_remembered_as_said(sqlite_shop) -> None:
    shop = sqlite_shop
    shop.begin("a person, please")
    shop.do("c1", AsksForPerson())
    shop.do("c1", StaffClaims(LI, "Li"))
    shop.do("c1", StaffNotes(LI, "Li", ClientId("n1"), "a difficult one"))
    shop.do("c1", StaffSays(LI, "Li", ClientId("s1"), "what can I do?"))
    shop.do("c1", HandsBack(LI))
    shop.say("c1", "where is my order?")
    known, read = remembered_and_read(shop)
    assert known == read
    assert [one.text for one in known.history] == ["a person, please", "what can I do?"]


def test_a_conversation_of_an_earlier_start_is_read(sqlite_shop, url_of_sqlite, open_shop) -> None:
    sqlite_shop.begin("hi")
    sqlite_shop.answer("c1", "hello")
    sqlite_shop.transcripts.close()
    shop = open_shop(url_of_sqlite)
    shop.say("c1", "and now?")
    known, read = remembered_and_read(shop)
    assert known is None
    assert [one.text for one in read.history] == ["hi", "hello"]


def test_a_message_that_is_sent_again_meets_the_index_and_is_stored_once(sqlite_shop) -> None:
    shop = sqlite_shop
    shop.begin("hi")
    first = shop.say("c1", "where is it?", id="m1")
    again = shop.say("c1", "where is it?", id="m1")
    assert again.repeated and again.said == first.said
    assert shop.say("c1", "thanks").said.seq == first.said.seq + 1
    with pytest.raises(Refused):
        shop.do("c1", StaffSays(LI, "Li", ClientId("m2"), "not yours"))


def test_an_erased_conversation_is_not_remembered(sqlite_shop) -> None:
    shop = sqlite_shop
    shop.begin("hi")
    assert shop.transcripts.retention.erase([C1]).result(20) == 1
    with pytest.raises(UnknownConversation):
        shop.say("c1", "is anybody there?")


def test_what_another_process_changed_is_read_again(sqlite_shop, sqlite_path) -> None:
    shop = sqlite_shop
    shop.begin("hi")
    shop.say("c1", "hello?")
    with sqlite3.connect(sqlite_path) as other:
        other.execute("PRAGMA foreign_keys=ON")
        other.execute("DELETE FROM conversations")
    other.close()
    with pytest.raises(UnknownConversation):
        shop.say("c1", "is anybody there?")


def test_nothing_is_remembered_of_a_commit_that_failed(sqlite_shop) -> None:
    shop = sqlite_shop
    shop.begin("hi")
    with pytest.raises(Refused):
        shop.do("c1", ShopperSays(ClientId("m1"), " "))
    with pytest.raises(UnknownConversation):
        shop.say("another", "hello")
    assert shop.say("c1", "hello").said.seq == 2
    known, read = remembered_and_read(shop)
    assert known == read


def test_a_turn_with_much_that_has_no_words_before_it_is_remembered(sqlite_shop) -> None:
    shop = sqlite_shop
    shop.begin("hi")
    for number in range(24):
        shop.answer("c1", f"answer {number}")
        shop.do("c1", AsksForPerson())
        shop.do("c1", GoesOnWithBot())
        shop.say("c1", f"question {number}")
    known, read = remembered_and_read(shop)
    assert known == read and len(known.history) == 20


def test_a_gap_is_never_bridged() -> None:
    recent = Recent()
    recent.take([recorded(1, 2)])
    recent.take([recorded(4)])
    kept = recent._kept[C1]
    assert ([event.seq for event in kept.words], kept.since) == ([4], 4)


def test_a_state_alone_does_not_say_that_nothing_was_said_before() -> None:
    recent = Recent()
    recent.take([Recorded(ConversationState(C1, Stage.WITH_BOT, NOON, NOON, last_seq=3))])
    recent.take([recorded(4)])
    assert recent._kept[C1].since == 4


def test_only_the_newest_words_are_kept_and_the_quietest_conversations_go_first() -> None:
    recent = Recent(most_weight=60_000)
    recent.take([recorded(*range(1, WORDS_KEPT + 11))])
    kept = recent._kept[C1]
    assert (kept.words[0].seq, kept.since, len(kept.words)) == (11, 11, WORDS_KEPT)
    assert recent.state(C1) is not None
    for number in range(40):
        state = ConversationState(ConversationId(f"d{number}"), Stage.WITH_BOT, NOON, NOON)
        recent.take([Recorded(state)])
    assert recent.state(C1) is None
    assert recent.state(ConversationId("d39")) is not None
    recent.take([recorded(1, text="长" * 40_000)])
    assert recent._weight == 0 and recent.state(ConversationId("d39")) is None
