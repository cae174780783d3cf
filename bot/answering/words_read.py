"""What a message says before its vector is there: done beside the encoder, where it is alone.

An encoder keeps one core busy for half of the time that an answer takes, and the second one is
done before it. What only looks at words is done behind the second one, so that less is left to do
when the vector comes. Then the other thread multiplies it with all examples and all phrasings, for
which nobody needs Python's lock, while the mood is judged. Of many messages at once nothing is
gained: their batches keep all cores busy.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.answering.parts import Ahead, KnowledgeSearch, Parts, Turn
from knowledge_base.encoder import Vectors

if TYPE_CHECKING:
    from bot.answering.intent_classifier import IntentWords
    from bot.answering.mood_classifier import MoodWords
    from knowledge_base.search import SearchWords

Read = TypeVar("Read")


class WordsRead:
    """What is read of one message in another thread, for each part that looks at it.

    Each is asked for once, when it is needed. What that thread has not come to by then is None:
    waiting for it would take longer than to read it in place.

    Attributes:
        searcher: what `search` is read by, which is only of use to it.
    """

    def __init__(self) -> None:
        self.searcher: KnowledgeSearch | None = None
        self._moods: Future[MoodWords] | None = None
        self._intents: Future[IntentWords] | None = None
        self._search: Future[SearchWords] | None = None
        self._compared_intents: Future[IntentWords] | None = None
        self._compared_search: Future[SearchWords] | None = None

    def begin(self, parts: Parts, turn: Turn, ahead: Ahead) -> None:
        """Have all parts read a turn, in the order in which they are asked later."""
        if parts.moods is not None:
            self._moods = ahead.afterwards(partial(parts.moods.read, [turn.text]))
        if parts.intents is not None:
            self._intents = ahead.afterwards(partial(parts.intents.read, [turn.asked]))
        self.searcher = parts.knowledge.current
        self._search = ahead.afterwards(partial(self.searcher.read, [turn.asked]))

    def compare(self, parts: Parts, turn: Turn, vectors: Vectors, ahead: Ahead) -> None:
        """Have what was read compared with all that is known, when the vector, (1, d), is there."""
        if parts.intents is not None and self._intents is not None:
            compare = partial(parts.intents.compared, texts=[turn.asked], vectors=vectors)
            self._compared_intents = ahead.afterwards(partial(_behind, self._intents, compare))
        if self.searcher is not None and self._search is not None:
            search = partial(self.searcher.compared, meant=[turn.asked], vectors=vectors)
            self._compared_search = ahead.afterwards(partial(_behind, self._search, search))

    def moods(self) -> MoodWords | None:
        """What moods are judged by; None where nothing was read."""
        return _taken(self._moods)

    def intents(self) -> IntentWords | None:
        """What intents are told by, likewise."""
        return _taken(self._compared_intents) or _taken(self._intents)

    def search(self) -> SearchWords | None:
        """What the searcher looks for, likewise."""
        return _taken(self._compared_search) or _taken(self._search)


def _behind(read: Future[Read], compare: Callable[[Read], Read]) -> Read:
    """Compare what was read just before, in the same thread."""
    return compare(read.result())


def _taken(work: Future[Read] | None) -> Read | None:
    return None if work is None or work.cancel() else work.result()


UNREAD = WordsRead()
"""Nothing is read ahead: every part reads by itself."""
