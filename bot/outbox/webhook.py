"""Tells another program by HTTP: a signed POST to one address, no redirects, small and quick.

The receiver checks `Shopkeeper-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 of
"<seconds>.<body>" under the shared secret; it refuses old `t`, and drops an `Idempotency-Key` that
it has seen before.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.outbox.addresses import Resolve, resolve, targets_of
from bot.outbox.delivery import Delivery
from bot.outbox.errors import ChannelNotSafe, DeliveryFailed
from bot.posting import HttpAddress, post

MAX_ANSWER_BYTES = 65_536
"""Read of a receiver's answer at most; only its status matters."""

MIN_SECRET_CHARACTERS = 16


def sign(secret: str, at_seconds: int, body: bytes) -> str:
    """Give the value of `Shopkeeper-Signature`."""
    signed = str(at_seconds).encode("ascii") + b"." + body
    digest = hmac.new(secret.encode("utf-8"), signed, hashlib.sha256).hexdigest()
    return f"t={at_seconds},v1={digest}"


@dataclass
class Webhook:
    """A channel to one address.

    Args:
        url: http:// or https://.
        secret: shared with the receiver, at least 16 characters.
        allow_private: whether the address may lie inside a private network.
        timeout_seconds: for the whole exchange.

    Raises:
        ChannelNotSafe: an address of another kind, with a name and password, or a short secret.
    """

    url: str
    secret: str = field(repr=False)
    allow_private: bool = False
    timeout_seconds: float = 10.0
    resolve: Resolve = resolve
    now_seconds: Callable[[], float] = time.time
    name: str = "webhook"

    def __post_init__(self) -> None:
        try:
            self._to = HttpAddress.of(self.url)
        except ValueError as error:
            raise ChannelNotSafe(f"webhook_url cannot be used: {error}.") from error
        if len(self.secret) < MIN_SECRET_CHARACTERS:
            raise ChannelNotSafe(
                f"webhook_secret must have at least {MIN_SECRET_CHARACTERS} characters: without "
                "it the receiver cannot tell us from anybody else."
            )
        self._tls = ssl.create_default_context() if self._to.secure else None

    def wants(self, kind: str) -> bool:
        """Everything."""
        return True

    def deliver(self, delivery: Delivery) -> None:
        """See `Channel.deliver`."""
        to = self._to
        targets = targets_of(
            to.host, to.port, allow_private=self.allow_private, resolve=self.resolve
        )
        body = delivery.as_json().encode("utf-8")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopkeeper",
            "Idempotency-Key": delivery.key,
            "Shopkeeper-Event": delivery.kind,
            "Shopkeeper-Signature": sign(self.secret, int(self.now_seconds()), body),
        }
        try:
            status, _ = post(
                to,
                targets,
                body,
                headers,
                tls=self._tls,
                seconds=self.timeout_seconds,
                most_bytes=MAX_ANSWER_BYTES,
            )
        except (OSError, http.client.HTTPException) as error:
            raise DeliveryFailed(f"{to.host}: {type(error).__name__}") from error
        if not 200 <= status < 300:
            hint = "; redirects are not followed" if 300 <= status < 400 else ""
            raise DeliveryFailed(f"{to.host} answered {status}{hint}")
