import pytest

from bot.answering.denials import (
    Denial,
    denial_in,
    denies_too,
    is_about_what_is_denied,
    passes_the_limit,
    said_otherwise,
)
from knowledge_base.entry import Entry, EntryId


@pytest.mark.parametrize(
    ("text", "denied", "meant"),
    [
        ("不是会员呢", "会员", ""),
        ("不是竹的呢？", "竹", ""),
        ("要是不插电的呢", "插电", ""),
        ("非會員呢", "会员", ""),
        ("不是退货，是换货", "退货", "换货"),
        ("不是密码 是收不到验证码", "密码", "收不到验证码"),
        ("不是烤箱 微波炉", "烤箱", "微波炉"),
        ("是铸铁煎锅不是炒锅", "炒锅", "铸铁煎锅"),
        ("我要的是退款不是换货", "换货", "退款"),
        ("and if it's not bamboo?", "bamboo", ""),
        ("and for non-members", "members", ""),
        ("without a wooden handle?", "wooden handle", ""),
        ("it wasn't a credit card", "credit card", ""),
        ("not the aluminium one, the steel one", "aluminium", "steel"),
        ("it wasn’t the plate, sorry, the bowl", "plate", "bowl"),
        ("it's the skillet, not the wok", "wok", "skillet"),
        ("I meant the exchange, not the refund", "refund", "exchange"),
    ],
)
def test_what_a_message_denies_and_what_it_means_is_told_by_its_words(text, denied, meant):
    assert denial_in(text) == Denial(denied, meant)


@pytest.mark.parametrize(
    "text",
    [
        "是不是坏了",
        "你们是不是故意的",
        "不是会员能买吗",
        "不是 我想问几点上班",
        "不能烘干吗",
        "还没发货的呢",
        "no, the electric one",
        "what isn't covered",
        "why not",
        "my coupon does not work",
        "is it not possible to pay later",
    ],
)
def test_a_message_that_says_more_or_asks_denies_nothing(text):
    assert denial_in(text) is None


@pytest.mark.parametrize(
    ("text", "before", "meant"),
    [
        ("不是退货，是换货", "怎么退货", "怎么换货"),
        ("不是尾货呢", "尾貨能退嗎", "能退吗"),
        (
            "I meant the exchange, not the refund",
            "How do I get a refund?",
            "how do i get a exchange?",
        ),
        ("not the woks, the skillet", "my wok is rusty", "my skillet is rusty"),
        ("not the wok, the skillet", "my teapot is rusty", None),
        ("and how long?", "my wok is rusty", None),
    ],
)
def test_what_was_asked_is_said_with_what_is_meant_in_the_place_of_what_is_denied(
    text, before, meant
):
    assert said_otherwise(text, before) == meant


def entry(language, *questions, answer="It depends."):
    return Entry(EntryId("one"), questions, answer, language)


BAMBOO = entry("en", "Care for bamboo boards?", "my bamboo board is mouldy", "can I soak the board")
BAMBOO_ZH = entry("zh", "竹砧板怎么保养", "竹子发霉了", "砧板能泡水吗")
ABROAD = entry("zh", "大陆以外能换货吗", "大陆之外怎么换", "香港可以换吗")


def test_an_entry_about_what_is_denied_is_told_by_its_phrasings():
    assert is_about_what_is_denied("and if it isn't bamboo?", BAMBOO)
    assert is_about_what_is_denied("不是竹的呢", BAMBOO_ZH)
    assert not is_about_what_is_denied("不是木头的呢", BAMBOO_ZH)
    assert not is_about_what_is_denied("and if it's bamboo?", BAMBOO)


def test_one_phrasing_alone_or_one_that_denies_it_too_says_no_such_thing():
    assert not is_about_what_is_denied("不是竹的呢", entry("zh", "竹砧板怎么保养", "砧板发霉"))
    assert not is_about_what_is_denied("不在大陆呢", ABROAD)
    assert denies_too(Denial("大陆"), ABROAD)
    assert denies_too(Denial("member"), entry("en", "points?", answer="Not for members."))


def test_who_asks_beyond_a_limit_does_not_mean_an_entry_of_one_side_alone():
    cheap = entry(
        "en", "a gift under 200", "presents for less than 200", answer="The mug, 79 yuan."
    )
    signed = entry("en", "is a signature needed over 1000", answer="Only for 1,000 and more.")
    assert passes_the_limit("and over 200?", "a gift under 200", cheap)
    assert passes_the_limit("200以上呢", "200以内送什么", entry("zh", "两百以内送什么"))
    assert not passes_the_limit("and under 100?", "a gift under 200", cheap)
    assert not passes_the_limit("and over 200?", "a gift for my mother", cheap)
    assert not passes_the_limit("and under 1000?", "do I sign for orders over 1000", signed)
