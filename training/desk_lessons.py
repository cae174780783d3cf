"""Reads the conversations of a shop's own desk for training, beside a server that may be running.

Of an SQLite database a copy of one moment is read, so that the server keeps its only writer;
PostgreSQL is read in place. Nothing is changed, and the copy is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.assemble import database_refusals, database_url
from bot.conversation.events import ConversationId, Event
from bot.settings import Settings
from training.labelled_text import LabelledTextRefused
from training.takeover_conversations import DeskLesson, lesson_of

if TYPE_CHECKING:
    from bot.transcripts.store import Transcripts, TranscriptStore

Progress = Callable[[str, int, int], None]
SQLITE = "sqlite:///"
MOST_CONVERSATIONS = 20_000  # the newest; more teach nothing and take minutes
MOST_EVENTS = 600  # of one conversation; what comes later is rarely with the bot
_AT_ONCE = 300


def desk_lessons(settings: Settings, progress: Progress | None = None) -> list[DeskLesson]:
    """What every conversation of the desk teaches, newest first.

    Raises:
        LabelledTextRefused: the shop has no database yet.
        StartRefused: the database cannot be reached or read.
    """
    say = progress or (lambda what, done, total: None)
    lessons = []
    with _reading(settings) as transcripts:
        from bot.transcripts.finding import Wanted

        total = min(sum(transcripts.store.counts().conversations.values()), MOST_CONVERSATIONS)
        lines = transcripts.finding.each(Wanted())
        for done, line in enumerate(islice(lines, MOST_CONVERSATIONS)):
            say("conversations", done, total)
            events = _events(transcripts.store, line.conversation)
            lesson = lesson_of(events, transcripts.store.traces(line.conversation))
            lessons += [lesson] if lesson else []
        say("conversations", total, total)
    return lessons


def _events(store: TranscriptStore, conversation: ConversationId) -> list[Event]:
    found: list[Event] = []
    while len(found) < MOST_EVENTS:
        view = store.after(conversation, found[-1].seq if found else 0, _AT_ONCE)
        found += view.events
        if view.complete or not view.events:
            break
    return found


@contextmanager
def _reading(settings: Settings) -> Iterator[Transcripts]:
    from bot.transcripts.backup import copy_database
    from bot.transcripts.open import open_transcripts

    url = database_url(settings)
    here = Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None
    if here is not None and not here.exists():
        raise LabelledTextRefused(
            f"There is no {here.name} in {here.parent} yet, so the desk has seen nothing. "
            "Bring old chats with --chats FILE --no-desk."
        )
    with TemporaryDirectory(prefix="shopkeeper-") as folder, database_refusals():
        if here is not None:
            copy = Path(folder) / "copy.sqlite3"
            copy_database(here, copy)
            url = f"{SQLITE}{copy}"
        with closing(open_transcripts(url)) as transcripts:
            yield transcripts
