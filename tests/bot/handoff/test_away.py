from datetime import UTC, datetime, timedelta

from bot.conversation.events import ConversationId, StaffId
from bot.handoff.away import Holding, overdue

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
LI, WANG = StaffId("li"), StaffId("wang")


def _ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_a_holder_who_is_gone_long_enough_loses_every_conversation_longest_wait_first() -> None:
    holdings = [
        Holding(ConversationId("quiet"), LI),
        Holding(ConversationId("short"), LI, _ago(10)),
        Holding(ConversationId("long"), LI, _ago(300)),
        Holding(ConversationId("other"), WANG, _ago(900)),
    ]
    late = overdue(holdings, {LI: _ago(120)}, NOW, after_seconds=120)
    assert [held.conversation for held in late] == ["long", "short", "quiet"]


def test_a_short_absence_and_a_reload_of_the_page_keep_the_conversation() -> None:
    holdings = [Holding(ConversationId("c"), LI)]
    assert overdue(holdings, {LI: _ago(119.9)}, NOW, after_seconds=120) == []
    assert overdue(holdings, {}, NOW, after_seconds=120) == []


def test_without_a_limit_nobody_is_overdue() -> None:
    holdings = [Holding(ConversationId("c"), LI)]
    assert overdue(holdings, {LI: _ago(1e6)}, NOW, after_seconds=0) == []
