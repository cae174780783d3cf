"""Two of the staff, an admin and shoppers in both languages at the desk of a running node."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from knowledge_base.entry import Entry
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.floor import PASSWORD
from tests.chromium import visit
from tests.end_to_end.desk_people import Admin, Colleague, HandsOver, Shopper
from tests.end_to_end.light_floor import (
    DESKTOP,
    PHONE,
    Visitors,
    barriers,
    pages_on_a_floor,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ENTRY = Entry("fee", ("寄到香港运费多少？",), "寄到香港运费 45 元。", "zh")


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """A node with one known answer, whose first reply is overdue after a second.

    What is late is on the screen at once, and no test waits for it.
    """
    folder = tmp_path_factory.mktemp("desk")
    base = KnowledgeBase(folder / "knowledge", HashedEncoder())
    base.load()
    base.publish([ENTRY], by="test", note="", now=datetime.now(UTC))
    settings = {"knowledge": base, "answerer": HandsOver(), "first_reply_seconds": 1.0}
    with pages_on_a_floor(folder, **settings) as floor:
        yield floor


@pytest.fixture(scope="module")
def passwords(floor, browser):
    """A desk that is always open, with kept replies and two of the staff: login -> password."""
    context = visit(browser)
    admin = Admin(context, floor)
    admin.open_the_desk()
    people = {"lin": "Lin Lan", "zhou": "周伟"}
    made = {
        login: admin.post("/api/staff", login=login, name=name, roles=["staff"])["password"]
        for login, name in people.items()
    }
    context.close()
    return {**made, "boss": PASSWORD}


@pytest.fixture
def visitors(browser, floor):
    visitors = Visitors(browser, floor)
    yield visitors
    visitors.close()
    assert visitors.troubles == []


@pytest.fixture
def colleague(visitors, floor, passwords):
    def at_the_desk(login: str, locale: str = "en-GB", viewport=DESKTOP) -> Colleague:
        page = visitors.open(locale, viewport)
        return Colleague(page, floor.origin, login, passwords[login])

    return at_the_desk


@pytest.fixture
def waiting(visitors, floor, passwords):
    """A shopper who said something and waits for a person."""

    def begins(text: str, locale: str = "zh-CN") -> Shopper:
        shopper = Shopper(visitors.open(locale), floor.origin)
        shopper.write(text)
        shopper.reads("同事" if locale == "zh-CN" else "colleague")
        return shopper

    return begins


def test_one_answers_with_a_kept_reply_while_the_other_sees_it_and_cannot(colleague, waiting):
    shopper = waiting("The blue cup arrived in pieces", "en-GB")
    lin, zhou = colleague("lin"), colleague("zhou", "zh-CN")
    lin.opens("blue cup")
    zhou.opens("blue cup")
    expect(lin.head).to_contain_text("Overdue by")
    expect(zhou.page.locator(".watchers")).to_contain_text("Lin Lan也在看这个对话")
    lin.claims()

    lin.type("/refu")
    expect(lin.page.get_by_role("option")).to_have_count(1)
    lin.press("Enter")
    expect(lin.composer).to_contain_text("Fill in {order} before sending.")
    expect(lin.page.get_by_role("button", name="Send")).to_be_disabled()
    lin.press("Enter")
    expect(zhou.page.locator(".watchers")).to_contain_text("Lin Lan正在这里输入")
    expect(zhou.composer).to_contain_text("Lin Lan正在回复")
    expect(zhou.page.get_by_role("textbox", name="回复")).to_have_count(0)

    # The open place is selected: what is typed stands in its stead.
    lin.type("LH20261114-1187")
    lin.press("Enter")
    shopper.reads("The refund for LH20261114-1187 is on its way.")
    expect(shopper.chat.get_by_role("log")).not_to_contain_text("{order}")
    expect(lin.head).not_to_contain_text("Overdue")
    lin.type("/hello")
    expect(lin.page.get_by_role("option")).to_have_count(1)
    lin.press("Enter", "Enter")
    shopper.reads("Hello, this is Lin Lan at Little Harbour.")
    expect(lin.log.get_by_text("Read", exact=True)).to_be_visible()


def test_a_note_calls_a_colleague_who_gets_the_conversation(colleague, waiting):
    shopper = waiting("茶壶的盖子不见了")
    lin, zhou = colleague("lin"), colleague("zhou", "zh-CN")
    lin.opens("茶壶的盖子")
    lin.claims()
    lin.leaves_the_box()
    lin.press("n")
    lin.type("please take this one @周")
    expect(lin.page.get_by_role("option", name="周伟")).to_be_visible()
    lin.press("Enter", "Enter")
    expect(zhou.page.get_by_role("status").filter(has_text="Lin Lan提到了您")).to_be_visible()
    expect(zhou.page.get_by_role("button", name="提到我的备注 (1)")).to_be_visible()
    zhou.press("m")
    zhou.opens("茶壶的盖子")
    expect(zhou.log.locator(".called.me")).to_have_text("@周伟")
    expect(zhou.page.get_by_role("button", name="提到我的备注 (1)")).to_have_count(0)
    expect(shopper.chat.get_by_role("log")).not_to_contain_text("please take this one")

    lin.leaves_the_box()
    lin.press("g")
    lin.type("配件")
    lin.press("Enter")
    expect(lin.side).to_contain_text("配件")
    expect(zhou.side).to_contain_text("配件")
    lin.press("Escape", "t")
    lin.type("周")
    lin.press("Enter")
    expect(zhou.head).to_contain_text("您接待中")
    expect(lin.composer).to_contain_text("周伟 is answering")
    zhou.press("r")
    zhou.says("您好，我来帮您看看。")
    shopper.reads("您好，我来帮您看看。")


def test_the_address_leads_to_the_open_conversation_and_back_to_the_list(colleague, waiting):
    waiting("The green bowl is chipped", "en-GB")
    waiting("The grey bowl is chipped", "en-GB")
    lin, zhou = colleague("lin"), colleague("zhou", "zh-CN", PHONE)
    lin.opens("green bowl")
    lin.claims()
    lin.opens("green bowl")
    lin.page.reload()
    expect(lin.log).to_contain_text("The green bowl is chipped")
    expect(lin.page.get_by_role("tab", selected=True)).to_contain_text("Mine")

    # A link that one sends to the other; on a phone Back leads to the list, and one more away.
    zhou.page.goto(lin.page.url)
    expect(zhou.log).to_contain_text("The green bowl is chipped")
    expect(zhou.composer).to_contain_text("Lin Lan正在回复")
    zhou.page.get_by_role("button", name="返回列表").click()
    expect(zhou.line("green bowl")).to_be_visible()
    zhou.page.get_by_role("tab", name="排队中").click()
    zhou.opens("grey bowl")
    zhou.page.go_back()
    expect(zhou.line("grey bowl")).to_be_visible()
    expect(zhou.head).to_have_count(0)
    zhou.page.go_forward()
    expect(zhou.log).to_contain_text("The grey bowl is chipped")


def test_an_inbox_that_was_never_connected_does_not_say_that_nobody_waits(
    visitors, floor, passwords
):
    page = visitors.open("zh-CN")
    page.route_web_socket("**/ws/staff", lambda _: None)  # it opens, and nobody answers
    sign_in(page, floor, "inbox", "lin", passwords["lin"])
    expect(page.get_by_role("banner")).to_contain_text("正在连接…")
    expect(page.get_by_role("tabpanel")).to_have_text("正在加载…")
    other = visitors.another(page.context)
    other.goto(f"{floor.origin}/inbox")
    expect(other.get_by_role("banner")).not_to_contain_text("正在连接…")
    expect(other.get_by_role("tabpanel")).not_to_contain_text("正在加载…")


def test_an_admin_goes_from_an_answer_to_where_it_is_mended(colleague, waiting):
    waiting("寄到香港，运费要多少呢", "zh-CN")
    boss, lin = colleague("boss"), colleague("lin")
    for one in (boss, lin):
        one.opens("寄到香港")
        one.press("w")
        expect(one.page.locator("trace-card")).to_contain_text("Decided by")
    link = boss.page.get_by_role("link", name="Mend this answer in the knowledge base")
    expect(lin.page.get_by_role("link", name="Mend this answer")).to_have_count(0)
    with boss.page.expect_popup() as opened:
        link.click()
    console = opened.value
    knowledge = console.locator("knowledge-search")
    expect(knowledge.get_by_role("searchbox")).to_have_value("寄到香港，运费要多少呢")
    expect(knowledge.locator("li").first).to_contain_text("寄到香港运费 45 元。")
    assert "香港" not in console.url and "%" not in console.url
    console.reload()
    expect(knowledge.get_by_role("searchbox")).to_have_value("")


def test_two_notes_in_a_row_stay_with_the_team(colleague, waiting):
    shopper = waiting("The yellow jar is cracked", "en-GB")
    lin = colleague("lin")
    lin.opens("yellow jar")
    lin.claims()
    lin.leaves_the_box()
    lin.press("n")
    for note in ("the third one this month", "no more vouchers"):
        lin.type(note)
        lin.press("Enter")
        expect(lin.log).to_contain_text(note)
    lin.page.get_by_role("button", name="Reply").click()
    lin.says("A new jar is on its way.")
    shopper.reads("A new jar is on its way.")
    expect(shopper.chat.get_by_role("log")).not_to_contain_text("vouchers")


def test_row_22_a_full_disk_is_told_above_the_inbox_until_there_is_room(colleague, waiting, floor):
    def allow_pages(pages):
        store = floor.node.service.desk.store
        work = store._writer.run(lambda c: c.execute(text(f"PRAGMA max_page_count={pages}")))
        work.result(20)

    waiting("The violet vase is broken", "en-GB")
    lin = colleague("lin")
    told = lin.page.get_by_role("alert").filter(has_text="disk is full")
    lin.opens("violet vase")
    lin.claims()
    allow_pages(1)  # SQLite takes this as "as many as there are": the disk is full now
    try:
        for _ in range(3):
            lin.composer.get_by_role("textbox").fill("sorry " * 600)
            lin.press("Enter")
        expect(told).to_be_visible()
        again = lin.page.locator("transcript-view").get_by_role("button", name="Try again")
        expect(again).to_have_count(3)
    finally:
        allow_pages(1_000_000)
    again.first.click()
    expect(told).to_have_count(0)


def test_an_admin_takes_over_and_the_draft_of_the_other_stays(colleague, waiting):
    waiting("The kettle smells of plastic", "en-GB")
    lin, admin = colleague("lin"), colleague("boss", "zh-CN")
    lin.opens("kettle smells")
    lin.claims()
    lin.type("We are sorry to hear")
    admin.press("3")
    admin.opens("kettle smells")
    admin.press("o")
    admin.page.get_by_role("button", name="从Lin Lan手中接管？").click()
    expect(admin.page.get_by_role("textbox", name="回复")).to_be_focused()
    expect(lin.page.get_by_role("status").filter(has_text="kept as a draft")).to_be_visible()
    expect(lin.page.get_by_role("textbox", name="Reply")).to_have_count(0)
    admin.leaves_the_box()
    admin.press("t")
    admin.type("Lin")
    admin.press("Enter")
    expect(lin.page.get_by_role("textbox", name="Reply")).to_have_value("We are sorry to hear")


def test_what_was_closed_is_rated_found_and_taken_up_again(colleague, waiting):
    shopper = waiting("咖啡豆的包装袋漏气了")
    zhou = colleague("zhou", "zh-CN")
    zhou.opens("包装袋漏气")
    zhou.claims()
    zhou.says("已为您补寄一袋。")
    zhou.leaves_the_box()
    zhou.press("x", "x")
    expect(zhou.head).to_contain_text("已结束")
    shopper.rates(5)
    expect(zhou.log).to_contain_text("评分 5 / 5")
    expect(zhou.head).to_contain_text("5")

    zhou.press("Escape", "/")
    zhou.type("补寄一袋")
    expect(zhou.page.locator("conversation-list .line")).to_have_count(1)
    expect(zhou.line("已为您补寄一袋。")).to_contain_text("已结束")
    zhou.page.get_by_role("button", name="筛选").click()
    zhou.page.get_by_label("状态").select_option("with_bot")
    expect(zhou.page.locator("conversation-list")).to_contain_text("没有符合的对话")
    zhou.page.get_by_label("状态").select_option("closed")
    zhou.opens("补寄一袋")
    zhou.press("o")
    expect(zhou.page.get_by_role("textbox", name="回复")).to_be_focused()
    zhou.says("新的一袋已发出。")
    shopper.reads("新的一袋已发出。")


LONG_NAME = "Maximiliane-Alexandra Featherstonehaugh-Cholmondeley von und zu der Tann 阿布都热西提"


def test_a_very_long_name_pushes_nothing_off_any_page(visitors, floor, passwords, waiting):
    admin = Admin(visitors.open("en-GB").context, floor)
    account = {"login": "max", "name": LONG_NAME, "roles": ["staff"]}
    password = admin.post("/api/staff", **account)["password"]
    shopper = waiting("The lid of the jar is cracked", "en-GB")
    max_ = Colleague(visitors.open("en-GB"), floor.origin, "max", password)
    max_.opens("jar is cracked")
    max_.claims()
    max_.says("A new lid is on its way")
    shopper.reads("A new lid is on its way")
    pages = [
        Colleague(visitors.open("en-GB", viewport), floor.origin, login, passwords[login])
        for login, viewport in (("lin", PHONE), ("zhou", {"width": 1000, "height": 800}))
    ]
    for colleague in pages:
        colleague.page.get_by_role("tab", name="Others").click()
        colleague.opens("A new lid")
        expect(colleague.head).to_contain_text("With Maximiliane")
    expect(pages[0].page.locator(".watchers")).to_contain_text("also have this open")

    for colleague in (max_, *pages):
        width = colleague.page.viewport_size["width"]
        for part in (
            colleague.page.get_by_role("button", name="Sign out"),
            colleague.head.locator(".chip.named").first,
        ):
            box = part.bounding_box()
            assert box["x"] + box["width"] <= width
    assert shopper.chat.locator(".head").bounding_box()["height"] < 90


def test_two_tabs_of_one_person_are_in_step(colleague, visitors, waiting, floor):
    waiting("The apron has a stain", "en-GB")
    first = colleague("lin")
    second = Colleague(visitors.another(first.page.context), floor.origin)
    second.opens("apron has a stain")
    first.opens("apron has a stain")
    first.claims()
    first.type("Please send us a picture")
    expect(second.head).to_contain_text("With you")
    expect(second.page.get_by_role("textbox", name="Reply")).to_have_value(
        "Please send us a picture"
    )
    first.press("Enter")
    expect(second.log).to_contain_text("Please send us a picture")
    expect(second.page.get_by_role("textbox", name="Reply")).to_have_value("")
    first.leaves_the_box()
    first.press("p")
    expect(second.page.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    first.press("a")
    first.page.get_by_role("checkbox", name="Sound").check()
    first.page.reload()
    second.press("a")
    expect(second.page.get_by_role("checkbox", name="Sound")).to_be_checked()
    second.press("Escape")
    first.page.get_by_role("button", name="切换到中文").click()
    expect(second.page.get_by_role("button", name="转接")).to_be_visible()


def test_one_key_alone_ends_nothing(colleague, waiting):
    shopper = waiting("杯垫少了一个")
    zhou = colleague("zhou", "zh-CN")
    zhou.opens("杯垫少了")
    zhou.press("x")
    expect(zhou.page.get_by_role("menuitem", name="结束")).to_be_focused()
    zhou.press("Escape")
    zhou.claims()
    zhou.leaves_the_box()
    zhou.press("x")
    expect(zhou.page.get_by_role("button", name="确认结束对话？")).to_be_visible()
    zhou.press("r")
    zhou.says("马上补寄。")
    shopper.reads("马上补寄。")


FILLED = """one => {
  const { backgroundColor, borderTopColor } = getComputedStyle(one);
  return backgroundColor === borderTopColor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_asked_before_an_end_is_read_with_the_mouse_still_on_it(colleague, waiting, scheme):
    waiting("The lid is chipped", "en-GB")
    lin = colleague("lin")
    lin.page.emulate_media(color_scheme=scheme)
    lin.opens("lid is chipped")
    lin.claims()
    lin.page.get_by_role("button", name="Close", exact=True).click()
    asked = lin.page.get_by_role("button", name="End the conversation?")
    asked.hover()
    lin.page.wait_for_function(FILLED, arg=asked.element_handle())
    assert barriers(lin.page) == []


def test_the_closing_key_pressed_twice_closes_from_the_menu_too(colleague, waiting):
    waiting("The tray wobbles", "en-GB")
    lin = colleague("lin")
    lin.opens("tray wobbles")
    lin.press("x")
    expect(lin.page.get_by_role("menuitem", name="Close")).to_be_focused()
    lin.press("x")
    expect(lin.head).to_contain_text("Closed")


def test_a_passing_word_on_a_phone_leaves_the_buttons_under_it_to_be_pressed(colleague, waiting):
    waiting("The jug drips", "en-GB")
    lin = colleague("lin", viewport=PHONE)
    lin.opens("jug drips")
    lin.press("x", "x")
    expect(lin.page.locator(".toast")).to_contain_text("has ended")
    leave = lin.page.get_by_role("button", name="Sign out").bounding_box()
    lin.page.mouse.click(leave["x"] + leave["width"] / 2, leave["y"] + leave["height"] / 2)
    expect(lin.page.locator("sign-in-form")).to_be_visible()


def test_suggested_replies_come_into_the_box_and_wait_there(colleague, waiting):
    shopper = waiting("寄到香港运费多少？")
    zhou = colleague("zhou", "zh-CN")
    zhou.opens("寄到香港运费多少")
    zhou.claims()
    expect(zhou.page.get_by_role("group", name="推荐回复")).to_be_visible()
    zhou.leaves_the_box()
    zhou.press("s")
    expect(zhou.page.get_by_role("textbox", name="回复")).to_have_value(re.compile("45 元"))
    expect(shopper.chat.get_by_role("log")).not_to_contain_text("45 元")
    zhou.press("Enter")
    shopper.reads("45 元")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_inbox_can_be_used_by_everybody(colleague, waiting, locale, viewport):
    waiting("一只杯子的把手断了")
    lin = colleague("lin", locale, viewport)
    assert barriers(lin.page) == []
    lin.opens("杯子的把手")
    lin.claims()
    lin.type("/")
    expect(lin.page.get_by_role("option").first).to_be_visible()
    assert barriers(lin.page) == []
    lin.press("Escape", "Backspace")
    lin.leaves_the_box()
    for key in ("?", "a", "t"):
        lin.press(key)
        expect(lin.page.get_by_role("dialog")).to_be_visible()
        assert barriers(lin.page) == []
        lin.press("Escape")
        expect(lin.page.get_by_role("dialog")).to_have_count(0)
    lin.press("Escape", "4")
    expect(lin.page.locator("conversation-list .line").first).to_be_visible()
    assert barriers(lin.page) == []
    lin.press("f")
    expect(lin.page.get_by_role("group", name=re.compile("Filters|筛选"))).to_be_visible()
    assert barriers(lin.page) == []
    too_wide = lin.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not too_wide
    lin.press("Escape", "?")
    expect(lin.page.get_by_role("group", name=re.compile("Filters|筛选"))).to_have_count(0)
    expect(lin.page.get_by_role("dialog")).to_be_visible()


@pytest.mark.timeout(360)  # five pages, which a busy machine opens slowly
def test_a_conversation_is_given_on_with_a_note_that_counts_until_it_is_seen(
    colleague, visitors, waiting, floor
):
    waiting("The lamp flickers", "en-GB")
    waiting("The spoon is bent", "en-GB")
    lin, zhou = colleague("lin"), colleague("zhou", "zh-CN")
    tab = Colleague(visitors.another(zhou.page.context), floor.origin)
    lin.opens("lamp flickers")
    lin.claims()
    lin.leaves_the_box()
    lin.press("t")
    lin.type("周")
    lin.press("Tab")
    lin.type("he wants a new one")
    assert barriers(lin.page) == []
    lin.press("Enter")
    for page in (zhou.page, tab.page):
        expect(page.get_by_role("button", name="提到我的备注 (1)")).to_be_visible()
    zhou.press("2")
    zhou.opens("lamp flickers")
    expect(zhou.log).to_contain_text("@周伟 he wants a new one")
    expect(zhou.log).to_contain_text("转给了 周伟")
    for page in (zhou.page, tab.page):
        expect(page.get_by_role("button", name="提到我的备注", exact=True)).to_be_visible()

    zhou.press("Escape", "1")
    lin.press("Escape", "1")
    lin.opens("spoon is bent")
    lin.press("n")
    lin.type("@周伟 have a look")
    lin.press("Enter")
    expect(lin.log).to_contain_text("have a look")
    tab.page.get_by_role("button", name="提到我的备注 (1)").click()
    tab.page.get_by_role("button", name="全部标为已读").click()
    expect(zhou.page.get_by_role("button", name="提到我的备注", exact=True)).to_be_visible()
    expect(tab.page.get_by_role("button", name="全部标为已读")).to_have_count(0)


def test_who_is_here_and_what_each_has_in_hand_is_a_press_away(colleague, waiting):
    waiting("The clock stopped", "en-GB")
    lin, zhou = colleague("lin"), colleague("zhou", "zh-CN")
    zhou.press("p")
    lin.opens("clock stopped")
    lin.claims()
    team = lin.page.locator("team-button")
    team.get_by_role("button", name="1 person here").click()
    of_lin = team.get_by_role("listitem").filter(has_text="Lin Lan")
    expect(of_lin).to_contain_text(re.compile(r"Here.*\d chats?", re.DOTALL))
    expect(team.get_by_role("listitem").filter(has_text="周伟")).to_contain_text("Takes nobody new")
    assert barriers(lin.page) == []
    team.get_by_role("button").press("Escape")
    expect(team.get_by_role("list")).to_have_count(0)
