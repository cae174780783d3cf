"""Proposals from old chats are looked at, taken into the knowledge base, or left out for good."""

import json
from datetime import UTC, datetime

import pytest

from bot.server.job_board import FolderJobBoard
from bot.server.mined_questions import MOST_PROPOSALS, Choice, MinedQuestions
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.scripted_training import DIFFERS, GIFT, NEW, PHRASINGS
from tests.bot.server.test_learning import Admin, as_admin, learning_floor, script

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WRAPPING = Entry(EntryId("gift"), ("Do you wrap gifts?",), "Yes.", "en", "extras", "faq.csv")


@pytest.fixture
def base(tmp_path):
    base = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    base.load()
    base.publish([WRAPPING], note="first", by="test", now=NOW)
    return base


@pytest.fixture
def mined(tmp_path):
    return MinedQuestions(FolderJobBoard(tmp_path / "jobs", lambda: datetime.now(UTC)))


async def proposals(admin):
    return (await admin.web.get("/api/training/proposals")).json()


def became(told):
    return {one["kind"]: one["became"] for one in told["proposals"]}


def test_old_chats_become_proposals_and_chosen_ones_are_published_like_any_file(tmp_path, base):
    chats = "chat,who,text\n1,顾客,你好\n"

    async def work(admin):
        nothing = await proposals(admin)
        files = {"file": ("chats.csv", chats.encode())}
        brought = await admin.web.post("/api/training/chats", files=files, headers=admin.headers)
        upload = brought.json()["upload"]
        await admin.post("runs", what="questions", upload=upload)
        run = (await admin.ended())["run"]
        found = await proposals(admin)
        chosen = [
            {"id": NEW["id"], "answer": "Not yet."},
            {"id": PHRASINGS["id"]},
            {"id": DIFFERS["id"]},
        ]
        file = (await admin.post("proposals/file", chosen=chosen)).json()
        body = {"options": {"mode": "add", "columns": file["preview"]["mapping"]}}
        address = f"/api/knowledge/uploads/{file['upload']}/publish"
        job = (await admin.web.post(address, json=body, headers=admin.headers)).json()["job"]
        while (await admin.web.get(f"/api/jobs/{job}")).json()["state"] == "running":
            pass
        return nothing, run, found, file, await proposals(admin)

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        nothing, run, found, file, published = as_admin(floor, work)

    assert nothing == {"run": None, "counts": {}, "proposals": []}
    assert run["report"]["outcome"] == "found"
    assert (run["report"]["found"]["known"], run["report"]["found"]["proposals"]) == (17, 3)
    assert run["report"]["problems"] == ["old.csv: row 3 is empty"]
    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert told["arguments"][:2] == ["mine", "--json"]
    assert told["arguments"][2].endswith("/old-chats.csv")
    assert told["chats"] == [chats]
    assert became(found) == dict.fromkeys(("new", "phrasings", "differs"), "waiting")
    assert file["preview"]["problems"] == []
    assert became(published) == dict.fromkeys(("new", "phrasings", "differs"), "published")
    entries = {one.id: one for one in base.current.entries}
    assert entries[NEW["id"]].answer == "Not yet."
    assert entries[NEW["id"]].source == "old-chats.jsonl"
    assert entries["gift"].answer == "Yes, for 8 yuan."
    assert entries["gift"].questions == (
        "Do you wrap gifts?", "Can it be a present?", "Is wrapping free?",
    )  # fmt: skip
    assert entries["gift"].category == "extras"


def test_what_is_left_out_stays_left_out_when_it_is_found_again(tmp_path, base):
    async def work(admin):
        await admin.post("runs", what="questions")
        await admin.ended()
        left = await admin.post("proposals/left-out", ids=[DIFFERS["id"]])
        unknown = await admin.post("proposals/left-out", ids=["chats-ffffffffff"])
        await admin.post("runs", what="questions")
        await admin.ended()
        acts = [row["act"] for row in (await admin.web.get("/api/audit")).json()["rows"]]
        return left, unknown, await proposals(admin), acts

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        left, unknown, again, acts = as_admin(floor, work)

    assert became(left.json())["differs"] == "left_out"
    assert unknown.status_code == 404
    assert became(again) == {"new": "waiting", "phrasings": "waiting", "differs": "left_out"}
    assert acts.count("proposals_left_out") == 1


def test_chosen_proposals_that_make_no_sense_are_refused(tmp_path, base):
    async def work(admin):
        await admin.post("runs", what="questions")
        await admin.ended()
        wanted = ([{"id": "chats-ffffffffff"}], [{"id": NEW["id"], "answer": " \n"}], [], [{}])
        return [
            (await admin.post("proposals/file", chosen=chosen)).status_code for chosen in wanted
        ]

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        assert as_admin(floor, work) == [404, 400, 400, 400]


def test_an_entry_that_went_meanwhile_is_not_brought_back_by_a_proposal(mined):
    mined.keep("r", {"proposals": [PHRASINGS]})
    with pytest.raises(Exception, match="is gone"):
        mined.file_of([Choice(PHRASINGS["id"])], [])


@pytest.mark.parametrize(
    "proposal",
    [
        None,
        {},
        {**NEW, "kind": "everything"},
        {**NEW, "language": "fr"},
        {**NEW, "questions": []},
        {**NEW, "questions": [3]},
        {**NEW, "entry": GIFT},
        {**PHRASINGS, "entry": None},
        {**PHRASINGS, "entry": {"id": 3}},
    ],
)
def test_what_is_no_proposal_is_left_away(mined, proposal):
    mined.keep("r", {"proposals": [proposal, NEW], "chats": -1, "known": "many"})
    told = mined.as_json([], frozenset())
    assert [one["id"] for one in told["proposals"]] == [NEW["id"]]
    assert told["counts"] == dict.fromkeys(("chats", "from_desk", "exchanges", "known", "talk"), 0)


def test_very_many_and_very_long_proposals_are_cut(mined):
    many = [{**NEW, "id": f"chats-{n}", "answer": "x" * 100_000} for n in range(MOST_PROPOSALS + 9)]
    counts = mined.keep("r", {"proposals": many})
    told = mined.as_json([], frozenset())["proposals"]
    assert (counts["proposals"], len(told)) == (MOST_PROPOSALS + 9, MOST_PROPOSALS)
    assert len(told[0]["answer"]) == 8_000


def test_a_server_whose_shell_cannot_mine_does_not_offer_it(tmp_path, base):
    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base, mines=False) as floor:
        assert as_admin(floor, Admin.standing)["mines"] is False
    with learning_floor(tmp_path, knowledge=base, mines=True) as floor:
        assert as_admin(floor, Admin.standing)["mines"] is True
