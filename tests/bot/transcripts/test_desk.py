from datetime import time

import pytest
from sqlalchemy import event

from bot.conversation.commands import StaffClaims
from bot.conversation.events import StaffId
from bot.handoff.canned import CannedRefused, CannedReply
from bot.handoff.hours import Calendar
from bot.transcripts.desk import StaffSkills
from bot.transcripts.errors import ShortcutTaken, UnknownAccount

HELLO = CannedReply("1", "hello", {"en": "Hello {shopper_name}", "zh": "您好"})


def test_canned_replies_are_kept_changed_and_dropped(shop) -> None:
    desk = shop.transcripts.desk
    desk.keep_canned_reply(HELLO, by="li").result(20)
    changed = CannedReply("1", "hi", {"en": "Hi"})
    desk.keep_canned_reply(changed, by="li").result(20)
    assert desk.canned_replies() == (changed,)
    with pytest.raises(ShortcutTaken):
        desk.keep_canned_reply(CannedReply("2", "hi", {"en": "x"}), by="li").result(20)
    with pytest.raises(CannedRefused):
        desk.keep_canned_reply(CannedReply("3", "x", {"en": "{secret}"}), by="li")
    assert desk.drop_canned_reply("1").result(20) and not desk.drop_canned_reply("1").result(20)


def test_opening_hours_are_kept_by_name(shop) -> None:
    desk = shop.transcripts.desk
    hours = Calendar("Asia/Shanghai", {0: ((time(9), time(18)),)})
    assert desk.calendar("desk") is None
    desk.keep_calendar("desk", Calendar("UTC", {}), by="li").result(20)
    desk.keep_calendar("desk", hours, by="li").result(20)
    assert desk.calendar("desk") == hours


def test_what_routing_knows_of_a_person_is_kept(shop) -> None:
    desk = shop.transcripts.desk
    account = shop.transcripts.accounts.add("li", "Li", "hash", frozenset({"staff"})).result(20)
    skills = StaffSkills(account.id, frozenset({"zh"}), frozenset({"return"}), 4)
    desk.keep_skills(skills).result(20)
    assert desk.skills() == (skills,)
    with pytest.raises(UnknownAccount):
        desk.keep_skills(StaffSkills("nobody")).result(20)


def test_recent_claims_tell_how_fast_the_desk_is(shop) -> None:
    for id in ("a", "b"):
        shop.begin(id=id)
        shop.clock.move(60)
        shop.do(id, StaffClaims(StaffId("li"), "Li"))
    newest, before = shop.transcripts.desk.recent_claims()
    assert (newest - before).total_seconds() == 60


def test_claims_are_found_without_looking_through_what_was_said(sqlite_shop) -> None:
    shop, statements = sqlite_shop, []
    engine = shop.transcripts.store._engine

    @event.listens_for(engine, "before_cursor_execute")
    def asked(_connection, _cursor, statement, values, *_) -> None:
        statements.append((statement, values))

    shop.transcripts.desk.recent_claims()
    shop.transcripts.desk.last_given(shop.clock())
    event.remove(engine, "before_cursor_execute", asked)
    asked_for = [one for one in statements if "FROM events" in one[0]]
    with engine.begin() as connection:
        plans = [
            [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", values)]
            for one, values in asked_for
        ]
    assert len(plans) == 2
    assert all("ix_events_claimed" in plan[0] for plan in plans)
