from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    ShopperCloses,
    StaffClaims,
    StaffNotes,
    StaffTags,
)
from bot.conversation.events import ClientId, ConversationId, StaffId, Stage
from bot.transcripts.finding import NOBODY, Place, Wanted, place_from

LI, WANG = StaffId("aa11"), StaffId("bb22")


@pytest.fixture
def finding(shop):
    """Four conversations: plain, with Li and tagged, closed and Chinese, noted for Wang."""
    shop.begin("where is my parcel?", "plain")
    shop.clock.move(60)
    shop.begin("the blue kettle leaks", "held")
    shop.do("held", StaffClaims(LI, "Li"))
    shop.do("held", StaffTags(LI, "Li", add=("退款", "urgent")))
    shop.clock.move(60)
    shop.begin("水壶漏水 100%_!", "closed", language="zh")
    shop.do("closed", ShopperCloses())
    shop.clock.move(60)
    shop.begin("thanks", "noted")
    shop.do("noted", StaffNotes(LI, "Li", ClientId("n1"), "look at this KETTLE", (WANG,)))
    return shop.transcripts.finding


def found(finding, **wanted):
    return [line.conversation for line in finding.find(Wanted(**wanted), 10).lines]


def test_conversations_are_found_by_each_filter_and_by_several(finding) -> None:
    assert found(finding) == ["noted", "closed", "held", "plain"]
    assert found(finding, text="kettle") == ["noted", "held"]
    assert found(finding, text="漏水") == ["closed"]
    assert found(finding, text="100%_!") == ["closed"]
    assert found(finding, text="%") == ["closed"]
    assert found(finding, stage=Stage.CLOSED) == ["closed"]
    assert found(finding, holder=LI) == ["held"]
    assert found(finding, holder=NOBODY) == ["noted", "closed", "plain"]
    assert found(finding, language="zh") == ["closed"]
    assert found(finding, tag="退款") == ["held"]
    assert found(finding, tag="退") == []
    assert found(finding, mentioned=WANG) == ["noted"]
    assert found(finding, mentioned=LI) == []
    assert found(finding, mood="neutral", text="kettle", holder=LI) == ["held"]
    assert found(finding, mood="angry") == []


def test_a_stretch_of_time_is_chosen_by_the_last_word(finding, shop) -> None:
    now = shop.clock()
    assert found(finding, since=now) == ["noted"]
    assert found(finding, until=now - timedelta(seconds=120)) == ["plain"]


def test_pages_follow_one_another_without_a_hole_or_a_double(finding, shop) -> None:
    for number in range(5):
        shop.begin("same moment", f"s{number}")
    seen, before = [], None
    while True:
        page = finding.find(Wanted(before=before), 2)
        seen += [line.conversation for line in page.lines]
        if page.following is None:
            break
        before = place_from(str(page.following))
    assert seen == ["noted", "s0", "s1", "s2", "s3", "s4", "closed", "held", "plain"]
    assert [line.conversation for line in finding.each(Wanted(), 2)] == seen


@pytest.mark.parametrize("text", ["", "x", "1", "1.", ".c", "-1.c", "१.c", "9" * 30 + ".c"])
def test_a_place_that_is_none_is_told(text) -> None:
    assert place_from(text) is None


def test_a_place_is_written_and_read_back() -> None:
    place = Place(datetime(2026, 3, 1, 9, 0, 0, 17, tzinfo=UTC), ConversationId("a.b"))
    assert place_from(str(place)) == place


def test_tags_in_use_are_counted(finding, shop) -> None:
    shop.do("plain", StaffTags(LI, "Li", add=("urgent",)))
    assert finding.tags() == [("urgent", 2), ("退款", 1)]


def test_who_got_a_conversation_when_is_remembered(shop) -> None:
    shop.begin("hello", "one")
    shop.do("one", AsksForPerson())
    shop.clock.move(5)
    shop.do("one", StaffClaims(LI, "Li"))
    given = shop.transcripts.desk.last_given(shop.clock() - timedelta(hours=1))
    assert given == {LI: shop.clock()}
    assert shop.transcripts.desk.last_given(shop.clock() + timedelta(seconds=1)) == {}
