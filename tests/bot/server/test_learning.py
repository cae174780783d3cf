"""An admin looks at what was learnt, has it learnt again from the console, and goes back."""

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.transcripts.published import open_published
from tests.bot.answering.trained_shop import MADE_WITH, intent_of, sets_in, train, training_in
from tests.bot.server.floor import PATIENCE_SECONDS, open_floor, sign_in

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SHELL = (sys.executable, "-m", "tests.bot.server.scripted_training")


def script(folder, do="keep", intents=("cost", "status", "warranty")):
    """Say what the next training does, and make what it is to learn."""
    if do == "keep":
        train(folder / "made", *intents)
    told = {"do": do, "made_with": [MADE_WITH.encoder, MADE_WITH.searching]}
    folder.joinpath("script.json").write_text(json.dumps(told), "utf-8")


@contextmanager
def learning_floor(folder, **options):
    """A node on a machine alone that was trained once."""
    if "training" not in options:
        if not (folder / "intents").exists():
            train(folder, "cost", "status")
        options["training"] = training_in(folder)
        options["training"].load(NOW)
    options = {"shell": SHELL, "bus_poll_seconds": 0.2, **options}
    with open_floor(folder, **options) as floor:
        yield floor


class Admin:
    """An admin's browser."""

    def __init__(self, web, csrf):
        self.web, self.headers = web, {"X-CSRF-Token": csrf}

    async def standing(self):
        return (await self.web.get("/api/training")).json()

    async def post(self, path, **body):
        return await self.web.post(f"/api/training/{path}", json=body, headers=self.headers)

    async def ended(self):
        """The run, when it has ended."""
        return await self.until(lambda told: told["run"]["state"] != "running")

    async def until(self, so):
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            told = await self.standing()
            if told["run"] is not None and so(told):
                return told
            await asyncio.sleep(0.05)
        raise AssertionError(told)

    async def acts(self):
        rows = (await self.web.get("/api/audit?text=")).json()["rows"]
        return [(row["act"], row["about"]) for row in rows if row["act"].startswith("training")]


def as_admin(floor, work):
    async def ask():
        async with floor.web() as web:
            return await work(Admin(web, await sign_in(web, "boss")))

    return asyncio.run(ask())


def test_what_was_learnt_is_shown_with_its_versions(tmp_path):
    with learning_floor(tmp_path) as floor:
        told = as_admin(floor, Admin.standing)

    parts = {one["part"]: one for one in told["parts"]}
    assert list(parts) == ["intents", "doubt", "moods", "takeover"]
    assert parts["intents"]["version"] == floor.parts.training.current.intents.version
    assert parts["intents"]["made_at"].endswith("Z")
    assert parts["moods"]["version"] is None
    assert told["sets"] == []
    assert (told["run"], told["refused"], told["shared"]) == (None, "", False)


def test_a_training_begun_in_the_console_answers_without_a_restart_and_can_be_undone(tmp_path):
    async def work(admin):
        before = await admin.standing()
        begun = await admin.post("runs", what="intents")
        ended = await admin.ended()
        now = await admin.until(
            lambda told: told["parts"][0]["version"] != before["parts"][0]["version"]
        )
        older = next(one for one in now["sets"] if not one["serving"])
        back = await admin.post(f"sets/{older['set']}/roll-back")
        return before, begun, ended, now, back, await admin.acts()

    script(tmp_path)
    with learning_floor(tmp_path) as floor:
        before, begun, ended, now, back, acts = as_admin(floor, work)
        assert intent_of(floor.parts.training, "cost please") == "cost"
        assert floor.parts.training.current.intents.intents == ("cost", "status")

    assert begun.status_code == 202
    assert (begun.json()["run"]["state"], begun.json()["run"]["by"]) == ("running", "boss")
    run = ended["run"]
    assert (run["state"], run["report"]["outcome"], run["what"]) == ("done", "kept", "intents")
    assert run["progress"] == {"step": "folds", "done": 1, "of": 4}
    assert run["report"]["comparison"]["phrases"] == 120
    assert run["report"]["problems"] == [{"en": "row 3: [31mred", "zh": "row 3: [31mred"}]
    assert "usual_seconds" not in run, "nobody knows how long the first one takes"
    assert json.loads((tmp_path / "trained/console/usual.json").read_text())["intents"] >= 0
    assert [one["by"] for one in now["sets"]] == ["train", ""]
    assert now["sets"][0]["serving"]
    assert now["sets"][0]["parts"]["intents"] == now["parts"][0]["version"]
    assert back.status_code == 200
    assert back.json()["parts"][0]["version"] == before["parts"][0]["version"]
    assert acts == [
        ("training_rolled_back", now["sets"][1]["set"]),
        ("training_ended", "intents"),
        ("training_started", "intents"),
    ]


def test_the_training_yields_to_the_shoppers_and_cleans_up_after_itself(tmp_path):
    async def work(admin):
        await admin.post("runs", what="intents")
        await admin.ended()

    script(tmp_path)
    with learning_floor(tmp_path) as floor:
        as_admin(floor, work)

    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert told["arguments"] == ["train", "--json"]
    assert (told["nice"], told["first_to_go"]) == (15, "1000")
    assert not Path(told["temporary"]).exists()


def test_a_worse_result_is_refused_with_its_figures(tmp_path):
    async def work(admin):
        await admin.post("runs", what="intents")
        return (await admin.ended())["run"]

    script(tmp_path, "worse")
    with learning_floor(tmp_path) as floor:
        whole = sets_in(tmp_path).own()
        run = as_admin(floor, work)

    report = run["report"]
    assert (run["state"], report["outcome"]) == ("done", "refused")
    assert report["comparison"]["accuracy"] == {"value": -0.08, "low": -0.12, "high": -0.04}
    assert "worse and was not kept" in report["words"]
    assert sets_in(tmp_path).own() == whole


@pytest.mark.parametrize(
    ("do", "why"), [("fail", "intents.zh.csv has no columns"), ("die", "broke off (exit code 77)")]
)
def test_a_training_that_fails_says_why_in_both_languages(tmp_path, do, why):
    async def work(admin):
        await admin.post("runs", what="intents")
        return (await admin.ended())["run"]

    script(tmp_path, do)
    with learning_floor(tmp_path) as floor:
        run = as_admin(floor, work)

    assert (run["state"], run["error"]["code"]) == ("failed", "training_failed")
    assert why in run["error"]["message"]["en"]
    assert "原有内容没有改变" in run["error"]["message"]["zh"]


def test_one_training_runs_at_a_time_and_any_node_can_end_it(tmp_path):
    """Two nodes on one state folder and two databases: each with pages of its own."""

    async def here(admin):
        first = await admin.post("runs", what="intents")
        await admin.until(lambda _: (tmp_path / "hangs").exists())
        return first, await admin.post("runs", what="intents")

    async def there(admin):
        second = await admin.post("runs", what="takeover")
        back = await admin.post("sets/000001-00000000/roll-back")
        seen = (await admin.standing())["run"]
        return second, back, seen, await admin.post("end"), (await admin.ended())["run"]

    script(tmp_path, "hang")
    with (
        learning_floor(tmp_path) as first,
        learning_floor(tmp_path, database_url=f"sqlite:///{tmp_path}/other.sqlite3") as second,
    ):
        begun, again = as_admin(first, here)
        elsewhere, back, seen, ending, ended = as_admin(second, there)
        acts = as_admin(first, Admin.acts)
        script(tmp_path)
        after = as_admin(first, lambda admin: admin.post("runs", what="intents"))
        kept = as_admin(first, Admin.ended)["run"]
        nothing = as_admin(second, lambda admin: admin.post("end"))

    assert begun.status_code == 202
    assert [one.status_code for one in (again, elsewhere)] == [409, 409]
    assert again.json()["error"]["code"] == "training_runs"
    assert back.status_code == 404
    assert (seen["state"], seen["run"]) == ("running", begun.json()["run"]["run"])
    assert ending.status_code == 202
    assert (ended["state"], ended["error"]["code"]) == ("failed", "cancelled")
    assert acts == [("training_ended", "intents"), ("training_started", "intents")]
    pid = int((tmp_path / "hangs").read_text("utf-8"))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list((tmp_path / "trained" / "console").glob("run-*")) == []
    assert after.status_code == 202, "the place is free again"
    assert kept["report"]["outcome"] == "kept"
    assert nothing.status_code == 404


@pytest.mark.services
def test_nodes_of_one_database_train_one_at_a_time_and_go_back_together(tmp_path, postgres_url):
    folders = [tmp_path / "here", tmp_path / "there"]
    opened = [open_published(postgres_url, 10) for _ in folders]
    trainings = []
    for folder, shared in zip(folders, opened, strict=True):
        folder.mkdir()
        trainings.append(training_in(folder, shared.trained))
    train(folders[0], "cost", "status")
    for training in trainings:
        training.load(NOW)
    floors = [
        learning_floor(folder, training=training, shared=shared, database_url=postgres_url)
        for folder, training, shared in zip(folders, trainings, opened, strict=True)
    ]

    def intents_at(count):
        return lambda told: told["parts"][0]["counts"]["intents"] == count

    async def work(admin):
        await admin.ended()
        told = await admin.until(intents_at(3))
        older = next(one["set"] for one in told["sets"] if not one["serving"])
        return told, await admin.post(f"sets/{older}/roll-back")

    script(folders[0], "hang")
    with floors[0] as first, floors[1] as second:
        as_admin(first, lambda admin: admin.post("runs", what="intents"))
        as_admin(first, lambda admin: admin.until(lambda _: (folders[0] / "hangs").exists()))
        elsewhere = as_admin(second, lambda admin: admin.post("runs", what="intents"))
        ending = as_admin(second, lambda admin: admin.post("end"))
        ended = as_admin(second, Admin.ended)["run"]
        script(folders[0])
        as_admin(first, lambda admin: admin.post("runs", what="intents"))
        told, back = as_admin(second, work)
        here = as_admin(first, lambda admin: admin.until(intents_at(2)))

    assert elsewhere.json()["error"]["code"] == "training_runs"
    assert (ending.status_code, ended["error"]["code"]) == (202, "cancelled")
    assert (told["shared"], back.status_code) == (True, 200)
    assert [one["by"] for one in told["sets"]] == ["train", "serve"]
    assert [one["serving"] for one in here["sets"]] == [False, True]
    for training in trainings:
        assert training.current.intents.intents == ("cost", "status")


def test_a_server_that_ends_takes_its_training_along_and_the_next_one_tells(tmp_path):
    async def begin(admin):
        await admin.post("runs", what="intents")
        await admin.until(lambda _: (tmp_path / "hangs").exists())

    script(tmp_path, "hang")
    with learning_floor(tmp_path) as floor:
        whole = sets_in(tmp_path).own()
        as_admin(floor, begin)
    with learning_floor(tmp_path) as floor:
        run = as_admin(floor, Admin.standing)["run"]

    assert (run["state"], run["error"]["code"]) == ("failed", "ended")
    pid = int((tmp_path / "hangs").read_text("utf-8"))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert sets_in(tmp_path).own() == whole


def test_a_training_whose_server_is_killed_ends_by_itself(tmp_path):
    code = f"""
import sys
from pathlib import Path
from bot.server.training_run import run_command
from bot.settings import load_settings
folder = Path(sys.argv[1])
settings = load_settings(None, {{}}, state_folder=folder)
run_command({SHELL!r} + ("train",), settings, folder / "w", lambda *step: None, lambda: None)
"""
    script(tmp_path, "hang")
    server = asyncio.run(killed_when_it_hangs(tmp_path, code))

    assert server == -signal.SIGKILL


async def killed_when_it_hangs(folder, code):
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(folder))
    await eventually((folder / "hangs").exists)
    pid = int((folder / "hangs").read_text("utf-8"))
    server.kill()
    ended = await server.wait()
    await eventually(lambda: not lives(pid))
    return ended


async def eventually(so):
    until = time.monotonic() + PATIENCE_SECONDS
    while not so():
        assert time.monotonic() < until
        await asyncio.sleep(0.05)


def lives(pid):
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_old_chats_that_were_brought_are_learnt_from(tmp_path):
    chats = '{"utterances": [{"role": "customer", "text": "你好"}]}\n'

    async def work(admin):
        files = {"file": ("../old chats.jsonl", chats.encode())}
        brought = await admin.web.post("/api/training/chats", files=files, headers=admin.headers)
        empty = await admin.web.post(
            "/api/training/chats", files={"file": ("no.jsonl", b" \n")}, headers=admin.headers
        )
        upload = brought.json()["upload"]
        begun = await admin.post("runs", what="takeover", upload=upload)
        await admin.ended()
        unknown = await admin.post("runs", what="takeover", upload="aaaaaaaaaaaaaaaa")
        return brought, empty, begun, unknown, await admin.acts()

    script(tmp_path)
    with learning_floor(tmp_path) as floor:
        brought, empty, begun, unknown, acts = as_admin(floor, work)

    assert (brought.status_code, brought.json()["name"]) == (201, "old chats.jsonl")
    assert (empty.status_code, begun.status_code, unknown.status_code) == (400, 202, 404)
    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert told["arguments"][:4] == ["train", "takeover", "--json", "--chats"]
    assert told["chats"] == [chats]
    assert not Path(told["arguments"][4]).exists()
    assert ("training_chats_brought", "old chats.jsonl") in acts


@pytest.mark.parametrize(
    "body", [{}, {"what": "everything"}, {"what": "intents", "upload": "../../etc"}, {"force": 1}]
)
def test_a_training_that_makes_no_sense_is_refused(floor, body):
    answer = as_admin(floor, lambda admin: admin.post("runs", **body))
    assert answer.status_code == 400


def test_a_server_without_anything_trained_says_so(floor):
    told = as_admin(floor, Admin.standing)
    begun = as_admin(floor, lambda admin: admin.post("runs", what="intents"))
    assert (told["parts"], told["sets"]) == ([], [])
    assert begun.status_code == 409
