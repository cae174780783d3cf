import hashlib

import pytest

from bot.assemble.outside import open_store
from bot.conversation.commands import (
    AsksForPerson,
    Begin,
    BotAnswers,
    BotGivesUp,
    BotSpeech,
    ShopperSays,
    StaffClaims,
    StaffSays,
    TakeTurn,
)
from bot.conversation.events import ClientId, ConversationId, HandoffReason, StaffId
from bot.settings import Settings
from training.desk_lessons import desk_chats, desk_lessons
from training.refusal_texts import LabelledTextRefused

PATIENCE = 20


@pytest.fixture
def settings(tmp_path):
    return Settings(state_folder=tmp_path)


def test_the_desk_is_read_while_the_server_has_its_database_open(settings):
    transcripts = open_store(settings)
    try:
        store, id = transcripts.store, ConversationId("c1")
        first = ShopperSays(ClientId("m1"), "my lamp hums")
        store.begin(Begin(id, "en"), hashlib.sha256(b"c1").digest(), first).result(PATIENCE)
        taken = store.submit(id, TakeTurn(store.state(id).open_turns[0].ticket)).result(PATIENCE)
        speech = BotSpeech("Try it again.", "en")
        store.submit(id, BotAnswers(taken.turns[0].ticket, speech)).result(PATIENCE)
        store.submit(id, AsksForPerson()).result(PATIENCE)
        store.submit(id, StaffClaims(StaffId("li"), "Li")).result(PATIENCE)
        told = []
        (lesson,) = desk_lessons(settings, lambda *step: told.append(step))
    finally:
        transcripts.close()
    assert lesson.conversation.person == (True, True)
    assert sum(lesson.why.values()) == 1
    assert told[-1] == ("conversations", 1, 1)


def test_what_staff_wrote_on_the_desk_is_an_old_chat(settings):
    transcripts = open_store(settings)
    try:
        store = transcripts.store
        for id in (ConversationId("c1"), ConversationId("c2")):
            first = ShopperSays(ClientId(f"m1-{id}"), "is the lamp dimmable")
            digest = hashlib.sha256(id.encode()).digest()
            store.begin(Begin(id, "en"), digest, first).result(PATIENCE)
        store.submit(id, AsksForPerson()).result(PATIENCE)
        store.submit(id, StaffClaims(StaffId("li"), "Li")).result(PATIENCE)
        said = StaffSays(StaffId("li"), "Li", ClientId("m2"), "Yes, in three steps.")
        store.submit(id, said).result(PATIENCE)
        chats = desk_chats(settings)
    finally:
        transcripts.close()

    assert sorted([(one.side, one.text) for one in chat.messages] for chat in chats) == [
        [("shopper", "is the lamp dimmable")],
        [("shopper", "is the lamp dimmable"), ("staff", "Yes, in three steps.")],
    ]


def test_an_old_chat_of_the_desk_tells_what_the_bots_words_came_to(settings):
    transcripts = open_store(settings)
    try:
        store, id = transcripts.store, ConversationId("c1")
        first = ShopperSays(ClientId("m1"), "is the lamp dimmable")
        store.begin(Begin(id, "en"), hashlib.sha256(b"c1").digest(), first).result(PATIENCE)
        taken = store.submit(id, TakeTurn(store.state(id).open_turns[0].ticket)).result(PATIENCE)
        speech = BotSpeech("A colleague will know.", "en")
        giving_up = BotGivesUp(taken.turns[0].ticket, speech, HandoffReason.LOW_CONFIDENCE)
        store.submit(id, giving_up).result(PATIENCE)
        (chat,) = desk_chats(settings)
    finally:
        transcripts.close()

    assert [(one.side, one.outcome) for one in chat.messages] == [
        ("shopper", None), ("bot", "gave_up"),
    ]  # fmt: skip


def test_a_shop_without_any_history_is_told_so(settings):
    with pytest.raises(LabelledTextRefused, match="--chats"):
        desk_lessons(settings)
    assert not list(settings.state_folder.glob("*.sqlite3"))
