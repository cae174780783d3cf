import pytest

from knowledge_base.readers import OldChat, OldMessage
from training.chat_pairs import pairs_of


def chat(*said):
    """A chat out of "c: …" for the customer, "s: …" for staff and "b: …" for the bot."""
    sides = {"c": "shopper", "s": "staff", "b": "bot"}
    return OldChat(tuple(OldMessage(sides[one[0]], one[3:]) for one in said))


def only(*said):
    (found,) = pairs_of([chat(*said)]).found
    return found.question, found.answer


def test_a_question_is_taken_with_what_staff_told_about_it():
    assert only(
        "c: Hi, do the mugs survive a dishwasher?",
        "s: Hello! One moment please.",
        "s: Yes, up to 60 degrees.",
        "s: Is there anything else I can help with?",
        "c: no thanks",
    ) == ("do the mugs survive a dishwasher?", "Yes, up to 60 degrees.")
    assert only(
        "c: 在吗", "c: 请问杯子可以放洗碗机吗", "s: 亲，稍等哦", "s: 可以的，水温不超过60度就行"
    ) == ("杯子可以放洗碗机吗", "可以的，水温不超过60度就行")


def test_what_the_bot_said_between_changes_nothing():
    assert only(
        "c: is the kettle loud", "b: I am not sure about that.", "s: About as loud as a radio."
    ) == ("is the kettle loud", "About as loud as a radio.")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (("c: where is my parcel", "s: Could you send me your order number?"), "no_answer"),
        (("c: 我的快递到哪了", "s: 麻烦您提供一下订单号"), "no_answer"),
        (("c: is it in stock", "s: hold on"), "no_answer"),
        (("c: hello", "s: The shop opens at nine."), "no_question"),
        (("c: 转人工", "s: 您好，营业时间是九点到六点"), "no_question"),
        (("c: is it big", "c: is it heavy?", "c: is it red?", "s: Yes, it is all of that."),
         "no_question"),
        (("c: please text 13800138000 later", "s: We will call you tomorrow."), "personal"),
        (("c: when does it come", "s: Your order LH20261103-4821 comes tomorrow."), "personal"),
    ],
)  # fmt: skip
def test_what_answers_nobody_else_is_left_out(said, why):
    pairs = pairs_of([chat(*said)])

    assert pairs.found == ()
    assert pairs.left_out == {why: 1}


def test_every_exchange_of_a_chat_counts_for_that_chat():
    pairs = pairs_of(
        [
            chat("c: is it in stock?", "s: Yes, twenty of them."),
            chat("c: does it fit a cup holder?", "s: It fits most of them.",
                 "c: and is it leak proof?", "s: Yes, when the lid is closed."),
        ]
    )  # fmt: skip

    assert [one.chat for one in pairs.found] == [0, 1, 1]


def test_who_is_put_off_and_waits_is_answered_by_what_staff_say_next():
    assert only(
        "c: can the pan go on induction",
        "s: One moment please.",
        "c: ok",
        "s: It can, and in the oven.",
    ) == ("can the pan go on induction", "It can, and in the oven.")
    pairs = pairs_of(
        [chat("c: can the pan go on induction", "s: One moment please.",
              "c: and is it heavy?", "s: It weighs two kilos.")]
    )  # fmt: skip
    assert [(one.question, one.answer) for one in pairs.found] == [
        ("and is it heavy?", "It weighs two kilos.")
    ]
    assert pairs.left_out == {"no_answer": 1}


@pytest.mark.parametrize(
    "said", ["I'm not sure about that, sorry", "这个我不太清楚呢", "We'll get back to you"]
)
def test_not_to_know_is_no_answer(said):
    sentence = said.removesuffix(", sorry")

    assert pairs_of([chat("c: can the pan go on induction", f"s: {sentence}.")]).found == ()
