"""Stores what becomes of a turn, again where the database refused it.

A refusal says that nothing was kept, but when the link to the database breaks just after a commit,
something was. So before each further try the transcript is read: a turn that moved on meanwhile is
left alone, and nothing is said twice. Tries end after a few seconds; then the sweep takes over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.conversation.commands import BotAnswers, BotAsks, BotGivesUp, TakeTurn, Ticket
from bot.conversation.conversation import BOT, Turn
from bot.conversation.errors import Refused
from bot.conversation.events import ConversationId, TurnState
from bot.server.desk import Desk
from bot.server.logs import log_of
from bot.transcripts.errors import StorageRefused
from bot.transcripts.records import Recorded

RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Waits before further tries: soon, for a moment's trouble, and not for ever, for a lasting one."""

log = log_of(__name__)


class PatientDesk:
    """Takes turns and records the bot's words, patiently.

    Args:
        desk: stores and reads.
        alone: whether this is the only node, so that a turn that was taken was taken here.
        unheard: told of a conversation in which something was stored that no hearer was told of.
        waits: before further tries, in seconds.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        alone: bool,
        unheard: Callable[[ConversationId], None],
        waits: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self._desk = desk
        self._alone = alone
        self._unheard = unheard
        self._waits = waits

    async def take(self, conversation: ConversationId, ticket: Ticket) -> Turn:
        """Take a turn, which `ticket` names as it was last seen.

        Raises:
            Refused: it ended, or another took it.
            TranscriptsError: it could not be stored, however often it was tried.
        """
        for wait in self._waits:
            try:
                return await self._take(conversation, ticket)
            except StorageRefused as error:
                log.warning("turn.take_again", conversation=conversation, why=str(error))
                await asyncio.sleep(wait)
                ticket = await self._ticket_now(conversation, ticket)
        return await self._take(conversation, ticket)

    async def speak(
        self, conversation: ConversationId, command: BotAnswers | BotAsks | BotGivesUp
    ) -> Recorded | None:
        """Record what the bot says with a turn; None when it turns out to be stored already.

        Raises:
            Refused: the turn ended meanwhile, or another took it.
            TranscriptsError: it could not be stored, however often it was tried.
        """
        for wait in self._waits:
            try:
                return await self._desk.submit(conversation, command)
            except StorageRefused as error:
                log.warning("turn.record_again", conversation=conversation, why=str(error))
                await asyncio.sleep(wait)
                if await self._was_said(conversation, command.ticket):
                    self._unheard(conversation)
                    return None
        return await self._desk.submit(conversation, command)

    async def _take(self, conversation: ConversationId, ticket: Ticket) -> Turn:
        return (await self._desk.submit(conversation, TakeTurn(ticket))).turns[0]

    async def _ticket_now(self, conversation: ConversationId, ticket: Ticket) -> Ticket:
        """The ticket to try again with: the commit that was refused may have taken the turn."""
        try:
            state = await self._desk.read(self._desk.store.state, conversation)
        except StorageRefused:
            return ticket
        oldest = state.open_turns[0] if state is not None and state.open_turns else None
        if oldest is None or oldest.id != ticket.turn:
            raise Refused("wrong_stage", "The turn has ended meanwhile, or is not the next one.")
        if oldest.ticket == replace(ticket, attempt=ticket.attempt + 1) and not self._alone:
            raise Refused("wrong_stage", "Another node may have taken the turn.")
        return oldest.ticket

    async def _was_said(self, conversation: ConversationId, ticket: Ticket) -> bool:
        """Whether the words of this turn are in the transcript, though storing them was refused."""
        try:
            state = await self._desk.read(self._desk.store.state, conversation)
            if state is None or any(_waits_for(turn, ticket) for turn in state.open_turns):
                return False
            view = await self._desk.read(self._desk.store.newest, conversation)
        except StorageRefused:
            return False
        return any(event.turn == ticket.turn and event.author == BOT for event in view.events)


def _waits_for(turn: Turn, ticket: Ticket) -> bool:
    return turn.state is TurnState.ANSWERING and turn.ticket == ticket
