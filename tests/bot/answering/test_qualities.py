import pytest

from bot.answering.qualities import asks_for_an_untold_quality
from knowledge_base.entry import Entry, EntryId

LAMP = Entry(EntryId("lamp"), ("how bright is the desk lamp",), "It has 800 lumens.", "en")
TOLD = Entry(
    EntryId("told"),
    ("tell me all of it", "都说说"),
    "5 years' warranty, 2 kg, shower-proof, dimmable, free wifi and toilets, wash by hand, "
    "no oven, students get 5 % off. 学生九五折，可调光。",
    "en",
)


@pytest.mark.parametrize(
    "asked",
    [
        "what's the warranty on the desk lamp",
        "how long is the lamp guaranteed",
        "台灯保修多久",
        "how heavy is it?",
        "how much does the desk lamp weigh",
        "台灯有多重",
        "is there wifi by the desk",
        "那边有WIFI吗",
        "are there any toilets",
        "有洗手间吗",
        "can the shade go in the dishwasher",
        "is it safe to put in the oven",
        "灯罩能放洗碗机吗",
        "do you have a student discount on lamps",
        "any discount for pensioners",
        "学生买灯有优惠吗",
        "is the lamp dimmable",
        "Hi, are they splashproof?",
        "台灯能调光吗",
    ],
)
def test_a_quality_is_not_answered_by_an_entry_that_tells_nothing_of_it(asked):
    assert asks_for_an_untold_quality(asked, LAMP)
    told = asks_for_an_untold_quality(asked, TOLD)
    assert told == ("splash" in asked)


@pytest.mark.parametrize(
    "asked",
    [
        "how bright is the desk lamp",
        "is the lamp available",
        "are returns possible",
        "is it suitable for a child?",
        "the lamp broke in the dishwasher, what now",
        "my student lamp is too dark",
        "I guarantee you I paid",
        "is delivery free",
        "这灯多重要",
        "能不能退",
        "学生宿舍能送吗",
    ],
)
def test_words_that_ask_for_no_quality_hold_nothing_back(asked):
    assert not asks_for_an_untold_quality(asked, LAMP)
