"""Group commit: nobody is answered before the commit, one bad ask harms no other."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from bot.conversation.commands import ShopperSays, StaffClaims
from bot.conversation.events import ClientId, ConversationId, StaffId
from bot.transcripts.errors import LoginTaken, StorageRefused
from bot.transcripts.writer import MAX_GROUP, Writer
from tests.reliability.accepted_rate import measure_accepted_rate

C1 = ConversationId("c1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/notes.sqlite3", pool_size=1, max_overflow=0)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (text TEXT UNIQUE)"))
    yield engine
    engine.dispose()


class Notebook:
    """A shared work that writes notes and remembers which came in one group."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self, connection: Connection, asks: Sequence[Any]) -> list[str]:
        self.begun.set()
        self.may_go_on.wait(20)
        self.groups.append(list(asks))
        for ask in asks:
            connection.execute(text("INSERT INTO notes VALUES (:text)"), {"text": ask})
        return [ask.upper() for ask in asks]


def test_all_that_waits_is_committed_once_and_in_order(engine: Engine) -> None:
    notebook = Notebook()
    commits: list[Connection] = []
    event.listen(engine, "commit", commits.append)
    writer = Writer(engine, notebook)
    first = writer.ask("first")
    others = [writer.ask(f"note {number:03}") for number in range(MAX_GROUP + 10)]
    assert not first.done()
    notebook.may_go_on.set()
    assert first.result(20) == "FIRST"
    assert others[-1].result(20) == f"NOTE {MAX_GROUP + 9}"
    assert sum(map(len, notebook.groups)) == MAX_GROUP + 11
    assert [note for group in notebook.groups for note in group][1:] == [
        f"note {number:03}" for number in range(MAX_GROUP + 10)
    ]
    assert len(commits) == len(notebook.groups) <= 3
    writer.close()


def test_those_who_ask_at_once_wait_for_others_and_who_asks_alone_does_not(engine: Engine) -> None:
    notebook = Notebook()
    pauses: list[float] = []
    late: list[Future[str]] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        late.append(writer.ask(f"came meanwhile {len(pauses)}"))

    writer = Writer(engine, notebook, pause=pause)
    writer.gather(3600)
    alone = writer.ask("alone")
    assert notebook.begun.wait(20)
    many = [writer.ask(note) for note in ("a", "b", "c")]
    notebook.may_go_on.set()
    assert alone.result(20) == "ALONE"
    assert [ask.result(20) for ask in many] == ["A", "B", "C"]
    assert pauses == []  # nobody was there before them
    assert writer.ask("next").result(20) == "NEXT"
    assert [ask.result(20) for ask in late] == ["CAME MEANWHILE 1"]
    assert 0 < pauses[0] <= 3600
    assert writer.ask("quiet again").result(20) == "QUIET AGAIN"
    writer.gather(0)
    assert [writer.ask(note).result(20) for note in ("x", "y")] == ["X", "Y"]
    assert len(pauses) == 1
    writer.close()
    assert ["next", "came meanwhile 1"] in notebook.groups


def test_nobody_is_answered_when_the_commit_fails(engine: Engine) -> None:
    notebook = Notebook()
    notebook.may_go_on.set()
    writer = Writer(engine, notebook)

    def fail(_connection: Connection) -> None:
        raise OSError("the disk is gone")

    event.listen(engine, "commit", fail)
    assert isinstance(writer.ask("lost").exception(20), OSError)
    event.remove(engine, "commit", fail)
    assert writer.ask("kept").result(20) == "KEPT"
    writer.close()
    with engine.begin() as connection:
        assert connection.execute(text("SELECT text FROM notes")).scalars().all() == ["kept"]


def test_one_ask_that_cannot_be_stored_does_not_take_its_group_with_it(engine: Engine) -> None:
    notebook = Notebook()
    writer = Writer(engine, notebook)
    asks = [writer.ask(note) for note in ("wait", "a", "b", "a", "c")]
    notebook.may_go_on.set()
    results = [ask.exception(20) for ask in asks]
    assert [type(result) for result in results] == [
        type(None),
        type(None),
        type(None),
        StorageRefused,
        type(None),
    ]
    writer.close()


def test_a_work_of_its_own_that_is_refused_leaves_the_rest_of_its_transaction(
    engine: Engine,
) -> None:
    writer = Writer(engine, Notebook())

    def refused(connection: Connection) -> None:
        connection.execute(text("INSERT INTO notes VALUES ('half')"))
        raise LoginTaken("taken")

    def kept(connection: Connection) -> str:
        connection.execute(text("INSERT INTO notes VALUES ('whole')"))
        return "done"

    first, second = writer.run(refused), writer.run(kept)
    assert isinstance(first.exception(20), LoginTaken)
    assert second.result(20) == "done"
    writer.close()
    with engine.begin() as connection:
        assert connection.execute(text("SELECT text FROM notes")).scalars().all() == ["whole"]


def test_row_22_a_full_disk_refuses_politely_and_recovers_by_itself(
    sqlite_shop, monkeypatch
) -> None:
    sqlite_shop.begin()
    writer = sqlite_shop.transcripts.store._writer

    def allow_pages(pages: int) -> None:
        work = writer.run(lambda c: c.execute(text(f"PRAGMA max_page_count={pages}")).scalar())
        work.result(20)

    allow_pages(1)  # SQLite takes this as "as many as there are": the disk is full now
    accepted, refused = [1], 0
    for number in range(60):
        says = ShopperSays(ClientId(f"x{number}"), "long" * 500)
        error = sqlite_shop.transcripts.store.submit(C1, says).exception(20)
        if error is None:
            accepted.append(number)
        else:
            assert isinstance(error, StorageRefused)
            refused += 1
    assert refused > 30
    assert sqlite_shop.transcripts.store.refuses
    assert len(sqlite_shop.transcripts.store.after(C1, 0).events) == len(accepted)
    allow_pages(1_000_000)
    again = sqlite_shop.say("c1", "long" * 500, id="x59")
    assert again.said.seq == len(accepted) + 1 and not again.repeated
    # That one thing was stored says little: what is small may fit a full disk.
    assert sqlite_shop.transcripts.store.refuses
    monkeypatch.setattr("bot.transcripts.writer.FLAPPING_SECONDS", 0.0)
    assert not sqlite_shop.transcripts.store.refuses
    assert sqlite_shop.transcripts.store.check() == ()


def test_a_log_of_a_refusal_holds_nothing_of_what_was_said(sqlite_shop, caplog) -> None:
    sqlite_shop.begin()
    writer = sqlite_shop.transcripts.store._writer
    writer.run(lambda c: c.execute(text("DROP TABLE read_marks"))).result(20)
    writer.run(lambda c: c.execute(text("PRAGMA max_page_count=1"))).result(20)
    for number in range(40):
        says = ShopperSays(ClientId(f"x{number}"), "my card is 4111 " * 200)
        sqlite_shop.transcripts.store.submit(C1, says).exception(20)
    assert "storage refused: OperationalError (SQLITE_FULL)" in caplog.text
    assert "4111" not in caplog.text


def test_staff_names_that_no_database_can_hold_are_an_error_and_nothing_more(shop) -> None:
    shop.begin()
    claim = shop.transcripts.store.submit(C1, StaffClaims(StaffId("li"), "half \ud83d"))
    assert claim.exception(20) is not None
    assert shop.say("c1", "still here").said.seq == 2


def test_the_measured_rate_counts_every_acknowledged_message(sqlite_shop) -> None:
    store = sqlite_shop.transcripts.store
    rate = measure_accepted_rate(store, shoppers=8, messages=200)
    assert (rate.accepted, rate.shoppers) == (200, 8)
    assert store.counts().events == 208
    assert 0 < rate.p50_seconds <= rate.p99_seconds <= rate.seconds
    assert rate.per_second == pytest.approx(200 / rate.seconds)
