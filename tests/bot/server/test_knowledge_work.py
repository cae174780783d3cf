import asyncio
import errno
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.answering.answer import Answer, Decision, Source, Trace
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.server.floor import open_floor, sign_in


class AnswersFromTheBase:
    """Says the first exact hit of the real knowledge base, or gives up."""

    def __init__(self, base):
        self.base = base

    def answer_batch(self, questions):
        return [self.answer(question) for question in questions]

    def answer(self, question):
        hits = self.base.current.search(question.text, k=1).hits
        text = hits[0].entry.answer if hits and hits[0].exact else "I do not know."
        trace = Trace("en", rule="known")
        return Answer(Decision.ANSWER, text, 0.9, "en", trace, question.memory, source=Source.KNOWN)

    def foresee(self, text):
        return lambda: None

    def write(self, unwritten):
        return unwritten.otherwise


OLD = Entry(EntryId("gift"), ("Do you wrap gifts?",), "Yes, for 5 yuan.", "en", source="old.csv")


@pytest.fixture
def base(tmp_path):
    base = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    base.load()
    base.publish([OLD], note="first", by="test", now=datetime.now(UTC))
    return base


@pytest.fixture
def floor(tmp_path, base):
    with open_floor(tmp_path, knowledge=base, answerer=AnswersFromTheBase(base)) as floor:
        yield floor


class Console:
    """An admin at the console."""

    def __init__(self, web, csrf):
        self.web = web
        self.headers = {"X-CSRF-Token": csrf}

    async def post(self, path, **body):
        return await self.web.post(path, json=body, headers=self.headers)

    async def bring(self, name, content):
        files = {"file": (name, content, "application/octet-stream")}
        return await self.web.post("/api/knowledge/uploads", files=files, headers=self.headers)

    async def job(self, answer):
        assert answer.status_code == 202, answer.text
        id = answer.json()["job"]
        while True:
            job = (await self.web.get(f"/api/jobs/{id}")).json()
            if job["state"] != "running":
                return job
            await asyncio.sleep(0.02)


def at_the_console(floor, work):
    async def run():
        async with floor.web() as web:
            return await work(Console(web, await sign_in(web, "boss")))

    return asyncio.run(run())


FILE = "question,answer\nDo you ship to Mars?,Not yet.\nDo you wrap gifts?,Yes for free.\n"


def test_an_admins_file_changes_what_the_bot_says(floor, base):
    async def work(console):
        async with floor.shopper() as shopper:
            before = await shopper.ask("Do you ship to Mars?")
            brought = (await console.bring("faq.csv", FILE.encode())).json()
            upload = brought["upload"]
            dry = await console.job(await console.post(f"/api/knowledge/uploads/{upload}/dry-run"))
            unchanged = await shopper.ask("Do you ship to Mars?")
            done = await console.job(
                await console.post(f"/api/knowledge/uploads/{upload}/publish", note="space")
            )
            after = await shopper.ask("Do you ship to Mars?")
            versions = (await console.web.get("/api/knowledge/versions")).json()
            first = versions["versions"][-1]["version"]
            back = await console.job(
                await console.post(f"/api/knowledge/versions/{first}/roll-back")
            )
            undone = await shopper.ask("Do you ship to Mars?")
            answers = [one["text"] for one in (before, unchanged, after, undone)]
            return brought, dry, done, versions, back, answers

    brought, dry, done, versions, back, answers = at_the_console(floor, work)

    assert answers == ["I do not know.", "I do not know.", "Not yet.", "I do not know."]
    assert brought["preview"]["mapping"]["question"] == "question"
    assert brought["preview"]["rows"][0] == {
        "question": "Do you ship to Mars?", "answer": "Not yet.",
    }  # fmt: skip
    assert (dry["report"]["added"], dry["report"]["rows"]) == (2, 2)
    assert done["report"]["self_check"]["asked"] == 3
    assert done["report"]["version"] == versions["current"]
    assert versions["versions"][0]["note"] == "space"
    assert versions["versions"][0]["by"] == "boss"
    assert back["state"] == "done"


def test_a_version_that_nobody_described_is_called_by_its_file(floor, base):
    async def work(console):
        upload = (await console.bring("faq.csv", FILE.encode())).json()["upload"]
        await console.job(await console.post(f"/api/knowledge/uploads/{upload}/publish", note=" "))
        return (await console.web.get("/api/knowledge/versions")).json()["versions"][0]["note"]

    assert at_the_console(floor, work) == "faq.csv"


async def knowledge_acts(console):
    rows = (await console.web.get("/api/audit")).json()["rows"]
    return [
        (row["act"].removeprefix("knowledge_"), row["about"], row["details"])
        for row in reversed(rows)
        if row["act"].startswith("knowledge_")
    ]


def test_the_audit_log_tells_what_was_asked_for_and_what_became_of_it(floor, base):
    async def work(console):
        upload = (await console.bring("faq.csv", FILE.encode())).json()["upload"]
        path = f"/api/knowledge/uploads/{upload}/publish"
        await console.job(await console.post(path, note="space"))
        nothing = (await console.bring("none.csv", b"question,answer\n,\n")).json()["upload"]
        path = f"/api/knowledge/uploads/{nothing}/publish"
        assert (await console.job(await console.post(path)))["state"] == "failed"
        await console.job(await console.post(f"/api/knowledge/versions/{first}/roll-back"))
        return await knowledge_acts(console)

    first = base.current.version
    acts = at_the_console(floor, work)

    second = max(info.id for info in base.versions())
    assert acts == [
        ("uploaded", "faq.csv", {}),
        ("publish_asked", "faq.csv", {"note": "space"}),
        ("published", "faq.csv", {"note": "space", "version": second}),
        ("uploaded", "none.csv", {}),
        ("publish_asked", "none.csv", {"note": ""}),
        ("publish_failed", "none.csv", {"why": "nothing_below_header"}),
        ("roll_back_asked", first, {}),
        ("rolled_back", first, {"version": first}),
    ]


def test_one_entry_is_removed_and_a_second_press_is_told_that_it_is_gone(floor, base):
    base.publish(
        [OLD, replace(OLD, language="zh", answer="包，五元。")],
        note="", by="test", now=datetime.now(UTC),
    )  # fmt: skip

    async def work(console):
        path, one = "/api/knowledge/entries/remove", {"id": "gift", "language": "en"}
        job = await console.job(await console.post(path, **one))
        again = await console.post(path, **one)
        odd = await console.post(path, id="gift", language="fr")
        last = await console.job(await console.post(path, id="gift", language="zh"))
        rows = (await console.web.get("/api/audit", params={"text": "gift"})).json()["rows"]
        return job, again, odd, last, [(row["act"], row["about"]) for row in reversed(rows)]

    job, again, odd, last, acts = at_the_console(floor, work)

    assert (job["state"], job["report"]["removed"]) == ("done", 1)
    assert job["report"]["self_check"]["asked"] == 1
    assert (again.status_code, odd.status_code) == (404, 400)
    assert "没有这个条目" in again.json()["error"]["message"]["zh"]
    assert (last["state"], base.current.entries) == ("done", ())
    assert base.versions()[1].note == "− Do you wrap gifts?"
    assert acts == [("knowledge_removal_asked", "gift"), ("knowledge_entry_removed", "gift")] * 2


def test_what_serves_is_told_as_published_though_what_comes_after_it_fails(floor, base):
    async def work(console):
        upload = (await console.bring("faq.csv", FILE.encode())).json()["upload"]
        job = await console.job(await console.post(f"/api/knowledge/uploads/{upload}/publish"))
        return job, await knowledge_acts(console)

    def breaks(_version):
        raise OSError(errno.EIO, "the disk is gone")

    floor.node.service.knowledge.published = breaks
    job, acts = at_the_console(floor, work)

    assert (job["state"], job["error"]["code"]) == ("failed", "storage")
    assert job["version"] == base.current.version
    assert acts[-1] == ("published", "faq.csv", {"note": "", "version": base.current.version})


def test_questions_that_do_not_return_their_own_answer_are_listed(floor):
    async def work(console):
        brought = (await console.bring("faq.csv", FILE.encode())).json()
        path = f"/api/knowledge/uploads/{brought['upload']}/publish"
        return await console.job(await console.post(path))

    check = at_the_console(floor, work)["report"]["self_check"]

    assert check["asked"] == 3
    assert check["wrong_count"] == len(check["wrong"]) == 2
    assert {wrong["question"] for wrong in check["wrong"]} == {"Do you wrap gifts?"}
    assert check["wrong"][0]["reason"] == "shared_question"
    assert "反问顾客" in check["wrong"][0]["message"]["zh"]


def test_columns_that_are_not_recognised_are_mapped_by_the_admin(floor):
    content = b"Frage,Antwort\nShip to the moon?,Soon.\n"

    async def work(console):
        brought = (await console.bring("fragen.csv", content)).json()
        upload, options = brought["upload"], {"columns": {"question": "Frage", "answer": "Antwort"}}
        refused = await console.job(await console.post(f"/api/knowledge/uploads/{upload}/dry-run"))
        seen = await console.post(f"/api/knowledge/uploads/{upload}/preview", options=options)
        done = await console.job(
            await console.post(f"/api/knowledge/uploads/{upload}/dry-run", options=options)
        )
        return brought, refused, seen.json(), done

    brought, refused, seen, done = at_the_console(floor, work)

    assert brought["preview"]["mapping"] == {}
    assert brought["preview"]["problems"][0]["code"] == "columns_not_recognised"
    assert (refused["state"], refused["error"]["code"]) == ("failed", "columns_not_recognised")
    assert seen["preview"]["mapping"]["question"] == "Frage"
    assert done["report"]["added"] == 1


def test_a_cell_of_megabytes_is_not_sent_to_the_page(floor):
    content = b"question,answer\nWhere is it?," + b"x" * 3_000_000 + b"\n"

    async def work(console):
        brought = (await console.bring("faq.csv", content)).json()
        done = await console.job(
            await console.post(f"/api/knowledge/uploads/{brought['upload']}/dry-run")
        )
        return brought["preview"]["rows"], done["report"]["problems"]

    rows, problems = at_the_console(floor, work)

    assert rows == [{"question": "Where is it?", "answer": "x" * 500 + "…"}]
    assert [problem["code"] for problem in problems] == ["cell_too_long"]


def test_a_file_in_an_encoding_that_cannot_be_told_is_shown_in_each_and_the_admin_chooses(floor):
    plain = "".join(f"Plain question {n}?,Plain answer {n}.\n" for n in range(8))
    content = f"question,answer\n{plain}返品できますか,はい、七日以内です。\n".encode("shift_jis")

    async def work(console):
        brought = (await console.bring("faq.csv", content)).json()
        path = f"/api/knowledge/uploads/{brought['upload']}"
        again = (await console.post(f"{path}/preview")).json()
        wrong = await console.post(f"{path}/preview", options={"encoding": "utf-8"})
        chosen = (await console.post(f"{path}/preview", options={"encoding": "shift_jis"})).json()
        options = {"encoding": "shift_jis", "language": "en"}
        done = await console.job(await console.post(f"{path}/dry-run", options=options))
        return brought, again, wrong, chosen, done

    brought, again, wrong, chosen, done = at_the_console(floor, work)

    assert "preview" not in brought
    assert again == brought
    assert "编码" in brought["question"]["zh"] and "encoding" in brought["question"]["en"]
    shown = {one["encoding"]: one["rows"] for one in brought["encoding_choices"]}
    assert "shift_jis" in shown and len(shown) > 1
    # Rows by which a person can tell, not the first ones, which look the same in every encoding.
    assert shown["shift_jis"] == [{"question": "返品できますか", "answer": "はい、七日以内です。"}]
    assert all(rows != shown["shift_jis"] for name, rows in shown.items() if name != "shift_jis")
    assert wrong.status_code == 400
    assert wrong.json()["error"]["message"]["zh"].startswith("文件不是 utf-8 编码")
    assert chosen["preview"]["encoding"] == "shift_jis"
    assert done["report"]["added"] == 9


def test_what_is_wrong_with_a_row_is_said_in_both_languages(floor):
    content = "问题,答案\n,没有问题的答案\n能开发票吗,\n".encode()

    async def work(console):
        brought = (await console.bring("faq.csv", content)).json()
        path = f"/api/knowledge/uploads/{brought['upload']}/dry-run"
        return await console.job(await console.post(path))

    problems = at_the_console(floor, work)["report"]["problems"]

    assert [(one["row"], one["code"]) for one in problems] == [
        (2, "empty_question"), (3, "empty_answer"),
    ]  # fmt: skip
    assert problems[0]["message"] == {
        "en": "Row 2, column '问题', has no question.",
        "zh": "第 2 行“问题”列：没有问题。",
    }


def test_a_row_that_is_lost_is_listed_before_a_thousand_that_are_only_odd(floor):
    odd = "".join(f"Question {n}?,<p>Answer {n}</p>\n" for n in range(1_000))
    content = f"question,answer\n{odd}Nothing?,\n".encode()

    async def work(console):
        brought = (await console.bring("faq.csv", content)).json()
        path = f"/api/knowledge/uploads/{brought['upload']}/dry-run"
        return await console.job(await console.post(path))

    report = at_the_console(floor, work)["report"]

    assert (report["rows"], report["skipped_rows"], report["problem_count"]) == (1_001, 1, 1_001)
    first, second = report["problems"][:2]
    assert (first["row"], first["code"], second["row"]) == (1_002, "empty_answer", 2)


def test_phrases_with_intents_are_told_for_what_they_are_before_any_column_is_named(floor):
    async def work(console):
        return (await console.bring("intents.csv", "问法,意图\n到哪了,查物流\n".encode())).json()

    (problem,) = at_the_console(floor, work)["preview"]["problems"]

    assert "intents.zh.csv" in problem["message"]["zh"]
    assert "let the assistant learn again" in problem["message"]["en"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b" \n\n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100),
        ("broken.xlsx", b"PK\x03\x04" + b"broken" * 50),
        ("not.xlsx", b"question,answer\na,b\n"),
        ("deep.json", b"[" * 10_000),
        ("strange.csv", bytes(range(128, 256)) * 20),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_and_forgotten(floor, base, name, content, tmp_path):
    before = base.current.version

    answer = at_the_console(floor, lambda console: console.bring(name, content))

    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] in ("file_refused", "unknown_encoding", "file_too_large")
    assert answer.json()["error"]["message"]["en"]
    assert list((tmp_path / "uploads").glob("*")) == []
    assert base.current.version == before


def test_a_file_over_the_limit_is_refused(tmp_path, base):
    with open_floor(tmp_path, knowledge=base, upload_bytes=1000) as floor:
        answer = at_the_console(floor, lambda console: console.bring("a.csv", b"a,b\n" * 5000))
        large = at_the_console(floor, lambda console: console.bring("a.csv", b"a,b\n" * 50_000))

    assert (answer.status_code, large.status_code) == (413, 413)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\x.csv", "a\x00b.csv", "CON.csv", "字" * 900]
)
def test_a_files_name_is_text_and_never_a_place(floor, name, tmp_path):
    answer = at_the_console(floor, lambda console: console.bring(name, FILE.encode()))

    assert answer.status_code in (201, 400)
    kept = sorted(path.name for path in tmp_path.glob("uploads/*/*"))
    assert kept in ([], ["content", "upload.json"])
    if answer.status_code == 201:
        assert "/" not in answer.json()["name"] and len(answer.json()["name"]) <= 200


def test_a_file_whose_name_fills_the_head_of_its_part_is_refused_in_both_languages(floor):
    async def work(console):
        return await console.bring("a" * 5_000 + ".csv", FILE.encode())

    answer = at_the_console(floor, work)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == {
        "zh": "表单读不出来，或者文件名太长。",
        "en": "The form cannot be read, or the name of its file is too long.",
    }


def test_unknown_uploads_jobs_and_versions_are_not_found(floor):
    async def work(console):
        return [
            (await console.post("/api/knowledge/uploads/../../etc/dry-run")).status_code,
            (await console.post("/api/knowledge/uploads/AAAAAAAAAAAAAAAA/dry-run")).status_code,
            (await console.post("/api/knowledge/uploads/..%2f..%2fx/preview")).status_code,
            (await console.web.get("/api/jobs/nothing")).status_code,
            (await console.post("/api/knowledge/versions/nothing/roll-back")).status_code,
            (await console.post("/api/knowledge/versions/000009-00000000/roll-back")).status_code,
        ]

    assert at_the_console(floor, work) == [404, 404, 404, 404, 400, 400]


def test_two_admins_do_not_undo_each_others_work(floor, base):
    async def work(console):
        brought = (await console.bring("faq.csv", FILE.encode())).json()
        other = Entry(EntryId("new"), ("New?",), "New.", "en")
        await asyncio.to_thread(
            base.publish, [OLD, other], note="", by="other", now=datetime.now(UTC)
        )
        path = f"/api/knowledge/uploads/{brought['upload']}/publish"
        await console.job(await console.post(path))
        return await console.web.get("/api/knowledge/search", params={"q": "New?"})

    hits = at_the_console(floor, work).json()["hits"]

    assert hits[0]["id"] == "new"
    assert hits[0]["exact"] is True


def test_the_export_is_a_harmless_file_that_can_be_brought_again(floor, base):
    evil = Entry(EntryId("evil"), ("Is this safe?",), '=HYPERLINK("http://evil.example")', "en")

    async def work(console):
        await asyncio.to_thread(
            base.publish, [OLD, evil], note="", by="other", now=datetime.now(UTC)
        )
        csv = await console.web.get("/api/knowledge/export")
        again = (await console.bring("export.csv", csv.content)).json()
        report = await console.job(
            await console.post(f"/api/knowledge/uploads/{again['upload']}/dry-run")
        )
        return csv, report["report"]

    csv, report = at_the_console(floor, work)

    assert csv.headers["content-disposition"].startswith("attachment;")
    assert ",=HYPERLINK" not in csv.text and ',"=HYPERLINK' not in csv.text
    assert (report["added"], report["problem_count"]) == (0, 0)


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "jsonl"])
def test_every_export_can_be_brought_again_and_changes_nothing(floor, base, format):
    async def work(console):
        file = await console.web.get("/api/knowledge/export", params={"format": format})
        again = (await console.bring(f"export.{format}", file.content)).json()
        path = f"/api/knowledge/uploads/{again['upload']}/dry-run"
        other = await console.web.get("/api/knowledge/export", params={"format": "exe"})
        return file, again, await console.job(await console.post(path)), other.status_code

    file, again, done, other = at_the_console(floor, work)

    assert file.headers["content-disposition"].endswith(f'.{format}"')
    assert again["preview"]["format"] == format
    assert (done["report"]["rows"], done["report"]["added"]) == (1, 0)
    assert done["report"]["problems"] == []
    assert other == 400


def test_a_version_that_another_process_publishes_is_taken_over(tmp_path, base):
    with open_floor(
        tmp_path, knowledge=base, answerer=AnswersFromTheBase(base), bus_poll_seconds=0.05
    ) as floor:
        shell = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
        shell.load()
        mars = Entry(EntryId("mars"), ("Do you ship to Mars?",), "Not yet.", "en")
        shell.publish([OLD, mars], note="", by="shell", now=datetime.now(UTC))

        async def talk():
            async with floor.shopper() as shopper:
                for _ in range(100):
                    answer = await shopper.ask("Do you ship to Mars?")
                    if answer["text"] == "Not yet.":
                        return True
                    await asyncio.sleep(0.02)

        assert asyncio.run(talk())


def test_a_file_that_does_not_fit_on_the_disk_is_refused_in_words(floor, no_room_beyond):
    row = "How much is item {0}?,Item {0} costs {0} yuan and comes in a box of its own.\n"
    content = "question,answer\n" + "".join(row.format(number) for number in range(9_000))

    async def work(console):
        with no_room_beyond(400_000):
            refused = await console.bring("faq.csv", content.encode())
        return refused, await console.bring("faq.csv", FILE.encode())

    refused, later = at_the_console(floor, work)

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "storage")
    assert "disk is full" in refused.json()["error"]["message"]["en"]
    assert "磁盘满了" in refused.json()["error"]["message"]["zh"]
    assert later.status_code == 201
    kept = [path.name for path in (floor.parts.settings.state_folder / "uploads").iterdir()]
    assert kept == [later.json()["upload"]]


def test_a_version_that_does_not_fit_on_the_disk_is_told_and_nothing_of_it_stays(
    floor, base, no_room_beyond
):
    answer = "It comes in a box of its own, with a card. " * 30
    rows = [f"How much is item {number}?,{answer}\n" for number in range(400)]
    content = "question,answer\n" + "".join(rows)

    async def work(console):
        brought = (await console.bring("faq.csv", content.encode())).json()
        with no_room_beyond(450_000):
            path = f"/api/knowledge/uploads/{brought['upload']}/publish"
            return await console.job(await console.post(path))

    before = base.current.version
    failed = at_the_console(floor, work)

    assert (failed["state"], failed["error"]["code"]) == ("failed", "storage")
    assert "disk is full" in failed["error"]["message"]["en"]
    assert base.current.version == base.serving() == before
    assert [path.name for path in (base.folder.folder / "versions").iterdir()] == [before]
