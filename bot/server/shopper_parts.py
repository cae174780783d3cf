"""What every shopper connection of a node shares."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.answering.shop import Shop
from bot.server.come_again import ComeAgain
from bot.server.desk import Desk
from bot.server.metrics import Metrics
from bot.server.opening_hours import OpeningHours
from bot.server.presence import Presence
from bot.server.rates import OpenCount, Rate, Window
from bot.server.switchboard import Switchboard
from bot.server.waiting_room import WaitingRoom
from bot.settings import Settings


@dataclass(frozen=True)
class Around:
    """What a shopper connection works with, beside its rates.

    Attributes:
        will_take: whether a message (its text and choice) would be answered at once.
    """

    settings: Settings
    shop: Shop
    desk: Desk
    switchboard: Switchboard
    waiting_room: WaitingRoom
    presence: Presence
    hours: OpeningHours
    metrics: Metrics
    will_take: Callable[[str, str | None], bool]


@dataclass(frozen=True)
class ShopperParts:
    """The shared parts, with the rates of this node."""

    around: Around
    messages: Rate
    messages_in_minute: Window
    new_conversations: Rate
    signals: Rate
    open_on_conversation: OpenCount
    come_again: ComeAgain


def shopper_parts(around: Around, monotonic: Callable[[], float] = time.monotonic) -> ShopperParts:
    """Make the shared parts with the rates that the settings name."""
    settings = around.settings
    return ShopperParts(
        around=around,
        messages=Rate(settings.messages_per_second, settings.messages_burst, monotonic),
        messages_in_minute=Window(settings.messages_per_minute, 60, monotonic),
        new_conversations=Rate(
            settings.conversations_per_minute / 60, settings.conversations_burst, monotonic
        ),
        signals=Rate(settings.signals_per_second, settings.signals_per_second * 3, monotonic),
        open_on_conversation=OpenCount(settings.sockets_per_visitor),
        come_again=ComeAgain(monotonic=monotonic),
    )
