"""What a message says before its vector is there: done beside the encoder, where it is alone.

An encoder keeps one core busy for half of the time that an answer takes, and the second one is
done before it. What only looks at words is done behind the second one, so that less is left to do
when the vector comes. Of many messages at once nothing is gained: their batches keep all cores
busy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.parts import KnowledgeSearch, Parts, Turn

if TYPE_CHECKING:
    from bot.answering.intent_classifier import IntentWords
    from bot.answering.mood_classifier import MoodWords
    from knowledge_base.search import SearchWords


@dataclass(frozen=True, slots=True)
class WordsRead:
    """What was read of one message, for each part that looks at it; None where nothing was.

    Attributes:
        searcher: what `search` was read by, which is only of use to it.
    """

    moods: MoodWords | None = None
    intents: IntentWords | None = None
    searcher: KnowledgeSearch | None = None
    search: SearchWords | None = None


UNREAD = WordsRead()
"""Nothing was read ahead: every part reads by itself."""


def read_words(parts: Parts, turn: Turn) -> WordsRead:
    """Read what a turn says, for all parts."""
    searcher = parts.knowledge.current
    return WordsRead(
        None if parts.moods is None else parts.moods.read([turn.text]),
        None if parts.intents is None else parts.intents.read([turn.asked]),
        searcher,
        searcher.read([turn.asked]),
    )
