import pytest

from bot.answering.other_shops import asks_of_another_shop
from knowledge_base.entry import Entry, EntryId

REFUNDS = Entry(EntryId("refund"), ("退货几天到账", "how long do refunds take"), "3 days", "en")
MATCHING = Entry(EntryId("match"), ("it's cheaper on Taobao",), "We match no prices.", "en")


@pytest.mark.parametrize(
    "asked", ["淘宝退货几天到账", "how long does amazon take", "京東退款要多久"]
)
def test_the_name_of_another_shop_says_that_it_is_not_ours_that_is_meant(asked):
    assert asks_of_another_shop(asked, REFUNDS)


@pytest.mark.parametrize("asked", ["退货几天到账", "how long do refunds take", "amazonite mug"])
def test_without_such_a_name_nothing_is_held_back(asked):
    assert not asks_of_another_shop(asked, REFUNDS)


def test_an_entry_that_speaks_of_other_shops_is_meant():
    assert not asks_of_another_shop("amazon is cheaper", MATCHING)
