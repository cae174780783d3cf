import pytest

from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.pinyin import pinyin_of
from knowledge_base.search import Searcher
from knowledge_base.spelling import Spelling, english_words, is_one_slip, names_written

PHRASINGS = (
    "how do I return it", "return address", "what colour is the kettle", "kettle warranty",
    "where is my adress", "change the address", "delivery address", "new address", "an address",
    "my address", "which address",
)  # fmt: skip
CHINESE = "快递 发货 水壶 茶杯 退款 地址 毛毯 积分 包装 优惠 客服 会员".split()


@pytest.fixture
def shop() -> Spelling:
    counts = dict.fromkeys(CHINESE, 20)
    return Spelling(counts, english_words(PHRASINGS), lambda word: False)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("retrun adress pls", "return address pls"),
        ("how long is the warrenty", "how long is the warranty"),
        ("what color is it", "what colour is it"),
        ("快第到哪了", "快递到哪了"),
        ("fahuo要多久", "发货要多久"),
        ("可以ship到我的adress吗", "可以ship到我的address吗"),
    ],
)
def test_a_slip_becomes_the_word_of_the_shop(shop, typed, meant):
    assert shop.mended(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "how do I return it",
        "where are the kettles",  # another form of a word is none
        "addresss@example.com",
        "http://retrun.example",
        "LH-RETRUN-1",
        "不能退吗",
        "快递费多少",
        "the word hippopotamus",
        "",
        "retrun " * 100,  # longer than a question
    ],
)
def test_what_is_no_slip_stays_as_it_is(shop, text):
    assert shop.mended(text) == text


def test_a_word_that_the_encoder_knows_is_never_a_slip():
    spelling = Spelling({}, {"plate": 40}, lambda word: word == "plane")

    assert spelling.mended("on a plane") == "on a plane"
    assert spelling.mended("on a plaet") == "on a plate"


def test_one_slip_is_a_letter_left_out_put_in_mistaken_or_exchanged():
    assert is_one_slip("retrun", "return")
    assert is_one_slip("adress", "address")
    assert is_one_slip("addresss", "address") is False  # put in at the end: another word
    assert is_one_slip("warrenty", "warranty")
    assert is_one_slip("kettl", "kettle")
    assert not is_one_slip("return", "return")
    assert not is_one_slip("retnur", "return")


def test_a_character_with_two_readings_gives_both():
    assert {"zhongfa", "chongfa"} <= set(pinyin_of("重发"))
    assert list(pinyin_of("a")) == []


def test_a_searcher_mends_towards_the_words_of_its_entries():
    entry = Entry(EntryId("a"), ("return address",), "Ningbo.", "en")

    assert Searcher.of([entry], HashedEncoder()).mended("retrun adress") == "return address"


def test_english_words_are_counted_once_a_text():
    assert english_words(["A kettle, a KETTLE", "kettle"])["kettle"] == 2


def test_a_name_that_the_shop_writes_with_a_capital_is_no_slip_of_a_commoner_word():
    texts = ["How do I link to a Vimeo video?", "Adress of the shop", "the adress", "Vimeo"]
    assert names_written(texts) == {"vimeo"}
    counts = {"video": 20, "vimeo": 2}
    named = Spelling({}, counts, lambda word: False, names_written(texts))
    assert named.mended("a clip of vimeo in the vidoe") == "a clip of vimeo in the video"
    assert Spelling({}, counts, lambda word: False).mended("of vimeo") == "of video"
