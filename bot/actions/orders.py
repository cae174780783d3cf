"""The shop's orders as actions see them, and the proof that an order is the asker's.

`OrderBook` is the seam: the demo shop's is a JSON file; a shop with a real back end gives its own
object with the same two methods.
"""

from __future__ import annotations

import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

# Four digits are 10,000 guesses: after this many wrong ones an order stays closed for an hour,
# from whatever conversation they came.
WRONG_PROOFS_PER_ORDER = 5
WRONG_PROOFS_WINDOW_SECONDS = 3600.0

_SEPARATORS = re.compile(r"[\s\-_.()（）]+")


class OrdersRefused(Exception):
    """The orders file cannot be used; the text names the place and what to do."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order.

    Attributes:
        state: one of the keys of `texts.order_state_*` in shop.toml.
        detail: latest note of the timeline per language, may be empty.
    """

    id: str
    state: str
    phone: str
    email: str
    detail: Mapping[str, str]


class OrderBook(Protocol):
    """Finds an order, for its owner alone."""

    def looks_like_number(self, text: str) -> bool:
        """Tell whether a text has the form of an order number of this shop."""
        ...

    def open_order(self, number: str, proof: str) -> Order | None:
        """Return the order when the proof (phone or its last four digits, or e-mail) fits, or None.

        An unknown number, a wrong proof and a locked order are the same to the caller.
        """
        ...


class JsonOrderBook:
    """The orders of `orders.json`, held in memory."""

    def __init__(
        self,
        orders: Mapping[str, Order],
        number_pattern: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._orders = orders
        self._number = re.compile(number_pattern)
        self._clock = clock
        self._wrong: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    @classmethod
    def load(cls, path: Path, number_pattern: str) -> JsonOrderBook:
        """Read the file. Raises OrdersRefused naming the order and the field."""
        try:
            raw = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise OrdersRefused(f"{path} cannot be read as JSON: {error}") from error
        if not isinstance(raw, list):
            raise OrdersRefused(f"{path} is no list of orders; compare it with the demo shop's")
        orders: dict[str, Order] = {}
        for place, record in enumerate(raw, start=1):
            try:
                order = _order(record)
            except KeyError as error:
                raise OrdersRefused(f"{path}: order {place} lacks {error}") from error
            except (TypeError, AttributeError) as error:
                raise OrdersRefused(
                    f"{path}: order {place} is not written as the demo shop's orders are ({error})"
                ) from error
            if orders.setdefault(order.id, order) is not order:
                raise OrdersRefused(f"{path}: order {place} has the number of an earlier one")
        return cls(orders, number_pattern)

    def looks_like_number(self, text: str) -> bool:
        """See OrderBook."""
        return self._number.fullmatch(text) is not None

    def open_order(self, number: str, proof: str) -> Order | None:
        """See OrderBook."""
        with self._lock:
            if self._is_locked(number):
                return None
            order = self._orders.get(number)
            if order is not None and proof_fits(order, proof):
                return order
            # Unknown numbers count too, or the time to the lock would tell which ones exist.
            if len(self._wrong) > 10_000:
                self._forget_old()
            self._wrong.setdefault(number, []).append(self._clock())
            return None

    def _is_locked(self, number: str) -> bool:
        since = self._clock() - WRONG_PROOFS_WINDOW_SECONDS
        recent = [at for at in self._wrong.get(number, ()) if at > since]
        if recent:
            self._wrong[number] = recent
        else:
            self._wrong.pop(number, None)
        return len(recent) >= WRONG_PROOFS_PER_ORDER

    def _forget_old(self) -> None:
        since = self._clock() - WRONG_PROOFS_WINDOW_SECONDS
        self._wrong = {number: times for number, times in self._wrong.items() if times[-1] > since}


def proof_fits(order: Order, proof: str) -> bool:
    """Compare a proof with an order's phone (whole or last four) and e-mail, in constant time."""
    given = proof.strip().lower()
    digits = _SEPARATORS.sub("", given).removeprefix("+86")
    phone = _SEPARATORS.sub("", order.phone).removeprefix("+86")
    candidates = (order.email.strip().lower(), phone[-4:], phone)
    wanted = (given, digits, digits)
    fits = [
        hmac.compare_digest(candidate.encode(), value.encode())
        for candidate, value in zip(candidates, wanted, strict=True)
        if candidate
    ]
    return any(fits)


def _order(record: Mapping[str, Any]) -> Order:
    notes = [step["note"] for step in record["timeline"] if step.get("note")]
    customer = record["customer"]
    return Order(
        id=_text(record["id"]),
        state=_text(record["state"]),
        phone=_text(customer["phone"]),
        email=_text(customer["email"]),
        detail=notes[-1] if notes else {},
    )


def _text(value: Any) -> str:
    """Take a number for its digits and null for nothing; no shopper may meet anything else."""
    if value is None:
        return ""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"{str(value)[:40]!r} where text belongs")
