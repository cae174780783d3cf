"""Shoppers who want a person wait, leave a message or go on with the bot, and say how it was."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from bot.transcripts.finding import Wanted
from tests.end_to_end.light_floor import PHONE, barriers, chat_in, open_chat, pages_on_a_floor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SUNDAY_NIGHT = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)  # 23:00 in Ningbo, the shop opens at 9:00


@pytest.fixture
def floor(tmp_path):
    with pages_on_a_floor(tmp_path, now=lambda: SUNDAY_NIGHT, rating_quiet_seconds=0) as floor:
        yield floor


def say(page: Page, text: str) -> None:
    chat_in(page).locator(".composer textarea").fill(text)
    page.keyboard.press("Enter")


def log(page: Page):
    return chat_in(page).get_by_role("log")


def lines(floor):
    return floor.parts.transcripts.finding.find(Wanted(), 10).lines


def events(floor, kind):
    store = floor.parts.transcripts.store
    seen = [store.newest(line.conversation, 100).events for line in lines(floor)]
    return [event for some in seen for event in some if event.kind == kind]


def fill_the_form(page: Page, text: str, reach: str, name: str = "") -> None:
    chat_in(page).locator("#leave-text").fill(text)
    chat_in(page).locator("#leave-reach").fill(reach)
    chat_in(page).locator("#leave-name").fill(name)


def test_outside_the_hours_a_shopper_reads_them_and_leaves_a_message(people, floor):
    page = people.open("zh-CN", PHONE)
    open_chat(page, floor)
    expect(chat_in(page).locator(".foot")).to_contain_text("现在没有客服在线。")
    say(page, "I want a person")
    waiting = chat_in(page).locator(".waiting")
    expect(waiting).to_contain_text("现在没有客服在线。您写的内容已保存，客服会回复您。")
    expect(waiting).to_contain_text("周一至周五 9:00–21:00")
    expect(waiting.get_by_role("button", name="继续等待")).to_have_count(0)
    assert barriers(page) == []

    waiting.get_by_role("button", name="留言").click()
    chat_in(page).get_by_role("button", name="提交留言").click()
    expect(chat_in(page).locator("#leave-text-bad")).to_have_text("请写下您想咨询的内容。")
    assert barriers(page) == []
    fill_the_form(page, "杯子收到时碎了", "１３９００００１１１１", "王女士")
    chat_in(page).get_by_role("button", name="提交留言").click()

    expect(log(page)).to_contain_text("已留言 · 回复至 13900001111")
    expect(waiting).to_contain_text("您的留言已送达")
    (left,) = events(floor, "message_left")
    assert left.text == "杯子收到时碎了"
    assert left.body["contact"] == {"phone": "13900001111", "name": "王女士"}
    assert lines(floor)[0].left_message


def test_a_message_left_without_a_network_outlives_its_tab_and_arrives_once(people, floor):
    page = people.open("en-GB")
    open_chat(page, floor)
    say(page, "I want a person")
    chat_in(page).locator(".waiting").get_by_role("button", name="Leave a message").click()
    chat_in(page).locator("#leave-text").fill("The cup ca")
    page.reload()
    page.locator("shopkeeper-chat .launcher").click()
    chat_in(page).locator(".waiting").get_by_role("button", name="Leave a message").click()
    expect(chat_in(page).locator("#leave-text")).to_have_value("The cup ca")

    page.context.set_offline(True)
    expect(chat_in(page).locator("form.leave")).to_contain_text("You are offline.")
    fill_the_form(page, "The cup came broken", "lin@shop.example")
    chat_in(page).get_by_role("button", name="Send message").click()
    unsent = chat_in(page).locator(".unsent .message")
    expect(unsent).to_contain_text("reply to lin@shop.example")
    assert events(floor, "message_left") == []
    context = page.context
    page.close()
    context.set_offline(False)
    page = people.another(context)
    open_chat(page, floor)

    expect(log(page)).to_contain_text("For our team · reply to lin@shop.example")
    expect(chat_in(page).locator(".unsent .message")).to_have_count(0)
    (left,) = events(floor, "message_left")
    assert left.body["contact"] == {"email": "lin@shop.example"}


def test_a_shopper_goes_on_with_the_assistant_and_rates_the_talk_once(people, floor):
    page = people.open("en-GB")
    open_chat(page, floor)
    say(page, "I want a person")
    chat_in(page).get_by_role("button", name="Go on with the assistant").click()
    expect(log(page)).to_contain_text("You go on with the automatic assistant")
    say(page, "how much is delivery")
    expect(log(page)).to_contain_text("You said: how much is delivery")

    chat_in(page).get_by_role("button", name="More").click()
    chat_in(page).get_by_role("button", name="End conversation").click()
    rating = chat_in(page).locator(".rating")
    expect(rating).to_be_visible()
    assert barriers(page) == []
    rating.locator(".star").nth(3).click()
    rating.get_by_placeholder(re.compile("^Anything")).fill("quick")
    rating.get_by_role("button", name="Send").click()
    expect(log(page)).to_contain_text("You rated this chat 4 of 5.")
    (rated,) = events(floor, "rated")
    assert (rated.body["score"], rated.text) == (4, "quick")
    page.reload()
    open_chat(page, floor)
    expect(log(page)).to_contain_text("You rated this chat 4 of 5.")
    expect(rating).to_be_hidden()


def test_the_question_at_the_end_can_be_passed_and_is_not_asked_again(people, floor):
    page = people.open("en-GB")
    open_chat(page, floor)
    say(page, "hello")
    expect(log(page)).to_contain_text("You said: hello")
    chat_in(page).get_by_role("button", name="More").click()
    chat_in(page).get_by_role("button", name="End conversation").click()
    rating = chat_in(page).locator(".rating")
    rating.get_by_role("button", name="Skip").click()
    expect(rating).to_be_hidden()
    page.reload()
    open_chat(page, floor)
    expect(log(page)).to_contain_text("Conversation ended.")
    expect(rating).to_be_hidden()
    assert events(floor, "rated") == []
