import pytest

from bot.answering.two_questions import two_questions


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("多久发货 用什么快递", ("多久发货", "用什么快递")),
        ("你们有实体店吗？电话多少", ("你们有实体店吗", "电话多少")),
        ("你好，能包邮吗，还有多久能到", ("能包邮吗", "多久能到")),
        ("how long does it take and how much is it", ("how long does it take", "how much is it")),
        ("运费多少，港澳呢", ("运费多少", "港澳呢")),
        ("保修多久，怎么还没寄回来呢", ("保修多久", "怎么还没寄回来呢")),
        ("do you have a shop? can I visit it", ("do you have a shop", "can I visit it")),
    ],
)
def test_a_message_may_ask_two_things(text, both):
    assert two_questions(text) == both


@pytest.mark.parametrize(
    "text",
    [
        "多久发货",
        "杯子收到的时候碎了，怎么办",
        "my cup arrived broken, what can I do",
        "how much is it for 1,000 cups",
        "多少钱？",
        "炒锅能用电磁炉吗，等着用呢",
        "能快点发吗，还没收到呢",
        "能退吗？几天？谁出运费？",
        "hi, how do I return it",
        "",
        "吗吗？" * 200,
    ],
)
def test_a_story_with_a_question_or_more_than_two_are_not_taken_apart(text):
    assert two_questions(text) is None
