"""Calls colleagues whom a note names, and tells each of their pages what they have not seen yet.

What was seen is kept in the transcripts; every page of a person, on every node, is told the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol

from bot.conversation.events import ConversationId, Event, StaffId
from bot.server.audience import iso
from bot.server.desk import Desk
from bot.server.logs import log_of
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.mentions import Mention, Mentions

MOST_TOLD = 100
"""Notes that one frame names; whoever has more hears of the others when these are seen."""

TEXT_CHARACTERS = 200
"""Of each note, enough to know it again."""

log = log_of(__name__)


class Page(Protocol):
    """A page of somebody of the staff."""

    @property
    def staff(self) -> StaffId:
        """Whose it is."""
        ...

    def send(self, type: str, **fields: Any) -> None:
        """Queue one frame."""
        ...


class CalledStaff:
    """Whom notes call, for the pages of this node. Made on the running event loop.

    Args:
        pages: gives the open pages of somebody here; of everybody for None.
        announce: tells the other nodes whose unseen notes have changed.
    """

    def __init__(
        self,
        desk: Desk,
        kept: Mentions,
        pages: Callable[[str | None], Iterable[Page]],
        announce: Callable[[str], None],
    ) -> None:
        self._desk = desk
        self._kept = kept
        self._pages = pages
        self._announce = announce
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()

    async def greet(self, page: Page) -> None:
        """Tell a page that has just been opened."""
        unseen = await self._desk.read(self._kept.unseen, page.staff, MOST_TOLD)
        page.send("mentions", unseen=[_shown(mention) for mention in unseen])

    def call(self, staff: str, event: Event) -> None:
        """Tell somebody's open pages of a note that calls them."""
        if staff == event.author:
            return
        by = {"id": event.author, "name": str(event.body.get("name", ""))}
        for page in self._pages(staff):
            page.send(
                "mentioned",
                conversation=event.conversation,
                seq=event.seq,
                by=by,
                text=event.text,
            )
        self.look_soon(staff)

    async def see(
        self, staff: str, conversation: ConversationId | None = None, up_to: int | None = None
    ) -> None:
        """Count what calls somebody as seen, and tell all their pages where that changed it."""
        if await self._desk.wait(self._kept.see(staff, conversation, up_to)):
            await self._look({staff})
            self._announce(staff)

    def look_soon(self, staff: str | None = None) -> None:
        """Read again what somebody, or everybody here, has not seen, and tell their pages."""
        whose = {str(page.staff) for page in self._pages(staff)}
        if whose:
            self._spawn(self._look(whose))

    async def _look(self, whose: set[str]) -> None:
        for staff in whose:
            try:
                unseen = await self._desk.read(self._kept.unseen, staff, MOST_TOLD)
            except TranscriptsError as error:
                log.warning("mentions.unreadable", why=str(error))
                return
            shown = [_shown(mention) for mention in unseen]
            for page in self._pages(staff):
                page.send("mentions", unseen=shown)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _shown(mention: Mention) -> dict[str, Any]:
    return {
        "conversation": mention.conversation,
        "seq": mention.seq,
        "at": iso(mention.at),
        "by": {"id": mention.by, "name": mention.by_name},
        "text": mention.text[:TEXT_CHARACTERS],
    }
