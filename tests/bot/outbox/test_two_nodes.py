import threading

import pytest

from bot.conversation.commands import AsksForPerson, Begin, ShopperCloses, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.outbox.delivery import Delivery
from bot.outbox.worker import OutboxWorker, Patience
from bot.transcripts.open import open_transcripts

CONVERSATIONS = 30


class Receiver:
    """A channel that several workers share."""

    name = "webhook"

    def __init__(self) -> None:
        self.got: list[str] = []
        self.door = threading.Lock()

    def wants(self, kind: str) -> bool:
        return True

    def deliver(self, delivery: Delivery) -> None:
        with self.door:
            self.got.append(delivery.key)


@pytest.mark.services
def test_row_34_and_20_workers_of_two_nodes_share_the_work_and_keep_the_order(postgres_url) -> None:
    nodes = [open_transcripts(postgres_url) for _ in range(2)]
    store, waiting = nodes[0].store, []
    for number in range(CONVERSATIONS):
        id = ConversationId(f"c{number}")
        first = ShopperSays(ClientId(f"first-{number}"), "hello")
        waiting.append(store.begin(Begin(id), number.to_bytes(32, "big"), first))
        waiting += [store.submit(id, AsksForPerson()), store.submit(id, ShopperCloses())]
    for future in waiting:
        future.result(60)
    receiver = Receiver()
    patience = Patience(poll_seconds=0.01, batch=3)
    workers = [OutboxWorker(node.outbox, [receiver], patience) for node in nodes]
    for worker in workers:
        worker.start()
    quiet = threading.Event()
    for _ in range(600):
        if not store.counts().outbox_waiting or quiet.wait(0.05):
            break
    for worker in workers:
        worker.close()
    for node in nodes:
        node.close()
    assert len(receiver.got) == len(set(receiver.got)) == 2 * CONVERSATIONS
    for number in range(CONVERSATIONS):
        mine = [key for key in receiver.got if key.startswith(f"c{number}:")]
        assert mine == [f"c{number}:2:waiting", f"c{number}:3:closed"]
