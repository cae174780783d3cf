import json
from pathlib import Path

import pytest

from bot.actions.orders import (
    WRONG_PROOFS_PER_ORDER,
    WRONG_PROOFS_WINDOW_SECONDS,
    JsonOrderBook,
    Order,
    OrdersRefused,
)

PATTERN = r"LH\d{8}-\d{4}"
DEMO = Path(__file__).parents[3] / "demo_shop" / "orders.json"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(clock):
    order = Order("LH20261103-4821", "shipped", "+86 138 0000 0126", "mei@example.com", {})
    return JsonOrderBook({order.id: order}, PATTERN, clock)


@pytest.mark.parametrize(
    "proof", ["0126", " 0126 ", "13800000126", "138-0000-0126", "+8613800000126", "MEI@example.com"]
)
def test_the_owner_opens_her_order_by_phone_or_mail(book, proof):
    assert book.open_order("LH20261103-4821", proof).state == "shipped"


@pytest.mark.parametrize(
    "proof", ["", "0127", "126", "00126", "mei@example.org", "@", "a" * 10_000]
)
def test_nobody_else_does(book, proof):
    assert book.open_order("LH20261103-4821", proof) is None


def test_an_empty_phone_or_mail_in_the_file_is_no_open_door(clock):
    order = Order("LH20261103-4821", "paid", "", "", {})
    book = JsonOrderBook({order.id: order}, PATTERN, clock)
    assert book.open_order(order.id, "") is None


def test_guessing_four_digits_locks_the_order_for_an_hour(book, clock):
    for guess in range(WRONG_PROOFS_PER_ORDER):
        assert book.open_order("LH20261103-4821", f"{guess:04}") is None
    assert book.open_order("LH20261103-4821", "0126") is None
    clock.now += WRONG_PROOFS_WINDOW_SECONDS + 1
    assert book.open_order("LH20261103-4821", "0126") is not None


def test_every_demo_order_opens_with_its_own_proof():
    book = JsonOrderBook.load(DEMO, PATTERN)
    orders = json.loads(DEMO.read_text("utf-8"))
    assert len(orders) >= 40
    for order in orders:
        assert book.looks_like_number(order["id"])
        assert book.open_order(order["id"], order["customer"]["email"]).state == order["state"]
        digits = "".join(filter(str.isdigit, order["customer"]["phone"]))
        assert book.open_order(order["id"], digits[-4:]) is not None


@pytest.mark.parametrize("spoiled", ["", "{", '[{"id": "LH20261103-4821"}]', "[3]"])
def test_a_spoiled_orders_file_is_refused_with_the_place(tmp_path, spoiled):
    path = tmp_path / "orders.json"
    path.write_text(spoiled, "utf-8")
    with pytest.raises(OrdersRefused, match=r"orders\.json"):
        JsonOrderBook.load(path, PATTERN)


def _order(**changed):
    customer = {"phone": "+86 138 0000 0126", "email": "mei@example.com"}
    return {"id": "A1", "state": "paid", "customer": customer, "timeline": [], **changed}


@pytest.mark.parametrize(
    ("orders", "says"),
    [
        (None, "no list of orders"),
        ({"orders": []}, "no list of orders"),
        ([1, 2, 3], "order 1 is not written"),
        ([_order(), _order(id=[1])], "order 2 is not written"),
        ([_order(timeline="x")], "order 1 is not written"),
        ([_order(customer={"phone": {"mobile": 1}, "email": ""})], "order 1 is not written"),
        ([_order(), _order()], "order 2 has the number of an earlier one"),
    ],
)
def test_orders_of_another_shape_are_refused_with_their_place(tmp_path, orders, says):
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(orders))
    with pytest.raises(OrdersRefused, match=says):
        JsonOrderBook.load(path, PATTERN)


def test_a_phone_that_the_file_has_as_a_number_opens_its_order_and_a_missing_mail_none(tmp_path):
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([_order(id=7, customer={"phone": 13800000126, "email": None})]))
    book = JsonOrderBook.load(path, r"\d")
    assert book.open_order("7", "") is None
    order = book.open_order("7", "0126")
    assert order is not None and (order.id, order.phone, order.email) == ("7", "13800000126", "")


def test_brackets_without_end_are_no_orders(tmp_path):
    path = tmp_path / "orders.json"
    path.write_text("[" * 100_000)
    with pytest.raises(OrdersRefused, match="cannot be read as JSON"):
        JsonOrderBook.load(path, PATTERN)
