import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering.shop import Shop, ShopRefused

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
        ("shop.toml", "[texts.greeting]", "[texts.hello]", "texts.greeting.zh"),
        ("shop.toml", "Asia/Shanghai", "Asia/Atlantis", "Atlantis"),
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
