"""Rows 8 and 9: whoever cannot resume is told so and begins anew; nobody ever has a silent gap.

A page is away while its conversation grows, is set back to a backup, or is erased. Afterwards what
is on its screen, older ones fetched, must be what the database holds.
"""

import asyncio
import random
import time
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.conversation.commands import Begin, BotAnswers, BotSpeech, ShopperSays, TakeTurn
from bot.conversation.events import ClientId, ConversationId
from bot.server.sign_in import digest_of
from bot.transcripts.backup import restore_database
from bot.transcripts.open import open_transcripts
from bot.transcripts.store import TranscriptStore
from tests.bot.server.floor import open_floor
from tests.reliability.page import Page
from tests.reliability.staff_page import staff_page
from tests.reliability.stored import stored_events, violations

TOKEN = "a-token-of-the-test"
TALK = ConversationId("talk")


def url_of(folder) -> str:
    return f"sqlite:///{folder}/shopkeeper.sqlite3"


def write(folder, count: int, first: int = 1, now=lambda: datetime.now(UTC)) -> None:
    """Let a conversation grow by so many events while no node runs; the last is the bot's."""
    with closing(open_transcripts(url_of(folder), now=now)) as transcripts:
        _write(transcripts.store, count, first)


def _write(store: TranscriptStore, count: int, first: int) -> None:
    said: list[Future[Any]] = []
    for number in range(first, first + count - 1):
        says = ShopperSays(ClientId(f"m{number}"), f"message {number} 号")
        if number == 1:
            store.begin(Begin(TALK), digest_of(TOKEN), says).result(20)
        else:
            said.append(store.submit(TALK, says))
    for future in said:
        future.result(20)
    for turn in store.open_turns():  # answered, so that the bot adds nothing while a page looks
        taken = store.submit(TALK, TakeTurn(turn.ticket)).result(20)
        speech = BotSpeech("Yes, all of them.", "en")
        store.submit(TALK, BotAnswers(taken.turns[0].ticket, speech)).result(20)


def page_at(floor, last_seq: int, folder) -> Page:
    """A page that was shown everything up to a number."""
    page = Page(lambda: (f"{floor.url}/ws/shopper", floor.origin), random.Random(1))
    page.conversation, page.token = TALK, TOKEN
    page.epoch = floor.parts.transcripts.store.epoch
    page.last_seq = last_seq
    stored = stored_events(url_of(folder), TALK)
    page.shown = {e.seq: {"seq": e.seq, "kind": e.kind, "text": e.text} for e in stored[:last_seq]}
    return page


async def come_back(page: Page) -> None:
    """Connect, catch up, and fetch everything older."""
    async with page.open():
        await page.until(lambda: page.resumed)
        while min(page.shown) > 1:
            oldest = min(page.shown)
            await page.send(type="more", before=oldest, limit=100)
            await page.until(lambda oldest=oldest: min(page.shown) < oldest)


@pytest.mark.parametrize(("gap", "starts_over"), [(299, 0), (300, 0), (301, 1), (1_000, 1)])
def test_row_08_a_gap_of_over_three_hundred_events_starts_over_and_a_smaller_one_is_replayed(
    gap, starts_over, tmp_path, record_property
) -> None:
    write(tmp_path, 10 + gap)
    with open_floor(tmp_path) as floor:
        page = page_at(floor, 10, tmp_path)
        asyncio.run(come_back(page))
    assert violations(url_of(tmp_path), [page]) == []
    assert len(page.shown) == 10 + gap
    assert page.started_over == starts_over
    record_property("events missed", gap)


def test_row_08_a_page_of_another_history_starts_over(tmp_path) -> None:
    write(tmp_path, 20)
    with open_floor(tmp_path) as floor:
        page = page_at(floor, 5, tmp_path)
        page.epoch = "of-another-history"
        page.shown = {5: {"seq": 5, "kind": "staff_said", "text": "of another history"}}
        asyncio.run(come_back(page))
        assert page.epoch == floor.parts.transcripts.store.epoch
    assert page.started_over == 1
    assert violations(url_of(tmp_path), [page]) == []


def test_row_08_a_page_that_is_ahead_of_the_database_starts_over(tmp_path) -> None:
    write(tmp_path, 20)
    with open_floor(tmp_path) as floor:
        page = page_at(floor, 20, tmp_path)
        page.last_seq = 4_000
        asyncio.run(come_back(page))
    assert page.started_over == 1
    assert violations(url_of(tmp_path), [page]) == []


@pytest.mark.parametrize("grown", [0, 15, 40])
def test_row_08_and_28_after_a_restored_backup_a_page_shows_what_was_restored(
    grown, tmp_path
) -> None:
    """The restored history grows to fewer, as many, or more events than the page had seen."""
    write(tmp_path, 10)
    with closing(open_transcripts(url_of(tmp_path))) as transcripts:
        transcripts.store.backup(tmp_path / "backup.sqlite3")
        _write(transcripts.store, 15, first=11)
        epoch = transcripts.store.epoch
    seen = stored_events(url_of(tmp_path), TALK)
    restore_database(
        tmp_path / "backup.sqlite3", tmp_path / "shopkeeper.sqlite3", lambda: "restored"
    )
    if grown:
        write(tmp_path, grown, first=101)
    with open_floor(tmp_path) as floor:
        page = page_at(floor, 0, tmp_path)
        page.epoch, page.last_seq = epoch, len(seen)
        page.shown = {e.seq: {"seq": e.seq, "kind": e.kind, "text": e.text} for e in seen}
        asyncio.run(come_back(page))
    assert (page.started_over, page.epoch) == (1, "restored")
    assert violations(url_of(tmp_path), [page]) == []


def test_row_08_a_page_of_an_erased_conversation_is_told_that_it_is_gone(tmp_path) -> None:
    write(tmp_path, 10)
    with open_floor(tmp_path) as floor:
        page = page_at(floor, 10, tmp_path)
        floor.parts.transcripts.retention.erase([TALK]).result(20)
        asyncio.run(page.live())
    assert page.refused == ["not_yours"]
    assert page.closes == [(4003, None)]


def test_row_08_an_inbox_that_missed_more_than_three_hundred_events_is_told_where_it_begins(
    tmp_path,
) -> None:
    write(tmp_path, 400)

    async def look(origin: str) -> None:
        async with staff_page(origin) as mei:
            opened = await mei.follow(TALK, last_seq=5)
            seqs = [event["seq"] for event in opened["events"]]
            assert seqs == list(range(opened["first_seq"], seqs[-1] + 1))
            assert opened["first_seq"] > 6
            assert min(mei.events[TALK]) == opened["first_seq"], "nothing from before the gap"

    with open_floor(tmp_path) as floor:
        asyncio.run(look(floor.origin))


def test_row_09_after_thirty_days_and_a_thousand_events_everything_is_there(
    tmp_path, record_property
) -> None:
    day = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    write(tmp_path, 10, now=lambda: day)
    write(tmp_path, 1_000, first=11, now=lambda: day + timedelta(days=30))
    with open_floor(tmp_path) as floor:
        page = page_at(floor, 10, tmp_path)
        began = time.monotonic()
        asyncio.run(come_back(page))
        took = time.monotonic() - began
    assert violations(url_of(tmp_path), [page]) == []
    assert len(page.shown) == 1_010
    record_property("days away", 30)
    record_property("events missed", len(page.shown) - 10)
    record_property("seconds until all of them are there", round(took, 3))


def test_row_08_the_check_notices_a_gap_that_nobody_told(tmp_path) -> None:
    write(tmp_path, 20)
    with open_floor(tmp_path) as floor:
        page = page_at(floor, 10, tmp_path)
        page.last_seq = 12
        asyncio.run(come_back(page))
    assert any("missing [11, 12]" in line for line in violations(url_of(tmp_path), [page]))
