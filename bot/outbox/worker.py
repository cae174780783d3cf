"""Plain threads that take from the outbox, deliver, and try again what failed.

At least once: an item is marked only after the receiver said that it has it, so a crash in between
delivers it again under the same key. In order: the table gives out only the oldest item of each
conversation, so a failing one is never overtaken, until it is put aside as a dead letter.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from bot.outbox.delivery import Channel, Delivery
from bot.outbox.errors import DeliveryFailed
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.outbox import Outbox, OutboxRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How failing deliveries are tried again.

    Attributes:
        first_seconds: wait after the first failure; doubled with each further one.
        longest_seconds: never longer than this.
        tries: after so many the item is a dead letter: kept, shown, and out of the way.
        lease_seconds: longer than any delivery takes; after it another worker may take the item.
        poll_seconds: how often the table is looked at when nothing wakes the worker.
        batch: items taken at once.
    """

    first_seconds: float = 2.0
    longest_seconds: float = 3600.0
    tries: int = 20
    lease_seconds: float = 120.0
    poll_seconds: float = 1.0
    batch: int = 20

    def wait_after(self, attempts: int, chance: float) -> float:
        """Give the wait after so many attempts; `chance` in [0, 1) spreads it over its half."""
        longest = min(self.longest_seconds, self.first_seconds * 2.0 ** min(attempts - 1, 40))
        return longest * (0.5 + 0.5 * chance)


class OutboxWorker:
    """Delivers until it is closed. Several, also on several nodes, may share one outbox."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Sequence[Channel],
        patience: Patience | None = None,
        *,
        threads: int = 2,
        seed: int | None = None,
    ) -> None:
        self._outbox = outbox
        self._channels = tuple(channels)
        self._patience = patience or Patience()
        self._random = random.Random(seed)
        self._ending = threading.Event()
        self._wake = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"outbox-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Begin to deliver."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look at the table now: something was stored."""
        self._wake.set()

    def close(self, timeout_seconds: float = 30.0) -> None:
        """Finish the deliveries under way, then stop; what is left is delivered another time."""
        self._ending.set()
        self._wake.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_seconds)

    def deliver_due(self) -> int:
        """Deliver one batch of what is due; gives how many items were tried.

        Raises:
            TranscriptsError: the outbox cannot be read or written now.
        """
        patience = self._patience
        rows = self._outbox.take(patience.batch, patience.lease_seconds).result()
        for position, row in enumerate(rows):
            if self._ending.is_set():
                for left in rows[position:]:
                    self._outbox.postpone(left.id, 0.0, left.last_error, left.delivered_to).result()
                return position
            self._deliver(row)
        return len(rows)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                tried = self.deliver_due()
            except TranscriptsError as error:
                log.warning("outbox unreadable: %s", type(error).__name__)
                tried = 0
            except Exception:  # the edge of this thread: one odd item must not stop the rest
                log.exception("outbox delivery failed in an unexpected way")
                tried = 0
            if tried == 0:
                self._wake.wait(self._patience.poll_seconds)
                self._wake.clear()

    def _deliver(self, row: OutboxRow) -> None:
        delivery = Delivery(row.key, row.kind, row.conversation, row.created_at, row.payload)
        has_it = set(row.delivered_to)
        problems: list[str] = []
        for channel in self._channels:
            if channel.name in has_it or not channel.wants(row.kind):
                continue
            try:
                channel.deliver(delivery)
            except DeliveryFailed as failure:
                problems.append(f"{channel.name}: {failure}")
            else:
                has_it.add(channel.name)
        if not problems:
            self._outbox.delivered(row.id).result()
            return
        self._put_off(row, "; ".join(problems), tuple(sorted(has_it)))

    def _put_off(self, row: OutboxRow, why: str, has_it: tuple[str, ...]) -> None:
        if row.attempts >= self._patience.tries:
            log.error("outbox gave up on item %d (%s)", row.id, row.kind)
            self._outbox.give_up(row.id, why, has_it).result()
            return
        wait = self._patience.wait_after(row.attempts, self._random.random())
        self._outbox.postpone(row.id, wait, why, has_it).result()
