"""Two processes' stores on one PostgreSQL behave as one."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import create_engine, text

from bot.conversation.commands import (
    Begin,
    BotAnswers,
    BotSpeech,
    ShopperSays,
    StaffClaims,
    TakeTurn,
)
from bot.conversation.errors import Refused
from bot.conversation.events import ClientId, ConversationId, StaffId
from bot.transcripts.database import open_database
from bot.transcripts.errors import StorageRefused, StoreNotSafe
from bot.transcripts.retention import KeptDays

pytestmark = pytest.mark.services
C1 = ConversationId("c1")


@pytest.fixture
def nodes(postgres_url: str, open_shop: Callable):
    return open_shop(postgres_url), open_shop(postgres_url)


def test_row_05_a_message_sent_to_both_nodes_at_once_is_stored_once(nodes) -> None:
    nodes[0].begin()
    stores = [node.transcripts.store for node in nodes]
    futures = [
        (number, store.submit(C1, ShopperSays(ClientId(f"x{number}"), f"message {number}")))
        for number in range(150)
        for store in (*stores, *reversed(stores))
    ]
    seqs: dict[int, set[int]] = {}
    for number, future in futures:
        seqs.setdefault(number, set()).add(future.result(60).said.seq)
    assert all(len(found) == 1 for found in seqs.values())
    events = stores[0].after(C1, 0, limit=1000).events
    assert [event.seq for event in events] == list(range(1, 152))
    assert stores[1].after(C1, 0, limit=1000).events == events


def test_a_first_message_sent_to_both_nodes_begins_one_conversation(nodes) -> None:
    futures = [
        nodes[number % 2].transcripts.store.begin(
            Begin(ConversationId(f"c{number}-{round}")),
            bytes([number, round]) * 16,
            ShopperSays(ClientId(f"x{round}"), "hello"),
        )
        for round in range(20)
        for number in range(4)
    ]
    begun = [future.result(60) for future in futures]
    assert sum(not one.repeated for one in begun) == 20
    assert nodes[0].transcripts.store.counts().events == 20


def test_many_conversations_on_both_nodes_never_block_each_other(nodes) -> None:
    ids = [nodes[0].begin(id=f"c{number:02}").recorded.state.id for number in range(20)]
    futures = []
    for number in range(400):
        # The two nodes meet the conversations in opposite order: the classic deadlock.
        for node, id in ((nodes[0], ids[number % 20]), (nodes[1], ids[-1 - number % 20])):
            says = ShopperSays(ClientId(f"x{number}-{id}"), "hi")
            futures.append(node.transcripts.store.submit(id, says))
    assert all(future.result(60) for future in futures)
    assert nodes[0].transcripts.store.check() == ()


def test_one_node_claims_and_the_other_nodes_bot_falls_silent(nodes) -> None:
    nodes[0].begin()
    ticket = nodes[0].take("c1").turns[0].ticket
    nodes[1].do("c1", StaffClaims(StaffId("li"), "Li Na"))
    recorded = nodes[0].do("c1", BotAnswers(ticket, BotSpeech("late", "en")))
    assert [event.kind.value for event in recorded.events] == ["bot_drafted"]


def test_a_turn_is_taken_by_one_of_two_nodes(nodes) -> None:
    recorded = nodes[0].begin().recorded
    command = TakeTurn(recorded.turns[0].ticket)
    futures = [node.transcripts.store.submit(C1, command) for node in nodes]
    errors = [future.exception(60) for future in futures]
    assert errors.count(None) == 1
    assert any(isinstance(error, Refused) for error in errors)


def test_the_audit_chain_holds_with_two_nodes(nodes) -> None:
    futures = [nodes[n % 2].transcripts.audit.append("li", "publish", str(n)) for n in range(60)]
    assert sorted(future.result(60).number for future in futures) == list(range(1, 61))
    assert nodes[0].transcripts.audit.first_broken() is None


def test_two_nodes_that_start_at_once_make_the_tables_once(postgres_url: str) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            open_database(postgres_url).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_lost_connection_refuses_and_the_next_message_is_taken(nodes, postgres_url: str) -> None:
    nodes[0].begin()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'shopkeeper'"
        )
    outcomes = [
        nodes[0].transcripts.store.submit(C1, ShopperSays(ClientId("x"), "hi")).exception(60)
        for _ in range(2)
    ]
    assert all(error is None or isinstance(error, StorageRefused) for error in outcomes)
    assert nodes[0].say("c1", "hi", id="x").repeated
    assert len(nodes[0].transcripts.store.after(C1, 0).events) == 2


def test_a_postgres_that_may_lose_commits_is_refused(postgres_url: str) -> None:
    engine = create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    admin = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    admin.execute(text("ALTER SYSTEM SET full_page_writes = off"))
    admin.execute(text("SELECT pg_reload_conf()"))
    try:
        while admin.execute(text("SHOW full_page_writes")).scalar_one() == "on":
            admin.execute(text("SELECT pg_sleep(0.01)"))
        with pytest.raises(StoreNotSafe, match="full_page_writes=on"):
            open_database(postgres_url)
    finally:
        admin.execute(text("ALTER SYSTEM RESET full_page_writes"))
        admin.execute(text("SELECT pg_reload_conf()"))
        admin.close()
        engine.dispose()


def test_what_somebody_goes_on_with_while_it_is_forgotten_stays(
    nodes, postgres_url: str, clock
) -> None:
    """Another node stores a message just when this one has found the conversation too old."""
    node, other = nodes
    node.begin(id="c1")
    node.begin(id="c2")
    clock.move(400 * 86_400)
    with psycopg.connect(postgres_url) as writing:
        goes_on = "UPDATE conversations SET last_at = %s WHERE id = 'c1'"
        writing.execute(goes_on, (int(clock().timestamp() * 1_000_000),))
        forgetting = node.transcripts.retention.expire(KeptDays(closed=365))
        if not _ends(forgetting):  # it waits for the other node
            writing.commit()
        assert forgetting.result(20).conversations == 1
    states = [other.transcripts.store.state(ConversationId(id)) for id in ("c1", "c2")]
    assert [state is not None for state in states] == [True, False]


def _ends(future) -> bool:
    try:
        future.exception(2)
    except TimeoutError:
        return False
    return True
