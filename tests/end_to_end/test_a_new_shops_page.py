"""The page at "/" of a shop that tells nothing but its name: nothing of another shop is on it."""

import pytest
from playwright.sync_api import expect

from bot.answering.shop import Shop
from bot.shell.new import lay_out
from tests.end_to_end.light_floor import DESKTOP, PHONE, barriers, chat_in, pages_on_a_floor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new")
    lay_out(folder / "shop", "Spoke & Sprocket", "Europe/London")
    with pages_on_a_floor(folder, shop=Shop.load(folder / "shop")) as floor:
        yield floor


@pytest.mark.parametrize(("locale", "viewport"), [("en-GB", DESKTOP), ("zh-CN", PHONE)])
def test_a_new_shops_page_has_its_name_its_chat_and_nothing_else(people, floor, locale, viewport):
    page = people.open(locale, viewport)
    page.goto(f"{floor.origin}/")
    expect(page.get_by_role("heading")).to_have_text("Spoke & Sprocket")
    expect(page).to_have_title("Spoke & Sprocket")
    for place in ("#browse", "#promises", "#shelves", "#scene", "#story", "#footer"):
        expect(page.locator(place)).to_be_hidden()
    assert "Harbour" not in page.content() and "小港" not in page.content()
    assert barriers(page) == []
    page.locator("#ask-us").click()
    chat = chat_in(page)
    expect(chat.get_by_role("log")).to_contain_text("Spoke & Sprocket")
    assert barriers(page) == []
