"""Group commit: one thread writes, many wait; nobody is answered before the commit is durable.

The thread takes everything that waits (up to a limit), stores it in one transaction, commits once,
and only then resolves the futures. At low load that is one commit a message; under load the disk's
sync is shared by all that came meanwhile.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from bot.conversation.errors import ConversationError
from bot.prompt_thread import be_prompt
from bot.transcripts.errors import StorageRefused, StoreClosed, TranscriptsError
from bot.transcripts.recent import Recent

log = logging.getLogger(__name__)

Result = TypeVar("Result")

MAX_GROUP = 128
"""At most this many in one transaction; keeps the wait of the first one short."""

MAX_WAITING = 20_000
"""At most this many wait; more are refused at once, since the disk is clearly not keeping up."""

GATHERS_FROM = 3
"""After a group of so many the next one lets others come first, where that is wanted."""

TRIES = 4
"""Attempts at a group that another node got in the way of (deadlock, unique index)."""

REFUSING_SECONDS = 60.0
"""How long a refusal of the disk counts when nobody has had anything to store since."""

FLAPPING_SECONDS = 3.0
"""How long it counts even where something was stored since: little things fit a full disk."""

_IN_THE_WAY = frozenset({"40001", "40P01", "23505", "55P03"})
"""PostgreSQL: serialisation failure, deadlock, unique violation, lock not available."""

SharedWork = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Stores many asks together; gives a result or an exception for each, in the same order."""


@dataclass(eq=False)
class _Ask:
    """One thing to be stored: an ask for the shared work, or a work of its own."""

    ask: Any = None
    work: Callable[[Connection], Any] | None = None
    changes_conversations: bool = False
    upkeep: Callable[[Any], Any] | None = None
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """The only writer of one process.

    Args:
        engine: begins its transactions.
        shared: stores asks together.
        recent: is given what was committed, where nobody else writes.
        pause: waits for so many seconds.
    """

    def __init__(
        self,
        engine: Engine,
        shared: SharedWork,
        recent: Recent | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pause = pause
        self._engine = engine
        self._shared = shared
        self._recent = recent
        self._waiting: queue.SimpleQueue[_Ask | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._gather_seconds, self._begun_at, self._size = 0.0, 0.0, 0
        self._refused_at: float | None = None
        self._stored_since = False
        self._thread = threading.Thread(target=self._run, name="transcripts-writer", daemon=True)
        self._thread.start()

    @property
    def refuses(self) -> bool:
        """See `TranscriptStore.refuses`."""
        at = self._refused_at
        counts = FLAPPING_SECONDS if self._stored_since else REFUSING_SECONDS
        return at is not None and time.monotonic() - at < counts

    def ask(self, ask: Any) -> Future[Any]:
        """Have the shared work store this ask, together with whatever else waits."""
        return self._put(_Ask(ask=ask))

    def run(self, work: Callable[[Connection], Result]) -> Future[Result]:
        """Run some writing of its own in the next transaction, behind a savepoint.

        It may change conversations, so what is remembered of them is forgotten.
        """
        return self._put(_Ask(work=work, changes_conversations=True))

    def run_beside(self, work: Callable[[Connection], Result]) -> Future[Result]:
        """Run some writing, as `run` does, that touches no conversation, event or turn."""
        return self._put(_Ask(work=work))

    def maintain(self, upkeep: Callable[[Any], Result]) -> Future[Result]:
        """Run what must not be inside a transaction, alone, with the driver's own connection."""
        return self._put(_Ask(upkeep=upkeep))

    def gather(self, seconds: float) -> None:
        """From now on begin a group so long after the last at the earliest, if that had several."""
        self._gather_seconds = seconds

    def close(self) -> None:
        """Store what was put before, then stop."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _put(self, ask: _Ask) -> Future[Any]:
        with self._door:
            if self._closed:
                ask.future.set_exception(StoreClosed("The store is closed."))
            elif self._waiting.qsize() >= MAX_WAITING:
                ask.future.set_exception(StorageRefused("Too much waits to be stored. Try again."))
            else:
                self._waiting.put(ask)
        return ask.future

    def _run(self) -> None:
        be_prompt()
        while True:
            group, last = self._next_group()
            self._size = len(group)
            if group:
                self._store(group)
            if last:
                return

    def _next_group(self) -> tuple[list[_Ask], bool]:
        """Wait for one ask, then take what else is there; True when it is time to stop."""
        first = self._waiting.get()
        if first is None:
            return [], True
        self._let_others_come()
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                following = self._waiting.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return group, True
            group.append(following)
        return group, False

    def _let_others_come(self) -> None:
        """Where many ask at once, wait a little: one who asks alone never waits."""
        seconds = self._begun_at + self._gather_seconds - time.monotonic()
        if self._size >= GATHERS_FROM and seconds > 0:
            self._pause(seconds)
        self._begun_at = time.monotonic()

    def _store(self, group: list[_Ask]) -> None:
        """Store a group, then do the upkeep that was put into the same queue meanwhile."""
        group = [ask for ask in group if ask.future.set_running_or_notify_cancel()]
        storing = [ask for ask in group if ask.upkeep is None]
        if storing:
            self._store_group(storing)
        for ask in group:
            if ask.upkeep is not None:
                self._maintain(ask, ask.upkeep)

    def _store_group(self, group: list[_Ask]) -> None:
        """Store a group and resolve its futures; where one ask spoils it, each is tried alone."""
        try:
            results = self._commit_patiently(group)
        except SQLAlchemyError as error:
            if len(group) > 1 and not _is_the_database_away(error):
                self._store_each(group)
                return
            results = [self._refusal(error)] * len(group)
        except Exception as error:  # the edge of this thread: it must outlive any fault
            log.exception("storing a group of %d failed", len(group))
            if len(group) > 1:
                self._store_each(group)
                return
            results = [error]
        _resolve(group, results)

    def _store_each(self, group: Sequence[_Ask]) -> None:
        for ask in group:
            self._store_group([ask])

    def _maintain(self, ask: _Ask, upkeep: Callable[[Any], Any]) -> None:
        result: Any
        try:
            raw = self._engine.raw_connection()
            try:
                result = upkeep(raw.driver_connection)
            finally:
                raw.close()
        except TranscriptsError as refusal:
            result = refusal
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            result = StorageRefused("The upkeep of the database failed; try it again.")
            result.__cause__ = error
            cause = error.orig if isinstance(error, DBAPIError) else error
            log.error("upkeep failed: %s", kind_of(cause))
        except Exception as error:  # the edge of this thread: it must outlive any fault
            log.exception("upkeep failed in an unexpected way")
            result = error
        _resolve([ask], [result])

    def _refusal(self, error: SQLAlchemyError) -> StorageRefused:
        """What those who asked are told; that the database is away is noted for `refuses`."""
        if _is_the_database_away(error):
            self._refused_at, self._stored_since = time.monotonic(), False
        cause = error.orig if isinstance(error, DBAPIError) else error
        # Only the kind of error: a driver's text can quote what a shopper wrote.
        log.error("storage refused: %s", kind_of(cause))
        refusal = StorageRefused("It could not be stored. Nothing was kept; send it again.")
        refusal.__cause__ = error
        return refusal

    def _commit_patiently(self, group: list[_Ask]) -> list[Any]:
        """Commit; try again where another node got in the way and nothing was stored."""
        for left in reversed(range(TRIES)):
            try:
                return self._commit(group)
            except DBAPIError as error:
                if left == 0 or not _did_another_node(error):
                    raise
        raise AssertionError("unreachable")

    def _commit(self, group: list[_Ask]) -> list[Any]:
        """Run the whole group in one transaction. When this returns, it is durable."""
        try:
            results = self._commit_once(group)
        except BaseException:
            self._forget()  # it was rolled back, or nobody knows
            raise
        if any(ask.changes_conversations for ask in group):
            self._forget()
        elif self._recent is not None:
            self._recent.take(results)
        return results

    def _forget(self) -> None:
        if self._recent is not None:
            self._recent.forget()

    def _commit_once(self, group: list[_Ask]) -> list[Any]:
        results: dict[_Ask, Any] = {}
        with self._engine.begin() as connection:
            asks = [ask for ask in group if ask.work is None]
            if asks:
                shared = self._shared(connection, [ask.ask for ask in asks])
                results.update(zip(asks, shared, strict=True))
            for ask in group:
                if ask.work is not None:
                    results[ask] = _run_behind_savepoint(connection, ask.work)
        if asks:  # other work may have had nothing to write
            self._stored_since = True
        return [results[ask] for ask in group]


def _run_behind_savepoint(connection: Connection, work: Callable[[Connection], Any]) -> Any:
    try:
        with connection.begin_nested():
            return work(connection)
    except (TranscriptsError, ConversationError) as refusal:
        return refusal


def _resolve(group: Sequence[_Ask], results: Sequence[Any]) -> None:
    for ask, result in zip(group, results, strict=True):
        if isinstance(result, BaseException):
            ask.future.set_exception(result)
        else:
            ask.future.set_result(result)


def kind_of(cause: BaseException | None) -> str:
    """Name an error by its class and, where the driver has one, its code: SQLITE_FULL, 53100."""
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return type(cause).__name__ + (f" ({code})" if code else "")


def _did_another_node(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _IN_THE_WAY:
        return True
    return isinstance(error, IntegrityError)


def _is_the_database_away(error: SQLAlchemyError) -> bool:
    """Whether trying each alone is useless: disk full, input/output error, connection lost."""
    if not isinstance(error, DBAPIError):
        return True
    return error.connection_invalidated or type(error).__name__ == "OperationalError"
