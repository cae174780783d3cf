import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.question_key import question_key


@pytest.mark.parametrize(
    ("as_typed", "as_stored"),
    [
        ("How do I  return it ?", "how do i return it"),
        ("為什麼還沒收到貨", "为什么还没收到货？"),
        ("Ｗｉ－Ｆｉ　密码", "Wi-Fi密码"),
        ("退货\u200b怎么\u202e弄\ufeff", "退货怎么弄"),
        ("怎么退货😀❤\ufe0f", "怎么退货"),
        ("超过1,000元包邮吗", "超过1000元包邮吗"),
        ("STRASSE", "straße"),
        ("2 . 5 公 斤", "2.5公斤"),
    ],
)
def test_the_same_words_have_one_key_however_they_are_typed(as_typed, as_stored):
    assert question_key(as_typed) == question_key(as_stored)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("size 3.5", "size 35"),
        ("1 2号楼", "12号楼"),
        ("3-5天", "35天"),
        ("A+", "A"),
        ("50%", "50"),
        ("？", "！"),
        ("😀", "😡"),
        ("退货", "换货"),
        ("", "？"),
    ],
)
def test_what_means_something_else_has_another_key(one, other):
    assert question_key(one) != question_key(other)


def test_only_a_text_without_visible_characters_has_an_empty_key():
    assert question_key(" \u200b\n") == ""
    assert question_key("……") == "......"


@settings(max_examples=400)
@given(st.text(max_size=30))
def test_the_key_of_a_key_is_itself(text):
    assert question_key(question_key(text)) == question_key(text)


@given(st.text(max_size=30), st.sampled_from(["\u200b", "\u202e", "\ufeff", "\u2060"]))
def test_invisible_marks_make_no_difference(text, mark):
    assert question_key(mark.join(text)) == question_key(text)
