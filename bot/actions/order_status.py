"""The rasa-sdk action that says where an order is, to the one who can show it is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from bot.actions.orders import Order, OrderBook
from bot.actions.rasa import Action, CollectingDispatcher, SlotSet, Tracker

Say = Callable[..., str]

# After this many wrong answers in one conversation a person should look.
TRIES_PER_CONVERSATION = 3


def _gives_something(tracker: Tracker) -> bool:
    """Tell whether a message holds anything that may be meant as a number, a phone or an e-mail."""
    text = str(tracker.latest_message.get("text") or "")
    return any(character.isdigit() or character == "@" for character in text)


class ActionOrderStatus(Action):  # type: ignore[misc]  # rasa_sdk carries no types
    """Asks for the order number and the proof, then tells the state.

    Slots: `order_number`, `order_proof`, `order_tries`, `requested_slot`, `language`.
    """

    def __init__(self, orders: OrderBook, say: Say) -> None:
        self._orders = orders
        self._say = say

    def name(self) -> str:
        """Return the name that intents.toml calls it by."""
        return "action_order_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Run one step; see rasa_sdk.Action."""
        language: Literal["zh", "en"] = "en" if tracker.get_slot("language") == "en" else "zh"
        number = tracker.get_slot("order_number")
        proof = tracker.get_slot("order_proof")
        tried = _gives_something(tracker)
        waited_for = tracker.get_slot("requested_slot")
        if not number or not self._orders.looks_like_number(number):
            wrong = tried and waited_for == "order_number" and not proof
            key = "order_wrong_format" if wrong else "order_ask_number"
            count = tried and waited_for is not None
            return self._ask(dispatcher, tracker, key, "order_number", language, count=count)
        if not proof:
            count = tried and waited_for == "order_proof"
            return self._ask(
                dispatcher, tracker, "order_ask_proof", "order_proof", language, count=count
            )
        order = self._orders.open_order(number, proof)
        if order is None:
            # The number stays: most correct the digits alone, and another number replaces it.
            events = self._ask(
                dispatcher, tracker, "order_not_found", "order_proof", language, count=True
            )
            return [*events, SlotSet("order_proof", None)]
        dispatcher.utter_message(text=self._status(order, language))
        return [SlotSet("requested_slot", None), SlotSet("order_tries", 0)]

    def _ask(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        text_key: str,
        slot: str,
        language: Literal["zh", "en"],
        *,
        count: bool,
    ) -> list[dict[str, Any]]:
        tries = int(tracker.get_slot("order_tries") or 0) + int(count)
        if tries >= TRIES_PER_CONVERSATION:
            # The runner turns this into a handoff: a person can look where the shopper cannot.
            dispatcher.utter_message(
                text=self._say("handing_over", language), json_message={"handoff": True}
            )
            return [SlotSet("requested_slot", None), SlotSet("order_tries", 0)]
        dispatcher.utter_message(text=self._say(text_key, language))
        return [SlotSet("requested_slot", slot), SlotSet("order_tries", tries)]

    def _status(self, order: Order, language: Literal["zh", "en"]) -> str:
        state = self._say(f"order_state_{order.state}", language)
        detail = order.detail.get(language, "")
        return self._say(
            "order_status", language, order=order.id, state=state, detail=detail
        ).strip()
