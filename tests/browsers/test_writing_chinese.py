"""Chinese is written with an input method, whose Enter and Escape are not the page's.

Firefox composes through its own test input method. WebKit composes through GTK's: Control, Shift
and U begin it, four digits name a character, and Enter takes it, as in any real input method. Like
Safari, WebKit ends the composition before it tells the page of that Enter.
"""

from __future__ import annotations

import pytest

from tests.browsers.engines import Guest
from tests.browsers.people import BOX, LOG, Colleague, Shopper
from tests.browsers.window import CONTROL, ENTER, SHIFT, View

pytestmark = [pytest.mark.browsers, pytest.mark.weights, pytest.mark.timeout(300)]

COMPOSED = "你"
IN_FIREFOX = """
    const box = sight.focused();
    const processor = Cc["@mozilla.org/text-input-processor;1"];
    const method = processor.createInstance(Ci.nsITextInputProcessor);
    const page = box.ownerDocument.defaultView;
    const begun = method.beginInputTransactionForTests(page);
    const key = (name, code = name) => new page.KeyboardEvent("", {key: name, code});
    const compose = () => {
        method.setPendingCompositionString(arguments[0]);
        method.appendClauseToPendingComposition(
            arguments[0].length, method.ATTR_RAW_CLAUSE);
        method.setCaretInPendingComposition(arguments[0].length);
        return method.flushPendingComposition(key("a", "KeyA"));
    };
    compose();
    if (arguments[1] === "Escape") method.cancelComposition(key("Escape"));
    else method.commitComposition(key("Enter"));
    return begun;
"""


def composes(view: View, ends_by: str, engine_name: str) -> None:
    """Composes one character in the box that has the focus."""
    if engine_name == "firefox":
        assert view.ask_as_browser(IN_FIREFOX, COMPOSED, ends_by)
        return
    view.chord(CONTROL, SHIFT, "u")
    view.type(f"{ord(COMPOSED):x}")
    view.type({"Enter": ENTER, "Escape": "\ue00c"}[ends_by])


def test_the_enter_that_picks_a_word_sends_nothing(come, cable, engine):
    shopper = Shopper(come(Guest("zh-CN")), cable.address)
    shopper.chat.press(BOX)
    composes(shopper.chat, "Enter", engine.name)
    shopper.chat.holds(BOX, COMPOSED)
    shopper.chat.type("好")
    shopper.chat.holds(BOX, COMPOSED + "好")
    assert COMPOSED + "好" not in shopper.chat.words(LOG)
    shopper.chat.type(ENTER)
    shopper.reads(COMPOSED + "好")


def test_the_escape_that_drops_a_word_leaves_the_chat_open(come, cable, engine):
    shopper = Shopper(come(Guest("zh-CN")), cable.address)
    shopper.begins("杯子")
    composes(shopper.chat, "Escape", engine.name)
    shopper.chat.holds(BOX, "杯子")
    shopper.chat.focuses(BOX)


def test_staff_compose_in_the_inbox(come, cable, shop, engine):
    wants = f"水壶漏水 {engine.name}"
    shopper = Shopper(come(Guest("zh-CN")), cable.address)
    shopper.asks_for_a_person()
    shopper.writes(wants)
    staff = Colleague(come(Guest("zh-CN")), cable.address, shop.passwords["staff"])
    staff.opens(wants)
    staff.claims()
    for key in ("Escape", "Enter"):
        composes(staff.window, key, engine.name)
        staff.window.focuses(staff.BOX)
    staff.window.holds(staff.BOX, COMPOSED)
    staff.window.type("好" + ENTER)
    staff.reads(COMPOSED + "好")
    shopper.reads(COMPOSED + "好")
