"""Keeps what was understood of messages ahead of their turns, while they were still being stored.

Nothing in here is ever said: a turn that was taken asks for it, and whatever nobody asks for is
dropped. What a message means by itself does not depend on the conversation; what does is left to
the turn.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future

from bot.answering.parts import Turn
from knowledge_base.entry import VersionId

MOST_KEPT = 8
"""Messages kept at one time; only those count that are answered next."""

_Key = tuple[str, str, str]


class Foresight:
    """Turns that are understood, or are just being so, by their words. Safe in several threads."""

    def __init__(self) -> None:
        self._turns: dict[_Key, Future[Turn]] = {}
        self._changing = threading.Lock()

    def begin(self, turn: Turn) -> Future[Turn]:
        """Say that a turn is being understood; resolve what this gives when it is, or failed."""
        work: Future[Turn] = Future()
        with self._changing:
            self._turns[_key(turn)] = work
            for key in list(self._turns)[:-MOST_KEPT]:
                del self._turns[key]
        return work

    def take(self, turn: Turn, version: VersionId) -> bool:
        """Fill a turn in with what was understood of these very words; waits while that goes on.

        Args:
            version: of the knowledge in force; what was found in another is of no use.

        Returns:
            False when there is nothing of use, and the turn is as it was.
        """
        with self._changing:
            work = self._turns.pop(_key(turn), None)
        if work is None or work.exception() is not None:
            return False
        seen = work.result()
        if seen.result is None or seen.result.version != version:
            return False
        turn.mood, turn.guess = seen.mood, seen.guess
        turn.result, turn.judgement, turn.alone = seen.result, seen.judgement, seen.alone
        turn.found_alone = seen.result
        turn.seconds.update(seen.seconds)
        return True


def _key(turn: Turn) -> _Key:
    return turn.text, turn.asked, turn.answer_in
