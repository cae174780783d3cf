import time

import pytest

from bot.answering.asides import asks_again, drops_it, only_heard, speaks_of_the_form


@pytest.mark.parametrize(
    "text",
    ["再说一遍", "麻烦您再说一遍好吗？", "你刚才说什么", "重复一下", "Say that again please",
     "can you repeat that?", "sorry, what did you say?", "Come again?"],
)  # fmt: skip
def test_a_wish_to_hear_it_again_is_known_by_its_words(text):
    assert asks_again(text)


@pytest.mark.parametrize(
    "text",
    ["算了", "算了不查了", "那就先不查了吧", "不用了，谢谢", "没事了", "Never mind.", "forget it",
     "ok cancel that", "don't bother about it, thanks"],
)  # fmt: skip
def test_a_shopper_may_drop_what_was_begun(text):
    assert drops_it(text)


@pytest.mark.parametrize(
    "text", ["嗯", "哦哦", "嗯嗯，好", "哈哈哈", "ok", "Hmm.", "oh I see", "haha"]
)
def test_an_interjection_only_says_that_it_was_heard(text):
    assert only_heard(text)


@pytest.mark.parametrize(
    "text",
    ["", "怎么取消订单", "算了，我要退货", "不要杯子要碗", "cancel my order",
     "never mind the kettle, what about the pot", "say it in English", "ok so how much is it",
     "好贵", "哈密瓜", "okra"],
)  # fmt: skip
def test_what_says_more_is_read_as_a_question(text):
    assert not asks_again(text)
    assert not drops_it(text)
    assert not only_heard(text)


def test_words_about_the_form_are_known():
    assert speaks_of_the_form("I don't have my order number")
    assert speaks_of_the_form("訂單號不記得了")
    assert not speaks_of_the_form("how much is delivery")


@pytest.mark.parametrize(
    "text", ["不查了" * 20, "算了了了" * 15, "no, " * 15, "能不能" * 20, "oh " * 20]
)
def test_odd_texts_are_read_at_once(text):
    began = time.process_time()
    for tells in (asks_again, drops_it, only_heard):
        tells(text)
    assert time.process_time() - began < 0.5
