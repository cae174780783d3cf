"""The lines of the inbox as they stand: read once, then kept up with what is recorded here.

Where this process alone writes, a line that was read needs no further reading: what is recorded of
its conversation tells all that changes in it but the staff's read mark, and who moves that mark
says so (`doubt`). What cannot be told is read, and now and then everything, because a tool beside
the server may have written. Where other nodes write too, everything is read every time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from bot.conversation.conversation import ConversationState
from bot.conversation.events import FROM_THE_SHOPPER, ConversationId, Stage
from bot.handoff.queue import listed
from bot.server.desk import Desk
from bot.transcripts.records import Recorded, Summary

INBOX_LINES = 500

ALL_AGAIN_SECONDS = 5.0
"""After so long everything is read again, when something changes."""

Lines = dict[ConversationId, Summary]


@dataclass(frozen=True, slots=True)
class _Since:
    """What was recorded of a conversation since its line was brought up to date.

    Attributes:
        first_seq: number of the first event, none being missing between it and the newest; that of
            the event to come where there was none.
        said: messages of the shopper among them.
    """

    state: ConversationState
    first_seq: int
    said: int


class KnownLines:
    """The inbox as this node knows it.

    Args:
        desk: runs the reads.
        limit: lines that an inbox has at most. Where more stand in it, everything is read every
            time: which of them are left out, no single line can tell.
        monotonic: the clock, in seconds.

    Attributes:
        lines: in the order of the inbox. Never changed, always replaced.
    """

    def __init__(
        self,
        desk: Desk,
        limit: int = INBOX_LINES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lines: Lines = {}
        self._desk = desk
        self._limit = limit
        self._monotonic = monotonic
        self._since: dict[ConversationId, _Since] = {}
        self._doubted: set[ConversationId] = set()
        self._all_again_at = 0.0
        self._sure = True

    def note(self, recorded: Recorded) -> None:
        """Take what was recorded here of a conversation whose line may change."""
        events, state = recorded.events, recorded.state
        said = sum(event.kind in FROM_THE_SHOPPER for event in events)
        first_seq = events[0].seq if events else state.last_seq + 1
        earlier = self._since.get(state.id)
        if earlier is None:
            self._since[state.id] = _Since(state, first_seq, said)
        elif earlier.state.last_seq + 1 == first_seq:
            self._since[state.id] = _Since(state, earlier.first_seq, earlier.said + said)
        else:
            self.doubt(state.id)

    def doubt(self, conversation: ConversationId) -> None:
        """Have a line read again: something may have changed of which no record tells."""
        self._doubted.add(conversation)

    async def refresh(
        self, changed: Collection[ConversationId], followed: Callable[[ConversationId], bool]
    ) -> Lines:
        """Bring the lines up to date.

        Args:
            changed: conversations whose lines may have changed.
            followed: whether somebody sees a conversation, in whatever stage.

        Returns:
            What was looked at and is not in the inbox, as it is now.

        Raises:
            TranscriptsError: it cannot be read; what changed is read when it is asked for again.
        """
        since, self._since = self._since, {}
        doubted, self._doubted = self._doubted, set()
        try:
            if not self._desk.store.only_writer or self._monotonic() >= self._all_again_at:
                return await self._read_all(changed, followed)
            found = {one: line for one in changed if (line := self._line_of(one, since, doubted))}
            found |= await self._read([one for one in changed if one not in found])
            lines = _with(self.lines, changed, found)
            if len(lines) >= self._limit:
                return await self._read_all(changed, followed)
        except BaseException:
            self._doubted |= {*changed, *doubted}
            raise
        before, self.lines, self._sure = self.lines, lines, False
        return {
            one: line
            for one, line in found.items()
            if one not in lines and (one in before or followed(one))
        }

    def sure_in_seconds(self) -> float | None:
        """When all is to be read again though nothing changes; None where that was just done."""
        return None if self._sure else self._all_again_at - self._monotonic()

    def _line_of(
        self,
        conversation: ConversationId,
        since: dict[ConversationId, _Since],
        doubted: set[ConversationId],
    ) -> Summary | None:
        """Tell what a line has come to; None where only the database knows."""
        line, added = self.lines.get(conversation), since.get(conversation)
        if line is None or added is None or conversation in doubted:
            return None
        if added.first_seq != line.last_seq + 1:
            return None
        return Summary.of(added.state, line.unread + added.said)

    async def _read(self, conversations: Collection[ConversationId]) -> Lines:
        if not conversations:
            return {}
        return await self._desk.read(self._desk.store.summaries, conversations)

    async def _read_all(
        self, changed: Iterable[ConversationId], followed: Callable[[ConversationId], bool]
    ) -> Lines:
        watched = self.lines.keys() | {one for one in changed if followed(one)}
        inbox, others = await self._desk.read(self._read_here, watched)
        self.lines = {line.conversation: line for line in inbox}
        self._sure, cut_off = True, len(self.lines) >= self._limit
        self._all_again_at = self._monotonic() + (0.0 if cut_off else ALL_AGAIN_SECONDS)
        return others

    def _read_here(self, watched: Iterable[ConversationId]) -> tuple[tuple[Summary, ...], Lines]:
        """Read the inbox, and those lines that somebody sees though they are not in it."""
        inbox = self._desk.store.inbox(self._limit)
        known = {line.conversation for line in inbox}
        return inbox, self._desk.store.summaries([one for one in watched if one not in known])


def _with(lines: Lines, changed: Iterable[ConversationId], found: Lines) -> Lines:
    """The lines after some have changed, come or gone, in the order of the inbox."""
    now = {**lines, **found}
    for one in changed:
        if one not in found or not _is_in_inbox(found[one]):
            now.pop(one, None)
    return {line.conversation: line for line in listed(now.values())}


def _is_in_inbox(line: Summary) -> bool:
    return line.left_message or line.stage in (Stage.WAITING_FOR_STAFF, Stage.WITH_STAFF)
