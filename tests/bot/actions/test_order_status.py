from pathlib import Path

import pytest

from bot.actions.action_runner import ActionCall, ActionFailed, InProcessActions, RemoteActions
from bot.actions.order_status import ActionOrderStatus
from bot.actions.orders import JsonOrderBook, Order
from bot.answering.shop import Shop

SHOP = Shop.load(Path(__file__).parents[3] / "demo_shop")
NUMBER = "LH20261103-4821"


@pytest.fixture
def runner():
    order = Order(
        NUMBER, "shipped", "13800000126", "mei@example.com", {"zh": "已到达宁波", "en": "In Ningbo"}
    )
    book = JsonOrderBook({NUMBER: order}, SHOP.order_number_pattern)
    return InProcessActions([ActionOrderStatus(book, SHOP.say)])


def run(runner, **slots):
    return runner.run(
        ActionCall(
            "action_order_status", "c1", "…", "order_status", 0.9, {"language": "en", **slots}
        )
    )


def test_it_asks_for_the_number_then_for_the_proof_then_tells(runner):
    asked = run(runner)
    assert asked.requested_slot == "order_number"
    asked = run(runner, **{**asked.slots, "order_number": NUMBER})
    assert asked.requested_slot == "order_proof"
    told = run(runner, **{**asked.slots, "order_proof": "0126"})
    assert told.requested_slot is None
    assert NUMBER in told.text
    assert "In Ningbo" in told.text


def test_it_speaks_the_shoppers_language(runner):
    told = run(runner, language="zh", order_number=NUMBER, order_proof="0126")
    assert "已到达宁波" in told.text


def test_a_wrong_proof_and_an_unknown_number_are_answered_alike(runner):
    wrong = run(runner, order_number=NUMBER, order_proof="9999")
    unknown = run(runner, order_number="LH20261103-0000", order_proof="0126")
    assert wrong.text == unknown.text
    assert wrong.requested_slot == unknown.requested_slot == "order_proof"
    assert wrong.slots["order_proof"] is unknown.slots["order_proof"] is None
    assert wrong.slots["order_proof"] is None


def test_the_third_wrong_answer_brings_a_person(runner):
    slots = {}
    for _ in range(2):
        reply = run(runner, **{**slots, "order_number": NUMBER, "order_proof": "9999"})
        assert not reply.handoff
        slots = reply.slots
    assert run(runner, **{**slots, "order_number": NUMBER, "order_proof": "9999"}).handoff


def test_an_unknown_action_fails_in_words(runner):
    with pytest.raises(ActionFailed, match="there is no action action_fly"):
        runner.run(ActionCall("action_fly", "c1", "", "", 0.0))


def test_an_address_that_is_no_http_address_is_refused():
    with pytest.raises(ValueError, match="http"):
        RemoteActions("file:///etc/passwd")
