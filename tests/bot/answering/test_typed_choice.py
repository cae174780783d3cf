import pytest

from bot.answering.answer import Choice
from bot.answering.typed_choice import typed_choice

ZH = (
    Choice("电器保修多久？", "entry:electric"),
    Choice("杯子、保温桶这类不带电的保修多久？", "entry:non_electric"),
    Choice("刀具保修几年？", "entry:knives"),
    Choice("都不是", "none"),
)
EN = (
    Choice("Where is my order", "intent:order_status"),
    Choice("How long is the warranty on cast iron?", "entry:cast_iron"),
    Choice("What guarantee do knives have?", "entry:knives"),
    Choice("None of these", "none"),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", "entry:non_electric"),
        ("２", "entry:non_electric"),
        ("第二个", "entry:non_electric"),
        ("第二個吧", "entry:non_electric"),
        ("选1", "entry:electric"),
        ("我要第3个，谢谢", "entry:knives"),
        ("一", "entry:electric"),
        ("最后一个", "entry:knives"),
        ("4", "none"),
        ("电器保修多久", "entry:electric"),
        ("電器", "entry:electric"),
        ("电器的", "entry:electric"),
        ("我问的是刀具", "entry:knives"),
        ("都不是。", "none"),
        ("不是", "none"),
    ],
)
def test_a_shopper_who_types_in_chinese_means_the_reply_that_fits(text, value):
    assert typed_choice(text, ZH).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "intent:order_status"),
        ("the second one", "entry:cast_iron"),
        ("Number two please", "entry:cast_iron"),
        ("option 3", "entry:knives"),
        ("the last one", "entry:knives"),
        ("cast iron", "entry:cast_iron"),
        ("I mean the knives", "entry:knives"),
        ("where is my order?", "intent:order_status"),
        ("neither", "none"),
        ("No.", "none"),
    ],
)
def test_a_shopper_who_types_in_english_means_the_reply_that_fits(text, value):
    assert typed_choice(text, EN).value == value


@pytest.mark.parametrize(
    "text",
    [
        "9",
        "0",
        "保修",  # two of them
        "我要一个",
        "那运费呢",
        "怎么退货",
        "一个月能退吗",
        "好的",
        "都不是，我问的是怎么退货",
        "how long",
        "the",
        "👍",
        "",
    ],
)
def test_what_says_something_else_or_not_enough_is_no_choice(text):
    assert typed_choice(text, ZH) is None
    assert typed_choice(text, EN) is None


def test_a_plain_yes_means_the_only_answer_there_is():
    only = (EN[1], EN[3])
    assert typed_choice("yes", only).value == "entry:cast_iron"
    assert typed_choice("嗯嗯", only).value == "entry:cast_iron"
    assert typed_choice("yes", EN) is None


def test_without_an_answer_on_offer_a_number_means_nothing():
    assert typed_choice("1", (Choice("转人工", "person"),)) is None
    assert typed_choice("2", ()) is None
    assert typed_choice("转人工", (Choice("转人工", "person"),)).value == "person"


def test_a_yes_behind_an_answer_does_not_press_the_button_of_an_action():
    assert typed_choice("ok", EN[:1]) is None
    assert typed_choice("where is my order", EN[:1]).value == "intent:order_status"
    assert typed_choice("ok", EN[1:2]).value == "entry:cast_iron"
