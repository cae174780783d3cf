"""What nodes tell each other over the bus, and what is done when one tells something.

A wake-up carries no truth: whoever gets one looks into the transcripts, so a bus that is away, or
lies, costs freshness and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.bus.bus import Bus, Subscription, Wake, WakeUp
from bot.conversation.events import ConversationId, Event, EventKind, TurnId
from bot.server.called_staff import CalledStaff
from bot.server.desk import Desk
from bot.server.inbox import Inbox
from bot.server.knowledge_desk import KnowledgeDesk
from bot.server.logs import log_of
from bot.server.signals import HasRead, Typing, line_of, signal_from
from bot.server.switchboard import Switchboard
from bot.server.training_watch import TrainingWatch
from bot.server.upkeep import Upkeep
from bot.server.watchers import Watchers
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.records import Recorded

RECENT_CONVERSATIONS = 300
"""Looked at in each poll while the bus is away; more change rarely within two seconds."""

WHO_IS_THERE = "?"
"""Said by a node that has just started: the others repeat who is with them."""

log = log_of(__name__)


@dataclass(frozen=True)
class Woken:
    """Who is told when another node has something to tell."""

    desk: Desk
    switchboard: Switchboard
    inbox: Inbox
    called: CalledStaff
    watchers: Watchers
    knowledge: KnowledgeDesk
    training: TrainingWatch
    upkeep: Upkeep
    look_at_sessions: Callable[[], None]
    take_over: Callable[[TurnId, int], None]

    def refresh_brain(self) -> None:
        """Look whether knowledge was published, or something trained, elsewhere."""
        self.knowledge.refresh_soon()
        self.training.refresh_soon()


class Wakes:
    """One node's end of the bus. Made on the running event loop."""

    def __init__(self, bus: Bus, poll_seconds: float) -> None:
        self._bus = bus
        self._poll_seconds = poll_seconds
        self._loop = asyncio.get_running_loop()
        self._publishing = False
        self._subscription: Subscription | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken: Woken | None = None
        self._handlers: dict[Wake, Callable[[Woken, str], None]] = {
            Wake.CONVERSATION: self._conversation,
            Wake.INBOX: lambda woken, about: woken.inbox.changed(ConversationId(about)),
            Wake.PRESENCE: self._presence,
            Wake.WATCHING: lambda woken, about: woken.watchers.heard(about),
            Wake.SIGNAL: self._signal,
            Wake.MENTIONED: lambda woken, about: self._spawn(_call(woken, about)),
            Wake.TURN_LEFT: self._turn_left,
            Wake.DESK: lambda woken, _: self._spawn(woken.upkeep.refresh()),
            Wake.SIGNED_OUT: lambda woken, _: woken.look_at_sessions(),
            Wake.KNOWLEDGE: lambda woken, _: woken.refresh_brain(),
            Wake.EVERYTHING: self._everything,
        }

    def start(self, woken: Woken) -> None:
        """Begin to listen, and ask the other nodes who is with them."""
        self._woken = woken
        self._subscription = self._bus.subscribe(self._take)
        self.publish(WakeUp(Wake.PRESENCE, WHO_IS_THERE))

    def close(self) -> None:
        """Stop listening."""
        if self._subscription is not None:
            self._subscription.close()
        for task in self._tasks:
            task.cancel()

    def publish(self, wake_up: WakeUp) -> None:
        """Wake the other nodes; this one knows already."""
        self._publishing = True
        try:
            self._bus.publish(wake_up)
        finally:
            self._publishing = False

    def signal(self, signal: Typing | HasRead) -> None:
        """Tell the other nodes a passing sign."""
        self.publish(WakeUp(Wake.SIGNAL, line_of(signal)))

    def turn_left(self, turn: TurnId, attempt: int) -> None:
        """Have another node go on with a turn that this one, which ends, leaves open."""
        self.publish(WakeUp(Wake.TURN_LEFT, f"{turn}:{attempt}"))

    def recorded(self, recorded: Recorded) -> None:
        """Tell the other nodes that something was recorded, and whom a note calls."""
        if not recorded.events:
            return
        self.publish(WakeUp(Wake.CONVERSATION, recorded.state.id))
        for event in recorded.events:
            for staff in mentions_of(event):
                self.publish(WakeUp(Wake.MENTIONED, f"{staff}:{event.conversation}:{event.seq}"))
                if self._woken is not None:
                    self._woken.called.call(staff, event)

    def _take(self, wake_up: WakeUp) -> None:
        """Take a wake-up of another node, from whatever thread it comes."""
        if self._publishing or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._wake, wake_up)

    def _wake(self, wake_up: WakeUp) -> None:
        if self._woken is not None:
            self._handlers[wake_up.wake](self._woken, wake_up.about)

    def _conversation(self, woken: Woken, about: str) -> None:
        woken.switchboard.wake(ConversationId(about))
        woken.inbox.changed(ConversationId(about))

    def _presence(self, woken: Woken, about: str) -> None:
        if about == WHO_IS_THERE:
            woken.inbox.presence.repeat()
            woken.watchers.repeat()
        else:
            woken.inbox.presence.heard(about)
            woken.inbox.presence_changed()

    def _signal(self, woken: Woken, about: str) -> None:
        signal = signal_from(about)
        if signal is not None:
            woken.switchboard.take(signal)

    def _turn_left(self, woken: Woken, about: str) -> None:
        turn, _, attempt = about.rpartition(":")
        if turn and _is_number(attempt):
            woken.take_over(TurnId(turn), int(attempt))

    def _everything(self, woken: Woken, _about: str) -> None:
        woken.look_at_sessions()
        woken.refresh_brain()
        for conversation in woken.switchboard.listened():
            woken.switchboard.wake(conversation)
        woken.inbox.changed(ConversationId(""))
        woken.called.look_soon()
        self.publish(WakeUp(Wake.PRESENCE, WHO_IS_THERE))
        self._spawn(woken.upkeep.refresh())

    async def poll(self) -> None:
        """Look, for ever, at what changed elsewhere while the bus is away."""
        while True:
            await asyncio.sleep(self._poll_seconds)
            if self._woken is None:
                continue
            self._woken.refresh_brain()
            if not self._bus.connected:
                await self._look_around(self._woken)

    async def _look_around(self, woken: Woken) -> None:
        try:
            lines = await woken.desk.read(woken.desk.store.recent, RECENT_CONVERSATIONS)
        except TranscriptsError as error:
            log.warning("poll.unreadable", why=str(error))
            return
        for line in lines:
            woken.switchboard.wake(line.conversation, line.last_seq)
        woken.inbox.changed(ConversationId(""))
        woken.called.look_soon()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_number(text: str) -> bool:
    """Whether a text from the bus is a number that cannot harm."""
    return text.isascii() and text.isdigit() and len(text) < 10


def mentions_of(event: Event) -> tuple[str, ...]:
    """Give whom a note calls."""
    if event.kind is not EventKind.STAFF_NOTED:
        return ()
    return tuple(str(staff) for staff in event.body.get("mentions", ()))


async def _call(woken: Woken, about: str) -> None:
    """Call somebody for a note of another node, as it stands in the transcript.

    Without a note, only what they have not seen has changed.
    """
    staff, _, rest = about.partition(":")
    if not rest:
        woken.called.look_soon(staff)
        return
    conversation, _, number = rest.rpartition(":")
    if not _is_number(number):
        return
    store = woken.desk.store
    try:
        view = await woken.desk.read(store.after, ConversationId(conversation), int(number) - 1, 1)
    except TranscriptsError as error:
        log.warning("mention.unreadable", why=str(error))
        return
    for event in view.events:
        if event.seq == int(number) and staff in mentions_of(event):
            woken.called.call(staff, event)
