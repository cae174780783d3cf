import time

import pytest

from bot.answering.openings import without_openings


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("hi, quick question: how long does delivery take?", "how long does delivery take?"),
        ("Good evening! Can you tell me where my order is please", "where my order is"),
        ("你好，请问一下邮费多少钱，谢谢", "邮费多少钱"),
        ("亲 在吗 寄到台湾多少钱", "寄到台湾多少钱"),
        ("請問寄去香港運費幾多", "寄去香港運費幾多"),
        ("对了，有礼品卡吗？", "有礼品卡吗？"),
        ("two things, do you sell lids", "do you sell lids"),
        ("right, anyway, is it heavy", "is it heavy"),
        ("好吧 那有茶具卖吗", "有茶具卖吗"),
        ("那台湾呢？", "台湾呢？"),
    ],
)
def test_politeness_is_taken_off_a_question(typed, asked):
    assert without_openings(typed) == asked


@pytest.mark.parametrize(
    "text", ["hello", "你好", "ok thanks", "谢谢", "", "👍", "hi there, please"]
)
def test_politeness_alone_stays_as_it_is(text):
    assert without_openings(text) == text


def test_a_reply_keeps_the_word_that_answers():
    assert without_openings("Hello! Yes, up to 60 degrees.", reply=True) == "Yes, up to 60 degrees."
    assert without_openings("亲，好的，今天发", reply=True) == "好的，今天发"


@pytest.mark.parametrize(
    "text",
    ["亲子装有吗", "客服几点上班", "okra seeds", "in stock?", "那个杯子多大", "那台咖啡机呢",
     "那么贵吗", "good for espresso?", "right handed scissors", "好用吗这个",
     "perfect gift for her"],
)  # fmt: skip
def test_a_word_that_only_begins_like_a_greeting_stays(text):
    assert without_openings(text) == text


@pytest.mark.parametrize("text", ["hi " * 100_000, " " * 390, "，" * 390, "hi, " * 90 + "x"])
def test_no_text_takes_long(text):
    began = time.process_time()
    without_openings(text)
    assert time.process_time() - began < 0.1
