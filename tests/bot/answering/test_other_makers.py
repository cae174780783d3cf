import pytest

from bot.answering.other_makers import asks_of_another_maker
from knowledge_base.entry import Entry, EntryId

WARRANTY = Entry(EntryId("w"), ("How long is the warranty?", "保修多久"), "2 years.", "en")
BODUM = Entry(EntryId("b"), ("Is the Bodum press glass?",), "Yes.", "en")


def nowhere(name):
    return False


@pytest.mark.parametrize(
    "asked",
    [
        "how long is the warranty on my KitchenAid mixer",
        "does the le creuset pot go in the oven",
        "戴森吹风机保修多久",
        "你們有雙立人的刀嗎",
        "Hario的滤杯有没有",
    ],
)
def test_goods_of_a_maker_that_the_shop_never_names_are_not_told_of(asked):
    assert asks_of_another_maker(asked, WARRANTY, nowhere)


@pytest.mark.parametrize(
    "asked",
    [
        "how long is the warranty",
        "does the pan work on my Bosch hob",
        "will your filters fit a Chemex",
        "是不是最美的",
        "这个能用在博世洗碗机里吗",
        "可以搭配Hario的滤杯吗",
    ],
)
def test_what_is_the_shops_own_is_told_though_it_goes_with_another_makers(asked):
    assert not asks_of_another_maker(asked, WARRANTY, nowhere)


def test_makers_that_the_shop_or_the_entry_names_are_its_own_to_tell_of():
    assert not asks_of_another_maker("how do I clean a Bodum press", BODUM, nowhere)
    assert not asks_of_another_maker("how do I clean a Bodum press", WARRANTY, "Bodum".__eq__)
