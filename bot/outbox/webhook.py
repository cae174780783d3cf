"""Tells another program by HTTP: a signed POST to one address, no redirects, small and quick.

The receiver checks `Shopkeeper-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 of
"<seconds>.<body>" under the shared secret; it refuses old `t`, and drops an `Idempotency-Key` that
it has seen before.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.outbox.addresses import Resolve, Target, resolve, targets_of
from bot.outbox.delivery import Delivery
from bot.outbox.errors import ChannelNotSafe, DeliveryFailed

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
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ChannelNotSafe("webhook_url must be an http(s) address without a password.")
        if len(self.secret) < MIN_SECRET_CHARACTERS:
            raise ChannelNotSafe(
                f"webhook_secret must have at least {MIN_SECRET_CHARACTERS} characters: without "
                "it the receiver cannot tell us from anybody else."
            )
        self._host = parts.hostname
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._tls = ssl.create_default_context() if self._secure else None

    def wants(self, kind: str) -> bool:
        """Everything."""
        return True

    def deliver(self, delivery: Delivery) -> None:
        """See `Channel.deliver`."""
        targets = targets_of(
            self._host, self._port, allow_private=self.allow_private, resolve=self.resolve
        )
        body = delivery.as_json().encode("utf-8")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopkeeper",
            "Connection": "close",
            "Idempotency-Key": delivery.key,
            "Shopkeeper-Event": delivery.kind,
            "Shopkeeper-Signature": sign(self.secret, int(self.now_seconds()), body),
        }
        try:
            status = self._post(targets[0], body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise DeliveryFailed(f"{self._host}: {type(error).__name__}") from error
        if not 200 <= status < 300:
            hint = "; redirects are not followed" if 300 <= status < 400 else ""
            raise DeliveryFailed(f"{self._host} answered {status}{hint}")

    def _post(self, target: Target, body: bytes, headers: dict[str, str]) -> int:
        """Exchange one request; a receiver that drips its answer is cut off in time."""
        plain = socket.socket(target.family, socket.SOCK_STREAM)
        end = threading.Timer(self.timeout_seconds, _cut, [plain])
        try:
            plain.settimeout(self.timeout_seconds)
            end.start()
            plain.connect(target.address)
            link: socket.socket = plain
            if self._tls is not None:
                link = self._tls.wrap_socket(plain, server_hostname=self._host)
            with link:
                exchange = http.client.HTTPConnection(self._host, self._port)
                exchange.sock = link
                exchange.request("POST", self._path, body, headers)
                answer = exchange.getresponse()
                answer.read(MAX_ANSWER_BYTES)
                return answer.status
        finally:
            end.cancel()
            plain.close()


def _cut(link: socket.socket) -> None:
    """Wake whoever reads from a socket; closing alone would not."""
    try:
        link.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended by itself meanwhile
