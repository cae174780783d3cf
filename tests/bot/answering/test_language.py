import pytest

from bot.answering.language import language_of_turn


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我的快递到哪了", "zh"),
        ("Where is my parcel?", "en"),
        ("我的order怎么还没到", "zh"),
        ("can I pay with 支付宝 from abroad", "en"),
        ("這款有現貨嗎", "zh"),
        ("iPhone 15 Pro Max 有货吗", "zh"),
    ],
)
def test_a_shopper_is_answered_in_the_language_she_writes(text, language):
    assert language_of_turn(text).answer_in == language


def test_a_text_without_letters_goes_by_what_came_before_and_then_by_the_widget():
    assert language_of_turn("???", before="en", interface="zh").answer_in == "en"
    assert language_of_turn("123", interface="en").answer_in == "en"
    assert not language_of_turn("👍").certain


def test_traditional_characters_are_told_from_simplified_ones():
    assert language_of_turn("請問運費多少").traditional
    assert not language_of_turn("请问运费多少").traditional


def test_another_script_is_named_as_such_and_answered_in_english():
    found = language_of_turn("Где мой заказ?")
    assert found.other
    assert found.answer_in == "en"


@pytest.mark.parametrize(
    "text", ["LH20261103-4821", "lin@example.com", "https://a.example/x", "4821"]
)
def test_a_number_or_an_address_is_in_no_language(text):
    found = language_of_turn(text, "zh", "en")
    assert (found.answer_in, found.certain) == ("zh", False)


def test_an_address_in_chinese_text_leaves_it_chinese():
    assert language_of_turn("我的邮箱 lin.xiaoyu@example.com").answer_in == "zh"


def test_a_turn_in_two_languages_says_so():
    assert language_of_turn("can I pay with 支付宝 from abroad").kind == "mixed"
    assert language_of_turn("hello").kind == "en"
    assert language_of_turn("👍", before="zh").kind == "none"
