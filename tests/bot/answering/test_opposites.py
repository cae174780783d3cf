import pytest

from bot.answering.opposites import asks_of_the_opposite
from knowledge_base.entry import Entry, EntryId


def entry(language, *questions):
    return Entry(EntryId("one"), questions, "It depends.", language)


SEALED = entry("en", "Can I return unopened tea?", "the bag was not opened, may I send it back")
SHIPPED = entry("en", "cancel once it has shipped", "it has been shipped, can I cancel", "stop it")
SEALED_ZH = entry("zh", "没拆封的茶能退吗", "还没拆的咖啡退不退", "茶叶可以退回吗")
SHIPPED_ZH = entry("zh", "已经发货了还能取消吗", "发货后不想要了", "能拦回来吗")


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("and if it's opened?", SEALED),
        ("i opened it yesterday", SEALED),
        ("after opening?", SEALED),
        ("it hasn't shipped yet", SHIPPED),
        ("before it's shipped", SHIPPED),
        ("拆了的呢", SEALED_ZH),
        ("已經拆了", SEALED_ZH),
        ("还没发货呢", SHIPPED_ZH),
    ],
)
def test_an_entry_about_the_very_opposite_is_not_meant(asked, about):
    assert asks_of_the_opposite(asked, about)


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("and if it's unopened?", SEALED),
        ("it has not been opened", SEALED),
        ("it's already shipped", SHIPPED),
        ("how long does that take", SHIPPED),
        ("which tea can I not return", SEALED),
        ("没拆封的呢", SEALED_ZH),
        ("没有拆过", SEALED_ZH),
        ("已经发货了呢", SHIPPED_ZH),
        ("发货了没", SHIPPED_ZH),
        ("有没有发货", SHIPPED_ZH),
        ("是不是还没发货", SHIPPED_ZH),
        ("多久能到", SHIPPED_ZH),
    ],
)
def test_an_entry_about_the_same_is_meant_whether_it_denies_or_affirms(asked, about):
    assert not asks_of_the_opposite(asked, about)


def test_one_phrasing_alone_shows_no_side():
    assert not asks_of_the_opposite("拆了的呢", entry("zh", "没拆封的茶能退吗", "茶能退吗"))
    assert not asks_of_the_opposite("it hasn't shipped", entry("en", "it shipped, can I cancel"))
