import csv
from pathlib import Path

import pytest

from bot.answering.mood import mood_of


@pytest.mark.parametrize(
    "text",
    [
        "this is a scam!!",
        "你们就是骗子",
        "I am sick of this, give me my money back",
        "太过分了，我要投诉",
    ],
)
def test_strong_anger_is_seen_in_both_languages(text):
    assert mood_of(text).name == "angry"


@pytest.mark.parametrize(
    "text",
    [
        "where is my order",
        "这个锅能用电磁炉吗",
        "No rush, just wondering",
        "不急，慢慢来",
        "Is it broken into two parcels?",
    ],
)
def test_a_plain_question_is_no_anger(text):
    assert mood_of(text).name == "neutral"


def test_disappointment_is_negative_but_not_anger():
    assert mood_of("等了好久，有点失望").name == "negative"
    assert mood_of("A bit disappointed with the lid").name == "negative"


def test_shouting_weighs_only_where_something_is_wrong():
    assert mood_of("THANK YOU SO MUCH!!!").name == "positive"
    assert mood_of("STILL WAITING FOR MY PARCEL!!! RIDICULOUS!!!").name == "angry"


def test_urgency_is_heard():
    assert mood_of("急急急，明天就要用").urgency >= 0.5
    assert mood_of("Do you sell kettles?").urgency == 0


def test_a_very_long_message_is_judged_too():
    assert mood_of("好" * 100_000 + "骗子").name == "angry"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_ordinary_phrase_or_question_of_the_demo_shop_counts_as_anger(language):
    shop = Path(__file__).parents[3] / "demo_shop"
    upset = {"complaint", "out_of_scope", "talk_to_person"}
    with (shop / f"intents.{language}.csv").open(encoding="utf-8", newline="") as phrases:
        texts = [row["text"] for row in csv.DictReader(phrases) if row["intent"] not in upset]
    with (shop / f"entries.{language}.csv").open(encoding="utf-8", newline="") as entries:
        texts += [row["question"] for row in csv.DictReader(entries)]
    assert len(texts) > 2_000
    assert [text for text in texts if mood_of(text).name == "angry"] == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("太棒了，超出预期", "very_positive"),
        ("This is amazing, thank you", "very_positive"),
        ("谢谢", "positive"),
        ("这个壶多少钱", "neutral"),
        ("the lid is cracked", "negative"),
        ("you are all crooks", "very_negative"),
    ],
)
def test_five_levels_are_told_by_words(text, level):
    assert mood_of(text).level == level


def test_praise_that_is_denied_is_no_praise():
    assert mood_of("I am not happy").name == "negative"
    assert mood_of("一点都不好用").name == "negative"


def test_a_latin_word_may_touch_chinese_characters():
    assert mood_of("太nice了").name == "positive"


def test_a_long_list_of_small_troubles_is_no_anger():
    said = "The box was damaged, the lid is missing, the handle is broken and the parcel was late."
    assert mood_of(said).name == "negative"
    assert mood_of(said).level == "very_negative"


def test_words_that_only_look_angry_are_calm():
    assert mood_of("收件人写我妈的名字").name == "neutral"
    assert mood_of("what sizes are the rubbish bags").name == "neutral"


def test_faces_alone_tell_a_mood():
    assert mood_of("😡😡😡").name == "angry"
    assert mood_of("😢").name == "negative"
    assert mood_of("😀😀😀").name == "positive"
    assert mood_of("？？").name == "neutral"
