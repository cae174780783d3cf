"""A whole history moves between SQLite and a real PostgreSQL, row by row the same."""

import hashlib
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from bot.conversation.commands import StaffClaims, StaffNotes, StaffSays
from bot.conversation.events import ClientId, ConversationId, StaffId
from bot.handoff.canned import CannedReply
from bot.handoff.hours import calendar_from
from bot.transcripts.desk import StaffSkills
from bot.transcripts.errors import SecondWriter, StorageRefused, StoreNotSafe
from bot.transcripts.moving import NOT_MOVED, ROWS_AT_ONCE, move_database
from bot.transcripts.records import SHOPPER_READER
from bot.transcripts.retention import KeptDays
from bot.transcripts.tables import metadata

pytestmark = pytest.mark.services

STRANGE = "四季好！ \U0001f375 ' \" \\ % {} \x1b \u202e \ufffe"
PATIENCE = 20


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/shop.sqlite3"


@pytest.fixture
def filled(sqlite_url, open_shop, clock):
    """A history with something in every table, closed again."""
    shop = open_shop(sqlite_url)
    transcripts = shop.transcripts
    accounts = transcripts.accounts
    mei = accounts.add("mei", "Mei 梅", "hash", frozenset({"staff"})).result(PATIENCE)
    accounts.open_session(b"\x00\xff" * 16, mei.id, "csrf", clock() + timedelta(days=1)).result(
        PATIENCE
    )
    for number in range(3):
        shop.begin(STRANGE, id=f"c{number}", language="zh")
        shop.answer(f"c{number}", "Yes.", trace={"why": STRANGE})
        shop.say(f"c{number}", "a person please")
    shop.begin("many", id="many")
    for number in range(ROWS_AT_ONCE + 7):
        shop.say("many", f"message {number}")
    hand_over(shop, "c0", mei.id)
    desk = transcripts.desk
    for future in (
        transcripts.store.mark_seen(ConversationId("c0"), SHOPPER_READER, 2),
        transcripts.audit.append("boss", "hours_set", "", {"zone": STRANGE}),
        transcripts.audit.append("boss", "hours_dropped"),
        desk.keep_canned_reply(CannedReply("r1", "hello", {"zh": "您好"}), "boss"),
        desk.keep_calendar("desk", calendar_from(HOURS), "boss"),
        transcripts.widgets.keep("0123456789abcdef", b"script \x00\xff"),
        transcripts.retention.set_kept_days(KeptDays(365, 30, 7), "boss"),
        desk.keep_skills(StaffSkills(mei.id, frozenset({"zh"}), frozenset(), 3)),
    ):
        future.result(PATIENCE)
    transcripts.close()
    return sqlite_url


HOURS = {"zone": "Asia/Shanghai", "weekly": {"0": [["09:00", "18:00"]]}, "special": {}}


def hand_over(shop, conversation, mei):
    from bot.conversation.commands import BotGivesUp, BotSpeech
    from bot.conversation.events import HandoffReason

    ticket = shop.take(conversation).turns[0].ticket
    speech = BotSpeech("A colleague will help.", "en")
    shop.do(conversation, BotGivesUp(ticket, speech, HandoffReason.WISH))
    shop.do(conversation, StaffClaims(StaffId(mei), "Mei"))
    shop.do(conversation, StaffSays(StaffId(mei), "Mei", ClientId("s1"), "您好"))
    shop.do(conversation, StaffNotes(StaffId(mei), "Mei", ClientId("n1"), "vip", (StaffId(mei),)))


def rows_of(url: str) -> dict[str, list[tuple]]:
    """Every row as the database holds it, in an order that does not depend on the database."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = connection.execute(text(f"SELECT {names} FROM {table.name}"))
            found[table.name] = sorted((tuple(map(plain, row)) for row in rows), key=repr)
    engine.dispose()
    return found


def plain(value):
    """SQLite has no booleans and PostgreSQL's bytes are views; the values are compared."""
    return int(value) if isinstance(value, bool) else value


def without_epoch(rows):
    return {name: those for name, those in rows.items() if name != "installation"}


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*.sqlite3")
    }


def test_every_row_moves_to_postgresql_and_back(filled, postgres_url, tmp_path):
    before, bytes_before = rows_of(filled), bytes_of(tmp_path)
    told = []

    moved = move_database(filled, postgres_url, lambda: "new-epoch", lambda *at: told.append(at))

    after = rows_of(postgres_url)
    assert without_epoch(after) == without_epoch(before)
    assert after["installation"] == [(1, "new-epoch")] != before["installation"]
    assert bytes_of(tmp_path) == bytes_before, "the source was left as it was"
    assert moved.rows == {name: len(rows) for name, rows in before.items() if name in moved.rows}
    assert set(before) - set(moved.rows) == NOT_MOVED
    assert [name for name in moved.rows if not moved.rows[name]] == [], "every table was tried"
    assert told[-1] == (2 * moved.total, 2 * moved.total)
    assert told == sorted(told)

    back = f"sqlite:///{tmp_path}/back.sqlite3"
    move_database(postgres_url, back, lambda: "third-epoch", lambda *_: None)
    assert without_epoch(rows_of(back)) == without_epoch(before)
    assert rows_of(back)["installation"] == [(1, "third-epoch")]


def test_the_shop_goes_on_where_it_was(filled, postgres_url, open_shop):
    move_database(filled, postgres_url, lambda: "new-epoch", lambda *_: None)

    shop = open_shop(postgres_url)

    store = shop.transcripts.store
    assert store.epoch == "new-epoch"
    assert store.check() == ()
    assert shop.transcripts.audit.first_broken() is None
    last = store.state(ConversationId("c0")).last_seq
    assert shop.say("c0", "are you there?").said.seq == last + 1
    session = shop.transcripts.accounts.session(b"\x00\xff" * 16)
    assert session.account.name == "Mei 梅"
    mei = session.account.id
    shop.do("c0", StaffNotes(StaffId(mei), "Mei", ClientId("n2"), "again", (StaffId(mei),)))
    taken = shop.transcripts.outbox.take(100, 60).result(PATIENCE)
    assert len({row.id for row in taken}) == len(taken) > 0


def test_a_target_that_is_not_empty_is_refused(filled, postgres_url, open_shop):
    other = open_shop(postgres_url)
    other.begin("already here")
    other.transcripts.close()
    before = rows_of(postgres_url)

    with pytest.raises(StorageRefused, match="not empty"):
        move_database(filled, postgres_url, lambda: "new-epoch", lambda *_: None)

    assert rows_of(postgres_url) == before


def test_a_shop_that_runs_is_not_moved(filled, postgres_url, open_shop, tmp_path):
    running = open_shop(filled)
    with pytest.raises(SecondWriter):
        move_database(filled, postgres_url, lambda: "e", lambda *_: None)
    running.transcripts.close()
    move_database(filled, postgres_url, lambda: "e", lambda *_: None)
    open_shop(postgres_url)
    with pytest.raises(StoreNotSafe, match="uses the source"):
        move_database(postgres_url, f"sqlite:///{tmp_path}/b.sqlite3", lambda: "e", lambda *_: None)
    empty = open_shop(f"sqlite:///{tmp_path}/empty.sqlite3")
    empty.transcripts.close()
    with pytest.raises(StoreNotSafe, match="uses the target"):
        move_database(filled, postgres_url, lambda: "e", lambda *_: None)


def test_a_database_is_not_moved_onto_itself(filled, postgres_url):
    for url in (filled, postgres_url):
        with pytest.raises(StorageRefused, match="same database"):
            move_database(url, url, lambda: "e", lambda *_: None)


def test_a_source_of_an_older_version_is_left_to_the_server(filled, postgres_url, tmp_path):
    engine = create_engine(filled)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    with pytest.raises(StoreNotSafe, match="Start the server once"):
        move_database(filled, postgres_url, lambda: "e", lambda *_: None)
    with pytest.raises(StorageRefused, match="There is no database"):
        move_database(f"sqlite:///{tmp_path}/no.sqlite3", postgres_url, str, lambda *_: None)


MOVES = """
import sys
from bot.transcripts.moving import move_database

def told(done, of):
    print(done, flush=True)
    sys.stdin.readline()

move_database(sys.argv[1], sys.argv[2], lambda: "e", told)
"""


@pytest.mark.parametrize("steps", [1, 7, 20])
def test_a_move_that_is_killed_leaves_nothing_and_can_be_done_again(filled, postgres_url, steps):
    before = rows_of(filled)
    moving = subprocess.Popen(
        [sys.executable, "-c", MOVES, filled, postgres_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in range(steps):
        assert moving.stdout.readline()
        moving.stdin.write("go on\n")
        moving.stdin.flush()
    moving.kill()
    moving.wait()
    moving.stdin.close()
    moving.stdout.close()
    wait_until_the_server_has_noticed(postgres_url)
    assert [name for name, rows in rows_of(postgres_url).items() if rows] == []
    assert rows_of(filled) == before

    move_database(filled, postgres_url, lambda: "new-epoch", lambda *_: None)
    assert without_epoch(rows_of(postgres_url)) == without_epoch(before)


def wait_until_the_server_has_noticed(url):
    gone = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shopkeeper'"
    with psycopg.connect(url, autocommit=True) as admin:
        while admin.execute(gone).fetchone() != (0,):
            pass


def test_a_row_that_arrives_altered_stops_the_move(filled, postgres_url):
    """As a target that is no plain PostgreSQL, or has a trigger, may do."""
    from bot.transcripts.database import open_database

    open_database(postgres_url).close()
    with psycopg.connect(postgres_url) as admin:
        admin.execute(
            "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.text := upper(NEW.text); RETURN NEW; END $$"
        )
        admin.execute(
            "CREATE TRIGGER shouts BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION shout()"
        )
    with pytest.raises(StorageRefused, match="did not get what events holds"):
        move_database(filled, postgres_url, lambda: "e", lambda *_: None)
    assert [name for name, rows in rows_of(postgres_url).items() if rows] == []


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("var/shopkeeper", "is not the address"),
        ("postgresql://me:secret@host:port/name", "is not the address"),
        ("mysql://me:secret@host/name", "begins with mysql"),
        ("sqlite://", "needs a file"),
    ],
)
def test_what_is_no_address_of_a_database_is_told_without_its_password(filled, address, why):
    with pytest.raises(StoreNotSafe, match=why) as refusal:
        move_database(filled, address, lambda: "e", lambda *_: None)
    assert "secret" not in str(refusal.value)
