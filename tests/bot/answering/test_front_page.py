import pytest

from bot.answering.front_page import front_page


def test_a_shop_may_say_nothing_on_its_page():
    assert front_page({}) == {}


def test_what_is_said_in_one_language_stands_in_both():
    page = front_page({"tagline": {"en": "Parts"}, "starters": {"zh": ["运费？"], "en": ["Fee?"]}})
    assert page["tagline"] == {"zh": "Parts", "en": "Parts"}
    assert page["starters"]["zh"] == ["运费？"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"slogan": {"en": "Parts"}}, "page.slogan: there are title, tagline"),
        ({"tagline": "Parts"}, r'page.tagline is written \{ zh = "…", en = "…" \}'),
        ({"starters": {"en": "Fee?"}}, r'page.starters is written \{ zh = \["…", "…"\]'),
        ({"story": {"fr": "Bonjour"}}, "page.story is written"),
        ("Parts", "page must be a table"),
    ],
)
def test_what_is_written_otherwise_is_refused_with_its_form(raw, says):
    with pytest.raises(ValueError, match=says):
        front_page(raw)
