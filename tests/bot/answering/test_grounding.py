import json
import sys
from pathlib import Path

import pytest

from bot.answering.figures import figures, normalised
from bot.answering.grounding import check_grounding
from bot.answering.number_words import chinese_number, digits_for_words

sys.path.insert(0, str(Path(__file__).parent))
from planted import planted

CASES = json.loads(Path(__file__).with_name("grounding_cases.json").read_text(encoding="utf-8"))
MOST_FALSE_BLOCKS = 0.10

SHIPPING = "Standard shipping costs ¥10 and is free for orders over ¥199."
RETURNS = "签收后7天内，商品未使用可以退货。我们收到退货后3到5个工作日退款。"


def check(reply, evidence, question="", language="en", conversation=()):
    return check_grounding(reply, [evidence], question, language, conversation)


def rules(grounding):
    return {problem.rule for problem in grounding.problems}


def test_five_thousand_replies_with_something_planted_are_all_refused():
    passed = [
        reply
        for case, reply in planted(CASES, seed=52, count=5_000)
        if check(reply, case["evidence"], case["question"], case["language"]).holds
    ]
    assert passed == []


def test_planted_figures_are_found_as_figures_and_not_by_chance():
    figure_rule = [
        "figure" in rules(check(reply, case["evidence"], case["question"], case["language"]))
        for case, reply in planted(CASES, seed=7, count=1_000)
    ]
    assert sum(figure_rule) > 650  # the others are promises, names and markup


def test_few_true_paraphrases_are_refused():
    true = [(case, reply) for case in CASES for reply in case["true"]]
    blocked = [
        reply
        for case, reply in true
        if not check(reply, case["evidence"], case["question"], case["language"]).holds
    ]
    assert len(blocked) <= MOST_FALSE_BLOCKS * len(true), blocked


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["evidence"][:30])
def test_no_false_reply_about_a_passage_is_sent(case):
    for reply in case["false"]:
        grounding = check(reply, case["evidence"], case["question"], case["language"])
        assert not grounding.holds, reply


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["evidence"][:30])
def test_the_passage_itself_may_always_be_sent(case):
    grounding = check(case["evidence"], case["evidence"], case["question"], case["language"])
    assert grounding.problems == ()
    assert grounding.support == 1.0


@pytest.mark.parametrize(
    ("reply", "rule", "span"),
    [
        ("Standard shipping costs ¥12.", "figure", "¥12"),
        ("Standard shipping costs ¥10 and takes 3 days.", "figure", "3 days"),
        ("Standard shipping costs ¥10, see http://pay.example/x", "figure", "http://pay.example/x"),
        ("Shipping is free.", "promise", "shipping is free"),
        ("Shipping is free for orders under ¥199.", "figure", "¥199"),
        ("Standard shipping with Kestrel costs ¥10.", "name", "Kestrel"),
        ("Standard shipping does not cost ¥10.", "negation", "standard shipping does not cost ¥10"),
        ("标准运费10元。", "language", "标准运费10元。"),
        ("Standard shipping costs <b>¥10</b>.", "markup", "<"),
        ("[Standard shipping](/x) costs ¥10.", "markup", "]("),
        ("Standard\u202eshipping costs ¥10.", "markup", "'\\u202e'"),
        ("", "length", ""),
        ("Thank you!", "content", ""),
    ],
)
def test_a_refusal_names_what_failed_and_where(reply, rule, span):
    grounding = check(reply, SHIPPING)
    assert not grounding.holds
    assert (rule, span) in [(problem.rule, problem.span) for problem in grounding.problems]
    assert all(problem.reason.endswith(".") for problem in grounding.problems)


def test_an_order_number_may_come_from_the_shopper_and_a_sum_of_money_may_not():
    evidence = "The order is packed and the parcel leaves in the evening."
    reply = "The order 10442 is packed and the parcel leaves in the evening."
    assert check(reply, evidence, "where is order 10442").holds
    assert check(reply, evidence, "where is it", conversation=["my order is 10442"]).holds
    assert not check(reply, evidence, "where is order 10443").holds
    planted_sum = "The order of ¥500 is packed and the parcel leaves in the evening."
    assert not check(planted_sum, evidence, "you owe me ¥500 for the order").holds


def test_a_yes_needs_a_passage_about_the_question():
    evidence = "All prices are in yuan. Your bank converts the amount of a foreign card."
    assert not check("Yes, you can pay in euros.", evidence, "can I pay in euros?").holds
    assert not check("Yes, all prices are in yuan.", evidence, "can I pay in euros?").holds
    assert check("All prices are in yuan.", evidence, "can I pay in euros?").holds


def test_figures_may_be_written_in_another_way_but_mean_the_same():
    assert check("签收后七天内，未使用的商品可以退货。", RETURNS, language="zh").holds
    assert check("签收后７天内，未使用的商品可以退货。", RETURNS, language="zh").holds
    assert check("簽收後7天內，未使用的商品可以退貨。", RETURNS, language="zh").holds
    assert not check("签收后七元内，未使用的商品可以退货。", RETURNS, language="zh").holds
    assert not check("签收后十七天内，未使用的商品可以退货。", RETURNS, language="zh").holds


def found(text):
    return [(one.unit, one.low, one.high) for one in figures(digits_for_words(normalised(text)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("满99元包邮，不满收6元", [("cny", "99", "99"), ("cny", "6", "6")]),
        ("三到五个工作日", [("working day", "3", "5")]),
        ("二十四小时内，两三天", [("hour", "24", "24"), ("day", "2", "3")]),
        ("百分之二十，八折", [("percent", "20", "20"), ("fold", "8", "8")]),
        ("一下，一起，十分好，百货", []),
        ("第二件半价", [("", "2", "2")]),
        ("半年，一周", [("year", "0.5", "0.5"), ("week", "1", "1")]),
        ("¥1,299.00 or $5", [("cny", "1299", "1299"), ("usd", "5", "5")]),
        ("one hundred and fifty yuan", [("cny", "150", "150")]),
        ("twenty-four hours, a week", [("hour", "24", "24"), ("week", "1", "1")]),
        ("a 2-year warranty", [("year", "2", "2")]),
        ("周一到周五9:00到18:00", [("weekday", "1", "1"), ("weekday", "5", "5"),
                                 ("clock", "9:00", "9:00"), ("clock", "18:00", "18:00")]),
        ("Mondays at 6 pm", [("weekday", "1", "1"), ("clock", "18:00", "18:00")]),
        ("下午3点半", [("clock", "15:30", "15:30")]),
        ("5 December 2026", [("date", "2026/12/5", "2026/12/5")]),
        ("2026年12月5日", [("date", "2026/12/5", "2026/12/5")]),
        ("12月5日", [("date", "/12/5", "/12/5")]),
        ("you may return it", []),
        ("ring 400-820-1234", [("long", "4008201234", "4008201234")]),
        ("parcel SF1234567890123", [("code", "sf1234567890123", "sf1234567890123")]),
        ("mail a.b@c.example", [("mail", "a.b@c.example", "a.b@c.example")]),
        ("see shop.example/x", [("link", "shop.example/x", "shop.example/x")]),
        ("５公斤, 1.5 L", [("kg", "5", "5"), ("litre", "1.5", "1.5")]),
    ],
)  # fmt: skip
def test_figures_are_read_with_their_units(text, expected):
    assert found(text) == expected


def test_chinese_numerals_are_read_as_people_mean_them():
    read = {
        "十": "10", "十二": "12", "二十": "20", "一百零五": "105", "三千二百": "3200",
        "两万": "20000", "一万五千": "15000", "二〇二六": "2026", "两三": "2-3",
        "一亿": "100000000",
    }  # fmt: skip
    assert {numeral: chinese_number(numeral) for numeral in read} == read


def test_a_date_without_its_year_is_borne_out_but_a_wrong_year_is_not():
    evidence = "The wool throw is back on 25 November 2026."
    assert check("The wool throw is back on November 25.", evidence).holds
    assert not check("The wool throw is back on 25 November 2027.", evidence).holds
    assert not check("The wool throw is back on 24 November 2026.", evidence).holds
