import pytest

from bot.answering.other_variants import asks_for_another_variant
from knowledge_base.entry import Entry, EntryId

THROW = Entry(EntryId("throw"), ("盖毯多大",), "130×170厘米，纯羊毛，有儿童款。", "zh")
JAR = Entry(EntryId("jar"), ("罐子密封吗",), "密封，1升。", "zh")
PRESS = Entry(EntryId("press"), ("how big is the press",), "600 ml, of glass, or copper.", "en")


@pytest.mark.parametrize(
    "asked",
    ["毯子有没有双人的", "有双人款吗", "有羽绒的么", "出不出，有没有磁吸版", "有没有棉麻的毯子"],
)
def test_a_variant_that_an_entry_does_not_name_is_not_answered_by_it(asked):
    assert asks_for_another_variant(asked, THROW)
    assert asks_for_another_variant(asked, JAR)


@pytest.mark.parametrize(
    "asked",
    [
        "is the press available in stainless steel",
        "does it come in king size?",
        "do you have the press in titanium",
        "is there a cordless version",
        "do you sell a left-handed model",
    ],
)
def test_an_english_variant_likewise(asked):
    assert asks_for_another_variant(asked, PRESS)


def test_a_size_is_told_by_a_size_of_its_sort_alone():
    assert asks_for_another_variant("盖毯有没有2升的", THROW)
    assert asks_for_another_variant("罐子有20厘米的小号吗", JAR)
    assert asks_for_another_variant("is the press available in 20 cm", PRESS)
    assert not asks_for_another_variant("盖毯有2米长的吗", THROW)
    assert not asks_for_another_variant("do you have a 1 litre one", PRESS)
    assert not asks_for_another_variant("罐子离墙要有20厘米的距离", JAR)


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("毯子有没有羊毛的", THROW),
        ("有儿童款吗", THROW),
        ("有小一点的吗", THROW),
        ("有便宜的吗", JAR),
        ("有5升的吗", JAR),
        ("有没有要还款的", JAR),
        ("为什么没有双人的", JAR),
        ("密封的吗", JAR),
        ("is it available in copper", PRESS),
        ("does it come in other sizes", PRESS),
        ("is it available in 1 litre", PRESS),
        ("do you have it in stock", PRESS),
        ("does it come in my size", PRESS),
        ("my package came in yesterday", PRESS),
    ],
)
def test_what_is_named_and_what_is_no_variant_is_answered(asked, about):
    assert not asks_for_another_variant(asked, about)
