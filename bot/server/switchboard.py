"""Passes what is recorded, and passing signals, to the connections that listen on this node.

Recorded events go through feeds, which never skip one. Signals (typing, read, queue place) are
worth nothing a second later: they are sent to whoever is there and never stored. What other nodes
record or signal comes in by the bus; the bus may lose it, so listened conversations are also looked
at from time to time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.conversation.events import ConversationId
from bot.server.desk import Desk, Feed
from bot.server.logs import log_of
from bot.server.signals import HasRead, Side, Typing
from bot.transcripts.errors import TranscriptsError, UnknownConversation
from bot.transcripts.records import Recorded

PAGE_EVENTS = 100

log = log_of(__name__)


@dataclass(eq=False, frozen=True)
class Listener:
    """One connection that listens to one conversation.

    Attributes:
        side: whose connection it is.
        feed: gets what is recorded.
        signal: gets the fields of a passing frame.
        lost: called when the transcript cannot be read; the connection closes and comes again.
        gone: called when there is no such conversation any more.
    """

    side: Side
    feed: Feed
    signal: Callable[[dict[str, Any]], None]
    lost: Callable[[], None]
    gone: Callable[[], None]


class Switchboard:
    """The listeners of this node. Made on the running event loop.

    Args:
        desk: told of everything recorded here.

    Attributes:
        announce: tells the other nodes of a signal.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._listeners: dict[ConversationId, set[Listener]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.announce: Callable[[Typing | HasRead], None] = _to_nobody
        desk.hear(self._hear)

    def join(self, listener: Listener) -> None:
        """Begin to listen; the feed keeps what comes until it is loaded."""
        self._listeners.setdefault(listener.feed.conversation, set()).add(listener)

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        conversation = listener.feed.conversation
        listeners = self._listeners.get(conversation)
        if listeners is not None:
            listeners.discard(listener)
            if not listeners:
                del self._listeners[conversation]

    def listened(self) -> list[ConversationId]:
        """Every conversation somebody listens to here."""
        return list(self._listeners)

    def typing(self, typing: Typing) -> None:
        """Show one side of a conversation, on every node, that the other types."""
        self.signal_here(typing.conversation, typing.side, typing.frame())
        self.announce(typing)

    def has_read(self, read: HasRead, up_to: int) -> None:
        """Show one side of a conversation, on every node, how far the other has read."""
        self.signal_here(read.conversation, read.side, read.frame(up_to))
        self.announce(read)

    def take(self, signal: Typing | HasRead) -> None:
        """Take a signal of another node; how far somebody has read is looked up here."""
        if isinstance(signal, Typing):
            self.signal_here(signal.conversation, signal.side, signal.frame())
        elif signal.conversation in self._listeners:
            self._spawn(self._look_up_marks(signal))

    async def _look_up_marks(self, read: HasRead) -> None:
        try:
            marks = await self._desk.read(self._desk.store.read_marks, read.conversation)
        except TranscriptsError as error:
            log.warning("marks.unreadable", conversation=read.conversation, why=str(error))
            return
        up_to = marks.staff if read.side == "shopper" else marks.shopper
        self.signal_here(read.conversation, read.side, read.frame(up_to))

    def signal_here(self, conversation: ConversationId, side: Side, frame: dict[str, Any]) -> None:
        """Send a passing frame to one side of a conversation, on this node."""
        for listener in tuple(self._listeners.get(conversation, ())):
            if listener.side == side:
                listener.signal(frame)

    def wake(self, conversation: ConversationId, last_seq: int | None = None) -> None:
        """Something was recorded elsewhere: whoever is behind, or may be, reads it."""
        for listener in tuple(self._listeners.get(conversation, ())):
            if listener.feed.loading:
                listener.feed.miss()
            elif last_seq is None or listener.feed.sent < last_seq:
                self._catch_up_soon(listener)

    async def catch_up(self, listener: Listener) -> None:
        """Read what the listener has not got yet, page by page, until it has everything."""
        feed = listener.feed
        feed.loading = True
        while True:
            view = await self._desk.read(
                self._desk.store.after, feed.conversation, feed.sent, PAGE_EVENTS
            )
            if feed.loaded(view.events, view.state) and feed.sent >= view.state.last_seq:
                return
            feed.loading = True

    def close(self) -> None:
        """Stop catching up."""
        for task in self._tasks:
            task.cancel()

    def _hear(self, recorded: Recorded) -> None:
        for listener in tuple(self._listeners.get(recorded.state.id, ())):
            if not listener.feed.offer(recorded):
                self._catch_up_soon(listener)

    def _catch_up_soon(self, listener: Listener) -> None:
        listener.feed.loading = True
        self._spawn(self._catch_up_or_lose(listener))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _catch_up_or_lose(self, listener: Listener) -> None:
        try:
            await self.catch_up(listener)
        except UnknownConversation:
            listener.gone()
        except TranscriptsError as error:
            log.warning("feed.lost", conversation=listener.feed.conversation, why=str(error))
            listener.lost()


def _to_nobody(_signal: Typing | HasRead) -> None:
    """Announce nothing: there is one node."""
