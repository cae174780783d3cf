import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.masking import Personal, find_personal, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的手机是13812345678，快点", "我的手机是[电话]，快点"),
        ("电话 138 1234 5678", "电话 [电话]"),
        ("电话１３８１２３４５６７８", "电话[电话]"),
        ("+86 138-1234-5678打给我", "[电话]打给我"),
        ("座机010-62345678-12", "座机[电话]"),
        ("call me at (415) 555-2671 please", "call me at [phone] please"),
        ("my number is +44 20 7946 0958.", "my number is [phone]."),
        ("write to ada.love+shop@mail.example.co.uk!", "write to [email]!"),
        ("邮箱是zhang_san@163.com哦", "邮箱是[邮箱]哦"),
        ("card 4111 1111 1111 1111 was charged", "card [card number] was charged"),
        ("卡号6222021234567890128", "卡号[卡号]"),
        ("身份证11010519491231002X", "身份证[证件号]"),
    ],
)
def test_personal_data_is_covered_in_the_language_of_the_text(text, masked):
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "订单LH20261103-4821什么时候到",
        "my order number is 20261103482113",
        "size 42, price 1,299.00, 3-5 days, 2026-11-03",
        "满299包邮吗",
        "iPhone 15 Pro Max 256GB",
        "AB-1200 有货吗",
        "card 4111 1111 1111 1112",  # a wrong check digit is no card
        "身份证110105194912310021",
        "a@b",
        "@shop",
        "0000 0000 0000 0000",
    ],
)
def test_what_is_not_personal_stays(text):
    assert mask(text).text == text


def test_order_numbers_are_covered_when_asked():
    assert (
        mask("订单号：LH20261103-4821 到哪了", keep_orders=False).text == "订单号：[订单号] 到哪了"
    )
    assert mask("order #20261103482113?", keep_orders=False).text == "order #[order number]?"


def test_an_order_number_is_never_taken_for_a_card_or_a_phone():
    found = find_personal("订单号 4111111111111111")
    assert [one.kind for one in found] == [Personal.ORDER]


def test_several_pieces_are_found_by_their_places():
    text = "13812345678 or a@b.com"
    assert [(one.kind, text[one.start : one.end]) for one in mask(text).found] == [
        (Personal.PHONE, "13812345678"),
        (Personal.EMAIL, "a@b.com"),
    ]


@given(st.text(max_size=200))
def test_masking_never_breaks_and_leaves_the_rest_alone(text):
    result = mask(text)
    if not result.found:
        assert result.text == text


@pytest.mark.parametrize("piece", ["1", "1 ", "a@", "a.", "+1", "(0", "order ", "1-", "138"])
def test_time_grows_with_the_length_only(piece):
    def seconds(count):
        started = time.process_time()
        mask(piece * count)
        return time.process_time() - started

    # Sixteen times the text: a quadratic search would take 256 times as long.
    assert seconds(32_000) < 100 * max(seconds(2_000), 0.002)
