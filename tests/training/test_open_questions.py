import pytest

from knowledge_base.readers import OldChat, OldMessage
from tests.training.test_chat_pairs import chat
from training.open_questions import OpenQuestion, open_questions


def left(*said):
    return [(one.question, one.why) for one in open_questions([chat(*said)])]


def at_the_desk(*said):
    """A chat of the own desk: what the bot said carries what it came to."""
    sides = {"c": ("shopper", None), "s": ("staff", None), "answered": ("bot", "answered"),
             "asked": ("bot", "asked"), "gave_up": ("bot", "gave_up")}  # fmt: skip
    parts = [one.split(": ", 1) for one in said]
    messages = (OldMessage(sides[who][0], text, sides[who][1]) for who, text in parts)
    return [(one.question, one.why) for one in open_questions([OldChat(tuple(messages))])]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("c: Hi, do the mugs survive a dishwasher?",), "nobody"),
        (("c: do the mugs survive a dishwasher?", "s: Hello! One moment please."), "put_off"),
        (("c: do the mugs survive a dishwasher?", "s: We are currently closed."), "put_off"),
        (("c: do the mugs survive a dishwasher?", "s: Which mugs do you mean?"), "put_off"),
        (("c: do the mugs survive a dishwasher?", "b: A colleague will see to it."), "bot"),
        (("c: do the mugs survive a dishwasher?", "b: I don't understand.", "c: never mind"),
         "bot"),
    ],
)  # fmt: skip
def test_what_nobody_answers_stays_open_with_the_reason(said, why):
    assert left(*said) == [("do the mugs survive a dishwasher?", why)]


def test_chinese_chats_are_read_as_well():
    assert left("c: 杯子能放洗碗机吗", "s: 亲，稍等哦") == [("杯子能放洗碗机吗", "put_off")]
    assert left("c: 杯子能放洗碗机吗", "b: 抱歉，没有听懂，正在转人工") == [
        ("杯子能放洗碗机吗", "bot")
    ]
    assert left("c: 杯子能放洗碗机吗", "s: 亲，稍等哦", "c: 好的", "s: 可以放的") == []


def test_what_a_person_tells_later_answers_all_that_was_asked_before():
    assert left("c: is it big?", "s: Hold on.", "c: is it heavy?", "s: Two kilos.") == []
    assert left("c: is it big?", "s: Two kilos.", "c: and is it red?") == [
        ("and is it red?", "nobody")
    ]


def test_what_the_bot_gave_up_stays_open_when_it_answers_something_else():
    assert at_the_desk(
        "c: can it be engraved?", "gave_up: A colleague will know.",
        "c: how long is delivery?", "answered: Three days.",
    ) == [("can it be engraved?", "bot")]  # fmt: skip
    assert at_the_desk("c: how long is delivery?", "answered: Ask a colleague, or wait.") == []


def test_a_question_that_was_asked_back_is_answered_by_what_follows():
    asked_back = ("c: can it be engraved?", "asked: Do you mean gifts or repairs?")
    assert at_the_desk(*asked_back, "c: gifts, I mean", "answered: Yes.") == []
    assert at_the_desk(*asked_back, "c: none of these", "gave_up: A colleague will know.") == [
        ("can it be engraved?", "bot")
    ]
    assert at_the_desk(*asked_back) == [("can it be engraved?", "bot")]


def test_wishes_for_a_person_small_talk_and_personal_things_are_not_open_questions():
    assert left("c: 转人工") == []
    assert left("c: 发货了吗", "s: 昨天发的", "c: 暂时没有了", "s: 祝您生活愉快") == []
    assert left("c: hello") == []
    assert left("c: please call 13800138000 about it") == []


def test_the_last_words_of_a_chat_are_an_open_question_only_when_they_ask():
    answered = ("c: is it red?", "s: Yes, it is.")
    assert left(*answered, "c: then I will have a look") == []
    assert left(*answered, "c: how heavy might it be") == [("how heavy might it be", "nobody")]
    assert left(*answered, "c: 那我再考虑考虑") == []


def test_each_question_counts_once_for_its_chat():
    twice = chat("c: is it purple?", "s: Hold on.", "c: Is it purple", "s: one second")
    assert open_questions([chat("c: is it in stock?"), twice]) == [
        OpenQuestion(0, "is it in stock?", "nobody"), OpenQuestion(1, "Is it purple", "put_off"),
    ]  # fmt: skip
