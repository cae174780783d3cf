from bot.conversation.commands import (
    AsksForPerson,
    GoesOnWithBot,
    LeavesMessage,
    ShopperCloses,
    StaffClaims,
)
from bot.conversation.events import ClientId, ConversationId, StaffId
from bot.transcripts.errors import NotWiped
from bot.transcripts.retention import Expired, KeptDays

DAY = 86_400


def test_a_conversation_that_the_shopper_simply_left_is_forgotten_too(shop) -> None:
    retention, store = shop.transcripts.retention, shop.transcripts.store
    contact = {"phone": "555-0100"}
    for id in ("left", "waits", "message", "ended", "held", "fresh"):
        shop.begin(id=id)
    shop.do("waits", AsksForPerson())
    shop.do("message", LeavesMessage(ClientId("m"), "call me", contact))
    shop.do("message", GoesOnWithBot())
    shop.do("ended", LeavesMessage(ClientId("e"), "call me, bye", contact))
    shop.do("ended", ShopperCloses())
    shop.do("held", StaffClaims(StaffId("li"), "Li"))
    shop.clock.move(400 * DAY)
    shop.say("fresh", "hello again")
    assert retention.would_expire(KeptDays(closed=365)).conversations == 1
    assert retention.expire(KeptDays(closed=365)).result(20).conversations == 1
    for id in ("waits", "message", "ended", "held"):
        assert store.state(ConversationId(id)) is not None, id
    assert store.state(ConversationId("left")) is None
    assert store.state(ConversationId("fresh")) is not None


def test_closed_conversations_are_forgotten_by_age_and_waiting_ones_never(shop) -> None:
    retention = shop.transcripts.retention
    for id in ("old", "waits", "fresh"):
        shop.begin(id=id)
    shop.answer("old", trace={"why": "because"})
    shop.do("old", ShopperCloses())
    shop.do("waits", AsksForPerson())
    shop.clock.move(400 * DAY)
    shop.do("fresh", ShopperCloses())
    assert retention.expire(KeptDays(closed=365)).result(20) == Expired(conversations=1)
    store = shop.transcripts.store
    assert [store.state(ConversationId(id)) is None for id in ("old", "waits", "fresh")] == [
        True,
        False,
        False,
    ]
    assert store.check() == ()
    assert retention.expire(KeptDays()).result(20) == Expired()


def test_traces_go_earlier_than_the_talk_they_explain(shop) -> None:
    shop.begin()
    shop.answer("c1", trace={"why": "because"})
    shop.clock.move(31 * DAY)
    shop.say("c1", "again")
    shop.answer("c1", trace={"why": "still because"})
    assert shop.transcripts.retention.expire(KeptDays(traces=30)).result(20) == Expired(traces=1)
    traces = shop.transcripts.store.traces(ConversationId("c1"))
    assert [trace["why"] for trace in traces.values()] == ["still because"]


def test_delivered_notifications_go_and_undelivered_ones_stay(shop) -> None:
    outbox = shop.transcripts.outbox
    shop.begin()
    shop.do("c1", AsksForPerson())
    (item,) = outbox.take(1, lease_seconds=1).result(20)
    shop.clock.move(8 * DAY)
    assert shop.transcripts.retention.expire(KeptDays(delivered=7)).result(20) == Expired()
    outbox.delivered(item.id).result(20)
    shop.clock.move(8 * DAY)
    gone = shop.transcripts.retention.expire(KeptDays(delivered=7)).result(20)
    assert gone == Expired(notifications=1)


def test_a_person_is_found_by_words_and_by_contact_details_and_erased(shop) -> None:
    retention, store = shop.transcripts.retention, shop.transcripts.store
    shop.begin("my number is 555-0100", id="said")
    shop.begin("hello", id="left")
    contact = {"phone": "555-0100", "name": "王小明"}
    shop.do("left", LeavesMessage(ClientId("m"), "call me", contact))
    shop.begin("I am somebody else", id="other")
    assert retention.conversations_of("555-0100") == ("left", "said")
    assert retention.conversations_of("王小明") == ("left",)
    assert retention.conversations_of("%") == retention.conversations_of(" ") == ()
    assert retention.erase(["left", "said"]).result(20) == 2
    assert retention.conversations_of("555-0100") == ()
    assert store.state(ConversationId("other")) is not None
    assert retention.erase(["left"]).result(20) == 0
    assert shop.say("other", "goes on").said.seq == 2


def test_what_would_go_is_counted_and_nothing_is_touched(shop) -> None:
    retention = shop.transcripts.retention
    for id in ("one", "two", "open"):
        shop.begin(id=id)
        shop.answer(id, trace={"why": "because"})
    for id in ("one", "two"):
        shop.do(id, ShopperCloses())
    shop.clock.move(31 * DAY)
    kept = KeptDays(closed=30, traces=30, delivered=30)
    shop.do("open", AsksForPerson())
    assert retention.would_expire(kept) == Expired(conversations=2, traces=3)
    assert retention.would_expire(KeptDays(closed=32, traces=32)) == Expired()
    assert retention.would_expire(KeptDays()) == Expired()
    assert retention.expire(kept).result(20).conversations == 2


def test_days_that_an_admin_set_are_kept_until_they_are_dropped(shop) -> None:
    retention = shop.transcripts.retention
    assert retention.kept_days() is None
    for days in (KeptDays(90, 10, 5), KeptDays(80, 0, 5)):
        retention.set_kept_days(days, "boss").result(20)
        assert retention.kept_days() == days
    assert retention.drop_kept_days().result(20) is True
    assert retention.drop_kept_days().result(20) is False
    assert retention.kept_days() is None


def test_who_reads_for_long_delays_the_last_of_an_erasing_and_it_is_told(sqlite_shop) -> None:
    retention = sqlite_shop.transcripts.retention
    sqlite_shop.begin("my number is 555-0100", id="said")
    patience = "PRAGMA busy_timeout=20"
    retention._writer.maintain(lambda raw: raw.execute(patience).fetchall()).result(20)
    with sqlite_shop.transcripts.store._engine.begin() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM events").fetchall()
        refused = retention.erase(["said"]).exception(20)
        assert isinstance(refused, NotWiped) and "are deleted" in str(refused)
        assert isinstance(retention.wipe().exception(20), NotWiped)
    assert retention.conversations_of("555-0100") == ()
    assert retention.must_wipe()
    retention.wipe().result(20)
    assert not retention.must_wipe()


def test_erasing_that_was_finished_leaves_nothing_to_do(shop) -> None:
    shop.begin()
    assert shop.transcripts.retention.erase(["c1"]).result(20) == 1
    assert not shop.transcripts.retention.must_wipe()
