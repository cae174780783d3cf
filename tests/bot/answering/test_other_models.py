import pytest

from bot.answering.other_models import asks_of_another_model
from knowledge_base.entry import Entry, EntryId

LAMP = Entry(EntryId("lamp"), ("台灯LX-60的灯泡能换吗？",), "不能换，灯泡是一体的。", "zh")
POT = Entry(EntryId("pot"), ("Does the GW-3L pot work on induction?",), "Yes, it does.", "en")
ROBOT = Entry(EntryId("robot"), ("H7-Pro battery life",), "It runs 90 minutes.", "en")
CASE = Entry(EntryId("case"), ("Do you have cases for the iPhone 14?",), "Yes, C14.", "en")
FREE = Entry(EntryId("free"), ("Is delivery free over 99?",), "Yes, in 3 days, up to 20 kg.", "en")
BOTH = Entry(EntryId("both"), ("Which filter fits the KT100?",), "F9, as the KT200.", "en")


@pytest.mark.parametrize(
    ("asked", "entry"),
    [
        ("台灯LX-90的灯泡能换吗？", LAMP),
        ("ＬＸ９０换灯泡", LAMP),
        ("lx 90 bulb", LAMP),
        ("does the gw5l work on induction", POT),
        ("battery life of the H8PRO", ROBOT),
        ("cases for iPhone 15", CASE),
        ("苹果iPhone15手机壳有吗", CASE),
        ("which filter for the KT300", BOTH),
    ],
)
def test_a_model_with_another_number_is_not_the_one_the_entry_tells_of(asked, entry):
    assert asks_of_another_model(asked, entry)


@pytest.mark.parametrize(
    ("asked", "entry"),
    [
        ("lx60灯泡能换吗", LAMP),
        ("LX 60 bulb", LAMP),
        ("台灯的灯泡能换吗", LAMP),
        ("LX-60和LX-90的灯泡能换吗", LAMP),
        ("does your 3L pot work on induction", POT),
        ("h7 pro battery", ROBOT),
        ("case for my iPhone 14 please", CASE),
        ("is delivery free over 49 or in 5 days for 2kg", FREE),
        ("which filter for the KT200", BOTH),
        ("my order LH20261103-4821, LX-60 bulb", LAMP),
    ],
)
def test_the_same_model_none_or_an_amount_is_asked_of_the_entry(asked, entry):
    assert not asks_of_another_model(asked, entry)
