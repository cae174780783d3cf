import pytest

from bot.handoff.canned import CannedRefused, CannedReply, check, fill, suggest

HELLO = CannedReply(
    "1",
    "hello",
    {"en": "Hello {shopper_name}, I am {staff_name}.", "zh": "您好,我是{staff_name}。"},
)
ORDER = CannedReply("2", "order", {"en": "Your order {order} is on its way."})
FACTS = {"shopper_name": "Anna", "staff_name": "Li", "order": None, "shop": "Tea"}


def test_a_reply_is_filled_in_the_shoppers_language() -> None:
    assert fill(HELLO, "zh", FACTS).text == "您好,我是Li。"
    assert fill(HELLO, "en", FACTS).text == "Hello Anna, I am Li."
    assert fill(ORDER, "zh", {"order": "A-1"}).text == "Your order A-1 is on its way."


def test_what_is_not_known_stays_visible_and_is_named() -> None:
    filled = fill(ORDER, "en", FACTS)
    assert (filled.text, filled.missing) == ("Your order {order} is on its way.", ("order",))


def test_a_shopper_called_like_a_variable_is_not_filled_in_again() -> None:
    filled = fill(HELLO, "en", {"shopper_name": "{staff_name}", "staff_name": "Li"})
    assert (filled.text, filled.missing) == ("Hello {staff_name}, I am Li.", ())


@pytest.mark.parametrize(
    "reply",
    [
        CannedReply("1", "two words", {"en": "x"}),
        CannedReply("1", "", {"en": "x"}),
        CannedReply("1", "hi", {}),
        CannedReply("1", "hi", {"en": " "}),
        CannedReply("1", "hi", {"fr": "bonjour"}),
        CannedReply("1", "hi", {"en": "{password}"}),
        CannedReply("1", "hi", {"en": "x" * 4_001}),
    ],
)
def test_a_reply_that_could_not_be_used_is_not_kept(reply: CannedReply) -> None:
    with pytest.raises(CannedRefused):
        check(reply)


def test_typing_finds_shortcuts_first_then_contents() -> None:
    assert suggest([ORDER, HELLO], "he") == [HELLO]
    assert suggest([ORDER, HELLO], "I am") == [HELLO]
    assert suggest([ORDER, HELLO], "") == [HELLO, ORDER]
    assert suggest([ORDER, HELLO], "zebra") == []
