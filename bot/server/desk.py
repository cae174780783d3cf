"""The asynchronous door to the transcripts: futures of the store awaited, reads in threads.

Whoever wants to know what was recorded registers with `hear`; hearers are called on the event loop
in the order of the commits, before the one who asked is told. Knows no socket.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from bot.conversation.commands import Begin, Command, FirstWords
from bot.conversation.conversation import ConversationState
from bot.conversation.events import ConversationId, Event
from bot.server.logs import log_of
from bot.transcripts.errors import StorageRefused, StoreClosed, TranscriptsError
from bot.transcripts.records import Begun, Recorded
from bot.transcripts.store import TranscriptStore

READERS = 4
"""Threads that read; a read takes a fraction of a millisecond unless the disk is slow."""

log = log_of(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """Submits commands and reads, for the server's coroutines. Made on the running event loop.

    Attributes:
        store: the transcripts.
    """

    def __init__(self, store: TranscriptStore) -> None:
        self.store = store
        self._loop = asyncio.get_running_loop()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._hearers: list[Callable[[Recorded], None]] = []
        self._repeat_hearers: list[Callable[[Recorded], None]] = []
        self._resolved: deque[Callable[[], None]] = deque()
        self._awake = False
        self._under_way = 0

    @property
    def under_way(self) -> int:
        """How much was given to the store whose outcome is not told yet."""
        return self._under_way

    def hear(self, hearer: Callable[[Recorded], None]) -> None:
        """Call `hearer` with everything that is newly recorded on this node; it must not block."""
        self._hearers.append(hearer)

    async def read(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read of the store in a thread.

        Raises:
            StorageRefused: the database is away or broken; its own errors end here.
            StoreClosed: the node ends, and reads no more.
        """
        work = partial(self.read_here, read, *args, **kwargs)
        try:
            reading = self._loop.run_in_executor(self._readers, work)
        except RuntimeError as error:  # its threads have ended
            raise StoreClosed("This server ends. Try again in a moment.") from error
        return await reading

    def read_here(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one read in the thread that asks; raises as `read` does."""
        try:
            return read(*args, **kwargs)
        except TranscriptsError:
            raise
        except Exception as error:  # the edge to the database's driver
            log.warning("store.unreadable", kind=type(error).__name__)
            raise StorageRefused("It could not be read just now. Try again.") from error

    def submit(self, conversation: ConversationId, command: Command) -> asyncio.Future[Recorded]:
        """Store what a command comes to; see `TranscriptStore.submit` for what may be raised."""
        return self._awaitable(self.store.submit(conversation, command), self._tell)

    def begin(self, begin: Begin, token_digest: bytes, first: FirstWords) -> asyncio.Future[Begun]:
        """Store a new conversation with its first message."""
        stored = self.store.begin(begin, token_digest, first)
        return self._awaitable(stored, lambda begun: self._tell(begun.recorded))

    async def wait(self, stored: Future[T]) -> T:
        """Await any other future of the store."""
        return await self._awaitable(stored, lambda _: None)

    def close(self) -> None:
        """Wait for the reads under way, and let the threads end; blocks."""
        self._readers.shutdown(wait=True, cancel_futures=True)

    def hear_repeats(self, hearer: Callable[[Recorded], None]) -> None:
        """Call `hearer` with messages that came again, which are stored already."""
        self._repeat_hearers.append(hearer)

    def _tell(self, recorded: Recorded) -> None:
        for hearer in self._repeat_hearers if recorded.repeated else self._hearers:
            try:
                hearer(recorded)
            except Exception:  # the edge to the hearers: what is stored must still be acknowledged
                log.exception("hearer.fault", conversation=recorded.state.id)

    def _awaitable(self, stored: Future[T], then: Callable[[T], None]) -> asyncio.Future[T]:
        done: asyncio.Future[T] = self._loop.create_future()
        self._under_way += 1

        # It must not hold `stored`, which keeps it for ever: a ring for each message was 23 objects
        # that only a look through all memory finds, and 2 s long that look with 2,000 pages.
        def resolve(finished: Future[T]) -> None:
            self._soon(partial(self._resolve, finished, done, then))

        stored.add_done_callback(resolve)
        return done

    def _resolve(
        self, stored: Future[T], done: asyncio.Future[T], then: Callable[[T], None]
    ) -> None:
        self._under_way -= 1
        error = stored.exception()
        if error is None:
            then(stored.result())
        if done.cancelled():
            return
        if error is None:
            done.set_result(stored.result())
        else:
            done.set_exception(error)

    def _soon(self, on_loop: Callable[[], None]) -> None:
        """Run something on the loop, from any thread; a group of commits wakes the loop once."""
        self._resolved.append(on_loop)
        if not self._awake and not self._loop.is_closed():
            self._awake = True
            self._loop.call_soon_threadsafe(self._run_resolved)

    def _run_resolved(self) -> None:
        self._awake = False  # before looking: what comes from now on wakes the loop again
        while self._resolved:
            self._resolved.popleft()()


class Feed:
    """One listener of one conversation: shows each event once, in order, whatever comes when.

    Events may come from this node's commits, from a read, or not at all (another node's wake-up was
    lost). The feed knows the last number it showed; a gap is filled by reading, never skipped.

    Args:
        conversation: what is listened to.
        sent: the last number the listener has.
        show: gets fresh events, in order and without a gap, and the state after them.
    """

    WAITING_EVENTS = 256
    """Events kept while a read is under way; beyond it the read is simply repeated."""

    def __init__(
        self,
        conversation: ConversationId,
        sent: int,
        show: Callable[[tuple[Event, ...], ConversationState], None],
    ) -> None:
        self.conversation = conversation
        self.sent = sent
        self.loading = True
        self._show = show
        self._waiting: list[Recorded] = []
        self._missed = False

    def offer(self, recorded: Recorded) -> bool:
        """Take what was recorded; False when there is a gap that only a read can fill."""
        if self.loading:
            self._keep(recorded)
            return True
        return self._take(recorded.events, recorded.state)

    def loaded(self, events: tuple[Event, ...], state: ConversationState) -> bool:
        """Show what was read, then what came meanwhile; False when it must be read again."""
        self.loading = False
        whole = self._take(events, state) and not self._missed
        waiting, self._waiting, self._missed = self._waiting, [], False
        return all([whole, *(self._take(kept.events, kept.state) for kept in waiting)])

    def miss(self) -> None:
        """Note that something was recorded elsewhere while a read is under way: read again."""
        self._missed = True

    def _keep(self, recorded: Recorded) -> None:
        if len(self._waiting) < self.WAITING_EVENTS:
            self._waiting.append(recorded)
        else:
            self._missed = True

    def _take(self, events: tuple[Event, ...], state: ConversationState) -> bool:
        fresh = tuple(event for event in events if event.seq > self.sent)
        if fresh and fresh[0].seq != self.sent + 1:
            return False
        if fresh:
            self.sent = fresh[-1].seq
            self._show(fresh, state)
        return True
