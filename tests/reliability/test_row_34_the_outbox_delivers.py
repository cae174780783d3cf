"""Row 34: what must leave the house arrives at least once and in order, at a lazy receiver."""

import json
import time
from pathlib import Path

import pytest

from bot.conversation.commands import AsksForPerson, Begin, GoesOnWithBot, ShopperSays
from bot.conversation.events import ClientId, ConversationId
from bot.outbox.webhook import Webhook
from bot.outbox.worker import OutboxWorker, Patience
from bot.transcripts.open import open_transcripts
from bot.transcripts.store import TranscriptStore
from tests.bot.outbox.receiver import Moods, Receiver, receiving
from tests.reliability.seeds import run_seed

LAZY = Moods(refuses=0.4, forgets=0.1, naps=0.05)
HASTY = Patience(first_seconds=0.01, longest_seconds=0.1, tries=1_000, poll_seconds=0.01)


def _make_items(store: TranscriptStore, conversations: int, each: int) -> dict[str, list[int]]:
    """Store things that must leave; gives the numbers of each conversation in order."""
    waiting = []
    for number in range(conversations):
        id = ConversationId(f"c{number}")
        first = ShopperSays(ClientId(f"first-{number}"), "hello")
        waiting.append(store.begin(Begin(id), number.to_bytes(32, "big"), first))
        for _ in range(each):
            waiting.append(store.submit(id, AsksForPerson()))
            waiting.append(store.submit(id, GoesOnWithBot()))
    for future in waiting:
        future.result(120)
    # The first message is number 1; then each request and each return has the next.
    numbers = [2 + 2 * turn for turn in range(each)]
    return {f"c{number}": numbers for number in range(conversations)}


def _arrived(receiver: Receiver) -> dict[str, list[int]]:
    """Numbers by conversation, in the order of their first arrival; repeats dropped by key."""
    arrived: dict[str, list[int]] = {}
    seen: set[str] = set()
    for one in receiver.got:
        said = json.loads(one.body)
        if one.kept and said["key"] not in seen:
            seen.add(said["key"])
            arrived.setdefault(said["conversation"], []).append(said["facts"]["seq"])
    return arrived


def _deliver_all(folder: Path, conversations: int, each: int, record_property) -> None:
    seed = run_seed()
    transcripts = open_transcripts(f"sqlite:///{folder}/shop.sqlite3")
    expected = _make_items(transcripts.store, conversations, each)
    with receiving(LAZY, seed) as receiver:
        webhook = Webhook(receiver.url, "a secret of the two", allow_private=True)
        for life in range(3):  # two workers that end in the middle, then one that may finish
            worker = OutboxWorker(transcripts.outbox, [webhook], HASTY, threads=3, seed=seed + life)
            worker.start()
            end = time.monotonic() + (0.5 if life < 2 else 240)
            while transcripts.store.counts().outbox_waiting and time.monotonic() < end:
                time.sleep(0.05)
            worker.close()
        assert transcripts.store.counts().outbox_waiting == 0, f"seed {seed}"
    dead = transcripts.outbox.dead_letters()
    transcripts.close()
    assert dead == ()
    assert _arrived(receiver) == expected, f"seed {seed}"
    kept = sum(one.kept for one in receiver.got)
    record_property("seed", seed)
    record_property("items", conversations * each)
    record_property("requests", len(receiver.got))
    record_property("arrived more than once, told by the key", kept - conversations * each)
    record_property("lost", 0)
    record_property("out of order", 0)


def test_row_34_five_hundred_items_arrive_in_order_at_a_receiver_that_fails_half_the_time(
    tmp_path, record_property
) -> None:
    _deliver_all(tmp_path, 25, 20, record_property)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_34_five_thousand_items_arrive_in_order_at_a_receiver_that_fails_half_the_time(
    tmp_path, record_property
) -> None:
    _deliver_all(tmp_path, 100, 50, record_property)
