from datetime import timedelta

from bot.conversation.commands import (
    AsksForPerson,
    BotGivesUp,
    BotSpeech,
    ShopperRates,
    StaffClaims,
)
from bot.conversation.events import HandoffReason, StaffId
from bot.handoff.figures import Waits
from bot.handoff.weeks import TurnCounts


def test_only_conversations_that_began_in_time_are_counted(shop) -> None:
    shop.begin(id="old")
    shop.clock.move(3_600)
    since = shop.clock()
    shop.do("old", AsksForPerson())
    shop.begin(id="plain")
    shop.do("plain", ShopperRates(4, "good"))
    shop.begin(id="helped")
    shop.do("helped", AsksForPerson())
    shop.clock.move(120)
    shop.do("helped", StaffClaims(StaffId("li"), "Li"))

    figures = shop.transcripts.figures.since(since)

    assert (figures.conversations, figures.bot_only, figures.handed_over) == (2, 1, 1)
    assert figures.first_wait == Waits(1, 120.0, 120.0)
    assert figures.bot_scores[4] == 1
    assert shop.transcripts.figures.since(since - timedelta(hours=2)).conversations == 3


def test_the_queue_tells_who_waits_and_since_when(shop) -> None:
    figures = shop.transcripts.figures
    assert (figures.queue().waiting, figures.queue().since) == (0, None)
    shop.begin(id="first")
    shop.do("first", AsksForPerson())
    first = shop.clock()
    shop.clock.move(60)
    shop.begin(id="second")
    shop.do("second", AsksForPerson())
    assert (figures.queue().waiting, figures.queue().since) == (2, first)


def test_turns_are_counted_by_what_they_came_to_and_when(shop) -> None:
    begin = shop.clock()
    shop.begin(id="one")
    shop.answer("one")
    shop.clock.move(3_600)
    middle = shop.clock()
    shop.begin(id="two")
    ticket = shop.take("two").turns[0].ticket
    shop.do("two", BotGivesUp(ticket, BotSpeech("One moment.", "en"), HandoffReason.WISH))
    end = middle + timedelta(hours=1)

    assert shop.transcripts.figures.turns([begin, middle, end]) == [
        TurnCounts(answered=1), TurnCounts(handed_over=1),
    ]  # fmt: skip
    assert shop.transcripts.figures.turns([end]) == []
