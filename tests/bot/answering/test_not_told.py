import pytest

from bot.answering.not_told import asks_for_what_is_not_told
from knowledge_base.entry import Entry, EntryId

BOX = Entry(EntryId("box"), ("饭盒保温多久", "how long is it warm"), "6小时，1.2升。", "zh")
THROW = Entry(EntryId("throw"), ("盖毯有哪些颜色", "what is it made of"), "羊毛。", "zh")
BOWL = Entry(EntryId("bowl"), ("what size are the bowls",), "12 cm, in sand or white.", "en")


@pytest.mark.parametrize(
    "asked",
    [
        "保温饭盒有没有蓝色",
        "饭盒有大红色的吗",
        "饭盒出不出粉色",
        "饭盒有绿色没",
        "有蓝色款么",
        "綠色的還有嗎",
        "do you have the lunch box in blue",
        "is the box available in a bright red",
        "does it come in grey?",
        "do the lunch boxes come in pink or green",
        "could I get it in dark blue please",
    ],
)
def test_a_colour_is_not_answered_by_an_entry_that_tells_none(asked):
    assert asks_for_what_is_not_told(asked, BOX)
    assert not asks_for_what_is_not_told(asked, THROW)
    assert not asks_for_what_is_not_told(asked, BOWL)


@pytest.mark.parametrize(
    "asked",
    [
        "饭盒保温多久",
        "蓝色的饭盒怎么退",
        "为什么没有蓝色的包装纸",
        "茶壶上有褐色茶渍怎么洗",
        "茶壶上有褐色的茶渍怎么洗",
        "有没有银行卡优惠",
        "my blue box leaks, do you have a spare lid",
        "do you have white tea",
        "the box came in red paper",
        "I got the box in black, how do I return it",
        "is the box in black still under warranty",
        "do I have to send the box in white back",
    ],
)
def test_a_colour_that_only_stands_by_is_none_that_is_asked_for(asked):
    assert not asks_for_what_is_not_told(asked, BOX)


TEA = Entry(EntryId("tea"), ("龙井是哪年的", "longjing"), "产自新昌。It comes from Xinchang.", "zh")


@pytest.mark.parametrize(
    "asked",
    [
        "云南豆在哪烘的",
        "玻璃罐是哪里产的",
        "水壶产地是哪",
        "吐司机是哪个国家生产的",
        "菜刀是国产的还是进口的",
        "毯子的羊毛来自哪里",
        "where are your glass jars made",
        "where does the wool of the throw come from",
        "which country does the toaster come from",
        "is the wok made in Japan?",
        "where do you roast the beans",
    ],
)
def test_where_a_thing_is_made_is_not_answered_by_an_entry_that_tells_no_place(asked):
    assert asks_for_what_is_not_told(asked, BOX)
    assert not asks_for_what_is_not_told(asked, TEA)


@pytest.mark.parametrize(
    "asked",
    [
        "包裹从哪里发的",
        "退货寄到哪里",
        "在哪里做退货登记",
        "毯子是什么做的",
        "在哪里改地址",
        "where does my parcel come from",
        "where is the engraving on the knife",
        "what is the box made of",
        "is the payment made in advance",
        "where is the payment that I made",
        "where do my points come from",
        "现在哪种好",
        "was a mistake made in my order",
    ],
)
def test_a_place_that_is_not_a_things_origin_is_asked_of_the_entry(asked):
    assert not asks_for_what_is_not_told(asked, BOX)
