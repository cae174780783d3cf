"""Reads the conversations of a shop's own desk, beside a server that may be running.

Of an SQLite database a copy of one moment is read, so that the server keeps its only writer;
PostgreSQL is read in place. Nothing is changed, and the copy is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assemble.places import database_url
from bot.assemble.refusals import database_refusals
from bot.conversation.events import ConversationId, Event, EventKind
from bot.settings import Settings
from knowledge_base.readers import OldChat, OldMessage
from knowledge_base.readers.old_chats import Outcome, Side
from training.progress import Progress, silent
from training.refusal_texts import refused
from training.takeover_conversations import DeskLesson, lesson_of

if TYPE_CHECKING:
    from bot.transcripts.store import Transcripts, TranscriptStore

SQLITE = "sqlite:///"
MOST_CONVERSATIONS = 20_000  # the newest; more teach nothing and take minutes
MOST_EVENTS = 600  # of one conversation; what comes later is rarely with the bot
_AT_ONCE = 300
_SIDES: dict[EventKind, Side] = {
    EventKind.SHOPPER_SAID: "shopper",
    EventKind.STAFF_SAID: "staff",
    EventKind.BOT_ANSWERED: "bot",
    EventKind.BOT_ASKED: "bot",
    EventKind.BOT_GAVE_UP: "bot",
}
_OUTCOMES: dict[EventKind, Outcome] = {
    EventKind.BOT_ANSWERED: "answered",
    EventKind.BOT_ASKED: "asked",
    EventKind.BOT_GAVE_UP: "gave_up",
}


def desk_lessons(settings: Settings, progress: Progress = silent) -> list[DeskLesson]:
    """What every conversation of the desk teaches, newest first.

    Raises:
        LabelledTextRefused: the shop has no database yet.
        StartRefused: the database cannot be reached or read.
    """
    with _reading(settings) as transcripts:
        lessons = (
            lesson_of(events, transcripts.store.traces(conversation))
            for conversation, events in _conversations(transcripts, progress)
        )
        return [lesson for lesson in lessons if lesson]


def desk_chats(settings: Settings, progress: Progress = silent) -> list[OldChat]:
    """What was written in every conversation, newest first.

    Raises:
        LabelledTextRefused: the shop has no database yet.
        StartRefused: the database cannot be reached or read.
    """
    with _reading(settings) as transcripts:
        chats = (chat_of(events) for _, events in _conversations(transcripts, progress))
        return [chat for chat in chats if any(one.side == "shopper" for one in chat.messages)]


def chat_of(events: Sequence[Event]) -> OldChat:
    """A conversation as a file of old chats would hold it."""
    return OldChat(
        tuple(
            OldMessage(_SIDES[event.kind], event.text, _OUTCOMES.get(event.kind))
            for event in events
            if event.kind in _SIDES and event.text
        )
    )


def _conversations(
    transcripts: Transcripts, progress: Progress
) -> Iterator[tuple[ConversationId, list[Event]]]:
    """Every conversation with its events, newest first."""
    from bot.transcripts.finding import Wanted

    total = min(sum(transcripts.store.counts().conversations.values()), MOST_CONVERSATIONS)
    lines = transcripts.finding.each(Wanted())
    for done, line in enumerate(islice(lines, MOST_CONVERSATIONS)):
        progress("conversations", done, total)
        yield line.conversation, _events(transcripts.store, line.conversation)
    progress("conversations", total, total)


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
    from bot.transcripts.open import open_transcripts
    from bot.transcripts.read_copy import read_copy

    url = database_url(settings)
    here = Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None
    if here is not None and not here.exists():
        raise refused("empty_desk")
    with ExitStack() as stack, database_refusals():
        if here is not None:
            copy = stack.enter_context(read_copy(here, settings.state_folder.absolute()))
            url = f"{SQLITE}{copy}"
        yield stack.enter_context(closing(open_transcripts(url)))
