"""When one page of a shopper is asked how satisfied they are: at the end, or after a long quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.conversation.conversation import BOT, ConversationState
from bot.conversation.events import Stage


class RatingQuestion:
    """Asks once for each end and once for each quiet, and never who has answered.

    Args:
        quiet_seconds: silence after the bot's word that counts as an end; 0: none does.
        ask: sends the question.
    """

    def __init__(self, quiet_seconds: float, ask: Callable[[], None]) -> None:
        self._quiet_seconds = quiet_seconds
        self._ask = ask
        self._asked = False
        self._timer: asyncio.TimerHandle | None = None

    def look(self, state: ConversationState, last_author: str | None) -> None:
        """Take what the conversation has come to, and who spoke last (None: not known)."""
        self.close()
        if state.score is not None:
            return
        if state.stage is Stage.CLOSED:
            self._ask_once()
        elif state.stage is not Stage.WITH_BOT:
            self._asked = False
        elif self._quiet_seconds and last_author in (BOT, None) and _is_answered(state):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._quiet_seconds, self._ask_once)

    def close(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ask_once(self) -> None:
        self._timer = None
        if not self._asked:
            self._asked = True
            self._ask()


def _is_answered(state: ConversationState) -> bool:
    return state.turn_count > 0 and not state.open_turns
