"""Two nodes with folders of their own answer by what either of them trained, through PostgreSQL."""

import asyncio
import shutil
from datetime import UTC, datetime

import psycopg
import pytest

from bot.bus.in_process import InProcessBus
from bot.errors import PartMissing
from bot.transcripts.published import open_published
from tests.bot.answering.trained_shop import intent_of, sets_in, train, training_in
from tests.bot.server.floor import open_floor, sign_in
from tests.bot.server.killed_fetching import kill_while_fetching
from tests.bot.server.test_training_watch import SaysTheIntent, says

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TEXT = "warranty please"


class DeafBus(InProcessBus):
    """Carries nothing to other nodes, as while Valkey is away; so nodes poll."""

    connected = False


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
def machine(open_shared, tmp_path):
    """Makes the state folder of a machine, its sets, and what answers there."""

    def machine(name, *intents, kept=10):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        if intents:
            train(folder, *intents)
        return folder, sets_in(folder, open_shared(kept).trained)

    return machine


def share(folder, sets, *intents):
    """Train and share, as the shell's command does."""
    with sets.training(), sets.being_made():
        train(folder, *intents)
        return sets.share("train", NOW)


def test_two_nodes_answer_by_what_either_machine_trains_and_go_back_together(
    machine, open_shared, postgres_url, tmp_path
):
    here, sets = machine("here", "cost", "status")
    there, _ = machine("there")
    floors = []
    for name, folder in (("first", here), ("second", there)):
        shared = open_shared()
        training = training_in(folder, shared.trained)
        training.load(NOW)
        floors.append(
            open_floor(
                tmp_path / name,
                training=training,
                shared=shared,
                answerer=SaysTheIntent(training),
                database_url=postgres_url,
                bus=DeafBus(),
                bus_poll_seconds=0.2,
            )
        )

    async def work(first, second):
        before = [await says(floor, "cost please", "cost") for floor in (first, second)]
        id = share(here, sets, "cost", "status", "warranty")
        trained = [await says(floor, TEXT, "warranty") for floor in (first, second)]
        told = []
        for floor in (first, second):
            async with floor.web() as web:
                await sign_in(web, "boss")
                told.append((await web.get("/api/overview")).json()["versions"])
        sets.roll_back()
        back = [await says(floor, TEXT, "cost", "status") for floor in (first, second)]
        return before, trained, id, told, back

    with floors[0] as first, floors[1] as second:
        before, trained, id, told, back = asyncio.run(work(first, second))

    assert before == ["cost", "cost"]
    assert trained == ["warranty", "warranty"]
    assert [one["trained_set"] for one in told] == [id, id]
    assert told[0]["intents"] == told[1]["intents"]
    assert "warranty" not in back


@pytest.mark.parametrize("files_before_the_kill", [1, 3, 5])
def test_a_node_killed_while_it_fetches_a_set_fetches_it_again_in_full(
    machine, postgres_url, files_before_the_kill
):
    share(*machine("here"), "cost", "status", "warranty")
    there, sets = machine("there", "cost", "own")
    own = sets.own()
    kill_while_fetching("trained", postgres_url, there, files_before_the_kill)
    assert sets.own() == own, "nothing was replaced by half a set"
    training = training_in(there, sets.shared)
    training.load(NOW)
    assert intent_of(training, TEXT) == "warranty"


DAMAGES = {
    "a changed byte": "UPDATE trained_chunks SET content = overlay(content placing 'X' from 3) "
    "WHERE path = 'intents/model.json'",
    "a missing chunk": "DELETE FROM trained_chunks WHERE path = 'doubt/doubt.json'",
    "another digest": "UPDATE trained_sets SET files = replace(files, '[', '[1')",
    "another encoder": "UPDATE trained_sets SET about = replace(about, 'hashed', 'mashed')",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_set_is_refused_and_the_old_one_answers_on(machine, postgres_url, damage):
    here, sets = machine("here")
    share(here, sets, "cost", "status")
    there, others = machine("there")
    training = training_in(there, others.shared)
    before = training.load(NOW)
    share(here, sets, "cost", "status", "warranty")
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute(DAMAGES[damage]).rowcount
    with pytest.raises(PartMissing):
        training.refresh()
    assert training.current is before


def test_a_set_that_the_database_does_not_take_changes_nothing_elsewhere(machine, postgres_url):
    here, sets = machine("here")
    first = share(here, sets, "cost", "status")
    with psycopg.connect(postgres_url) as connection:
        connection.execute("ALTER TABLE trained_chunks ADD CHECK (position < 0) NOT VALID")
    with pytest.raises(PartMissing, match="database"):
        share(here, sets, "cost", "status", "warranty")
    assert sets.serving() == first
    assert [one.id for one in sets.listed()] == [first]
    shutil.rmtree(here)
    here.mkdir()
    training = training_in(here, sets.shared)
    training.load(NOW)
    assert training.current.intents.intents == ("cost", "status")


def test_only_the_newest_sets_stay_and_the_knowledge_beside_them_is_another_shelf(
    machine, open_shared, postgres_url
):
    here, sets = machine("here", kept=2)
    ids = [share(here, sets, "cost", "status", f"word{n}") for n in range(4)]
    assert [one.id for one in sets.listed()] == ids[:1:-1]
    assert open_shared().serving() is None
    with psycopg.connect(postgres_url) as connection:
        left = connection.execute("SELECT count(DISTINCT version) FROM trained_chunks").fetchone()
    assert left == (2,)
