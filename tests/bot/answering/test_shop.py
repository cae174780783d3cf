import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering.shop import NO_NUMBER, Shop, ShopRefused

DEMO = Path(__file__).parents[3] / "demo_shop"


def test_the_demo_shop_speaks_both_languages():
    shop = Shop.load(DEMO)
    assert shop.names["zh"] == "小港生活"
    assert shop.names["en"] == "Little Harbour"
    assert "3" in shop.say("queue_place", "zh", place=3)
    assert shop.hours_text["en"] in shop.say("nobody_here", "en")


def test_the_shop_is_open_by_its_own_clock_and_closed_on_its_holidays():
    shop = Shop.load(DEMO)
    assert shop.is_open(datetime(2026, 11, 26, 2, 0, tzinfo=UTC))  # Thursday, 10:00 there
    assert not shop.is_open(datetime(2026, 11, 26, 14, 0, tzinfo=UTC))  # Thursday, 22:00 there
    assert not shop.is_open(datetime(2027, 2, 5, 2, 0, tzinfo=UTC))  # a holiday


@pytest.mark.parametrize(
    ("file", "find", "put", "says"),
    [
        ("shop.toml", "[texts.greeting]", "[texts.greting]", "perhaps texts.greeting is meant"),
        ("shop.toml", "第 {place} 位", "第 {number} 位", r"nothing fills \{number\}; .*\{place\}"),
        ("shop.toml", "第 {place} 位", "第 {place 位", "texts.queue_place.zh: .*brace"),
        ("shop.toml", "第 {place} 位", "第 {} 位", r"nothing fills \{\}"),
        ("shop.toml", "[name]", "[names]", "shop.toml: name is missing"),
        ("shop.toml", 'currency = "CNY"', 'currency = "yuan"', "written like GBP or CNY"),
        ("shop.toml", "monday =", "mon =", "opening_hours.mon: the days are monday"),
        ("shop.toml", "Asia/Shanghai", "Asia/Atlantis", "Atlantis; it is written like"),
        ("shop.toml", "09:00-21:00", "nine to nine", "nine to nine"),
        ("shop.toml", r"LH\d{8}-\d{4}", "LH(", "number_pattern"),
        ("shop.toml", '= "english"', '= "spanish"', "must be one of english, person"),
        ("intents.toml", 'leads_to = "person"', 'leads_to = "somebody"', "leads_to must be one of"),
        ("intents.toml", "say:greeting", "say:nothing", "say"),
        ("intents.toml", "[greeting]", "[greeting", "not valid TOML"),
    ],
)
def test_a_spoiled_shop_folder_is_refused_in_words_that_name_the_place(
    tmp_path, file, find, put, says
):
    for name in ("shop.toml", "intents.toml"):
        shutil.copy(DEMO / name, tmp_path / name)
    text = (tmp_path / file).read_text("utf-8")
    assert find in text
    (tmp_path / file).write_text(text.replace(find, put, 1), "utf-8")
    with pytest.raises(ShopRefused, match=says):
        Shop.load(tmp_path)


def test_a_missing_shop_folder_is_refused_with_the_setting_to_change(tmp_path):
    with pytest.raises(ShopRefused, match="shop_folder"):
        Shop.load(tmp_path / "nowhere")


def new_shop(folder, shop, intents='[greeting]\nleads_to = "say:greeting"\n'):
    (folder / "shop.toml").write_text(shop, "utf-8")
    (folder / "intents.toml").write_text(intents, "utf-8")
    return Shop.load(folder)


LEAST = 'name = "Spoke & Sprocket"\ntime_zone = "Europe/London"\n[opening_hours]\n'


def test_a_shop_that_writes_next_to_nothing_speaks_the_programs_words_under_its_own_name(tmp_path):
    shop = new_shop(tmp_path, LEAST)
    assert shop.say("greeting", "en").startswith("Hello, and welcome to Spoke & Sprocket!")
    assert shop.say("greeting", "zh").startswith("您好，欢迎来到Spoke & Sprocket！")
    assert shop.order_number_pattern == NO_NUMBER
    said = " ".join(text for one in shop.texts.values() for text in one.values())
    demo = Shop.load(DEMO)
    for words in (*demo.names.values(), "LH2", "30 minutes", "1 working day"):
        assert words not in said


def test_a_text_in_one_language_leaves_the_other_to_the_program(tmp_path):
    shop = new_shop(tmp_path, LEAST + '[texts.greeting]\nen = "Welcome to {shop}. {hours}"\n')
    assert shop.say("greeting", "en") == "Welcome to Spoke & Sprocket. "
    assert shop.say("greeting", "zh").startswith("您好")


def test_a_shop_whose_name_has_braces_is_called_by_it(tmp_path):
    shop = new_shop(tmp_path, LEAST.replace("Spoke & Sprocket", "{curly}"))
    assert "{curly}" in shop.say("greeting", "en")


def test_an_intent_may_say_a_text_of_the_shops_own(tmp_path):
    texts = '[texts.directions]\nzh = "往左走"\nen = "Turn left"\n'
    shop = new_shop(tmp_path, LEAST + texts, '[way]\nleads_to = "say:directions"\n')
    assert shop.say("directions", "en") == "Turn left"
    with pytest.raises(ShopRefused, match="said by nothing"):
        new_shop(tmp_path, LEAST + texts)
    with pytest.raises(ShopRefused, match=r"directions\.en is missing"):
        new_shop(
            tmp_path,
            LEAST + '[texts.directions]\nzh = "往左走"\n',
            '[way]\nleads_to = "say:directions"\n',
        )


def test_a_shop_may_be_open_around_the_clock(tmp_path):
    shop = new_shop(tmp_path, LEAST + 'thursday = ["00:00-24:00"]\n')
    assert shop.is_open(datetime(2026, 11, 26, 23, 59, tzinfo=UTC))
