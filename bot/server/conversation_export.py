"""Conversations as a file: CSV that a spreadsheet takes for text alone, or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Literal

from bot.conversation.events import Event
from bot.server.audience import for_staff, iso
from bot.transcripts.errors import UnknownConversation
from bot.transcripts.finding import Finding, Wanted
from bot.transcripts.records import Summary
from bot.transcripts.store import TranscriptStore
from knowledge_base.readers.spreadsheet_text import guarded

FileFormat = Literal["csv", "jsonl"]
FILE_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
}
COLUMNS = (
    "conversation",
    "stage",
    "language",
    "tags",
    "score",
    "seq",
    "at",
    "kind",
    "author",
    "name",
    "text",
)
EVENTS_AT_ONCE = 300


def export_conversations(
    finding: Finding, store: TranscriptStore, wanted: Wanted, format: FileFormat
) -> Iterator[bytes]:
    """Write every event of what is wanted, piece by piece; a conversation is one piece or more.

    Synchronous: to be read in a thread. A conversation that is erased meanwhile is left out.
    """
    if format == "csv":
        yield ("\ufeff" + _csv([COLUMNS])).encode("utf-8")  # Excel asks for the mark
    for line in finding.each(wanted):
        for events in _pages(store, line):
            if format == "csv":
                yield _csv([_row(line, event) for event in events]).encode("utf-8")
            else:
                yield "".join(_json_line(event) for event in events).encode("utf-8")


def _pages(store: TranscriptStore, line: Summary) -> Iterator[tuple[Event, ...]]:
    seen = 0
    try:
        while True:
            view = store.after(line.conversation, seen, EVENTS_AT_ONCE)
            if not view.events:
                return
            seen = view.events[-1].seq
            yield view.events
    except UnknownConversation:
        return


def _row(line: Summary, event: Event) -> tuple[str, ...]:
    shown = for_staff(event)
    cells = (
        line.conversation,
        line.stage.value,
        line.language or "",
        ", ".join(line.tags),
        "" if line.score is None else str(line.score),
        str(event.seq),
        iso(event.at) or "",
        event.kind.value,
        shown["author"]["role"],
        str(shown["author"].get("name", "")),
        event.text,
    )
    return tuple(guarded(cell) for cell in cells)


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _json_line(event: Event) -> str:
    whole: dict[str, Any] = {"conversation": event.conversation, **for_staff(event)}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n"
