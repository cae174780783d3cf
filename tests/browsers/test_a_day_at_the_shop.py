"""Shoppers, staff and an admin spend a day on our pages in Firefox and in WebKit."""

import pytest

from tests.browsers.engines import PHONE, Guest
from tests.browsers.people import BOX, Admin, Colleague, Shopper
from tests.browsers.window import ESCAPE

pytestmark = [pytest.mark.browsers, pytest.mark.weights, pytest.mark.timeout(300)]

ASKS = {"zh": "寄到香港运费多少？", "en": "How much is delivery to Hong Kong?"}
KNOWN = {"zh": "45元", "en": "¥45"}


def test_a_person_takes_over_answers_hands_back_and_closes(come, cable, shop, guest, engine):
    language = guest.locale[:2]
    said = {"zh": "杯子到货就是碎的", "en": "The cup came in pieces"}[language]
    broken = f"{said} {engine.name}"
    shopper = Shopper(come(guest), cable.address)
    shopper.writes(ASKS[language])
    shopper.reads(KNOWN[language])
    shopper.asks_for_a_person()
    shopper.writes(broken)

    staff = Colleague(come(guest), cable.address, shop.passwords["staff"])
    staff.opens(broken)
    staff.claims()
    staff.says("您好，我是小林。Hello, Lin here.")
    shopper.reads("您好，我是小林。Hello, Lin here.")
    shopper.writes("<b>谢谢</b> thanks")
    staff.reads("<b>谢谢</b> thanks")

    staff.commands("h")
    shopper.chat.find("button.person")
    shopper.writes({"zh": "可以用支付宝付款吗？", "en": "Can I pay with Alipay?"}[language])
    shopper.reads({"zh": "支付宝付款", "en": "Alipay,"}[language])
    staff.claims()
    staff.commands("x")
    if guest.size == PHONE:  # the key leads into the menu
        staff.window.focuses("[role=menuitem]")
    staff.window.type("x")
    shopper.chat.find(".stars")
    staff.commands(ESCAPE)
    staff.signs_out()


def test_what_was_typed_and_not_sent_is_there_again(come, cable, shop, guest, engine):
    lost = f"壶盖不见了 {engine.name} {guest.locale}"
    shopper = Shopper(come(guest), cable.address)
    shopper.asks_for_a_person()
    shopper.writes(lost)
    shopper.begins("还没写完 not yet")
    shopper = shopper.comes_back()
    shopper.chat.holds(BOX, "还没写完 not yet")
    assert shopper.times(lost) == 1

    staff = Colleague(come(guest), cable.address, shop.passwords["staff"])
    staff.opens(lost)
    staff.claims()
    staff.begins("稍等 one moment")
    staff.window.reload()
    staff.window.press("[role=tab]", {"zh": "我的", "en": "Mine"}[guest.locale[:2]])
    staff.opens(lost)
    staff.window.holds(staff.BOX, "稍等 one moment")


def test_a_cut_cable_loses_and_doubles_nothing(come, cable, shop, guest):
    language = guest.locale[:2]
    shopper = Shopper(come(guest), cable.address)
    shopper.writes(ASKS[language])
    shopper.reads(KNOWN[language])
    cable.cut()
    shopper.writes("Alipay?")
    shopper.chat.find(".banner")
    assert shopper.times("Alipay?") == 1
    cable.mend()
    shopper.chat.lacks(".unsent .message")
    shopper.chat.lacks(".banner")
    shopper.reloads()
    shopper.reads("Alipay?")
    assert shopper.times("Alipay?") == 1
    assert shopper.times(ASKS[language]) == 1


@pytest.mark.parametrize("way", ["chosen", "dropped"])
def test_an_admin_brings_a_file_and_shoppers_know_it(come, cable, shop, tmp_path, way, engine):
    question = f"{engine.name} 灯塔店几点开门 {way}？"
    content = f"question,answer\n{question},灯塔店早上六点半开门。\n"
    admin = Admin(come(Guest()), cable.address, shop.passwords["admin"])
    if way == "dropped":
        admin.drops("lighthouse.csv", content, on=".drop")
    else:
        file = tmp_path / "lighthouse.csv"
        file.write_text(content, encoding="utf-8-sig")
        admin.brings(file)
    admin.window.reads(question)
    admin.window.press("button", "See what would change")
    admin.window.press("button", "Publish")
    admin.window.reads("Shoppers now get version")
    admin.signs_out()

    shopper = Shopper(come(Guest("zh-CN")), cable.address)
    shopper.writes(question)
    shopper.reads("灯塔店早上六点半开门。")
