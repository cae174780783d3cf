import asyncio
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import NotFound
from bot.server.job_board import SILENT_SECONDS, FolderJobBoard
from bot.server.jobs import Jobs
from bot.transcripts.errors import StorageRefused

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def board(tmp_path):
    return FolderJobBoard(tmp_path / "jobs", lambda: datetime.now(UTC))


def test_a_job_of_one_node_is_told_by_the_other(board):
    async def work():
        here, there = Jobs(50, board), Jobs(50, board)
        go_on = threading.Event()

        def publish(job):
            assert go_on.wait(10)
            return {"version": "000002"}

        job = await here.begin("publish", "boss", publish)
        running = await there.tell(job.id)
        go_on.set()
        await here.close(10)
        return running, await there.tell(job.id), await here.tell(job.id)

    running, there, here = asyncio.run(work())

    assert running["state"] == "running"
    assert there == here
    assert there["report"] == {"version": "000002"}


def test_a_job_whose_node_died_is_told_as_failed(tmp_path):
    now = NOON
    board = FolderJobBoard(tmp_path / "jobs", lambda: now)
    told = {"job": "abcdefghijklmnop", "kind": "check", "state": "running", "progress": {}}
    board.pin(told)
    file = tmp_path / "jobs" / "abcdefghijklmnop.json"
    os.utime(file, times=(now.timestamp(), now.timestamp()))

    async def tell():
        return await Jobs(50, board).tell("abcdefghijklmnop")

    assert asyncio.run(tell()) == told
    now = NOON + timedelta(seconds=SILENT_SECONDS)
    failed = asyncio.run(tell())
    assert failed["state"] == "failed"
    assert failed["error"]["code"] == "ended"


def test_a_job_is_told_as_ended_only_when_it_was_noted_what_it_came_to(board):
    async def work():
        jobs, noted = Jobs(50, board), []

        async def note(job, came_to):
            noted.append((came_to, (await jobs.tell(job.id))["state"]))

        done = await jobs.begin("check", "boss", lambda _job: {"asked": 3}, note=note)
        await done.ended.wait()
        return noted, jobs.running(done.id), await jobs.tell(done.id)

    noted, running, told = asyncio.run(work())

    assert noted == [({"asked": 3}, "running")]
    assert (running, told["state"]) == (None, "done")


def test_a_job_ends_though_what_it_came_to_cannot_be_noted(board):
    async def work():
        jobs = Jobs(50, board)

        async def note(_job, _came_to):
            raise StorageRefused("the database is gone")

        job = await jobs.begin("check", "boss", lambda _job: {"asked": 3}, note=note)
        await job.ended.wait()
        return await jobs.tell(job.id)

    told = asyncio.run(work())
    assert (told["state"], told["report"]) == ("done", {"asked": 3})


def test_a_job_that_waited_when_the_server_ended_is_told_as_ended(board):
    async def work():
        jobs, begun, go_on = Jobs(50, board), threading.Event(), threading.Event()

        def first(_job):
            begun.set()
            assert go_on.wait(10)
            return {}

        await jobs.begin("check", "boss", first)
        waiting = await jobs.begin("check", "boss", lambda _job: {})
        await asyncio.to_thread(begun.wait, 10)
        ending = asyncio.create_task(jobs.close(10))
        await waiting.ended.wait()
        go_on.set()
        await ending
        return await jobs.tell(waiting.id)

    told = asyncio.run(work())
    assert (told["state"], told["error"]["code"]) == ("failed", "ended")


def test_what_jobs_told_is_forgotten_after_a_day(tmp_path):
    now = NOON
    board = FolderJobBoard(tmp_path / "jobs", lambda: now)
    board.pin({"job": "aaaaaaaaaaaaaaaa", "state": "done"})
    old = tmp_path / "jobs" / "aaaaaaaaaaaaaaaa.json"
    os.utime(old, times=(now.timestamp(), now.timestamp()))
    now = NOON + timedelta(days=1, seconds=1)

    board.pin({"job": "bbbbbbbbbbbbbbbb", "state": "done"})

    assert [file.name for file in (tmp_path / "jobs").iterdir()] == ["bbbbbbbbbbbbbbbb.json"]


@pytest.mark.parametrize("id", ["abcdefghijklmnop", "../../etc/passwd", ""])
def test_an_id_that_is_no_job_leads_nowhere(board, id):
    with pytest.raises(NotFound):
        asyncio.run(Jobs(50, board).tell(id))
