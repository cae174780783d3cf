"""The chat in its frame on a shop of another origin: what passes the border, and what must not."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from bot.transcripts.finding import Wanted
from tests.chromium import visit
from tests.end_to_end import hostile_windows
from tests.end_to_end.light_floor import PATIENCE_MS, PHONE, barriers, chat_in, pages_on_a_floor
from tests.end_to_end.shop_site import shop_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

DESKTOP = {"width": 1280, "height": 800}
SECRET = "my card is 4111 1111 1111 1111"

SHOP_PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Kettles</title><body><main><h1>Kettles</h1><a href="/next">More kettles</a></main>
<script src="{chat}/widget.js" data-shop-en="Little Harbour" data-shop-zh="小港生活"
        data-starters-en="Where is my order?" data-accent="#7a2e8e"></script></body></html>"""


@pytest.fixture
def site():
    with shop_site() as site:
        yield site


@pytest.fixture
def floor(tmp_path, site):
    with pages_on_a_floor(tmp_path, allowed_origins=(site.shop,)) as floor:
        for path in ("/", "/next"):
            site.pages[path] = SHOP_PAGE.format(chat=floor.origin)
        site.pages["/hostile"] = hostile_windows.HOLDER.format(chat=floor.origin)
        yield floor


@pytest.fixture
def browse(browser):
    """Opens pages of visitors of their own; no script of any may fail."""
    contexts, troubles = [], []

    def new(locale="en-GB", viewport=DESKTOP, **options) -> Page:
        context = visit(browser, locale=locale, viewport=viewport, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        return context.new_page()

    yield new
    for context in contexts:
        context.close()
    assert troubles == []


def launcher(page: Page):
    return page.locator("shopkeeper-chat .launcher")


def open_chat_at(page: Page, address: str):
    page.goto(address)
    launcher(page).click()
    chat = chat_in(page)
    expect(chat.locator(".composer textarea")).to_be_focused()
    return chat


def say(page: Page, text: str) -> None:
    chat_in(page).locator(".composer textarea").fill(text)
    chat_in(page).locator(".composer textarea").press("Enter")


def conversations(floor):
    return floor.parts.transcripts.finding.find(Wanted(), 10).lines


def test_a_shopper_chats_on_a_shop_of_another_origin_and_comes_back_on_its_next_page(
    browse, floor, site
):
    page = browse()
    page.goto(site.shop)
    expect(launcher(page)).to_be_visible()
    assert len(page.frames) == 1, "nobody has asked for a chat yet"
    chat = open_chat_at(page, site.shop)
    assert page.frames[1].url == f"{floor.origin}/chat-frame"
    assert barriers(page) == []
    expect(page.locator("shopkeeper-chat iframe")).to_have_attribute(
        "title", "Chat with Little Harbour"
    )
    chat.get_by_role("button", name="Where is my order?").click()
    expect(chat.get_by_role("log")).to_contain_text("You said: Where is my order?")

    page.get_by_role("link").click()
    expect(page.locator("shopkeeper-chat iframe")).to_have_count(1)
    expect(page.locator("shopkeeper-chat .place")).to_be_hidden()
    launcher(page).click()
    expect(chat.get_by_role("log").get_by_text("Where is my order?", exact=True)).to_have_count(1)
    assert len(conversations(floor)) == 1


def test_a_shop_that_isolates_its_pages_may_have_the_chat_too(browse, floor, site):
    page = browse()
    headers = {
        "content-type": "text/html",
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-opener-policy": "same-origin",
        "content-security-policy": f"default-src 'none'; style-src 'none'; "
        f"script-src {floor.origin}; frame-src {floor.origin}",
    }
    page.route(f"{site.shop}/", lambda route: route.fulfill(body=site.pages["/"], headers=headers))
    chat = open_chat_at(page, site.shop)
    assert page.evaluate("crossOriginIsolated")
    say(page, "good morning")
    expect(chat.get_by_role("log")).to_contain_text("You said: good morning")


def test_the_focus_goes_into_the_chat_and_back_to_its_button(browse, floor, site):
    page = browse()
    chat = open_chat_at(page, site.shop)
    page.keyboard.type("typed at once")
    expect(chat.locator(".composer textarea")).to_have_value("typed at once")
    page.keyboard.press("Escape")
    expect(page.locator("shopkeeper-chat .place")).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(chat.locator(".composer textarea")).to_be_focused()
    expect(chat.locator(".composer textarea")).to_have_value("typed at once")


def test_a_press_on_the_button_counts_though_the_chat_says_something_meanwhile(browse, floor, site):
    page = browse()
    open_chat_at(page, site.shop)
    page.keyboard.press("Escape")
    launcher(page).hover()
    page.mouse.down()
    page.evaluate("document.querySelector('shopkeeper-chat').setAttribute('shop-en', 'Kettles')")
    expect(page.locator("shopkeeper-chat iframe")).to_have_attribute("title", "Chat with Kettles")
    page.mouse.up()
    expect(chat_in(page).locator(".composer textarea")).to_be_focused()


@pytest.mark.parametrize("screen", [PHONE, {"width": 844, "height": 390}], ids=["up", "lying"])
def test_on_a_phone_the_chat_covers_the_page_and_keeps_the_focus_inside(
    browse, floor, site, screen
):
    page = browse("zh-CN", screen, is_mobile=True, reduced_motion="reduce")
    chat = open_chat_at(page, site.shop)
    box = page.locator("shopkeeper-chat .place").bounding_box()
    assert box == {"x": 0, "y": 0, **screen}
    expect(launcher(page)).to_be_hidden()
    first = chat.get_by_role("button", name="Switch to English")
    first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    assert barriers(page) == []
    chat.get_by_role("button", name="关闭对话").click()
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_accessible_name("打开客服对话")


def test_an_answer_to_a_closed_chat_is_counted_in_every_tab(browse, floor, site):
    page = browse()
    other = page.context.new_page()
    other.goto(site.shop)  # before there is a talk
    page.bring_to_front()
    open_chat_at(page, site.shop)
    say(page, "hold the kettle for me")
    assert floor.answerer.held.wait(20)
    page.keyboard.press("Escape")
    floor.answerer.release.set()
    for tab in (page, other):
        expect(tab.locator("shopkeeper-chat .badge")).to_have_text("1")
        expect(launcher(tab)).to_have_accessible_name("Open chat, 1 unread")
    launcher(other).click()
    expect(chat_in(other).get_by_role("log")).to_contain_text("hold the kettle for me")
    expect(other.locator("shopkeeper-chat .badge")).to_be_hidden()


def test_a_text_written_offline_survives_its_tab_on_a_shop_of_another_origin(browse, floor, site):
    page = browse()
    context = page.context
    open_chat_at(page, site.shop)
    context.set_offline(True)
    say(page, "is the kettle in stock?")
    expect(chat_in(page).locator(".unsent .message")).to_have_count(1)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(site.shop)
    launcher(page).click()
    log = chat_in(page).get_by_role("log")
    expect(log).to_contain_text("You said: is the kettle in stock?")
    expect(log.get_by_text("is the kettle in stock?", exact=True)).to_have_count(1)


def test_row_41_no_script_of_the_shops_page_reads_the_talk(browse, floor, site):
    """Whatever got into the page: the talk, its key and the keys pressed are out of its reach."""
    page = browse()
    chat = open_chat_at(page, site.shop)
    page.evaluate(hostile_windows.LISTENS)
    chat.locator(".composer textarea").press_sequentially(SECRET)
    page.keyboard.press("Enter")
    expect(chat.get_by_role("log")).to_contain_text("You said:")

    reached = page.evaluate(hostile_windows.READS)

    assert reached["document"] == "null"
    for what in ("body", "storage", "address"):
        assert reached[what] == "SecurityError", what
    assert sorted(name.rpartition("/")[2] for name, _ in reached["kept"]) == ["kept", "spoken"]
    (line,) = conversations(floor)
    everything = json.dumps(reached)
    assert "4111" not in everything and line.conversation not in everything
    kinds = {kind for kind, _ in reached["seen"]}
    assert kinds <= {"message"}
    known = {"shopkeeper", "type", "unread", "kept", "language"}
    assert all(set(json.loads(told)) == known for _, told in reached["seen"])


def test_row_41_a_page_that_is_not_on_the_list_cannot_hold_the_chat(browse, floor, site):
    page = browse()
    page.clock.install()
    page.goto(site.stranger)
    launcher(page).click()
    expect(page.locator("shopkeeper-chat .note")).to_have_text("Opening the chat…")
    expect(page.locator("shopkeeper-chat iframe")).to_have_count(1)
    page.clock.fast_forward(10_000)
    expect(page.locator("shopkeeper-chat .note")).to_contain_text("cannot be reached")
    expect(page.locator("shopkeeper-chat iframe")).to_be_hidden()
    expect(launcher(page)).to_be_visible()
    assert page.frames[1].url.startswith("chrome-error:")

    site.pages["/around"] = f"<iframe src='{site.shop}/hostile'></iframe>"
    page.goto(f"{site.stranger}/around")  # a stranger around a listed shop is a stranger
    inner = page.frame_locator("iframe").frame_locator("iframe")
    expect(inner.locator("chat-room")).to_have_count(0)
    assert [frame.url for frame in page.frames][2].startswith("chrome-error:")


def test_row_41_a_hostile_holder_gets_nothing_even_where_a_proxy_has_eaten_the_policy(
    browse, floor, site
):
    page = browse()

    def without_policy(route):
        answer = route.fetch()
        headers = {k: v for k, v in answer.headers.items() if k != "content-security-policy"}
        route.fulfill(response=answer, headers=headers)

    page.context.route("**/chat-frame", without_policy)
    page.goto(f"{site.stranger}/hostile")
    held = page.frame_locator("iframe")
    expect(held.get_by_text("This chat opens from a page of its shop.")).to_be_visible()
    page.evaluate(
        "shapes => shapes.forEach(shape => frames[0].postMessage(shape, '*'))",
        hostile_windows.SHAPES,
    )
    _settle(page)
    expect(held.locator("chat-room")).to_have_count(0)
    assert page.evaluate("heard") == []
    assert not conversations(floor)

    # The check sees a chat that comes: the same page, the same messages, under the shop's name.
    page.goto(f"{site.shop}/hostile")
    expect(held.get_by_text("This chat opens from a page of its shop.")).to_be_visible()
    page.evaluate("setup => frames[0].postMessage(setup, '*')", hostile_windows.SETUP)
    expect(held.locator("chat-room")).to_have_count(1)


def _settle(page: Page) -> None:
    """Everything that was posted so far has been delivered to the frame, and answered."""
    page.evaluate("""async () => {
        for (let turn = 0; turn < 3; turn += 1) {
            await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
        }
    }""")
    for frame in page.frames[1:]:
        frame.evaluate("new Promise((then) => setTimeout(then))")
    page.evaluate("new Promise((then) => setTimeout(then))")


def test_row_41_messages_of_foreign_windows_move_neither_the_shop_nor_the_chat(browse, floor, site):
    """A hostile page has opened the shop, and a hostile advertisement stands in it."""
    site.pages["/hostile-page"] = "<!doctype html><title>Kettles for free</title>"
    advertisement = f"<iframe src='{site.stranger}/hostile-page'></iframe></main>"
    site.pages["/"] = site.pages["/"].replace("</main>", advertisement)
    page = browse()
    page.goto(f"{site.stranger}/hostile-page")
    with page.expect_popup() as opened:
        page.evaluate(f"shop = window.open('{site.shop}')")
    shop = opened.value
    launcher(shop).click()
    chat = chat_in(shop)
    expect(chat.locator(".composer textarea")).to_be_visible()
    hostile = [page.main_frame, shop.frames[1]]
    for frame, its_shop in zip(hostile, ("shop", "parent"), strict=True):
        frame.evaluate("heard = []; addEventListener('message', ({data}) => heard.push(data))")
        assert frame.evaluate(f"{its_shop}.length") == 1, "the chat is not among its frames"
        send = f"shapes => shapes.forEach((shape) => {its_shop}.postMessage(shape, '*'))"
        frame.evaluate(send, hostile_windows.SHAPES)
    _settle(shop)

    expect(launcher(shop)).to_have_attribute("aria-expanded", "true")
    expect(launcher(shop)).to_have_accessible_name("Close chat")
    expect(shop.locator("shopkeeper-chat .badge")).to_be_hidden()
    expect(chat.locator(".composer textarea")).to_have_value("")
    expect(chat.get_by_role("button", name="切换到中文")).to_be_visible()
    assert [frame.evaluate("heard") for frame in hostile] == [[], []]
    assert not conversations(floor)


def test_row_41_a_hostile_chat_moves_the_shops_page_nowhere(browse, floor, site):
    """Should the assistant itself fall into wrong hands, its frame is all that it has."""
    page = browse()
    open_chat_at(page, site.shop)
    own_words = (hostile_windows.CLOSE, hostile_windows.STATE)
    shapes = [shape for shape in hostile_windows.SHAPES if shape not in own_words]
    tried = page.frames[1].evaluate(hostile_windows.LEAVES_ITS_FRAME, shapes)
    _settle(page)

    assert tried == {"top": "SecurityError", "read": "SecurityError", "dialog": False}
    assert page.url == f"{site.shop}/"
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator("shopkeeper-chat .badge")).to_be_hidden()


def test_a_browser_that_keeps_nothing_for_frames_still_chats_and_says_what_that_means(
    browse, floor, site
):
    page = browse()
    page.context.add_init_script("""if (location.pathname === "/chat-frame")
        Object.defineProperty(window, "localStorage", {
            get() { throw new DOMException("no storage for third parties", "SecurityError"); },
        });
    """)
    chat = open_chat_at(page, site.shop)
    expect(chat.locator(".storage")).to_be_hidden()
    say(page, "how much is the kettle?")
    expect(chat.get_by_role("log")).to_contain_text("You said: how much is the kettle?")
    expect(chat.get_by_role("note")).to_contain_text("Stay on this page until you have your answer")
    assert barriers(page) == []
    page.context.set_offline(True)
    expect(chat.locator(".banner")).to_contain_text("keep this page open")
    page.context.set_offline(False)
    page.reload()
    expect(launcher(page)).to_be_visible()
    assert len(page.frames) == 1, "there is nothing to come back for"


def test_opened_by_itself_the_frames_page_says_where_it_belongs(browse, floor, site):
    page = browse()
    page.goto(f"{floor.origin}/chat-frame")
    page.evaluate("setup => window.postMessage(setup, '*')", hostile_windows.SETUP)
    expect(page.get_by_text(re.compile("opens from a page of its shop"))).to_be_visible()
    expect(page.locator("chat-room")).to_have_count(0)
