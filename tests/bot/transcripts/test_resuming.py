"""What a page that comes back gets from the transcripts, over SQLite and PostgreSQL."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Engine, event

from bot.conversation.commands import AsksForPerson, ShopperSays, StaffClaims, StaffSays
from bot.conversation.events import ClientId, ConversationId, StaffId, Stage
from bot.transcripts.records import SHOPPER_READER, STAFF_READER, ComesBack, Missed, ReplayLimits

C1 = ConversationId("c1")
LI = StaffId("li")
SMALL = ReplayLimits(replay=6, page=4, start_over=3)


def come_back(
    shop, last_seq: int | None, limits: ReplayLimits = SMALL, token: bytes = b"c1"
) -> Missed | None:
    page = ComesBack(hashlib.sha256(token).digest(), last_seq)
    return shop.transcripts.store.resume(C1, page, limits)


def talk(shop, messages: int) -> None:
    """Let the conversation have so many events, and a second one more of them."""
    shop.begin(id="c1")
    shop.begin(id="c2")
    for number in range(2, messages + 1):
        shop.say("c1", f"message {number}")
        shop.say("c2", f"another's message {number}")
    shop.say("c2", "and one more")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Everything that is sent to a database by this process until the block ends."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("last_seq", "shown", "starts_over"),
    [
        (10, [], False),
        (9, [10], False),
        (6, [7, 8, 9, 10], False),
        (4, [5, 6, 7, 8], False),  # a page of them; the rest follows
        (3, [8, 9, 10], True),  # more than is replayed
        (0, [8, 9, 10], True),
        (11, [8, 9, 10], True),  # more than there is
        (2**53 - 1, [8, 9, 10], True),
        (None, [8, 9, 10], True),  # of another history
    ],
)
def test_who_comes_back_gets_what_follows_what_they_show_or_the_newest(
    shop, last_seq, shown, starts_over
) -> None:
    talk(shop, 10)
    missed = come_back(shop, last_seq)
    assert [event.seq for event in missed.view.events] == shown
    assert missed.starts_over is starts_over
    assert missed.view.state.last_seq == 10


def test_who_comes_back_gets_what_the_other_ways_of_reading_give(shop) -> None:
    talk(shop, 3)
    shop.answer("c1", memory={"slots": {"order": "A1\x00"}}, choices=(("Yes", "entry:7"),))
    shop.say("c1", "are you sure?")
    shop.take("c1")
    shop.say("c1", "and is it in stock?")
    store = shop.transcripts.store
    store.mark_seen(C1, SHOPPER_READER, 4).result(20)
    store.mark_seen(C1, STAFF_READER, 2).result(20)
    missed = come_back(shop, 0, ReplayLimits())
    assert missed.view == store.after(C1, 0)
    assert len(missed.view.state.open_turns) == 2
    assert missed.staff_read == store.read_marks(C1).staff == 2
    assert come_back(shop, None, ReplayLimits()).view == store.newest(C1)


def test_what_staff_did_meanwhile_is_among_what_was_missed(shop) -> None:
    shop.begin(id="c1")
    shop.do("c1", AsksForPerson())
    shop.do("c1", StaffClaims(LI, "Li Na"))
    said = shop.do("c1", StaffSays(LI, "Li Na", ClientId("s1"), "Li here. 需要帮忙吗？"))
    missed = come_back(shop, 2)
    assert missed.view.state == said.state and missed.view.state.stage is Stage.WITH_STAFF
    assert missed.view.events[-1] == said.said
    assert missed.staff_read == 0


def test_nobody_resumes_with_anothers_token_or_after_it_was_erased(shop) -> None:
    talk(shop, 2)
    assert come_back(shop, 0, token=b"c2") is None
    assert come_back(shop, None, token=b"c2") is None
    assert come_back(shop, 0) is not None
    shop.transcripts.retention.erase([C1]).result(20)
    assert come_back(shop, 0) is None


@pytest.mark.parametrize("last_seq", [0, 9, None])
def test_row_15_a_page_that_comes_back_costs_the_database_one_statement(shop, last_seq) -> None:
    talk(shop, 10)
    with statements() as sent:
        come_back(shop, last_seq)
    assert len(sent) == 1 and sent[0].startswith("SELECT")


def test_single_statements_leave_no_transaction_open_and_readers_still_see_one_moment(
    shop,
) -> None:
    talk(shop, 2)
    store = shop.transcripts.store
    for number in range(20):  # more often than there are connections
        assert come_back(shop, 2, ReplayLimits()).view.state.last_seq == 2 + number
        assert store.after(C1, 2).state.last_seq == 2 + number
        shop.say("c1", f"and {number}")


@pytest.mark.services
def test_a_page_comes_back_although_every_connection_to_postgresql_died(
    postgres_url: str, open_shop: Callable
) -> None:
    shop = open_shop(postgres_url)
    talk(shop, 2)
    assert come_back(shop, 0) is not None
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    missed = come_back(shop, 0)
    assert [event.seq for event in missed.view.events] == [1, 2]


def test_a_message_whose_turn_has_not_ended_comes_back_with_it(shop) -> None:
    shop.begin(id="c1")
    recorded = shop.do("c1", ShopperSays(ClientId("m2"), "hello?"))
    missed = come_back(shop, 1)
    assert missed.view.state.open_turns == recorded.state.open_turns
    assert [event.text for event in missed.view.events] == ["hello?"]
