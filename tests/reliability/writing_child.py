"""A process that stores what it is told and answers every turn, until it is killed.

    python writing_child.py DATABASE_URL [--sabotage early|normal]

Standard input: one JSON line a message, {"conversation", "id", "text"}. Standard output: "ready",
then "accepted CONVERSATION ID SEQ" for each, written only when the store says that it is durable.
Closing the input ends it after the last turn. A sabotage breaks one promise on purpose, to show
that the tests would notice.
"""

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from bot.conversation.commands import Begin, BotAnswers, BotSpeech, ShopperSays, TakeTurn, Ticket
from bot.conversation.errors import Refused
from bot.conversation.events import ClientId, ConversationId
from bot.transcripts import sqlite_rules
from bot.transcripts.open import open_transcripts
from bot.transcripts.records import Recorded
from bot.transcripts.store import TranscriptStore


def tell(line: str) -> None:
    os.write(1, line.encode() + b"\n")


def when_done(future: Future[Any], callback: Callable[[Future[Any]], None]) -> None:
    """Go on when it is stored; a callback that fails ends the process, so that the test sees it."""

    def go_on(done: Future[Any]) -> None:
        try:
            callback(done)
        except BaseException:
            traceback.print_exc()
            os._exit(70)

    future.add_done_callback(go_on)


class Child:
    """Stores messages, and answers turns as they come up."""

    def __init__(self, store: TranscriptStore, *, early: bool) -> None:
        self.store = store
        self.early = early
        self.open = 0
        self.quiet = threading.Condition()

    def say(self, message: dict[str, str]) -> None:
        conversation = ConversationId(message["conversation"])
        says = ShopperSays(ClientId(message["id"]), message["text"])
        if self.early:
            tell(f"accepted {conversation} {message['id']} 0")
        if message["id"].endswith("-0"):
            digest = os.urandom(32)  # a new token each time, as the server makes them
            future: Future[Any] = self.store.begin(Begin(conversation), digest, says)
        else:
            future = self.store.submit(conversation, says)
        self._count(+1)
        when_done(future, lambda done: self._said(message["id"], done))

    def _said(self, id: str, done: Future[Any]) -> None:
        if self.early and done.exception() is not None:
            return self._count(-1)
        result = done.result()
        recorded: Recorded = getattr(result, "recorded", result)
        if not self.early:
            tell(f"accepted {recorded.state.id} {id} {recorded.said.seq}")
        self._work_on(recorded)
        self._count(-1)

    def _work_on(self, recorded: Recorded) -> None:
        """Take the next turn of a conversation if nobody answers one."""
        turns = recorded.state.open_turns
        if turns and turns[0].attempt == 0:
            self.take(recorded.state.id, turns[0].ticket)

    def take(self, conversation: ConversationId, ticket: Ticket) -> None:
        self._count(+1)
        when_done(self.store.submit(conversation, TakeTurn(ticket)), self._taken)

    def _taken(self, done: Future[Recorded]) -> None:
        if not isinstance(done.exception(), Refused):
            recorded = done.result()
            answer = BotAnswers(recorded.turns[0].ticket, BotSpeech("It is in stock.", "en"))
            self._count(+1)
            when_done(self.store.submit(recorded.state.id, answer), self._answered)
        self._count(-1)

    def _answered(self, done: Future[Recorded]) -> None:
        self._work_on(done.result())
        self._count(-1)

    def _count(self, change: int) -> None:
        with self.quiet:
            self.open += change
            self.quiet.notify_all()


def main(url: str, sabotage: str) -> None:
    if sabotage == "normal":
        sqlite_rules.WRITER_SETTINGS["synchronous"] = ("NORMAL", 1)  # type: ignore[index]
    transcripts = open_transcripts(url)
    child = Child(transcripts.store, early=sabotage == "early")
    for turn in transcripts.store.open_turns():
        conversation = ConversationId(turn.id.rpartition(".")[0])
        # Of two open turns the second is refused now, and taken when the first is answered.
        child.take(conversation, turn.ticket)
    tell("ready")
    for line in sys.stdin:
        child.say(json.loads(line))
    with child.quiet:
        child.quiet.wait_for(lambda: child.open == 0)
    transcripts.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3] if len(sys.argv) > 3 else "")
