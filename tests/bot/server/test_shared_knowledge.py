"""Nodes with folders of their own share knowledge, uploads and jobs through PostgreSQL."""

import asyncio
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from bot.bus.in_process import InProcessBus
from bot.errors import NotFound
from bot.server.job_board import SharedJobBoard
from bot.server.uploads import SharedUploads
from bot.transcripts.errors import OutOfReach
from bot.transcripts.published import open_published
from bot.transcripts.shelf import CHUNK_BYTES
from knowledge_base.entry import Entry, EntryId
from knowledge_base.errors import VersionRefused
from knowledge_base.folder import remove_unfinished
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.floor import open_floor, sign_in
from tests.bot.server.killed_fetching import kill_while_fetching
from tests.bot.server.test_knowledge_work import AnswersFromTheBase, Console

pytestmark = pytest.mark.services

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OLD = Entry(EntryId("gift"), ("Do you wrap gifts?",), "Yes, for 5 yuan.", "en", source="old.csv")
FILE = b"question,answer\nDo you ship to Mars?,Not yet.\n"


@pytest.fixture
def open_shared(postgres_url):
    opened = []

    def open_one(kept=10):
        opened.append(open_published(postgres_url, kept))
        return opened[-1]

    yield open_one
    for shared in opened:
        shared.close()


@pytest.fixture
def base(open_shared, tmp_path):
    """Makes the knowledge base of a machine."""

    def base(name, kept=10):
        return KnowledgeBase(tmp_path / name / "knowledge", HashedEncoder(), open_shared(kept))

    return base


class DeafBus(InProcessBus):
    """Carries nothing to other nodes, as while Valkey is away; so nodes poll."""

    connected = False


@pytest.fixture
def nodes(base, open_shared, postgres_url, tmp_path):
    """Two nodes that know of each other by the database alone."""
    here, there = base("here"), base("there")
    here.publish([OLD], note="first", by="test", now=datetime.now(UTC))
    there.load()
    floors = [
        open_floor(
            tmp_path / name,
            knowledge=one,
            shared=open_shared(),
            answerer=AnswersFromTheBase(one),
            database_url=postgres_url,
            bus=DeafBus(),
            bus_poll_seconds=0.2,
        )
        for name, one in (("here", here), ("there", there))
    ]
    with floors[0] as first, floors[1] as second:
        yield first, second


async def says(floor, question, answer):
    """Ask until the answer comes; a node polls several times a second."""
    async with floor.shopper() as shopper:
        for _ in range(100):
            said = (await shopper.ask(question))["text"]
            if said == answer:
                return said
            await asyncio.sleep(0.1)
    return said


def test_a_file_is_brought_to_one_node_published_by_the_other_and_answered_by_both(nodes):
    here, there = nodes

    async def work():
        async with here.web() as one, there.web() as two:
            first = Console(one, await sign_in(one, "boss"))
            second = Console(two, await sign_in(two, "boss"))
            upload = (await first.bring("faq.csv", FILE)).json()["upload"]
            begun = await second.post(f"/api/knowledge/uploads/{upload}/publish", note="space")
            told = await first.job(begun)  # the job of the other node, asked for here
            answers = [await says(floor, "Do you ship to Mars?", "Not yet.") for floor in nodes]
            listed = (await one.get("/api/knowledge/versions")).json()
            oldest = listed["versions"][-1]["version"]
            back = await first.job(await first.post(f"/api/knowledge/versions/{oldest}/roll-back"))
            undone = [
                await says(floor, "Do you ship to Mars?", "I do not know.") for floor in nodes
            ]
            return told, answers, listed, back, undone

    told, answers, listed, back, undone = asyncio.run(work())

    assert told["state"] == "done", told
    assert told["report"]["version"] == listed["current"]
    assert [version["note"] for version in listed["versions"]] == ["space", "first"]
    assert answers == ["Not yet.", "Not yet."]
    assert back["state"] == "done"
    assert undone == ["I do not know.", "I do not know."]


def test_jobs_of_two_nodes_take_turns(base):
    here, there = base("here"), base("there")
    waited, order, inside = threading.Event(), [], threading.Event()

    def first():
        with here.turn():
            inside.set()
            assert waited.wait(20)
            order.append("first ends")

    def waits(seconds):
        waited.set()
        pause.wait(seconds)

    pause = threading.Event()
    worker = threading.Thread(target=first)
    worker.start()
    assert inside.wait(20)
    with there.turn(waits):
        order.append("second begins")
    worker.join(20)
    assert order == ["first ends", "second begins"]


def test_a_turn_of_a_node_that_died_is_given_back(base, postgres_url):
    taker = subprocess.Popen(
        [sys.executable, "-c", TAKES_A_TURN, postgres_url], stdout=subprocess.PIPE, text=True
    )
    assert taker.stdout.readline() == "mine\n"
    taker.send_signal(signal.SIGKILL)
    taker.wait()
    taker.stdout.close()
    with base("here").turn():
        pass  # a turn that was never given back would run into the test's timeout


TAKES_A_TURN = """
import sys, time
from bot.transcripts.published import open_published
with open_published(sys.argv[1], 10).turn(time.sleep):
    print("mine", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("files_before_the_kill", [1, 4, 9])
def test_a_node_killed_while_it_fetches_fetches_again_in_full(
    base, postgres_url, tmp_path, files_before_the_kill
):
    version = base("here").publish([OLD], note="first", by="test", now=NOW).id
    folder = tmp_path / "there" / "knowledge"
    kill_while_fetching("knowledge", postgres_url, folder, files_before_the_kill)
    assert not (folder / "versions" / version).exists(), "half a version has no name"
    there = base("there")
    assert there.load().entries == (OLD,)
    remove_unfinished(folder / "versions")
    assert [path.name for path in (folder / "versions").iterdir()] == [version]


DAMAGES = {
    "a changed byte": "UPDATE knowledge_chunks SET content = overlay(content placing 'X' from 3) "
    "WHERE path = 'entries.jsonl'",
    "a missing chunk": "DELETE FROM knowledge_chunks WHERE path = 'entries.jsonl'",
    "a doubled chunk": "INSERT INTO knowledge_chunks SELECT version, path, position + 1, content "
    "FROM knowledge_chunks WHERE path = 'entries.jsonl'",
    "another manifest": "UPDATE knowledge_versions SET files = replace(files, '[', '[1')",
    "another author": "UPDATE knowledge_versions SET about = replace(about, 'test', 'tess')",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_version_is_refused(base, postgres_url, damage):
    here = base("here")
    here.publish([OLD], note="first", by="test", now=NOW)
    there = base("there")
    there.load()
    here.publish([OLD, Entry(EntryId("new"), ("New?",), "Yes.", "en")], note="", by="test", now=NOW)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute(DAMAGES[damage]).rowcount
    with pytest.raises(VersionRefused):
        there.refresh()
    assert there.current.entries == (OLD,)
    with pytest.raises(VersionRefused):
        base("fresh").load()


def test_large_files_travel_in_bounded_chunks(base, postgres_url):
    entries = [
        Entry(EntryId(f"e{n}"), (f"question number {n}?",), f"answer {n} " + "long " * 200, "en")
        for n in range(700)
    ]
    here = base("here")
    here.publish(entries, note="large", by="test", now=NOW)
    with psycopg.connect(postgres_url) as connection:
        query = "SELECT max(length(content)), count(*) FROM knowledge_chunks WHERE path LIKE '%l'"
        longest, count = connection.execute(query).fetchone()
    assert longest == CHUNK_BYTES and count > 3
    there = base("there")
    assert there.load().entries == tuple(entries)


def test_only_the_newest_versions_stay_and_the_one_that_serves(base, postgres_url):
    here = base("here", kept=2)
    first = here.publish([OLD], note="0", by="test", now=NOW)
    for note in "123":
        here.publish([OLD], note=note, by="test", now=NOW)
    assert [info.note for info in here.versions()] == ["3", "2"]
    assert [info.note for info in base("there", kept=2).versions()] == ["3", "2"]
    with psycopg.connect(postgres_url) as connection:
        versions = connection.execute("SELECT count(DISTINCT version) FROM knowledge_chunks")
        assert versions.fetchone() == (2,)
    with pytest.raises(VersionRefused):
        here.rollback(first.id)


def test_a_publication_that_the_database_does_not_take_leaves_nothing(base, postgres_url):
    here = base("here")
    before = here.publish([OLD], note="first", by="test", now=NOW)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("ALTER TABLE knowledge_chunks ADD CHECK (position < 0) NOT VALID")
    with pytest.raises(VersionRefused):
        here.publish([], note="second", by="test", now=NOW)
    assert here.current.version == before.id
    assert [info.id for info in here.versions()] == [before.id]
    assert [info.id for info in here.folder.versions()] == [before.id]


def test_uploads_are_the_same_on_every_node_and_gone_after_a_day(open_shared, postgres_url):
    here, there = (
        SharedUploads(open_shared(), lambda: NOW),
        SharedUploads(open_shared(), lambda: NOW),
    )
    kept = here.keep(b"\x00binary", "../odd name.csv", "boss")
    assert there.get(kept.id) == (kept, b"\x00binary")
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE uploads SET at = at - 86400000001")
    other = there.keep(b"more", "more.csv", "boss")
    with pytest.raises(NotFound):
        here.get(kept.id)
    here.forget(other.id)
    for id in (other.id, "../../etc/passwd", ""):
        with pytest.raises(NotFound):
            there.get(id)


def test_a_job_whose_node_fell_silent_is_told_so_by_the_servers_clock(open_shared, postgres_url):
    shared = open_shared()
    here, there = SharedJobBoard(shared), SharedJobBoard(open_shared())
    told = {"job": "abcdefghijklmnop", "kind": "check", "state": "running"}
    here.pin(told)
    here.pin(told | {"step": "on"})
    assert there.look_up("abcdefghijklmnop") == (told | {"step": "on"}, True)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE jobs SET at = at - 20000001")
    assert there.look_up("abcdefghijklmnop") == (told | {"step": "on"}, False)
    shared.drop_jobs_older_than(timedelta(seconds=10))
    assert there.look_up("abcdefghijklmnop") is None
    assert there.look_up("../../etc/passwd") is None


def test_a_database_that_is_gone_is_said_without_its_address(open_shared, postgres_url):
    shared = open_shared()
    shared.close()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("DROP TABLE knowledge_serving")
    with pytest.raises(OutOfReach) as refused:
        shared.serving()
    assert "postgres" not in str(refused.value)
