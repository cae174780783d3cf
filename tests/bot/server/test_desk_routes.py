"""The desk over REST: replies, hours, filters, files, erasing, deliveries; and their audit."""

import asyncio
import csv
import io
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.commands import AsksForPerson
from bot.transcripts.errors import ClockAhead
from tests.bot.server.floor import PATIENCE_SECONDS, sign_in

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "＝1", '"=1', " =1"]


def as_admin(floor, work, login="boss"):
    """Run `work(web, csrf header)` signed in."""

    async def talk():
        async with floor.web() as web:
            return await work(web, {"X-CSRF-Token": await sign_in(web, login)})

    return asyncio.run(talk())


async def conversation_about(floor, *texts):
    async with floor.shopper() as shopper:
        for text in texts:
            await shopper.ask(text)
        return shopper.conversation


def acts_in_audit(floor):
    return [row.act for row in floor.parts.transcripts.audit.rows()]


def test_canned_replies_are_kept_changed_filled_in_and_dropped(floor):
    async def work(web, csrf):
        conversation = await conversation_about(floor, "hello there")
        texts = {"en": "Hello, I am {staff_name} of {shop}. About {order}:", "zh": "您好"}
        made = await web.post("/api/canned", json={"shortcut": "hi", "texts": texts}, headers=csrf)
        id = made.json()["reply"]["id"]
        twin = await web.post(
            "/api/canned", json={"shortcut": "hi", "texts": {"zh": "喂"}}, headers=csrf
        )
        bad = [
            await web.post("/api/canned", json=body, headers=csrf)
            for body in (
                {"shortcut": "two words", "texts": {"en": "x"}},
                {"shortcut": "x", "texts": {}},
                {"shortcut": "x", "texts": {"fr": "x"}},
                {"shortcut": "x", "texts": {"en": "{password}"}},
            )
        ]
        filled = await web.get(f"/api/conversations/{conversation}/canned?typed=h")
        other = await web.get(f"/api/conversations/{conversation}/canned?typed=zzz")
        chinese = await web.get(f"/api/conversations/{conversation}/canned?typed=h&language=zh")
        changed = await web.post(
            f"/api/canned/{id}", json={"shortcut": "hey", "texts": {"en": "Hey"}}, headers=csrf
        )
        missing = await web.post(
            "/api/canned/none", json={"shortcut": "a", "texts": {"en": "b"}}, headers=csrf
        )
        listed = await web.get("/api/canned")
        gone = await web.delete(f"/api/canned/{id}", headers=csrf)
        again = await web.delete(f"/api/canned/{id}", headers=csrf)
        return made, twin, bad, filled, other, chinese, changed, missing, listed, gone, again

    made, twin, bad, filled, other, chinese, changed, missing, listed, gone, again = as_admin(
        floor, work
    )

    assert made.status_code == 201
    assert (twin.status_code, twin.json()["error"]["code"]) == (409, "shortcut_taken")
    assert [(one.status_code, one.json()["error"]["code"]) for one in bad] == [(400, "canned")] * 4
    (reply,) = filled.json()["replies"]
    assert reply["text"] == "Hello, I am Boss of Little Harbour. About {order}:"
    assert reply["missing"] == ["order"]
    assert other.json() == {"replies": []}
    assert chinese.json()["replies"][0]["text"] == "您好"
    assert changed.json()["reply"]["shortcut"] == "hey"
    assert missing.status_code == 404
    assert [one["shortcut"] for one in listed.json()["replies"]] == ["hey"]
    assert "staff_name" in listed.json()["variables"]
    assert (gone.status_code, again.status_code) == (204, 404)
    acts = acts_in_audit(floor)
    assert {"canned_added", "canned_changed", "canned_dropped"} <= set(acts)


@pytest.mark.parametrize(
    "body",
    [
        {"zone": "Mars/North", "weekly": {}},
        {"zone": "../../etc/passwd", "weekly": {}},
        {"zone": "UTC", "weekly": {"7": []}},
        {"zone": "UTC", "weekly": {"0": [["25:00", "26:00"]]}},
        {"zone": "UTC", "weekly": {"0": [["09:00"]]}},
        {"zone": "UTC", "weekly": {}, "special": {"tomorrow": []}},
        {"zone": "UTC", "weekly": {}, "more": 1},
    ],
)
def test_hours_that_make_no_sense_are_refused_and_change_nothing(floor, body):
    async def work(web, csrf):
        answer = await web.post("/api/hours", json=body, headers=csrf)
        return answer.status_code, (await web.get("/api/hours")).json()["source"]

    assert as_admin(floor, work) == (400, "shop")


def test_conversations_are_filtered_and_paged(floor):
    async def work(web, csrf):
        ids = [await conversation_about(floor, f"question {number}") for number in range(5)]
        seen, params = [], {"limit": 2, "stage": "with_bot"}
        while True:
            page = (await web.get("/api/conversations", params=params)).json()
            seen += [line["conversation"] for line in page["conversations"]]
            if "next" not in page:
                break
            params["before"] = page["next"]
        text = (await web.get("/api/conversations", params={"text": "question 3"})).json()
        wrong = [
            (await web.get("/api/conversations", params=one)).status_code
            for one in (
                {"before": "nowhere"}, {"stage": "lost"}, {"limit": 0}, {"limit": 201},
                {"since": "yesterday"}, {"language": "fr"}, {"text": "a\x00b"}, {"text": "x" * 201},
            )
        ]  # fmt: skip
        late = (await web.get("/api/conversations", params={"since": "2100-01-01T00:00"})).json()
        return ids, seen, text, wrong, late

    ids, seen, text, wrong, late = as_admin(floor, work, "mei")

    assert seen == ids[::-1]
    assert [line["conversation"] for line in text["conversations"]] == [ids[3]]
    assert wrong == [400] * 8
    assert late == {"conversations": []}


def test_an_export_holds_every_event_and_no_live_formula(floor):
    async def work(web, csrf):
        conversation = await conversation_about(floor, *FORMULAS)
        table = await web.get("/api/conversations/export", params={"format": "csv"})
        lines = await web.get("/api/conversations/export", params={"format": "jsonl"})
        none = await web.get("/api/conversations/export", params={"stage": "closed"})
        return conversation, table, lines, none

    conversation, table, lines, none = as_admin(floor, work)
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    events = [json.loads(line) for line in lines.text.splitlines()]
    stored = floor.parts.transcripts.store.after(conversation, 0).events

    assert "attachment" in table.headers["content-disposition"]
    assert [int(row["seq"]) for row in rows] == [event.seq for event in stored]
    said = [row["text"] for row in rows if row["kind"] == "shopper_said"]
    assert said == [f"'{formula}" for formula in FORMULAS]
    assert not any(cell[:1] in "=+-@\t＝" for row in rows for cell in row.values() if cell)
    assert [event["text"] for event in events] == [event.text for event in stored]
    assert len(none.content.decode("utf-8-sig").splitlines()) == 1
    assert acts_in_audit(floor).count("conversations_exported") == 3


def test_a_person_is_found_and_erased_and_every_page_learns_it(floor):
    async def talk():
        async with floor.staff("boss") as boss, floor.shopper() as shopper:
            await shopper.say("a person please, I am ada@example.com")
            await shopper.until_event("handoff_requested")
            while not any(
                frame["type"] == "summary" for frame in boss.seen
            ):  # the inbox shows the line
                await boss.next()
            await boss.send(type="open", conversation=shopper.conversation)
            await boss.until("opened")
            csrf = {"X-CSRF-Token": boss.csrf}
            found = await boss.web.post(
                "/api/conversations/of-person", json={"text": "ada@example.com"}, headers=csrf
            )
            body = {"conversations": found.json()["conversations"]}
            erased = await boss.web.post("/api/conversations/erase", json=body, headers=csrf)
            gone = await boss.until("gone")
            code = await shopper.closed()
            await boss.send(type="tick")
            await boss.until("tick")  # a colleague's own page goes on
            await boss.send(type="open", conversation=shopper.conversation)
            refused = await boss.until("refused")
            assert (refused["what"], refused["code"]) == ("open", "not_yours")
            assert refused["conversation"] == shopper.conversation
            looked = await boss.web.get(f"/api/conversations/{shopper.conversation}")
            return shopper.conversation, found, erased, gone, code, looked

    conversation, found, erased, gone, code, looked = asyncio.run(talk())

    assert found.json() == {"conversations": [conversation]}
    assert erased.json() == {"erased": 1}
    assert gone["conversation"] == conversation
    assert code == 4003
    assert looked.status_code == 404
    acts = acts_in_audit(floor)
    assert {"person_looked_up", "conversations_erased"} <= set(acts)
    assert "ada@example.com" not in json.dumps(
        [dict(row.details) for row in floor.parts.transcripts.audit.rows()]
    )


def test_the_desks_settings_and_dead_letters_are_shown_and_one_is_revived(floor):
    outbox, store = floor.parts.transcripts.outbox, floor.parts.transcripts.store

    async def work(web, csrf):
        conversation = await conversation_about(floor, "hello")
        await asyncio.to_thread(
            lambda: store.submit(conversation, AsksForPerson()).result(PATIENCE_SECONDS)
        )
        (item,) = await asyncio.to_thread(lambda: outbox.take(5, 60).result(PATIENCE_SECONDS))
        await asyncio.to_thread(
            lambda: outbox.give_up(item.id, "refused by all").result(PATIENCE_SECONDS)
        )
        desk = (await web.get("/api/desk")).json()
        revived = await web.post(f"/api/desk/outbox/{item.id}/revive", headers=csrf)
        wrong = [
            (await web.post(f"/api/desk/outbox/{id}/revive", headers=csrf)).status_code
            for id in (item.id, "x", "99999", "-1", "9" * 30)
        ]
        return conversation, item, desk, revived.status_code, wrong

    conversation, item, desk, revived, wrong = as_admin(floor, work)

    assert (desk["routing"], desk["channels"]) == ("pick", [])
    assert desk["retention"] == {"closed_days": 365, "traces_days": 30, "delivered_days": 7}
    (dead,) = desk["outbox"]["dead"]
    assert (dead["id"], dead["kind"], dead["why"]) == (item.id, "waiting", "refused by all")
    assert dead["conversation"] == conversation
    assert revived == 204
    assert wrong == [404] * 5


def test_what_retention_lets_go_is_forgotten_on_request(floor):
    async def work(web, csrf):
        return (await web.post("/api/desk/expire", headers=csrf)).json()

    assert as_admin(floor, work) == {"conversations": 0, "traces": 0, "notifications": 0}


def test_skills_are_checked_and_shown_with_the_account(floor):
    async def work(web, csrf):
        staff = (await web.get("/api/staff")).json()["staff"]
        mei = next(one for one in staff if one["login"] == "mei")
        path = f"/api/staff/{mei['id']}/skills"
        good = {"languages": ["zh", "en"], "skills": ["refund"], "capacity": 3}
        kept = await web.post(path, json=good, headers=csrf)
        wrong = [
            (await web.post(path, json={**good, **change}, headers=csrf)).status_code
            for change in ({"languages": ["fr"]}, {"capacity": 0}, {"skills": [""]}, {"more": 1})
        ]
        nobody = await web.post("/api/staff/nobody/skills", json=good, headers=csrf)
        after = (await web.get("/api/staff")).json()["staff"]
        listed = (await web.get("/api/colleagues")).json()["colleagues"]
        return mei, kept, wrong, nobody, after, listed

    mei, kept, wrong, nobody, after, listed = as_admin(floor, work)

    assert (mei["languages"], mei["skills"]) == ([], [])
    assert kept.json()["account"]["capacity"] == 3
    assert wrong == [400] * 4
    assert nobody.status_code == 404
    shown = next(one for one in after if one["login"] == "mei")
    assert (shown["languages"], shown["skills"], shown["capacity"]) == (["en", "zh"], ["refund"], 3)
    assert next(one for one in listed if one["id"] == mei["id"])["capacity"] == 3


def test_somebody_who_was_disabled_is_no_colleague_any_more(floor):
    async def work(web, csrf):
        staff = (await web.get("/api/staff")).json()["staff"]
        li = next(one for one in staff if one["login"] == "li")
        await web.post(f"/api/staff/{li['id']}/disable", headers=csrf)
        return li, (await web.get("/api/colleagues")).json()["colleagues"]

    li, colleagues = as_admin(floor, work)

    assert li["id"] not in {one["id"] for one in colleagues}


def test_ids_that_nobody_could_have_made_are_not_found(floor):
    async def work(web, csrf):
        return [
            (await web.get(f"/api/conversations/{id}{rest}")).status_code
            for id in ("x", "%00", "%27--", str(uuid.uuid4()), "a" * 200)
            for rest in ("", "/traces", "/canned")
        ]

    assert set(as_admin(floor, work)) <= {404}


def test_a_kept_reply_is_filled_in_with_the_order_that_the_shopper_told_a_person(floor):
    async def work(web, csrf):
        texts = {"en": "About {order}."}
        await web.post("/api/canned", json={"shortcut": "o", "texts": texts}, headers=csrf)
        async with floor.shopper() as shopper, floor.staff("mei") as mei:
            await shopper.say("a person please")
            await shopper.until("stage", stage="waiting_for_staff")
            await mei.send(type="claim", conversation=shopper.conversation)
            await mei.until("done", what="claim")
            path = f"/api/conversations/{shopper.conversation}/canned?typed=o"
            before = (await web.get(path)).json()["replies"][0]
            await shopper.say("it is lh20261103 - 4821, not LH20261103-0007")
            await shopper.say("are you there?")
            return before, (await web.get(path)).json()["replies"][0]

    before, after = as_admin(floor, work)

    assert before["missing"] == ["order"]
    assert (after["text"], after["missing"]) == ("About LH20261103-0007.", [])


def test_an_admin_sets_how_long_what_is_kept_and_hears_first_what_that_deletes(floor):
    store = floor.parts.transcripts.store

    async def work(web, csrf):
        async with floor.shopper() as shopper:
            await shopper.ask("hello")
            await shopper.send(type="close")
            await shopper.until("stage", stage="closed")
        days = {"closed_days": 90, "traces_days": 0, "delivered_days": 3}
        before = (await web.get("/api/retention")).json()
        would = (await web.get("/api/retention/preview", params=days)).json()
        made = (await web.post("/api/retention", json=days, headers=csrf)).json()
        desk = (await web.get("/api/desk")).json()["retention"]
        refused = [
            (await web.post("/api/retention", json={**days, **wrong}, headers=csrf)).status_code
            for wrong in (
                {"closed_days": -1},
                {"closed_days": 36_501},
                {"closed_days": "9"},
                {"closed_days": 1.5},
                {"other_days": 1},
            )
        ]
        gone = (await web.post("/api/desk/expire", headers=csrf)).json()
        dropped = (await web.delete("/api/retention", headers=csrf)).status_code
        after = (await web.get("/api/retention")).json()
        return before, would, made, desk, refused, gone, dropped, after

    before, would, made, desk, refused, gone, dropped, after = as_admin(floor, work)

    settings = {"closed_days": 365, "traces_days": 30, "delivered_days": 7, "source": "settings"}
    assert before == after == settings
    assert made == {"closed_days": 90, "traces_days": 0, "delivered_days": 3, "source": "set"}
    assert desk == {"closed_days": 90, "traces_days": 0, "delivered_days": 3}
    nothing = {"conversations": 0, "traces": 0, "notifications": 0}
    assert would == gone == nothing
    assert refused == [400] * 5
    assert dropped == 204
    assert len(store.recent()) == 1
    rows = floor.parts.transcripts.audit.rows()
    kept = next(row for row in rows if row.act == "retention_set")
    assert kept.details["before"]["closed_days"] == 365
    assert kept.details["closed_days"] == 90
    assert "retention_dropped" in acts_in_audit(floor)


def test_what_an_admin_set_holds_for_the_daily_forgetting_of_every_node(open_floor_with):
    with open_floor_with(keep_closed_days=1) as floor:

        async def work(web, csrf):
            days = {"closed_days": 0, "traces_days": 0, "delivered_days": 0}
            await web.post("/api/retention", json=days, headers=csrf)
            async with floor.shopper() as shopper:
                await shopper.ask("hello")
                await shopper.send(type="close")
                await shopper.until("stage", stage="closed")

        as_admin(floor, work)
    two_days_on = datetime.now(UTC) + timedelta(days=2)
    with open_floor_with(keep_closed_days=1, now=lambda: two_days_on) as later:
        later.on_loop(later.node.service.upkeep.forget())
        assert len(later.parts.transcripts.store.recent()) == 1
        later.parts.transcripts.retention.drop_kept_days().result(PATIENCE_SECONDS)
        later.on_loop(later.node.service.upkeep.forget())
        assert later.parts.transcripts.store.recent() == ()


def test_the_audit_log_is_sifted_and_paged_by_the_server(floor):
    log = floor.parts.transcripts.audit
    for number in range(7):
        details = {"note": f"七夕 sale {number}"}
        log.append("ada", "knowledge_published", f"file-{number}.csv", details).result(
            PATIENCE_SECONDS
        )
        log.append("bob", "hours_set").result(PATIENCE_SECONDS)

    async def work(web, csrf):
        async def ask(**params):
            return (await web.get("/api/audit", params=params)).json()

        return (
            await ask(who="ada", limit=3),
            await ask(who="ada", limit=3, before=(await ask(who="ada", limit=3))["before"]),
            await ask(act="hours_set", limit=10),
            await ask(text="七夕 SALE 4"),
            await ask(text="file-6", who="bob"),
            await ask(since="2100-01-01T00:00:00Z"),
            await ask(until="2100-01-01T00:00:00Z", limit=1),
            await ask(limit=500),
            [
                (await web.get("/api/audit", params=wrong)).status_code
                for wrong in (
                    {"since": "yesterday"},
                    {"since": "0001-01-01T00:00:00+14:00"},
                    {"until": "9999-12-31T23:00:00-14:00"},
                    {"limit": 501},
                    {"who": "\x00"},
                )
            ],
            (await web.get("/api/audit/known")).json(),
        )

    first, second, hours, note, none, never, one, everything, wrong, known = as_admin(floor, work)

    assert [row["about"] for row in first["rows"]] == ["file-6.csv", "file-5.csv", "file-4.csv"]
    assert [row["about"] for row in second["rows"]] == ["file-3.csv", "file-2.csv", "file-1.csv"]
    assert "before" in second
    assert len(hours["rows"]) == 7 and "before" not in hours
    assert [row["about"] for row in note["rows"]] == ["file-4.csv"]
    assert none["rows"] == never["rows"] == []
    assert one["rows"][0] == everything["rows"][0]
    assert first["whole"] is True and "whole" not in second
    assert wrong == [400, 400, 400, 400, 400]
    assert known["who"] == ["ada", "bob", "boss"]
    assert set(known["acts"]) == {"knowledge_published", "hours_set", "signed_in"}


def test_erasing_whose_last_bytes_must_wait_is_told_and_finished_by_itself(floor):
    async def work(web, csrf):
        conversation = await conversation_about(floor, "my card is 4111")
        with floor.parts.transcripts.store._engine.begin() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM events").fetchall()
            body = {"conversations": [conversation]}
            refused = await web.post("/api/conversations/erase", json=body, headers=csrf)
            # Asked while a reader is in the way: the server may wipe by itself right after.
            left = retention.must_wipe()
        status = (await web.get(f"/api/conversations/{conversation}")).status_code
        return refused, status, left

    patience = "PRAGMA busy_timeout=20"
    retention = floor.parts.transcripts.retention
    retention._writer.maintain(lambda raw: raw.execute(patience).fetchall()).result(20)
    refused, looked, left = as_admin(floor, work)

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_wiped")
    assert "are erased" in refused.json()["error"]["message"]["en"]
    assert looked == 404
    assert left
    floor.on_loop(floor.node.service.upkeep.wipe())
    assert not retention.must_wipe()


@pytest.mark.services
def test_a_node_whose_clock_is_far_ahead_forgets_nothing_and_says_so(open_floor_with, postgres_url):
    a_year_on = datetime.now(UTC) + timedelta(days=400)
    with open_floor_with(database_url=postgres_url, now=lambda: a_year_on) as floor:

        async def work(web, csrf):
            conversation = await conversation_about(floor, "hello")
            refused = await web.post("/api/desk/expire", headers=csrf)
            return refused, (await web.get(f"/api/conversations/{conversation}")).status_code

        refused, looked = as_admin(floor, work)
        with pytest.raises(ClockAhead, match="9600 hours ahead"):
            floor.on_loop(floor.node.service.upkeep.forget())

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "clock_ahead")
    assert "NTP" in refused.json()["error"]["message"]["en"]
    assert looked == 200
