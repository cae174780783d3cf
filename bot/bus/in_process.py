"""A bus for one node: calls every subscriber in the publisher's own thread."""

from __future__ import annotations

import threading

from bot.bus.bus import OnWakeUp, WakeUp


class InProcessBus:
    """See `bot.bus.bus.Bus` for every promise."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: dict[_Subscription, None] = {}

    @property
    def connected(self) -> bool:
        """There are no other nodes whose wake-ups could fail to arrive."""
        return True

    def publish(self, wake_up: WakeUp) -> None:
        """See `Bus.publish`."""
        with self._lock:
            subscriptions = list(self._subscriptions)
        # Outside the lock: a subscriber may publish or subscribe in turn.
        for subscription in subscriptions:
            subscription.call(wake_up)

    def subscribe(self, on_wake_up: OnWakeUp) -> _Subscription:
        """See `Bus.subscribe`."""
        subscription = _Subscription(self, on_wake_up)
        with self._lock:
            self._subscriptions[subscription] = None
        return subscription

    def drop(self, subscription: _Subscription) -> None:
        """Forget a subscription; called by the subscription itself."""
        with self._lock:
            self._subscriptions.pop(subscription, None)

    def close(self) -> None:
        """See `Bus.close`."""
        with self._lock:
            self._subscriptions.clear()


class _Subscription:
    """One subscriber."""

    def __init__(self, bus: InProcessBus, on_wake_up: OnWakeUp) -> None:
        self._bus = bus
        self.call = on_wake_up

    def close(self) -> None:
        """See `Subscription.close`."""
        self._bus.drop(self)
