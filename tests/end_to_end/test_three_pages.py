"""A shopper, a member of staff and an admin use the three pages of a running shop."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.end_to_end.conftest import visit
from tests.end_to_end.light_floor import chat_in

pytestmark = [pytest.mark.browser, pytest.mark.weights, pytest.mark.timeout(900)]

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


class Shopper:
    """Somebody with the shop's page open and the chat in front."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.chat = chat_in(page)
        page.goto(address + "/")
        self.open()

    def open(self) -> None:
        """Open the chat, unless the page has kept it open."""
        if not self.chat.locator("textarea").is_visible():
            self.page.locator("shopkeeper-chat .launcher").click()
        expect(self.chat.locator("textarea")).to_be_visible()

    def write(self, text: str) -> None:
        self.chat.locator("textarea").fill(text)
        self.chat.locator("textarea").press("Enter")

    def choose(self, label: str) -> None:
        self.chat.get_by_role("button", name=label).click()

    def reads(self, text: str | re.Pattern[str]) -> None:
        expect(self.chat.get_by_role("log")).to_contain_text(text)

    def said(self, text: str) -> Locator:
        return self.chat.get_by_text(text, exact=True)


@pytest.fixture
def page_of(browser, shop):
    """Opens pages for visitors of their own, and checks that nothing went wrong in any of them."""
    contexts = []
    troubles: list[str] = []

    def new(locale: str, viewport: dict[str, int] = DESKTOP, **options) -> Page:
        context = visit(browser, locale=locale, viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((shop.address, "data:", "blob:"))
                else troubles.append(f"foreign request {request.url}")
            ),
        )
        return page

    yield new
    for context in contexts:
        context.close()
    assert troubles == []


def sign_in(page: Page, shop, where: str, login: str) -> None:
    page.goto(f"{shop.address}/{where}")
    page.locator("input[autocomplete=username]").fill(login)
    page.locator("input[type=password]").fill(shop.passwords[login])
    page.keyboard.press("Enter")
    expect(page.locator("input[type=password]")).to_have_count(0)


def test_a_shopper_gets_known_answers_and_her_order_in_chinese(page_of, shop):
    shopper = Shopper(page_of("zh-CN"), shop.address)
    expect(shopper.chat.get_by_role("dialog")).to_contain_text("智能助手")
    shopper.write("寄到香港运费多少？")
    shopper.reads("45元")
    shopper.write("查一下我的订单到哪了")
    shopper.reads("订单号")
    shopper.write("LH20261114-1187")
    shopper.reads("后四位")
    shopper.write("6098")
    shopper.reads(re.compile("LH20261114-1187 目前的状态"))


def test_a_shopper_gets_the_same_in_english_on_a_phone(page_of, shop):
    shopper = Shopper(page_of("en-GB", PHONE), shop.address)
    shopper.write("How much is delivery to Hong Kong?")
    shopper.reads("¥45")
    shopper.write("Where is my order LH20261114-1187? The phone ends in 6098")
    shopper.reads("LH20261114-1187")
    shopper.reads("Suzhou")


def test_somebody_elses_order_stays_closed(page_of, shop):
    shopper = Shopper(page_of("en-GB"), shop.address)
    shopper.write("Where is my order LH20261114-0317? The phone ends in 1111")
    shopper.reads("can't find an order that matches")
    expect(shopper.chat.get_by_role("log")).not_to_contain_text("out for delivery")


def test_the_talk_is_there_after_a_reload_and_once_only(page_of, shop):
    shopper = Shopper(page_of("en-GB"), shop.address)
    shopper.write("Do you send to Macau?")
    expect(shopper.chat.get_by_role("log").locator(".bot, [data-author=bot]").first).to_be_visible()
    shopper.page.reload()
    shopper.open()
    expect(shopper.said("Do you send to Macau?")).to_have_count(1)


def test_a_message_typed_offline_is_delivered_once_after_the_tab_was_closed(page_of, shop):
    shopper = Shopper(page_of("en-GB"), shop.address)
    shopper.write("How much is delivery to Hong Kong?")
    shopper.reads("¥45")
    context = shopper.page.context
    context.set_offline(True)
    shopper.write("Can I pay with Alipay?")
    expect(shopper.said("Can I pay with Alipay?")).to_have_count(1)
    shopper.page.close()
    context.set_offline(False)
    again = Shopper(context.new_page(), shop.address)
    again.reads("Alipay")
    expect(again.said("Can I pay with Alipay?")).to_have_count(1)
    expect(again.chat.get_by_role("log")).to_contain_text(re.compile("Alipay.*Alipay", re.DOTALL))


def test_a_person_takes_over_talks_and_hands_back(page_of, shop):
    shopper = Shopper(page_of("zh-CN"), shop.address)
    shopper.write("寄到香港运费多少？")
    shopper.reads("45元")
    shopper.write("我想找真人客服")
    shopper.reads("同事")

    staff = page_of("en-GB")
    sign_in(staff, shop, "inbox", "staff")
    staff.get_by_role("tabpanel").get_by_text("Asked for a person").first.click()
    expect(staff.get_by_role("log")).to_contain_text("我想找真人客服")
    expect(staff.get_by_role("complementary")).to_contain_text("Asked for a person")
    staff.get_by_role("button", name="Claim").first.click()
    staff.get_by_role("textbox", name="Reply").fill("您好，我是小林，请问有什么可以帮您？")
    staff.get_by_role("button", name="Send").click()
    shopper.reads("您好，我是小林，请问有什么可以帮您？")

    shopper.write("<img src=x onerror=alert(1)> 杯子碎了")
    expect(staff.get_by_role("log")).to_contain_text("<img src=x onerror=alert(1)> 杯子碎了")
    # The bot holds its tongue while a person has the conversation.
    shopper.write("寄到香港运费多少？")
    expect(staff.get_by_role("log").get_by_text("寄到香港运费多少？")).to_have_count(2)
    expect(shopper.chat.get_by_role("log").get_by_text("45")).to_have_count(1)

    staff.get_by_role("button", name="Hand back").click()
    expect(staff.get_by_role("log")).to_contain_text("handed back to the assistant")
    shopper.write("寄到台灣要多少運費")
    expect(shopper.chat.get_by_role("log").get_by_text(re.compile("台湾.*元"))).to_have_count(1)


def test_an_admins_file_changes_what_the_bot_knows_and_can_be_undone(page_of, shop, tmp_path):
    question = "小港生活在舟山的灯塔店几点开门？"
    shopper = Shopper(page_of("zh-CN"), shop.address)
    shopper.write(question)
    expect(shopper.chat.get_by_role("log")).not_to_contain_text("六点半")

    file = tmp_path / "lighthouse.csv"
    file.write_text(
        f"question,answer\n{question},灯塔店每天早上六点半开门。\n"
        "When does the Zhoushan lighthouse shop open?,It opens at half past six every morning.\n"
        ",no question here\n",
        encoding="utf-8-sig",
    )
    admin = page_of("en-GB")
    sign_in(admin, shop, "console", "admin")
    admin.locator("input[type=file]").set_input_files(file)
    expect(admin.get_by_text(question).first).to_be_visible()
    admin.get_by_role("button", name="See what would change").click()
    expect(admin.get_by_role("main")).to_contain_text(re.compile(r"2\s*added"))
    expect(admin.get_by_role("main")).to_contain_text("1 problem")
    admin.get_by_role("button", name="Publish").click()
    expect(admin.get_by_role("main")).to_contain_text("Shoppers now get version", timeout=60_000)
    expect(admin.get_by_role("main")).to_contain_text(re.compile("Self-check"))

    other = Shopper(page_of("zh-CN"), shop.address)
    other.write(question)
    other.reads("灯塔店每天早上六点半开门。")

    admin.get_by_role("button", name="Roll back").first.click()
    admin.get_by_role("button", name="Serve this one?").click()
    expect(admin.get_by_role("main")).to_contain_text("The chosen version serves now.")
    third = Shopper(page_of("zh-CN"), shop.address)
    third.write(question)
    expect(third.chat.get_by_role("log")).to_contain_text(question)
    expect(third.chat.get_by_role("log")).not_to_contain_text("六点半")


def test_a_file_of_the_wrong_kind_is_refused_in_words(page_of, shop, tmp_path):
    file = tmp_path / "picture.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    admin = page_of("en-GB")
    sign_in(admin, shop, "console", "admin")
    admin.locator("input[type=file]").set_input_files(file)
    expect(admin.get_by_role("alert")).to_be_visible()


def test_the_pages_of_staff_are_closed_without_signing_in(page_of, shop):
    for where in ("inbox", "console"):
        page = page_of("en-GB")
        page.goto(f"{shop.address}/{where}")
        expect(page.locator("input[type=password]")).to_be_visible()
