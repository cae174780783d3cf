"""Reads what a shop has of its own: its folder, and its actions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.errors import PartMissing, SettingsRefused
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.actions.action_runner import ActionRunner
    from bot.answering.shop import Shop


def load_shop(settings: Settings) -> Shop:
    """Read the shop's folder; opening hours that it does not put into words get theirs.

    Raises:
        PartMissing: it is missing or cannot be used.
    """
    from bot.answering.shop import Shop, ShopRefused
    from bot.handoff.hours import Calendar
    from bot.handoff.hours_words import describe

    try:
        shop = Shop.load(settings.shop_folder)
    except ShopRefused as error:
        raise PartMissing(f"The shop cannot be read: {error}.") from error
    calendar = Calendar(str(shop.time_zone), shop.hours, shop.hours_on)
    words = {"zh": describe(calendar, "zh"), "en": describe(calendar, "en")}
    return replace(shop, hours_text={**words, **shop.hours_text})


def load_actions(settings: Settings, shop: Shop) -> ActionRunner:
    """Make the runner of the shop's actions: a remote server, or rasa's executor in this process.

    Raises:
        PartMissing: the orders cannot be read, or an intent leads to an action that nobody has.
        SettingsRefused: the address of the remote server is none, or a module is not there.
    """
    from bot.actions.action_runner import ActionModuleRefused, InProcessActions, RemoteActions
    from bot.actions.order_status import ActionOrderStatus
    from bot.actions.orders import JsonOrderBook, OrdersRefused

    if settings.action_server_url:
        try:
            return RemoteActions(settings.action_server_url)
        except ValueError as error:
            raise SettingsRefused(f"action_server_url cannot be used: {error}.") from error
    ours, path = [], shop.folder / "orders.json"
    if path.exists():
        try:
            orders = JsonOrderBook.load(path, shop.order_number_pattern)
        except OrdersRefused as error:
            raise PartMissing(str(error)) from error
        ours.append(ActionOrderStatus(orders, shop.say))
    try:
        actions = InProcessActions(ours, settings.action_modules)
    except ActionModuleRefused as error:
        raise SettingsRefused(f"action_modules cannot be used: {error}.") from error
    for name, intent in shop.intents.items():
        if intent.runs is not None and intent.runs not in actions.names:
            raise PartMissing(
                f"intents.toml leads [{name}] to action:{intent.runs}, which nothing here knows. "
                f"action:action_order_status needs {path}, any other a module in the setting "
                'action_modules or an action_server_url; leads_to = "person" needs nothing.'
            )
    return actions
