"""Row 47: of an erased person no byte is left in the state folder or in later backups.

Each person says and leaves things that hold a mark nobody else has; the conversations are mixed, so
that their rows share pages, are updated, and move. After erasing, every byte of every file is
scanned for the marks, in the encodings in which text and JSON are kept.
"""

import logging
import random
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conversation.commands import (
    Begin,
    BotAnswers,
    BotSpeech,
    LeavesMessage,
    ShopperRates,
    ShopperSays,
    StaffNotes,
    StaffTags,
    TakeTurn,
)
from bot.conversation.events import ClientId, ConversationId, StaffId
from bot.transcripts.open import open_transcripts
from bot.transcripts.store import Transcripts
from knowledge_base.entry import Entry
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.versions import VersionFolder
from tests.reliability.seeds import run_seed

OTHERS = 40
MESSAGES = 12


def _mark(person: int) -> str:
    return f"mark{person:05d}é王{person:05d}"


def _talk(transcripts: Transcripts, person: int, number: int, chance: random.Random) -> None:
    """Say one thing of a person; the mark is in text, contact, note, memory, trace, client id."""
    store, mark = transcripts.store, _mark(person)
    id = ConversationId(f"c{person}")
    text = f"{number} {mark} " + "words " * chance.randrange(1, 400)
    says = ShopperSays(ClientId(f"{mark}-{number}"), text)
    if number == 0:
        page = {"title": mark, "url": f"https://shop.example/{mark}"}
        store.begin(Begin(id, "zh", page), person.to_bytes(32, "big"), says).result(20)
        return
    taken = store.submit(id, says).result(20)
    if taken.state.open_turns and number % 3 == 0:
        ticket = taken.state.open_turns[0].ticket
        ticket = store.submit(id, TakeTurn(ticket)).result(20).turns[0].ticket
        memory = {"said": mark}
        speech = BotSpeech(f"Dear {mark}", "en", memory=memory, order=mark, trace={"asked": mark})
        store.submit(id, BotAnswers(ticket, speech)).result(20)
    if number == MESSAGES - 1:
        li = StaffId("li")
        store.submit(id, StaffNotes(li, "Li", ClientId(f"n{mark}"), f"about {mark}")).result(20)
        store.submit(id, StaffTags(li, "Li", add=(mark,))).result(20)
        store.submit(id, ShopperRates(1, f"bad, {mark}")).result(20)
        left = LeavesMessage(ClientId(f"l{mark}"), f"call {mark}", {"email": f"{mark}@b.example"})
        store.submit(id, left).result(20)


def _found(folder: Path, people: range) -> dict[str, int]:
    """Marks of these people in any file, by file."""
    spellings = {
        spelling
        for person in people
        for mark in [_mark(person)]
        for spelling in (
            mark.encode(),
            mark.encode("ascii", "backslashreplace"),
            mark.encode("utf-16-le"),
            f"mark{person:05d}".encode(),
        )
    }
    hits: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            hits[path.name] = sum(content.count(spelling) for spelling in spellings)
    return {name: count for name, count in hits.items() if count}


def _publish_knowledge(folder: Path) -> None:
    entries = [Entry("shipping", ("How long does it take?",), "Three days.", "en")]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    VersionFolder(folder).publish(
        entries, HashedEncoder(), note="", by="li", now=now, based_on=None
    )


def _erase_some(folder: Path, people: int, record_property) -> None:
    seed = run_seed()
    with closing(open_transcripts(f"sqlite:///{folder}/shop.sqlite3")) as transcripts:
        _talk_and_erase(folder, transcripts, people, seed)
    record_property("seed", seed)
    record_property("persons erased", people)
    record_property("bytes found of them", 0)
    record_property("others untouched", OTHERS)


def _talk_and_erase(folder: Path, transcripts: Transcripts, people: int, seed: int) -> None:
    chance = random.Random(seed)
    log = logging.FileHandler(folder / "server.log")
    logging.getLogger().addHandler(log)
    _publish_knowledge(folder / "knowledge")
    turns = [(person, n) for n in range(MESSAGES) for person in range(people + OTHERS)]
    for person, number in turns:
        _talk(transcripts, person, number, chance)
    erased, others = range(people), range(people, people + OTHERS)
    before = _found(folder, erased)
    assert before["shop.sqlite3"] > people, "the marks must be there before"
    kept = {person: transcripts.store.after(ConversationId(f"c{person}"), 0) for person in others}
    ids = [id for person in erased for id in transcripts.retention.conversations_of(_mark(person))]
    assert len(ids) == people
    assert transcripts.retention.erase(ids).result(60) == people
    transcripts.store.backup(folder / "backup.sqlite3")
    log.close()
    logging.getLogger().removeHandler(log)
    assert _found(folder, erased) == {}, f"seed {seed}"
    for person in others:
        assert transcripts.store.after(ConversationId(f"c{person}"), 0) == kept[person]
    assert set(_found(folder, others)) >= {"shop.sqlite3", "backup.sqlite3"}
    assert transcripts.store.check() == ()


@pytest.mark.timeout(300)
def test_row_47_of_twenty_erased_persons_no_byte_is_left(tmp_path, record_property) -> None:
    _erase_some(tmp_path, 20, record_property)


def test_row_47_the_check_notices_rows_that_are_only_deleted(
    tmp_path, monkeypatch, record_property
) -> None:
    monkeypatch.setattr("bot.transcripts.retention._wipe_sqlite", lambda connection: None)
    with pytest.raises(AssertionError, match="seed"):
        _erase_some(tmp_path, 20, record_property)


KILLED_WHILE_ERASING = """
import os, signal, sys
from bot.transcripts import retention
from bot.transcripts.open import open_transcripts

transcripts = open_transcripts(sys.argv[1])
ids = transcripts.retention.conversations_of(sys.argv[2])
retention._wipe_sqlite = lambda connection: os.kill(os.getpid(), signal.SIGKILL)
transcripts.retention.erase(ids).result(20)
"""


def test_row_47_who_is_killed_while_erasing_wipes_after_the_next_start(tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    with closing(open_transcripts(url)) as transcripts:
        for number in range(MESSAGES):
            for person in range(3):
                _talk(transcripts, person, number, random.Random(person))
        assert not transcripts.retention.must_wipe()
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_ERASING, url, _mark(0)])
    assert killed.returncode == -signal.SIGKILL
    assert _found(tmp_path, range(1)) != {}, "deleted, and not wiped yet"
    with closing(open_transcripts(url)) as transcripts:
        assert transcripts.store.state(ConversationId("c0")) is None
        assert transcripts.retention.must_wipe()
        transcripts.retention.wipe().result(20)
        assert not transcripts.retention.must_wipe()
        assert _found(tmp_path, range(1)) == {}
        assert transcripts.store.check() == ()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_row_47_of_a_hundred_erased_persons_no_byte_is_left(tmp_path, record_property) -> None:
    _erase_some(tmp_path, 100, record_property)
