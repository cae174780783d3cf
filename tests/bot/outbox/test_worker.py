import itertools
from pathlib import Path

import pytest

from bot.conversation.commands import AsksForPerson, Begin, ShopperCloses, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.outbox.delivery import Delivery
from bot.outbox.errors import DeliveryFailed
from bot.outbox.worker import OutboxWorker, Patience
from bot.transcripts.open import open_transcripts

C1 = ConversationId("c1")
AT_ONCE = Patience(first_seconds=0.0, tries=3)


class Desk:
    """A channel that remembers, and fails as often as it is told."""

    def __init__(self, name: str, failures: int = 0, kinds: tuple[str, ...] = ()) -> None:
        self.name, self.failures, self.kinds = name, failures, kinds
        self.got: list[str] = []

    def wants(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds

    def deliver(self, delivery: Delivery) -> None:
        if self.failures:
            self.failures -= 1
            raise DeliveryFailed("closed for lunch")
        self.got.append(delivery.key)


@pytest.fixture
def transcripts(tmp_path: Path):
    opened = open_transcripts(f"sqlite:///{tmp_path}/shop.sqlite3")
    opened.store.begin(Begin(C1), b"x" * 32, ShopperSays(ClientId("a"), "hello")).result(20)
    opened.store.submit(C1, AsksForPerson()).result(20)
    opened.store.submit(C1, ShopperCloses()).result(20)
    yield opened
    opened.close()


def test_a_channel_that_fails_does_not_make_another_get_it_twice(transcripts) -> None:
    webhook, mail = Desk("webhook"), Desk("mail", failures=1, kinds=("waiting",))
    worker = OutboxWorker(transcripts.outbox, [webhook, mail], AT_ONCE)
    tried = list(itertools.takewhile(bool, iter(worker.deliver_due, None)))
    assert tried == [1, 1, 1]
    assert webhook.got == ["c1:2:waiting", "c1:3:closed"]
    assert mail.got == ["c1:2:waiting"]


def test_after_so_many_tries_an_item_is_a_dead_letter_with_its_reason(transcripts) -> None:
    webhook = Desk("webhook", failures=3)
    worker = OutboxWorker(transcripts.outbox, [webhook], AT_ONCE)
    while worker.deliver_due():
        pass
    (dead,) = transcripts.outbox.dead_letters()
    assert (dead.kind, dead.last_error) == ("waiting", "webhook: closed for lunch")
    assert webhook.got == ["c1:3:closed"]


def test_the_waits_double_up_to_the_longest_and_are_spread() -> None:
    patience = Patience(first_seconds=2, longest_seconds=100)
    assert [patience.wait_after(attempts, 1.0) for attempts in (1, 2, 3, 7, 500)] == [
        2,
        4,
        8,
        100,
        100,
    ]
    assert patience.wait_after(3, 0.0) == 4


def test_a_worker_without_channels_empties_the_outbox(transcripts) -> None:
    worker = OutboxWorker(transcripts.outbox, [])
    worker.start()
    worker.wake()
    while transcripts.store.counts().outbox_waiting:
        pass
    worker.close()
    assert transcripts.outbox.dead_letters() == ()
