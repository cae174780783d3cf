import pytest

from bot.answering.answer import Said
from bot.answering.follow_up import (
    is_correction,
    is_short,
    length_in_words,
    looks_like_follow_up,
    may_be_half,
    share_told,
    with_context,
    with_what_it_corrects,
    without_correction,
)
from knowledge_base.entry import Entry, EntryId


@pytest.mark.parametrize(
    "text",
    ["那运费呢？", "and to Hong Kong?", "how about the large one", "多少钱", "what about returns"],
)
def test_half_a_question_is_seen_as_a_follow_up(text):
    assert looks_like_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "请问寄到香港大概需要多少天可以收到货物",
        "Can I return a kettle that I bought from you three weeks ago if I no longer have the box?",
    ],
)
def test_a_whole_question_stands_by_itself(text):
    assert not looks_like_follow_up(text)


def test_the_shoppers_last_question_is_put_in_front():
    history = (Said("shopper", "寄到香港要几天？"), Said("bot", "三到五天。"))
    assert with_context("那运费呢？", history) == "寄到香港要几天？ 那运费呢？"
    assert with_context("那运费呢？", ()) == "那运费呢？"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no, I meant Macau", "Macau"),
        ("sorry, I mean Xinjiang", "Xinjiang"),
        ("not Germany, Austria", "Austria"),
        ("neither, I mean the knives", "the knives"),
        ("不是，我是说新西兰", "新西兰"),
        ("我说错了，是德国", "德国"),
        ("不对，我是說澳門", "澳門"),
        ("不是德国，是英国", "英国"),
        ("都不是，我问的是刀具", "刀具"),
    ],
)
def test_a_correction_is_read_as_what_it_means(text, meant):
    assert without_correction(text) == meant
    assert is_correction(text)
    assert looks_like_follow_up(text)


@pytest.mark.parametrize(
    "text",
    ["no", "不是", "不对", "抱歉，我想退货", "不是我的快递", "发错了怎么办",
     "sorry, can I return this", "not received, help", "not working, what do I do",
     "不是真皮的吗", "我说的你听不懂吗"],
)  # fmt: skip
def test_what_only_sounds_like_a_correction_stays_whole(text):
    assert without_correction(text) == text


def test_a_correction_is_put_behind_the_last_whole_question():
    history = (
        Said("shopper", "How much is delivery to Hong Kong for two kettles and a pot please?"),
        Said("shopper", "what about Taiwan"),
    )
    assert with_what_it_corrects("Macau", history) == f"{history[0].text} Macau"
    assert with_what_it_corrects("Macau", history[1:]) == "what about Taiwan Macau"


def test_a_few_words_may_be_half_a_question_and_many_are_not():
    assert is_short("怎么赔")
    assert is_short("who pays for that")
    assert not is_short("请问寄到香港大概需要多少天可以收到货物")


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("会员日几号打几折", True),
        ("积分可以抵多少运费呀", True),
        ("请问积分可以抵多少运费", False),
        ("how long is the warranty then", True),
        ("how long do refunds take for cards", False),
        ("iPad 可以用几年", True),
    ],
)
def test_six_words_or_ten_characters_may_be_half_a_question(text, half):
    assert may_be_half(text) is half


def test_a_character_says_as_much_as_six_tenths_of_a_word():
    assert length_in_words("iPad 可以用几年") == 4.0
    assert length_in_words("?!") == 0.0


def test_an_entry_speaks_of_what_its_phrasings_and_answer_name():
    entry = Entry(EntryId("remote"), ("新疆包邮吗",), "新疆、西藏运费25元。", "zh")
    assert share_told("西藏呢", entry) == 1
    assert share_told("澳门呢", entry) == 0
    assert share_told("呢？", entry) == 1
