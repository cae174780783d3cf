"""Outside the hours a visitor leaves a message at once, without a word to the assistant before."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.end_to_end.light_floor import PHONE, barriers, chat_in, open_chat, pages_on_a_floor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SUNDAY_NIGHT = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)  # 23:00 in Ningbo, the shop opens at 9:00


@pytest.fixture
def floor(tmp_path):
    with pages_on_a_floor(tmp_path, now=lambda: SUNDAY_NIGHT) as floor:
        yield floor


def test_a_visitor_leaves_a_message_before_any_other_word(people, floor):
    page = people.open("zh-CN", PHONE)
    open_chat(page, floor)
    chat = chat_in(page)
    chat.get_by_role("button", name="留言").click()
    chat.locator("#leave-text").fill("杯子收到时碎了")
    chat.locator("#leave-reach").fill("13900001111")
    assert barriers(page) == []
    chat.get_by_role("button", name="提交留言").click()

    expect(chat.get_by_role("log")).to_contain_text("已留言 · 回复至 13900001111")
    expect(chat.locator(".waiting")).to_contain_text("您的留言已送达")
    (line,) = floor.parts.transcripts.store.recent()
    assert (line.left_message, line.last_text) == (True, "杯子收到时碎了")

    open_chat(page, floor)  # another page of the shop
    expect(chat.get_by_role("log")).to_contain_text("杯子收到时碎了")
