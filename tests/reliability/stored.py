"""What the database really holds, read without the code under test, and compared with the pages."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psycopg

from bot.conversation.events import PRIVATE_KINDS
from tests.reliability.page import Page

PRIVATE = {kind.value for kind in PRIVATE_KINDS}


@dataclass(frozen=True)
class StoredEvent:
    """One row of the transcript."""

    seq: int
    kind: str
    text: str
    client_id: str | None
    author: str
    at: Any

    @property
    def shown(self) -> tuple[int, str, str]:
        """Number, kind and words as a shopper may see them."""
        if self.kind in PRIVATE:
            return self.seq, "private", ""
        return self.seq, self.kind, self.text


def ask(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read with sqlite3 or psycopg alone; `?` stands for each value."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as reader:
            return reader.execute(query, values).fetchall()
    with psycopg.connect(url) as reader:
        return reader.execute(query.replace("?", "%s"), values).fetchall()


def stored_events(url: str, conversation: str | None) -> list[StoredEvent]:
    """Everything that is stored of a conversation, in order."""
    rows = ask(
        url,
        "SELECT seq, kind, text, client_id, author, at FROM events "
        "WHERE conversation = ? ORDER BY seq",
        conversation,
    )
    return [StoredEvent(*row) for row in rows]


def open_turns(url: str) -> int:
    """How many turns nobody has ended."""
    return int(ask(url, "SELECT count(*) FROM turns WHERE ended_at IS NULL")[0][0])


async def settle(url: str, pages: Sequence[Page], seconds: float = 60) -> None:
    """Wait until all is accepted, every turn has ended, and every page shows everything."""
    async with asyncio.timeout(seconds):
        for page in pages:
            await page.until_accepted(seconds)
        while await asyncio.to_thread(open_turns, url):
            await asyncio.sleep(0.02)
        for page in pages:
            stored = await asyncio.to_thread(stored_events, url, page.conversation)
            await page.until_shown(len(stored), seconds)


def violations(url: str, pages: Iterable[Page]) -> list[str]:
    """List every broken promise: lost, doubled, out of order, shown otherwise, half."""
    found: list[str] = []
    for page in pages:
        stored = stored_events(url, page.conversation)
        found += [f"{page.conversation}: {rule}" for rule in page.broken]
        found += [f"{page.conversation}: {rule}" for rule in _of_numbers(stored)]
        found += [f"{page.conversation}: {rule}" for rule in _of_messages(stored, page)]
        found += [f"{page.conversation}: {rule}" for rule in _of_screen(stored, page)]
    return found


def _of_numbers(stored: Sequence[StoredEvent]) -> list[str]:
    problems = []
    if [event.seq for event in stored] != list(range(1, len(stored) + 1)):
        problems.append(f"the numbers are {[event.seq for event in stored]}")
    if any(later.at < earlier.at for earlier, later in pairwise(stored)):
        problems.append("time runs back")
    return problems


def _of_messages(stored: Sequence[StoredEvent], page: Page) -> list[str]:
    problems = []
    times: dict[str, list[StoredEvent]] = {}
    for event in stored:
        if event.client_id is not None:
            times.setdefault(event.client_id, []).append(event)
    for id, text in page.sent.items():
        kept = times.get(id, [])
        if len(kept) > 1:
            problems.append(f"{id} is stored {len(kept)} times")
        if id in page.accepted and not kept:
            problems.append(f"{id} was accepted and is lost")
        if kept and kept[0].text != text:
            problems.append(f"{id} is stored with other words")
        if kept and page.accepted.get(id, kept[0].seq) != kept[0].seq:
            problems.append(f"{id} was accepted as {page.accepted[id]}, stored as {kept[0].seq}")
    return problems


def _of_screen(stored: Sequence[StoredEvent], page: Page) -> list[str]:
    shown = [
        (seq, page.shown[seq]["kind"], page.shown[seq].get("text", ""))
        for seq in sorted(page.shown)
    ]
    first = shown[0][0] if shown else 1
    wanted = [event.shown for event in stored if event.seq >= first]
    if shown == wanted:
        return []
    missing = sorted({one[0] for one in wanted} - {one[0] for one in shown})
    return [f"the screen has {len(shown)} events, the database {len(wanted)}; missing {missing}"]
