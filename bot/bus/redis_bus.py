"""A bus for several nodes, over the publish/subscribe of Redis or Valkey.

Redis may die at any moment: this node's own subscribers are called without it, publishing never
waits for it, and when it is back every node is told to look at everything, since nobody knows what
was missed.
"""

from __future__ import annotations

import json
import logging
import queue
import secrets
import threading
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.bus.bus import MAX_ABOUT_CHARACTERS, OnWakeUp, Subscription, Wake, WakeUp
from bot.bus.in_process import InProcessBus

log = logging.getLogger(__name__)

CHANNEL = "shopkeeper:wake"

MAX_UNSENT = 1_000
"""Wake-ups kept for a slow Redis; when there are more, "everything" is owed instead."""

MAX_MESSAGE_BYTES = 1_024
"""A longer message on the channel is not ours."""

CONNECT_SECONDS = 2.0
RETRY_SECONDS = 0.5
LISTEN_SECONDS = 0.5


class RedisBus:
    """See `bot.bus.bus.Bus` for every promise."""

    def __init__(self, url: str, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._local = InProcessBus()
        self._node = secrets.token_hex(8)
        self._retry_seconds = retry_seconds
        self._unsent: queue.Queue[WakeUp | None] = queue.Queue(MAX_UNSENT)
        self._owes_everything = threading.Event()
        self._connected = threading.Event()
        self._closing = threading.Event()
        self._client = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=CONNECT_SECONDS,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),  # the loops below try again, and tell what was missed
        )
        self._threads = [
            threading.Thread(target=self._listen, name="bus-listener", daemon=True),
            threading.Thread(target=self._send, name="bus-sender", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def connected(self) -> bool:
        """Whether wake-ups of other nodes arrive now."""
        return self._connected.is_set()

    def wait_until_connected(self, seconds: float) -> bool:
        """Wait for the first connection, at most so long; gives whether it is there."""
        return self._connected.wait(seconds)

    def publish(self, wake_up: WakeUp) -> None:
        """See `Bus.publish`."""
        self._local.publish(wake_up)
        try:
            self._unsent.put_nowait(wake_up)
        except queue.Full:
            self._owes_everything.set()

    def subscribe(self, on_wake_up: OnWakeUp) -> Subscription:
        """See `Bus.subscribe`."""
        return self._local.subscribe(on_wake_up)

    def close(self) -> None:
        """See `Bus.close`."""
        self._closing.set()
        try:
            self._unsent.put_nowait(None)
        except queue.Full:
            log.info("closing with unsent wake-ups")
        for thread in self._threads:
            thread.join()
        self._local.close()
        self._client.close()

    def _send(self) -> None:
        """Send what is published; after a failure tell everybody to look at everything."""
        while not self._closing.is_set() or not self._unsent.empty():
            try:
                wake_up = self._unsent.get(timeout=self._retry_seconds)
            except queue.Empty:
                wake_up = None
            if self._owes_everything.is_set() and self._closing.is_set():
                return
            if self._owes_everything.is_set():
                # Cleared first: what is lost while it is sent is owed again.
                self._owes_everything.clear()
                if not self._has_sent(WakeUp(Wake.EVERYTHING)):
                    self._owes_everything.set()
            if wake_up is not None and not self._has_sent(wake_up):
                self._owes_everything.set()
                self._closing.wait(self._retry_seconds)

    def _has_sent(self, wake_up: WakeUp) -> bool:
        """Send one; a connection that died unnoticed gets a second chance on a new one."""
        message = {"node": self._node, "wake": wake_up.wake.value, "about": wake_up.about}
        for _ in range(2):
            try:
                self._client.publish(CHANNEL, json.dumps(message))
            except redis.RedisError:
                continue
            return True
        return False

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                with self._client.pubsub() as subscription:  # type: ignore[no-untyped-call]
                    subscription.subscribe(CHANNEL)
                    self._hear(subscription)
            except (redis.RedisError, OSError) as error:
                if self._connected.is_set():
                    log.warning("the bus is away: %s", type(error).__name__)
                self._connected.clear()
                self._closing.wait(self._retry_seconds)
        self._connected.clear()

    def _hear(self, subscription: Any) -> None:
        """Pass on what arrives, until the connection breaks or the bus closes."""
        while not self._closing.is_set():
            message = subscription.get_message(timeout=LISTEN_SECONDS)
            if message is None:
                continue
            if message["type"] == "subscribe":
                # Whatever was published before this moment may have been missed.
                self._connected.set()
                self._local.publish(WakeUp(Wake.EVERYTHING))
            elif message["type"] == "message":
                self._pass_on(message["data"])

    def _pass_on(self, message: bytes) -> None:
        wake_up = read_wake_up(message, not_from=self._node)
        if wake_up is not None:
            self._local.publish(wake_up)


def read_wake_up(message: bytes, *, not_from: str) -> WakeUp | None:
    """Read a message of the channel; None for our own and for what is not a wake-up.

    Whoever can write to Redis can wake us, and no more: a wake-up only makes a node read.
    """
    if len(message) > MAX_MESSAGE_BYTES:
        return None
    try:
        read = json.loads(message)
        wake, about, node = Wake(read["wake"]), read["about"], read["node"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if node == not_from or not isinstance(about, str) or len(about) > MAX_ABOUT_CHARACTERS:
        return None
    return WakeUp(wake, about)
