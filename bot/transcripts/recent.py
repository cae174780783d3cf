"""What was recorded lately, kept in memory so that nobody reads back what was just written.

Only for a database that one process writes (SQLite): with several nodes the database alone knows.
Everything in here was committed. It is never more than a shortcut: what is missing is read, and
whenever something else may have changed a conversation, everything is forgotten.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from sys import getsizeof, intern
from types import MappingProxyType
from typing import Any

from bot.conversation.conversation import ConversationState, texts_of
from bot.conversation.events import PRIVATE_KINDS, ConversationId, Event, TurnId
from bot.transcripts.records import Begun, Recorded, TurnContext

MOST_WEIGHT = 32_000_000
"""About the most that is kept, in bytes: two thousand long conversations at once fit in it."""

WORDS_KEPT = 24
"""The newest of each conversation: the twenty before a turn that an answerer is given, and its own
words. What was read back of longer talks was a fifth of all that a busy node did."""

_STATE_WEIGHT, _WORDS_WEIGHT = 1_500, 260  # without the texts
_NO_BODY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Kept:
    """One conversation: its state, and the newest events with words that both sides could see.

    Attributes:
        words: those events, oldest first.
        since: of all that were recorded from this number on, `words` has those with words.
    """

    state: ConversationState | None = None
    words: tuple[Event, ...] = ()
    since: int = 0
    weight: int = 0


_NOTHING = _Kept()


class Recent:
    """Conversations as the last commits left them. Safe to use from several threads.

    Args:
        most_weight: see `MOST_WEIGHT`; those that were quiet longest go first.
    """

    def __init__(self, most_weight: int = MOST_WEIGHT) -> None:
        self._most_weight = most_weight
        self._kept: OrderedDict[ConversationId, _Kept] = OrderedDict()
        self._weight = 0
        self._changing = threading.Lock()
        self._seen: tuple[object, int] | None = None

    def take(self, results: Iterable[Any]) -> None:
        """Take what a commit stored; everything else among the results says nothing."""
        for result in results:
            recorded = result.recorded if isinstance(result, Begun) else result
            if isinstance(recorded, Recorded):
                self._take(recorded)

    def forget(self) -> None:
        """Forget everything: it may have been changed, or it is not known what was committed."""
        with self._changing:
            self._kept.clear()
            self._weight = 0

    def unless_changed(self, connection: object, version: int) -> None:
        """Forget everything when another connection has written since the last look.

        Args:
            connection: the driver's own, whose view the version is.
            version: what SQLite's `data_version` says there.
        """
        seen, self._seen = self._seen, (connection, version)
        if seen is not None and (seen[0] is not connection or seen[1] != version):
            self.forget()

    def state(self, conversation: ConversationId) -> ConversationState | None:
        """Give a conversation as it stands; None where that is not known here."""
        with self._changing:
            kept = self._kept.get(conversation)
        return None if kept is None else kept.state

    def context(self, turn: TurnId, history: int) -> TurnContext | None:
        """Give an open turn and what was said before; None where not all of it is known here."""
        conversation = ConversationId(turn.rpartition(".")[0])
        with self._changing:
            kept = self._kept.get(conversation)
        if kept is None or kept.state is None:
            return None
        found = next((one for one in kept.state.open_turns if one.id == turn), None)
        own = tuple(event for event in kept.words if event.turn == turn)
        if found is None or not own or found.first_seq != own[0].seq:
            return None  # a turn that takes up earlier words is rare
        before = [event for event in kept.words if event.seq < own[0].seq]
        if kept.since > 1 and len(before) < history:
            return None
        shown = tuple(before[max(0, len(before) - history) :])
        return TurnContext(found, texts_of(own, turn), shown, kept.state)

    def _take(self, recorded: Recorded) -> None:
        state = recorded.state
        events = () if recorded.repeated else recorded.events
        fresh = tuple(_words_of(event, state) for event in events if _is_shown(event))
        with self._changing:
            kept = self._kept.pop(state.id, _NOTHING)
            self._weight -= kept.weight
            first, since = events[0].seq if events else state.last_seq + 1, kept.since
            if kept.state is None or kept.state.last_seq + 1 != first:
                kept, since = _NOTHING, first  # there is a gap, or nothing before
            words = (*kept.words, *fresh)
            left_out, words = words[:-WORDS_KEPT], words[-WORDS_KEPT:]
            weight = max(kept.weight, _STATE_WEIGHT) + _weight(fresh) - _weight(left_out)
            since = words[0].seq if left_out else since
            self._kept[state.id] = _Kept(state, words, since, weight)
            self._weight += weight
            while self._weight > self._most_weight and self._kept:
                self._weight -= self._kept.popitem(last=False)[1].weight


def _words_of(event: Event, state: ConversationState) -> Event:
    """Leave out what no answerer asks for; of its turn, where that is over, too."""
    turn = next((one.id for one in state.open_turns if one.id == event.turn), None)
    return replace(event, author=intern(event.author), client_id=None, turn=turn, body=_NO_BODY)


def _is_shown(event: Event) -> bool:
    """Whether both sides could see it, and it has words."""
    return bool(event.text) and event.kind not in PRIVATE_KINDS


def _weight(events: tuple[Event, ...]) -> int:
    return sum(_WORDS_WEIGHT + getsizeof(event.text) for event in events)
