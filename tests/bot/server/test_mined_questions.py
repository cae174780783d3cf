"""Proposals from old chats are looked at, taken into the knowledge base, or left out for good."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import RequestRefused
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
        while (told := (await admin.web.get(f"/api/jobs/{job}")).json())["state"] == "running":
            pass
        return nothing, run, found, file, told["report"]["changes"], await proposals(admin)

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        nothing, run, found, file, changes, published = as_admin(floor, work)

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
    changed = next(one for one in changes if one["what"] == "changed")
    assert changed["before"] == "Yes."
    assert changed["asked_more"] == ["Can it be a present?", "Is wrapping free?"]
    assert changed["asked_no_more"] == []


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


def test_questions_are_edited_and_taken_away_before_they_are_published(mined):
    mined.keep("r", {"proposals": [NEW, PHRASINGS, DIFFERS]})
    mars = Choice(NEW["id"], None, [" Do you fly to Mars? ", "", "Do you fly to Mars?"])
    no_more = Choice(DIFFERS["id"], "For 9 yuan.", [])
    lines = mined.file_of([mars, no_more], [WRAPPING]).decode("utf-8").splitlines()
    by_id = {one["id"]: one for one in map(json.loads, lines)}
    assert by_id[NEW["id"]]["question"] == ["Do you fly to Mars?"]
    assert by_id[NEW["id"]]["answer"] == NEW["answer"]
    assert by_id["gift"]["question"] == ["Do you wrap gifts?"]
    assert by_id["gift"]["answer"] == "For 9 yuan."
    for one in (NEW, PHRASINGS):
        with pytest.raises(RequestRefused, match="no question"):
            mined.file_of([Choice(one["id"], None, [" "])], [WRAPPING])


def test_what_was_found_to_be_about_a_wrong_entry_becomes_one_of_its_own(mined):
    mined.keep("r", {"proposals": [PHRASINGS]})
    chosen = [Choice(PHRASINGS["id"], "No, not even as a present.", None, as_new=True)]
    (line,) = mined.file_of(chosen, [WRAPPING]).decode("utf-8").splitlines()
    made = json.loads(line)
    assert (made["id"], made["question"]) == (PHRASINGS["id"], PHRASINGS["questions"])
    assert made["answer"] == "No, not even as a present."
    published = [WRAPPING, replace(WRAPPING, id=EntryId(PHRASINGS["id"]))]
    assert became(mined.as_json(published, frozenset())) == {"phrasings": "published"}


def test_phrasings_of_which_some_were_taken_away_count_as_published(mined):
    two = {**PHRASINGS, "questions": ["Can it be a present?", "Is it for my aunt?"]}
    mined.keep("r", {"proposals": [two]})
    asked = (*WRAPPING.questions, "Is it for my aunt?")
    assert became(mined.as_json([replace(WRAPPING, questions=asked)], frozenset())) == {
        "phrasings": "published"
    }
    assert became(mined.as_json([WRAPPING], frozenset())) == {"phrasings": "waiting"}


def test_what_was_left_out_and_why_is_told(mined):
    mined.keep(
        "r",
        {
            "proposals": [],
            "left_out": {"personal": 5, "no_answer": "many"},
            "staff": ["Hana", 3],
            "problems": ["row 3 is empty"],
            "problem_count": 7,
        },
    )
    told = mined.as_json([], frozenset())
    assert told["left_out"] == {"personal": 5, "no_answer": 0}
    assert (told["staff"], told["problems"]) == (["Hana"], ["row 3 is empty"])
    assert (told["problem_count"], told["more"]) == (7, 0)


def test_the_own_desk_can_be_left_out_but_then_a_file_is_needed(tmp_path, base):
    async def work(admin):
        refused = await admin.post("runs", what="questions", desk=False)
        files = {"file": ("../../chats.evil.XLSX", b"PK not really")}
        brought = await admin.web.post("/api/training/chats", files=files, headers=admin.headers)
        upload = brought.json()["upload"]
        names = ["小满", "--out=/tmp/evil.csv"]
        await admin.post("runs", what="questions", upload=upload, desk=False, staff=names)
        return refused, (await admin.ended())["run"]

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        refused, run = as_admin(floor, work)

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "no_chats")
    assert run["state"] == "done"
    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    *options, file = told["arguments"]
    named = ["--staff=小满", "--staff=--out=/tmp/evil.csv"]
    assert options == ["mine", "--json", "--no-desk", *named]
    assert file.endswith("/old-chats.xlsx")


def test_chosen_proposals_that_make_no_sense_are_refused(tmp_path, base):
    async def work(admin):
        await admin.post("runs", what="questions")
        await admin.ended()
        wanted = ([{"id": "chats-ffffffffff"}], [{"id": NEW["id"], "answer": " \n"}], [], [{}])
        wanted += ([{"id": NEW["id"], "questions": []}], [{"id": NEW["id"], "questions": [3]}])
        return [
            (await admin.post("proposals/file", chosen=chosen)).status_code for chosen in wanted
        ]

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        assert as_admin(floor, work) == [404, 400, 400, 400, 400, 400]


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
    ids = range(MOST_PROPOSALS + 9)
    many = [{**NEW, "id": f"chats-{n}", "chats": n, "answer": "x" * 100_000} for n in ids]
    counts = mined.keep("r", {"proposals": many})
    told = mined.as_json([], frozenset())
    assert (counts["proposals"], len(told["proposals"])) == (MOST_PROPOSALS + 9, MOST_PROPOSALS)
    assert told["more"] == 9
    assert len(told["proposals"][0]["answer"]) == 8_000
    assert [one["chats"] for one in told["proposals"]][:2] == [
        MOST_PROPOSALS + 8,
        MOST_PROPOSALS + 7,
    ]


def test_a_server_whose_shell_cannot_mine_does_not_offer_it(tmp_path, base):
    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base, mines=False) as floor:
        assert as_admin(floor, Admin.standing)["mines"] is False
    with learning_floor(tmp_path, knowledge=base, mines=True) as floor:
        assert as_admin(floor, Admin.standing)["mines"] is True
