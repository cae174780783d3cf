"""The chat in its frame on a shop of another site, which browsers treat each in its own way.

What such a frame may keep, whether the focus passes its border, and whose pages may hold it.
"""

import pytest

from tests.browsers.engines import PHONE, Guest
from tests.browsers.people import BOX, LOG, Colleague, Shopper
from tests.browsers.window import ENTER, ESCAPE

pytestmark = [pytest.mark.browsers, pytest.mark.weights, pytest.mark.timeout(300)]

ASKS = {"zh": "寄到香港运费多少？", "en": "How much is delivery to Hong Kong?"}
KNOWN = {"zh": "45元", "en": "¥45"}
CLOSE = {"zh": "关闭对话", "en": "Close chat"}
UNREAD = {"zh": "1 条未读", "en": "1 unread"}


def test_a_talk_goes_on_on_the_next_page_of_another_site(come, cable, shop, site, guest):
    language = guest.locale[:2]
    shopper = Shopper(come(guest), site.shop)
    assert shopper.chat.ask("return location.origin") == cable.address
    shopper.writes(ASKS[language])
    shopper.reads(KNOWN[language])
    if guest.size == PHONE:  # the chat covers the page
        shopper.chat.press("button", CLOSE[language])
    shopper.window.press("a", "More kettles")
    shopper.window.reads("Kettles two")
    shopper.opens()
    shopper.reads(KNOWN[language])
    shopper = shopper.comes_back()
    shopper.reads(KNOWN[language])
    assert shopper.times(ASKS[language]) == 1

    cable.cut()
    shopper.writes("Alipay?")
    shopper.chat.find(".banner")
    cable.mend()
    shopper.chat.lacks(".unsent .message")
    assert shopper.times("Alipay?") == 1


def test_the_focus_passes_the_border_of_the_frame_both_ways(come, cable, shop, site):
    shopper = Shopper(come(Guest()), site.shop)
    shopper.window.focuses("iframe")
    shopper.chat.type("typed at once")  # WebKit leaves the way to the box to the first key
    shopper.chat.holds(BOX, "typed at once")
    shopper.chat.focuses(BOX)
    shopper.chat.type(ESCAPE)
    shopper.window.lacks(".place")
    shopper.window.focuses("button.launcher")
    shopper.window.type(ENTER)
    shopper.chat.focuses(BOX)
    shopper.chat.holds(BOX, "typed at once")


def test_a_closed_chat_counts_what_a_colleague_says(come, cable, shop, site, guest, engine):
    language = guest.locale[:2]
    wants = f"壶嘴歪了 {engine.name} {guest.locale} spout"
    shopper = Shopper(come(guest), site.shop)
    shopper.asks_for_a_person()
    shopper.writes(wants)
    staff = Colleague(come(Guest()), cable.address, shop.passwords["staff"])
    staff.opens(wants)
    staff.claims()
    staff.says("Which kettle is it?")
    shopper.reads("Which kettle is it?")
    shopper.chat.press("button", CLOSE[language])
    shopper.window.focuses("button.launcher")
    staff.says("The blue one?")
    shopper.window.find("button.launcher", UNREAD[language])
    shopper.opens()
    shopper.reads("The blue one?")
    assert shopper.chat.words(LOG).count("The blue one?") == 1


def test_a_page_that_is_not_on_the_list_cannot_hold_the_chat(come, shop, site):
    window = come(Guest())
    window.go(f"{site.stranger}/")
    window.press("button.launcher")
    window.reads("cannot be reached")
    window.lacks("iframe")
