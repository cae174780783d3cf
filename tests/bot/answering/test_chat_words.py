import pytest

from bot.answering.chat_words import in_small_letters, written_out


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("can u send it w/o a box", "can you send it without a box"),
        ("it doesnt work", "it doesn't work"),
        ("Whats next", "what's next"),
        ("咋退货", "怎么退货"),
        ("有啥推荐", "有什么推荐"),
        ("单号在那里看", "单号在哪里看"),
        ("坏了咋整", "坏了怎么办"),
        ("u-boot@example.com r2", "u-boot@example.com r2"),
        ("the U.S.", "the U.S."),
    ],
)
def test_short_forms_are_written_out_and_names_are_not(typed, written):
    assert written_out(typed) == written


@pytest.mark.parametrize(
    ("typed", "small"),
    [
        ("İSTANBUL'dan", "istanbul'dan"),
        ("ıſ it OK", "is it ok"),
        ("ÉCRAN", "écran"),
        ("退货OK", "退货ok"),
    ],
)
def test_small_letters_stand_where_the_large_ones_stood(typed, small):
    assert in_small_letters(typed) == small
    assert len(small) == len(typed)
