import time

import pytest

from bot.answering.listed import listed_in, thing_meant

ZH = "两百元以内可以看看滤网杯79元、青瓷盖碗128元、陶茶壶168元，或者旅行茶具199元，都能包装。"
EN = "These are popular: the mug (¥79), the gaiwan (¥128), the pot (¥1,168) and the travel set (¥199). Wrapping is ¥15."  # noqa: E501


def test_the_things_of_a_list_are_found_in_their_order():
    assert listed_in(ZH) == ("滤网杯79元", "青瓷盖碗128元", "陶茶壶168元", "旅行茶具199元")
    assert listed_in(EN) == (
        "the mug (¥79)",
        "the gaiwan (¥128)",
        "the pot (¥1,168)",
        "the travel set (¥199)",
    )
    assert listed_in("缺货的有：电动磨（12月到货）、龙井（4月到货）和蓝毯子（11月到货）。") == (
        "电动磨（12月到货）",
        "龙井（4月到货）",
        "蓝毯子（11月到货）",
    )


@pytest.mark.parametrize(
    "text",
    ["", "新疆、西藏、青海和内蒙古的运费是25元。", "商品需要没用过、干净、齐全。",
     "Rinse it, dry it in the shade, and oil it every 2-3 months.",
     "Delivery to Macau is ¥45, and free from ¥499.",
     "If it's late, send us the number, and we'll press the carrier."],
)  # fmt: skip
def test_places_and_clauses_are_no_list_of_things(text):
    assert listed_in(text) == ()


@pytest.mark.parametrize(
    ("answer", "question", "asked"),
    [
        (ZH, "第二个可以放洗碗机吗", "青瓷盖碗可以放洗碗机吗"),
        (ZH, "第1款有货不", "滤网杯有货不"),
        (ZH, "最後一個能寄香港嗎", "旅行茶具能寄香港吗"),
        (EN, "is the first one dishwasher safe?", "is the mug dishwasher safe?"),
        (EN, "what about the third", "what about the pot"),
        (EN, "number two in white", "the gaiwan in white"),
        (EN, "does the last one break easily", "does the travel set break easily"),
    ],
)
def test_a_place_in_the_list_stands_for_its_thing(answer, question, asked):
    assert thing_meant(question, answer).asked == asked


@pytest.mark.parametrize(
    ("answer", "question", "words"),
    [
        (ZH, "第二个多少钱", "青瓷盖碗128元"),
        (ZH, "那最后一个怎么卖呀", "旅行茶具199元"),
        (EN, "how much is the third one", "the pot (¥1,168)"),
        (EN, "the second one, how much pls?", "the gaiwan (¥128)"),
    ],
)
def test_a_price_that_stands_beside_the_thing_is_known(answer, question, words):
    meant = thing_meant(question, answer)
    assert meant.priced
    assert meant.words == words


@pytest.mark.parametrize(
    ("answer", "question"),
    [(ZH, "寄第二个多少运费"), (EN, "how much is delivery for the second one")],
)
def test_another_price_than_that_of_the_thing_is_not_told_from_the_list(answer, question):
    assert not thing_meant(question, answer).priced


@pytest.mark.parametrize(
    "question",
    ["第二天能到吗", "第一次买", "第五个多少钱", "第二个月呢", "第一个和第二个有什么区别", "多少钱",
     "how long did the first order take", "the sixth one", "in the second week", "one more thing",
     "what is the difference between the first one and the second one", "the second one " * 9],
)  # fmt: skip
def test_what_names_no_thing_of_the_list_is_left_alone(question):
    assert thing_meant(question, ZH) is None
    assert thing_meant(question, EN) is None


@pytest.mark.parametrize("text", ["、" * 4000, "a, " * 4000 + "and b", "(¥1 " * 2000, "有" * 4000])
def test_odd_answers_are_read_at_once(text):
    began = time.process_time()
    listed_in(text)
    thing_meant("the second one", text)
    assert time.process_time() - began < 0.5
