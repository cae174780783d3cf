import pytest

from bot.answering.entities import EntityFinder, seems_a_number

FINDER = EntityFinder(r"LH\d{8}-\d{4}")


def found(text, entity):
    return [one.value for one in FINDER.find(text) if one.entity == entity]


@pytest.mark.parametrize(
    "text",
    [
        "LH20261103-4821",
        "订单号lh20261103-4821谢谢",
        "LH 20261103 - 4821",
        "LH20261103－4821",
        "ＬＨ２０２６１１０３－４８２１",
        "my order is LH20261103—4821.",
        "LH 2026 1103 4821",
        "lh202611034821",
        "LH20261103 4821",
        "L H 20261103-4821",
        "LH.20261103.4821",
        "订单LH2026-1103-4821，谢谢",
        "20261103-4821",
        "单号是20261103 4821",
    ],
)
def test_an_order_number_is_found_however_it_is_typed(text):
    assert found(text, "order_number") == ["LH20261103-4821"]


def test_the_digits_of_an_order_number_are_no_proof():
    for text in ("LH 20261103 - 4821", "20261103-4821", "lh 2026 1103 4821"):
        assert found(text, "order_proof") == []


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("尾号0126谢谢", "0126"),
        ("手机13800005678", "13800005678"),
        ("phone 138-0000-5678", "13800005678"),
        ("it's a.b+c@example.com", "a.b+c@example.com"),
        ("LH20261103-4821 0126", "0126"),
        ("LH202611034821 0126", "0126"),
        ("20261103-4821, 0126", "0126"),
        ("lh 2026 1103 4821, 0126", "0126"),
    ],
)
def test_a_proof_is_found_beside_other_words(text, proof):
    assert found(text, "order_proof") == [proof]


def test_too_many_digits_are_no_order_number():
    assert found("LH2026110348210", "order_number") == []
    assert found("XLH202611034821", "order_number") == []
    assert found("202611034821", "order_number") == []


def test_a_pattern_of_any_other_form_is_found_as_it_is_written():
    finder = EntityFinder(r"(?:SO|PO)\d{6}")
    assert [one.value for one in finder.find("PO123456 and SO 654321")] == ["PO123456", "SO654321"]


def test_prices_and_years_inside_words_are_not_taken_apart():
    assert found("SKU LH-KT-017", "order_number") == []
    assert found("SKU A1234B", "order_proof") == []


@pytest.mark.parametrize(
    "text", ["订单号是TB88812", "it's number AB-99812", "12345", "LH20261103-4821"]
)
def test_little_more_than_a_number_seems_meant_as_one(text):
    assert seems_a_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "寄1000克茶叶到香港多少钱",
        "我买了3个杯子",
        "I paid 4500 yuan, when do I get it back",
        "hello",
    ],
)
def test_a_question_with_a_number_in_it_does_not(text):
    assert not seems_a_number(text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("can u combine lh20261115-7714 and my new one", "can u combine  my order  and my new one"),
        ("LH 20261115 7714跟新下的能一起发吗", "我的订单跟新下的能一起发吗"),
    ],
)
def test_an_order_is_read_without_its_number_where_more_is_said_of_it(typed, read):
    assert FINDER.without_order_numbers(typed) == read


@pytest.mark.parametrize("text", ["LH20261115-7714", "it's LH20261115-7714", "no number here"])
def test_a_number_that_is_all_that_is_said_stays(text):
    assert FINDER.without_order_numbers(text) == text
