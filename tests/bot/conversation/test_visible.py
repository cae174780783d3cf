import pytest

from bot.conversation.visible import has_visible


@pytest.mark.parametrize(
    "text", ["", "  \n\t", "\u3000", "\u200b\u200d", "\u202e", "\u2800", "\u3164"]
)
def test_nothing_can_be_seen(text):
    assert not has_visible(text)


@pytest.mark.parametrize("text", ["a", "。", "\u200b好", "👨\u200d👩", "?", "\uf8ff", "\U0001fae9"])
def test_something_can_be_seen(text):
    assert has_visible(text)
