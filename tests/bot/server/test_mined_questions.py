"""Proposals from old chats are looked at, taken into the knowledge base, or left out for good."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import NotFound, RequestRefused
from bot.server.job_board import FolderJobBoard
from bot.server.mined_questions import MOST_PROPOSALS, Choice, MinedQuestions
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.scripted_training import DIFFERS, GIFT, NEW, PHRASINGS, ROW, UNANSWERED
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


async def published_as(admin, file, mode="learn", **options):
    body = {"options": {"mode": mode, "columns": file["preview"]["mapping"], **options}}
    body["note"] = "from chats"
    address = f"/api/knowledge/uploads/{file['upload']}/publish"
    job = (await admin.web.post(address, json=body, headers=admin.headers)).json()["job"]
    while (told := (await admin.web.get(f"/api/jobs/{job}")).json())["state"] == "running":
        pass
    return told["report"]["changes"]


async def checked(admin, id):
    return (await admin.web.get(f"/api/training/proposals/{id}/check")).json()


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
            {"id": UNANSWERED["id"], "answer": "Yes, in a week."},
        ]
        file = (await admin.post("proposals/file", chosen=chosen)).json()
        unpublished = await admin.web.get(f"/api/training/proposals/{NEW['id']}/check")
        changes = await published_as(admin, file)
        checks = [await checked(admin, one["id"]) for one in (NEW, PHRASINGS, UNANSWERED)]
        weeks = (await admin.web.get("/api/training/weeks")).json()
        return (
            nothing, run, found, file, changes, await proposals(admin),
            unpublished.status_code, checks, weeks,
        )  # fmt: skip

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        told = as_admin(floor, work)
    nothing, run, found, file, changes, published, unpublished, checks, weeks = told

    assert nothing == {"run": None, "counts": {}, "proposals": []}
    assert run["report"]["outcome"] == "found"
    assert (run["report"]["found"]["known"], run["report"]["found"]["proposals"]) == (17, 4)
    assert run["report"]["problems"] == [ROW]
    assert found["problems"] == [ROW]
    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert told["arguments"][:2] == ["mine", "--json"]
    assert told["arguments"][2].endswith("/old-chats.csv")
    assert told["chats"] == [chats]
    kinds = ("new", "phrasings", "differs", "unanswered")
    assert became(found) == dict.fromkeys(kinds, "waiting")
    assert file["preview"]["problems"] == []
    assert became(published) == dict.fromkeys(kinds, "published")
    entries = {one.id: one for one in base.current.entries}
    assert entries[NEW["id"]].answer == "Not yet."
    assert entries[NEW["id"]].source == "old-chats.jsonl"
    assert entries["gift"].answer == "Yes, for 8 yuan."
    assert entries["gift"].questions == (
        "Do you wrap gifts?", "Can it be a present?", "Is wrapping free?",
    )  # fmt: skip
    assert (entries["gift"].category, entries["gift"].source) == ("extras", "faq.csv")
    assert entries["gift"].learnt == ("Can it be a present?", "Is wrapping free?")
    assert entries[UNANSWERED["id"]].answer == "Yes, in a week."
    assert entries[UNANSWERED["id"]].questions == tuple(UNANSWERED["questions"])
    assert unpublished == 404
    assert [(one["entry"], one["right"], one["asked"]) for one in checks] == [
        (NEW["id"], 2, 2), ("gift", 1, 1), (UNANSWERED["id"], 2, 2),
    ]  # fmt: skip
    assert len(weeks["weeks"]) == 12
    assert [one["note"] for one in weeks["weeks"][-1]["published"]][-1:] == ["from chats"]
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
    waiting = dict.fromkeys(("new", "phrasings", "unanswered"), "waiting")
    assert became(again) == {**waiting, "differs": "left_out"}
    assert acts.count("proposals_left_out") == 1


def test_what_is_left_out_is_known_again_though_other_chats_give_it_another_name(mined):
    asked = ["Do you ship to Mars?", "Mars, is that possible?", "Deliver to Mars?"]
    mined.keep("r", {"proposals": [{**NEW, "questions": asked}]})
    left_out = frozenset(mined.digests_of([NEW["id"]]))

    def became_of(*questions):
        mined.keep("again", {"proposals": [{**NEW, "id": "chats-1", "questions": questions}]})
        return became(mined.as_json([], left_out))["new"]

    assert became_of("deliver to MARS", "Mars, is that possible?", "To Mars, when?") == "left_out"
    assert became_of("Deliver to Mars?", "To Mars, when?", "Is Mars in your area?") == "waiting"
    with pytest.raises(NotFound, match="not among what was found last"):
        mined.digests_of([NEW["id"]])


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
    assert told["staff"] == ["Hana"]
    assert told["problems"] == [{"en": "row 3 is empty", "zh": "row 3 is empty"}]
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
    names = ("chats", "from_desk", "exchanges", "unanswered", "known", "talk")
    assert told["counts"] == dict.fromkeys(names, 0)


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


def test_what_nobody_answered_needs_an_answer_or_the_entry_that_came_nearest(mined):
    mined.keep("r", {"proposals": [UNANSWERED]})
    with pytest.raises(RequestRefused, match="answer is empty"):
        mined.file_of([Choice(UNANSWERED["id"])], [WRAPPING])

    (line,) = mined.file_of([Choice(UNANSWERED["id"], "Yes.")], [WRAPPING]).splitlines()
    assert (json.loads(line)["id"], json.loads(line)["answer"]) == (UNANSWERED["id"], "Yes.")
    nearest = [Choice(UNANSWERED["id"], to_entry=True)]
    (line,) = mined.file_of(nearest, [WRAPPING]).splitlines()
    told = json.loads(line)
    assert (told["id"], told["answer"]) == ("gift", "Yes.")
    assert told["question"] == ["Do you wrap gifts?", *UNANSWERED["questions"]]


def test_what_nobody_answered_is_kept_with_its_counts(mined):
    alone = {**UNANSWERED, "id": "chats-0e0e0e0e0e", "entry": None}
    mined.keep("r", {"proposals": [UNANSWERED, alone]})
    told = mined.as_json([], frozenset())["proposals"]
    assert [one["open"] for one in told] == [{"nobody": 2, "put_off": 1}] * 2
    assert [one["entry"] for one in told] == [GIFT, None]


def test_a_published_proposal_that_is_not_found_says_what_is_found_instead(mined, base):
    rival = Entry(EntryId("rival"), tuple(UNANSWERED["questions"]), "No.", "en")
    own = replace(rival, id=EntryId(UNANSWERED["id"]), questions=("Something else entirely",))
    base.publish([rival, own], note="two", by="test", now=NOW, based_on=base.current.version)
    mined.keep("r", {"proposals": [UNANSWERED]})
    told = mined.check(UNANSWERED["id"], base.current)
    assert (told["right"], told["asked"], told["answer"]) == (0, 2, "No.")
    assert told["questions"][0] == {
        "question": "Can you engrave a name?", "found": False, "got": "Can you engrave a name?",
    }  # fmt: skip


def test_phrasings_from_chats_stay_when_the_faq_file_is_imported_again(tmp_path, base):
    faq = "id,question,answer,language\ngift,Do you wrap gifts?,Yes we do.,en\n"

    async def imported(admin, **options):
        files = {"file": ("faq.csv", faq.encode())}
        address = "/api/knowledge/uploads"
        file = (await admin.web.post(address, files=files, headers=admin.headers)).json()
        return await published_as(admin, file, "replace_source", **options)

    async def work(admin):
        await admin.post("runs", what="questions")
        await admin.ended()
        chosen = [{"id": PHRASINGS["id"]}]
        file = (await admin.post("proposals/file", chosen=chosen)).json()
        await published_as(admin, file)
        again = await imported(admin)
        kept = base.current.entries
        await imported(admin, keep_learnt=False)
        return again, kept, base.current.entries

    script(tmp_path)
    with learning_floor(tmp_path, knowledge=base) as floor:
        again, (kept,), (dropped,) = as_admin(floor, work)

    assert (again[0]["before"], again[0]["answer"]) == ("Yes.", "Yes we do.")
    assert (again[0]["asked_more"], again[0]["asked_no_more"]) == ([], [])
    assert (kept.source, kept.learnt) == ("faq.csv", ("Can it be a present?",))
    assert kept.questions == ("Do you wrap gifts?", "Can it be a present?")
    assert dropped.questions == ("Do you wrap gifts?",)


def test_what_was_found_is_forgotten_with_the_conversations_that_are_erased(tmp_path, base):
    async def work(admin):
        before = await proposals(admin)
        body = {"conversations": ["gone"]}
        erased = await admin.web.post("/api/conversations/erase", json=body, headers=admin.headers)
        return before, erased, await proposals(admin)

    with learning_floor(tmp_path, knowledge=base) as floor:
        floor.node.service.learning.mined.keep("r", {"proposals": [UNANSWERED]})
        before, erased, after = as_admin(floor, work)

    assert [one["id"] for one in before["proposals"]] == [UNANSWERED["id"]]
    assert erased.status_code == 200
    assert (after["run"], after["proposals"]) == (None, [])
