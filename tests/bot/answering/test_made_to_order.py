import pytest

from bot.answering.made_to_order import asks_for_something_made
from knowledge_base.entry import Entry, EntryId

KETTLE = Entry(
    EntryId("kettle"), ("潮汐壶多大？", "How big is the Tide?"), "都是0.9升，也就是900毫升。", "zh"
)
ENGRAVING = Entry(EntryId("engrave"), ("刀上能刻字吗", "do you engrave"), "Yes, ¥30.", "en")


@pytest.mark.parametrize(
    "asked",
    [
        "能定做一个1.5升的细口壶吗",
        "能定做細口壺嗎",
        "可以按我的尺寸做吗",
        "壶能做成两升的吗",
        "能定一个2升的吗",
        "can you make it with 2 litres",
        "could you make me a kettle of 2.5 l",
        "could you have the kettle made in 30 cm for me",
        "do you do made-to-measure kettles",
        "I want a bespoke one",
    ],
)
def test_what_is_to_be_made_is_not_answered_by_what_there_is(asked):
    assert asks_for_something_made(asked, KETTLE)


@pytest.mark.parametrize(
    "asked",
    [
        "有1.5升的细口壶吗",
        "is there a 2 litre kettle",
        "can you make it 0.9 l",
        "能做成900毫升的吗",
        "can you make 2 litres of tea in it",
        "能做一壶2升的茶吗",
        "my custom-sized... no, my 2 litre pot is broken, can you make a refund",
        "定制的什么时候发货",
        "我要两升的，多少钱",
        "can you make the invoice out to my firm, 2 m wide boxes please",
        "能开个发票吗",
    ],
)
def test_what_is_only_measured_is_asked_of_the_entry(asked):
    assert not asks_for_something_made(asked, KETTLE)


def test_an_entry_about_making_or_marking_is_meant():
    assert not asks_for_something_made("bespoke engraving for my dad", ENGRAVING)
    assert not asks_for_something_made("能不能定制", ENGRAVING)
