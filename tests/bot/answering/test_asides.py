import time

import pytest

from bot.answering.asides import (
    asks_again,
    calls_out,
    drops_it,
    finds_it_unclear,
    lets_go,
    only_heard,
    sighs,
    speaks_of_the_form,
    thanks,
    wants_more,
    was_in_vain,
)


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
    "text",
    ["嗯", "哦哦", "嗯嗯，好", "哈哈哈", "知道了", "好嘞", "收到", "ok", "Hmm.", "oh I see", "haha",
     "got it", "ok fine", "ok will do", "good to know", "I'll try that", "好 我去问问",
     "我再看看吧"],
)  # fmt: skip
def test_an_interjection_only_says_that_it_was_heard(text):
    assert only_heard(text)


@pytest.mark.parametrize(
    "text",
    ["什么意思", "什么意思啊？", "没太看懂", "不明白你的意思", "啥？", "？？", "What do you mean?",
     "sorry, I don't understand", "huh?", "can you explain that", "what does that mean"],
)  # fmt: skip
def test_a_shopper_may_find_an_answer_unclear(text):
    assert finds_it_unclear(text)


@pytest.mark.parametrize(
    "text",
    ["为什么", "为啥呢？", "那为什么不行", "那怎么办", "还有别的办法吗", "有没有其他的", "why?",
     "but why not", "how come", "so what can I do", "what now?", "anything else?",
     "are there any others"],
)  # fmt: skip
def test_a_shopper_may_only_want_more_than_was_told(text):
    assert wants_more(text)


@pytest.mark.parametrize(
    "text",
    [
        "太慢了吧",
        "好慢啊",
        "太可惜了",
        "that's too long",
        "That's a shame.",
        "so slow",
        "thats unfair",
    ],
)
def test_a_shopper_may_only_regret_what_was_told(text):
    assert sighs(text)


@pytest.mark.parametrize(
    "text",
    ["试过了", "试过了不行", "还是没收到", "邻居问过了没有", "I tried that already",
     "still doesn't work", "still nothing"],
)  # fmt: skip
def test_a_shopper_may_have_done_what_was_told_in_vain(text):
    assert was_in_vain(text)


@pytest.mark.parametrize(
    "text",
    ["过了15天还能退吗", "no trying on?", "is it still in stock", "还是不懂", "试过了还能退吗？",
     "Can I cancel an order that has already been shipped?", "it's already on its way",
     "the order has already shipped", "I've already opened it"],
)  # fmt: skip
def test_a_question_or_how_things_are_is_not_taken_for_a_vain_attempt(text):
    assert not was_in_vain(text)


@pytest.mark.parametrize(
    "text", ["算了", "不用了谢谢", "没有了", "never mind", "no thanks", "forget it"]
)
def test_a_shopper_may_want_nothing_more(text):
    assert lets_go(text)


@pytest.mark.parametrize(
    "text", ["取消", "不要了", "cancel it", "没有收到", "没了", "no delivery yet"]
)
def test_where_nothing_was_begun_words_about_an_order_are_about_an_order(text):
    assert not lets_go(text)


@pytest.mark.parametrize(
    "text",
    ["", "怎么取消订单", "算了，我要退货", "不要杯子要碗", "cancel my order",
     "never mind the kettle, what about the pot", "say it in English", "ok so how much is it",
     "好贵", "哈密瓜", "okra", "尾货是什么意思", "为什么还没发货", "why is it so expensive",
     "what does beacon mean", "what?! you lost it", "什么时候到", "什么颜色", "怎么办会员卡",
     "还有别的颜色吗", "are there any others in blue", "what else do you sell",
     "is it too long for me", "太慢了我要退货", "how long",
     "what will do", "帮我查查", "我去问问运费"],
)  # fmt: skip
def test_what_says_more_is_read_as_a_question(text):
    assert not asks_again(text)
    assert not drops_it(text)
    assert not only_heard(text)
    assert not lets_go(text)
    assert not finds_it_unclear(text)
    assert not wants_more(text)
    assert not sighs(text)


def test_words_about_the_form_are_known():
    assert speaks_of_the_form("I don't have my order number")
    assert speaks_of_the_form("訂單號不記得了")
    assert not speaks_of_the_form("how much is delivery")


@pytest.mark.parametrize(
    "text",
    [
        "不查了" * 20,
        "算了了了" * 15,
        "no, " * 15,
        "能不能" * 20,
        "oh " * 20,
        "这个那" * 20,
        "but wait " * 7,
        "好吧好" * 20,
    ],
)
def test_odd_texts_are_read_at_once(text):
    began = time.process_time()
    tells_of = (
        asks_again,
        drops_it,
        only_heard,
        lets_go,
        finds_it_unclear,
        wants_more,
        sighs,
        was_in_vain,
    )
    for tells in tells_of:
        tells(text)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text",
    ["谢谢", "好嘞谢谢", "嗯嗯 谢谢你啦", "多谢多谢", "謝謝您", "thx", "ok thanks", "cheers mate",
     "perfect thank you so much bye", "Great, thanks for your help!"],
)  # fmt: skip
def test_thanks_are_thanks_whatever_stands_around_them(text):
    assert thanks(text)


@pytest.mark.parametrize(
    "text",
    ["谢谢 运费多少", "不用谢谢", "thanks but where is it", "no thanks to you", "thanks giving"],
)
def test_thanks_with_something_else_are_more_than_thanks(text):
    assert not thanks(text)


def test_whoever_asks_what_comes_next_wants_more():
    assert wants_more("so whats next")
    assert wants_more("what happens next?")


@pytest.mark.parametrize(
    "text",
    ["有人吗", "你好，有人在吗？？", "有没有人啊", "hello?? anyone", "Is anyone there?",
     "hi anybody home", "hello, are you there"],
)  # fmt: skip
def test_who_only_knocks_is_known_by_the_words(text):
    assert calls_out(text)


@pytest.mark.parametrize(
    "text",
    ["有人收到过吗", "人工", "is there a person", "does anyone wash it", "hello", "周末有人吗"],
)
def test_who_says_more_does_not_only_knock(text):
    assert not calls_out(text)


@pytest.mark.parametrize("text", ["能再发一次吗", "重新发一下", "can you send it again"])
def test_a_parcel_may_be_meant_where_something_is_to_be_sent_again(text):
    assert not asks_again(text)
