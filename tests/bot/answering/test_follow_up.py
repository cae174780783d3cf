import pytest

from bot.answering.answer import Said
from bot.answering.follow_up import looks_like_follow_up, with_context


@pytest.mark.parametrize(
    "text",
    ["那运费呢？", "and to Hong Kong?", "how about the large one", "多少钱", "what about returns"],
)
def test_half_a_question_is_seen_as_a_follow_up(text):
    assert looks_like_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "请问寄到香港大概需要多少天可以收到货物",
        "Can I return a kettle that I bought from you three weeks ago if I no longer have the box?",
    ],
)
def test_a_whole_question_stands_by_itself(text):
    assert not looks_like_follow_up(text)


def test_the_shoppers_last_question_is_put_in_front():
    history = (Said("shopper", "寄到香港要几天？"), Said("bot", "三到五天。"))
    assert with_context("那运费呢？", history) == "寄到香港要几天？ 那运费呢？"
    assert with_context("那运费呢？", ()) == "那运费呢？"
