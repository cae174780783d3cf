"""An admin at the console: records, replies, hours, accounts, files in doubt, figures, snippet."""

import base64
import hashlib
import io
import re
import sqlite3
from datetime import UTC, datetime

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from bot.conversation.commands import Begin, ShopperCloses, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.floor import PASSWORD
from tests.end_to_end.light_floor import (
    DESKTOP,
    DIST,
    PHONE,
    barriers,
    chat_in,
    open_chat,
    pages_on_a_floor,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SECTIONS = ("knowledge", "learning", "desk", "figures", "people", "audit", "status")
EVIL = Entry(EntryId("evil"), ("Is this safe?",), '=HYPERLINK("http://evil.example")', "en")


@pytest.fixture
def floor(tmp_path):
    base = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    base.load()
    base.publish([EVIL], note="first", by="test", now=datetime.now(UTC))
    with pages_on_a_floor(tmp_path, knowledge=base) as floor:
        yield floor


def show(page: Page, section: str) -> None:
    page.locator(f"header nav a[href='#{section}']").click()


@pytest.fixture
def admin(people, floor) -> Page:
    page = people.open("en-GB")
    sign_in(page, floor, "console", "boss")
    return page


@pytest.mark.parametrize(("locale", "viewport"), [("en-GB", DESKTOP), ("zh-CN", PHONE)])
def test_no_section_of_the_console_has_a_barrier_or_runs_over_the_edge(
    people, floor, locale, viewport
):
    page = people.open(locale, viewport)
    sign_in(page, floor, "console", "boss")
    for section in SECTIONS:
        show(page, section)
        expect(page.locator("main section.card h2").first).to_be_visible()
        assert barriers(page) == [], section
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, section


def test_a_reply_is_kept_with_variables_and_shown_as_it_will_look(admin):
    show(admin, "desk")
    replies = admin.locator("canned-replies")
    replies.get_by_role("button", name="New reply").click()
    replies.locator("[name=shortcut]").fill("hello")
    replies.locator("[name=zh]").fill("您好，")
    replies.get_by_role("button", name="Insert {shopper_name}").first.click()
    expect(replies.locator("[name=zh]")).to_have_value("您好，{shopper_name}")
    replies.locator("[name=en]").fill("Hello {shopper_name}, <b>{stuff}</b>")
    expect(replies.locator(".shown").first).to_have_text("您好，王女士")
    expect(replies.locator(".shown").last).to_have_text("Hello Ms Wang, <b>{stuff}</b>")
    expect(replies).to_contain_text("{stuff} is not a variable")
    replies.get_by_role("button", name="Save").click()
    expect(replies.get_by_role("alert")).to_contain_text("{stuff}")
    replies.locator("[name=en]").fill("Hello {shopper_name}")
    replies.get_by_role("button", name="Save").click()
    expect(replies.locator("tbody tr")).to_contain_text("/hello")
    replies.get_by_role("button", name="Edit").click()
    replies.locator("[name=shortcut]").fill("hi")
    replies.get_by_role("button", name="Save").click()
    expect(replies.locator("tbody tr")).to_contain_text("/hi")
    replies.get_by_role("button", name="Delete").click()
    replies.get_by_role("button", name="Delete it?").click()
    expect(replies).to_contain_text("No saved replies yet.")


def test_hours_and_holidays_are_shown_set_and_given_back_to_the_shops_file(admin):
    show(admin, "desk")
    hours = admin.locator("opening-hours")
    expect(hours).to_contain_text("These hours stand in the shop's own file.")
    expect(hours.locator("dd").first).to_have_text("09:00–21:00")
    expect(hours).to_contain_text("2027-02-05")
    hours.get_by_role("button", name="Change").click()
    hours.get_by_label("Monday").fill("nine to five")
    hours.get_by_role("button", name="Save").click()
    expect(hours.get_by_role("alert")).to_contain_text("Monday: write times as")
    hours.get_by_label("Monday").fill("9:00-12:00, 13:00-17:30")
    hours.get_by_label("Sunday").fill("")
    hours.get_by_role("button", name="Save").click()
    expect(hours.locator("dd").first).to_have_text("09:00–12:00, 13:00–17:30")
    expect(hours.locator("dd").nth(6)).to_have_text("closed")
    hours.get_by_role("button", name="Use the shop's file again").click()
    hours.get_by_role("button", name="Drop these hours?").click()
    expect(hours.locator("dd").first).to_have_text("09:00–21:00")


def test_accounts_are_made_given_rights_and_disabled_and_every_act_is_in_the_log(
    admin, people, floor
):
    show(admin, "people")
    accounts = admin.locator("staff-accounts")
    accounts.locator("[name=login]").fill("lin")
    accounts.locator("[name=name]").fill("Lin Lan")
    accounts.get_by_role("button", name="Create").click()
    password = accounts.locator(".password").inner_text()
    assert len(password) >= 16
    accounts.get_by_role("button", name="I have it").click()
    expect(admin.locator("body")).not_to_contain_text(password)
    row = accounts.locator("tr", has_text="Lin Lan")
    row.get_by_role("button", name="+ Console").click()
    row.get_by_role("button", name="Change and sign out?").click()
    expect(row.locator("td").nth(2)).to_contain_text("Console")

    lin = people.open("en-GB")
    sign_in(lin, floor, "console", "lin", password)
    expect(lin.locator("file-import")).to_be_visible()
    row.get_by_role("button", name="Disable").click()
    row.get_by_role("button", name="Sign them out?").click()
    expect(row).to_contain_text("disabled")
    show(lin, "audit")
    expect(lin.locator("sign-in-form")).to_be_visible()

    show(admin, "audit")
    log = admin.locator("audit-log")
    expect(log).to_contain_text("Log intact")
    expect(log.locator("tbody tr")).to_have_count(5)
    log.locator("select").nth(0).select_option("lin")
    expect(log.locator("tbody tr")).to_have_count(1)
    log.locator("select").nth(0).select_option("")
    log.locator("select").nth(1).select_option(label="changed rights")
    expect(log.locator("tbody tr")).to_have_count(1)
    expect(log.locator("tbody tr")).to_contain_text("lin")
    log.locator("select").nth(1).select_option("")
    log.get_by_label("Contains").fill("no such words")
    expect(log).to_contain_text("Nothing matches.")
    log.get_by_label("Contains").fill("LIN")
    expect(log.locator("tbody tr")).to_have_count(3)
    log.get_by_label("From").fill("2100-01-01")
    expect(log).to_contain_text("Nothing matches.")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_password_that_is_shown_once_is_not_under_the_bar_of_the_page(people, floor, viewport):
    page = people.open("en-GB", viewport)
    sign_in(page, floor, "console", "boss")
    show(page, "people")
    accounts = page.locator("staff-accounts")
    accounts.locator("[name=login]").fill("nan")
    accounts.locator("[name=name]").fill("Nan Nan")
    accounts.get_by_role("button", name="Create").click()
    expect(accounts.locator("tr", has_text="Nan Nan")).to_be_visible()
    title = page.get_by_role("heading", name="Password of Nan Nan")
    expect(title).to_be_in_viewport()
    bar, shown = page.locator("admin-console header").bounding_box(), title.bounding_box()
    assert bar and shown
    assert shown["y"] >= bar["y"] + bar["height"]


def test_an_admin_looks_through_a_long_audit_log_page_by_page(admin, floor):
    log = floor.parts.transcripts.audit
    for number in range(120):
        log.append("ada", "knowledge_uploaded", f"file-{number}.csv").result(10)
    show(admin, "audit")
    table = admin.locator("audit-log")
    table.locator("select").nth(0).select_option("ada")
    expect(table.locator("tbody tr")).to_have_count(100)
    table.get_by_role("button", name="Look further back").click()
    expect(table.locator("tbody tr")).to_have_count(120)
    expect(table.get_by_role("button", name="Look further back")).to_have_count(0)


def test_an_admin_shortens_how_long_data_is_kept_and_is_warned(admin, floor):
    transcripts = floor.parts.transcripts
    begin_and_close_an_old_talk(floor)
    show(admin, "desk")
    kept = admin.locator("kept-days")
    expect(kept).to_contain_text("365 days")
    kept.get_by_role("button", name="Change").click()
    kept.locator("[name=closed_days]").fill("30")
    kept.get_by_role("button", name="Save").click()
    expect(kept.get_by_role("alert")).to_contain_text("1 conversation")
    assert transcripts.retention.kept_days() is None
    assert barriers(admin) == []
    kept.get_by_role("button", name="Save and delete").click()
    expect(kept).to_contain_text("As set here")
    expect(kept).to_contain_text("30 days")
    kept.get_by_role("button", name="Delete now what is too old").click()
    kept.get_by_role("button", name="Delete it for good?").click()
    expect(kept.get_by_role("status")).to_have_text("Deleted: 1 conversation.")
    assert transcripts.store.recent() == ()
    kept.get_by_role("button", name="Use the server's settings again").click()
    kept.get_by_role("button", name="Drop these days?").click()
    expect(kept).to_contain_text("365 days")


def begin_and_close_an_old_talk(floor):
    store = floor.parts.transcripts.store
    id = ConversationId("old")
    store.begin(Begin(id), b"x" * 32, ShopperSays(ClientId("first"), "hello")).result(10)
    store.submit(id, ShopperCloses()).result(10)
    with sqlite3.connect(floor.parts.settings.state_folder / "shopkeeper.sqlite3") as database:
        database.execute("UPDATE conversations SET last_at = last_at - 40 * 86400000000")
    database.close()


def test_an_admin_changes_their_own_password_and_signs_in_with_the_new_one(admin, floor):
    show(admin, "people")
    form = admin.locator("own-password")
    fresh = "a-new-password-of-mine"
    form.locator("[name=old]").fill(PASSWORD)
    form.locator("[name=new]").fill(fresh)
    form.locator("[name=again]").fill(fresh + "x")
    form.get_by_role("button", name="Change").click()
    expect(form.get_by_role("alert")).to_have_text("The two new passwords differ.")
    form.locator("[name=again]").fill(fresh)
    form.locator("[name=old]").fill("wrong")
    form.get_by_role("button", name="Change").click()
    expect(form.get_by_role("alert")).to_have_text("The old password is wrong.")
    form.locator("[name=old]").fill(PASSWORD)
    form.get_by_role("button", name="Change").click()
    expect(admin.locator("sign-in-form")).to_contain_text("The password was changed.")
    sign_in(admin, floor, "console", "boss", fresh)
    expect(admin.locator("file-import")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_one_answer_is_changed_and_one_entry_written_without_a_file(people, floor, viewport):
    page = people.open("en-GB", viewport)
    sign_in(page, floor, "console", "boss")
    knowledge = page.locator("knowledge-search")
    knowledge.get_by_role("searchbox").fill("is this safe")
    knowledge.get_by_role("button", name="Change the answer: Is this safe?").click()
    answer, more = knowledge.locator("[name=answer]"), knowledge.locator("[name=questions]")
    look = knowledge.get_by_role("button", name="See what would change")
    expect(answer).to_be_focused()
    expect(look).to_be_disabled()
    assert barriers(page) == []
    answer.fill("Yes, it is tested every year.")
    more.fill("Is it dangerous?")
    look.click()
    report = knowledge.locator("change-report")
    expect(report).to_contain_text("Is it dangerous?")
    # What was written is still there when one looks at what would change and goes back.
    knowledge.get_by_role("button", name="Back").click()
    expect(answer).to_have_value("Yes, it is tested every year.")
    look.click()
    knowledge.get_by_role("button", name="Publish", exact=True).click()
    expect(knowledge).to_contain_text("Shoppers now get version")
    knowledge.get_by_role("button", name="Back").click()
    expect(knowledge.locator("li")).to_contain_text("Yes, it is tested every year.")
    expect(page.locator("version-table .serves")).to_contain_text("Is this safe?")

    knowledge.get_by_role("searchbox").fill("May I bring a dog?")
    knowledge.get_by_role("button", name="Write an entry").click()
    expect(more).to_have_value("May I bring a dog?")
    answer.fill("Yes, on a lead.")
    look.click()
    expect(report).to_contain_text(re.compile(r"1\s*added"))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    knowledge.get_by_role("button", name="Publish", exact=True).click()
    expect(knowledge).to_contain_text("Shoppers now get version")

    entries = {one.id: one for one in floor.parts.knowledge.current.entries}
    assert entries["evil"].questions == ("Is this safe?", "Is it dangerous?")
    assert entries["evil"].answer == "Yes, it is tested every year."
    knowledge.get_by_role("button", name="Back").click()
    (dog,) = (one for one in entries.values() if one.id != "evil")
    assert (dog.questions, dog.answer, dog.language) == (
        ("May I bring a dog?",), "Yes, on a lead.", "en",
    )  # fmt: skip
    line = knowledge.locator("li", has_text="on a lead")
    line.get_by_role("button", name="Remove").click()
    line.get_by_role("button", name="Take it from shoppers?").click()
    expect(knowledge.get_by_role("status")).to_contain_text("Removed.")
    expect(line).to_have_count(0)
    expect(page.locator("version-table .serves")).to_contain_text("− May I bring a dog?")
    assert [one.id for one in floor.parts.knowledge.current.entries] == ["evil"]


def test_a_file_in_doubt_is_shown_in_each_encoding_and_published_in_the_chosen_one(
    people, floor, tmp_path
):
    file = tmp_path / "faq.csv"
    rows = "question,answer\nDo you ship?,Yes.\n返品できますか,はい、七日以内です。\n,空\n"
    file.write_bytes(rows.encode("shift_jis"))
    page = people.open("zh-CN")
    sign_in(page, floor, "console", "boss")
    page.locator("input[type=file]").set_input_files(file)
    choice = page.locator("encoding-choice")
    expect(choice).to_contain_text("下面哪一种显示的是您的原文？")
    right = choice.get_by_role("region", name="日文（Shift JIS）")
    expect(right).to_contain_text("返品できますか")
    expect(choice.get_by_role("region")).not_to_have_count(1)
    assert barriers(page) == []
    right.get_by_role("button", name="这一种是对的").click()
    page.get_by_role("button", name="查看变化").click()
    report = page.locator("change-report")
    expect(report).to_contain_text(re.compile(r"2\s*新增"))
    expect(report.locator("problem-table")).to_contain_text("第 4 行“question”列：没有问题。")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("file-import")).to_contain_text("顾客现在使用的版本")


def test_a_file_without_a_heading_loses_no_row(people, floor, tmp_path):
    file = tmp_path / "plain.csv"
    file.write_text("你们发什么快递？,默认发顺丰。\n能开发票吗？,可以。\n会刻字吗？,\n", "utf-8")
    page = people.open("zh-CN", PHONE)
    sign_in(page, floor, "console", "boss")
    page.locator("input[type=file]").set_input_files(file)
    without = page.get_by_role("checkbox", name="第一行不是表头，已经是问答")
    without.check()
    importing = page.locator("file-import")
    importing.get_by_label("问题").select_option("1")
    importing.get_by_label("答案", exact=True).or_(
        importing.get_by_label("答案 必选")
    ).select_option("2")
    expect(page.get_by_role("group", name="前几行")).to_contain_text("你们发什么快递？")
    expect(without).to_be_checked()
    page.get_by_role("button", name="查看变化").click()
    report = page.locator("change-report")
    expect(report).to_contain_text(re.compile(r"2\s*新增"))
    expect(report).to_contain_text("共 3 行，其中 1 行不会导入")
    assert barriers(page) == []


def test_wide_tables_of_a_file_are_reached_by_the_keyboard_on_a_phone(people, floor, tmp_path):
    file = tmp_path / "wide.csv"
    row = ",".join(f"a rather long cell number {number}" for number in range(6))
    file.write_text(
        f"question,answer,topic,editor,shelf,remark\n{row}\n,no question,,,,\n", "utf-8"
    )
    page = people.open("en-GB", PHONE)
    sign_in(page, floor, "console", "boss")
    page.locator("input[type=file]").set_input_files(file)
    rows = page.get_by_role("group", name="First rows")
    expect(rows).to_contain_text("cell number 5")
    rows.focus()
    expect(rows).to_be_focused()
    assert barriers(page) == []
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("group", name="problem")).to_contain_text("no question")
    assert barriers(page) == []


def test_exports_are_files_in_which_nothing_runs(admin):
    texts = {}
    for format in ("CSV", "XLSX", "JSON", "JSONL"):
        with admin.expect_download() as download:
            admin.get_by_role("link", name=f"Export {format}", exact=True).click()
        assert download.value.suggested_filename.endswith(f".{format.lower()}")
        texts[format] = download.value.path().read_bytes()
    assert b"'=HYPERLINK" in texts["CSV"]
    sheet = openpyxl.load_workbook(io.BytesIO(texts["XLSX"])).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)


def test_conversations_are_exported_and_counted(people, floor, admin):
    shopper = people.open("en-GB")
    open_chat(shopper, floor)
    chat_in(shopper).locator(".composer textarea").fill("=1+1")
    shopper.keyboard.press("Enter")
    expect(chat_in(shopper).get_by_role("log")).to_contain_text("You said: =1+1")
    show(admin, "figures")
    figures = admin.locator("desk-figures")
    expect(figures.locator(".box", has_text="begun")).to_contain_text("1")
    expect(figures).to_contain_text("No wait of this time has ended with a person")
    expect(figures).to_contain_text("no ratings")
    with admin.expect_download() as download:
        admin.get_by_role("link", name="Export CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "=1+1" in text and ",=1+1" not in text


def test_the_pinned_snippet_runs_the_script_and_nothing_else(people, floor, admin):
    show(admin, "status")
    pinned = admin.locator("embed-snippet pre").first
    expect(pinned).to_contain_text("integrity")
    snippet = pinned.inner_text()
    digest = hashlib.sha384((DIST / "widget.js").read_bytes()).digest()
    assert f'integrity="sha384-{base64.b64encode(digest).decode()}"' in snippet
    assert re.search(r'src="http://127\.0\.0\.1:\d+/widget\.[0-9a-f]{16}\.js"', snippet)
    page = people.open("en-GB")
    body = f"<!doctype html><title>Shop</title><body>{snippet}</body>"
    page.route(f"{floor.origin}/", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{floor.origin}/")
    expect(page.locator("shopkeeper-chat .launcher")).to_be_visible()

    altered = (DIST / "widget.js").read_text("utf-8") + "\ndocument.title = 'taken over';"
    headers = {"access-control-allow-origin": "*", "content-type": "text/javascript"}
    page.route("**/widget.*.js", lambda route: route.fulfill(body=altered, headers=headers))
    page.goto(f"{floor.origin}/")
    expect(page).to_have_title("Shop")
    expect(page.locator("shopkeeper-chat")).to_have_count(0)


def test_a_person_who_asks_to_be_forgotten_is_found_looked_at_and_erased(people, floor, admin):
    for words in ("I am mira@example.org, where is my parcel?", "mira@example.org once more"):
        shopper = people.open("en-GB")
        open_chat(shopper, floor)
        chat_in(shopper).locator(".composer textarea").fill(words)
        shopper.keyboard.press("Enter")
        expect(chat_in(shopper).get_by_role("log")).to_contain_text(f"You said: {words}")
    show(admin, "desk")
    erasure = admin.locator("person-erasure")
    erasure.get_by_label("Their words").fill("nobody@example.org")
    erasure.get_by_role("button", name="Find conversations").click()
    expect(erasure).to_contain_text("No conversation holds these words.")
    erasure.get_by_label("Their words").fill("MIRA@example.org")
    erasure.get_by_role("button", name="Find conversations").click()
    expect(erasure.locator("li")).to_have_count(2)
    assert barriers(admin) == []
    link = erasure.get_by_role("link", name=re.compile("Read it: .*once more"))
    assert re.fullmatch(r"inbox#[A-Za-z0-9_-]{1,64}", link.get_attribute("href") or "")
    erasure.locator("li", has_text="once more").get_by_role("checkbox").uncheck()
    erasure.get_by_role("button", name="Erase 1 conversation").click()
    erasure.get_by_role("button", name="Erase for good?").click()
    expect(erasure).to_contain_text("1 conversation was erased.")
    erasure.get_by_role("button", name="Find conversations").click()
    expect(erasure.locator("li")).to_have_count(1)
    expect(erasure.locator("li")).to_contain_text("once more")


def test_what_a_colleague_takes_is_set_for_the_routing(admin, floor):
    show(admin, "people")
    accounts = admin.locator("staff-accounts")
    row = accounts.locator("tr", has_text="Mei")
    expect(row).to_contain_text("everything")
    row.get_by_role("button", name="Change: What Mei takes").click()
    form = accounts.locator("account-skills")
    form.get_by_label("Chinese").check()
    form.get_by_text("Subjects").click()
    form.get_by_label("Where is my order").check()
    form.get_by_label("Conversations at once").fill("3")
    assert barriers(admin) == []
    form.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Chinese · 1 subject · up to 3")
    (skills,) = floor.parts.transcripts.desk.skills()
    assert (skills.languages, skills.capacity) == (frozenset({"zh"}), 3)
    assert len(skills.skills) == 1
