"""Everything one node serves with, joined; made when the event loop runs, ended by `drain`."""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any

from bot.answering.answer import Answerer
from bot.answering.live_training import LiveTraining
from bot.answering.shop import Shop
from bot.bus.bus import Bus, Wake, WakeUp
from bot.conversation.events import ConversationId
from bot.outbox.worker import OutboxWorker
from bot.server.answer_worker import AnswerWorker
from bot.server.attendance import Attendance
from bot.server.called_staff import CalledStaff
from bot.server.colleagues import Colleagues
from bot.server.crowd import gather_seconds
from bot.server.desk import Desk
from bot.server.desk_watch import DeskWatch
from bot.server.inbox import Inbox, InboxParts
from bot.server.job_board import FolderJobBoard, JobBoard, SharedJobBoard
from bot.server.jobs import Jobs
from bot.server.knowledge_desk import KnowledgeDesk
from bot.server.learnt import Learnt
from bot.server.loaded import Leftovers
from bot.server.logs import log_of
from bot.server.metrics import Metrics
from bot.server.opening_hours import OpeningHours
from bot.server.pages import Pages, built_pages
from bot.server.passwords import PasswordChecks
from bot.server.peers import Peers
from bot.server.pinned_widgets import PinnedWidgets
from bot.server.presence import Presence
from bot.server.rates import OpenCount, Rate, Window
from bot.server.roll_call import RollCaller
from bot.server.session_watch import SessionWatch
from bot.server.shopper_parts import Around, shopper_parts
from bot.server.sign_in import SignIn
from bot.server.staff_connection import StaffConnection, StaffParts
from bot.server.switchboard import Switchboard
from bot.server.training_desk import TrainingDesk
from bot.server.training_slot import FolderSlot, SharedSlot, TrainingSlot
from bot.server.training_watch import TrainingWatch
from bot.server.upkeep import Upkeep
from bot.server.uploads import FolderUploads, SharedUploads, Uploads
from bot.server.waiting_room import WaitingRoom
from bot.server.wakes import Wakes, Woken
from bot.server.watchers import Watchers
from bot.settings import Settings
from bot.transcripts.published import PublishedKnowledge
from bot.transcripts.store import Transcripts
from knowledge_base.entry import VersionId
from knowledge_base.live import KnowledgeBase

OUTBOX_ENDS_SECONDS = 5.0
"""For a delivery under way at the end; what is cut off is delivered again under the same key."""

LAG_SECONDS = 1.0
CROWD_SECONDS = 1.0
COMMANDS = "shopkeeper.commands"
"""The door through which the shell finds commands of other packages."""

log = log_of(__name__)


@dataclass(frozen=True)
class Parts:
    """What a node is made of; `bot.assemble` makes the real ones, tests their own.

    Attributes:
        knowledge: None where there is no knowledge base to manage (tests of the sockets).
        training: exchanges what was trained while it answers; None as above.
        shared: what nodes without a common folder share; None: the state folder is common, or ours.
        models: names and digests of what else answers, for the overview.
        shell: the shell's command, which trains when an admin wants it.
        mines: whether that shell can look through old chats.
        outbox: delivers what must leave the house; None delivers nothing (tests of the sockets).
        now: the wall clock, UTC.
        answers_beside: how many other processes answer.
        answers_beside_lost: how many of them have ended by themselves since the start.
    """

    settings: Settings
    shop: Shop
    transcripts: Transcripts
    bus: Bus
    answerer: Answerer
    knowledge: KnowledgeBase | None = None
    training: LiveTraining | None = None
    shared: PublishedKnowledge | None = None
    checks: PasswordChecks | None = None
    models: dict[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = (sys.executable, "-m", "bot")
    mines: bool = field(default_factory=lambda: bool(entry_points(group=COMMANDS, name="mine")))
    outbox: OutboxWorker | None = None
    now: Callable[[], datetime] = field(kw_only=True)
    answers_beside: Callable[[], int] = lambda: 0
    answers_beside_lost: Callable[[], int] = lambda: 0
    close: Callable[[], None] = lambda: None


class Service:
    """One node, running. Made on the running event loop.

    Attributes are its parts; the routes and sockets reach them through `app.state.service`.
    """

    def __init__(self, parts: Parts, port: int) -> None:
        settings = parts.settings
        self.parts = parts
        self.settings = settings
        self.shop = parts.shop
        self.bus = parts.bus
        self.draining = False
        self.ready = False
        self.connections: set[Any] = set()
        self.leftovers = Leftovers()
        self.metrics = Metrics()
        self.metrics.answers_beside.set_function(lambda: float(parts.answers_beside()))
        self.metrics.answers_beside_lost.set_function(lambda: float(parts.answers_beside_lost()))
        self.peers = Peers(settings, port)
        self.pages = Pages(built_pages(settings.pages_folder))
        self.wakes = Wakes(parts.bus, settings.bus_poll_seconds)
        self.desk = Desk(parts.transcripts.store)
        self.widgets = PinnedWidgets(self.desk, parts.transcripts.widgets, self.pages)
        self.switchboard = Switchboard(self.desk)
        self.switchboard.announce = self.wakes.signal
        self._make_desk(parts)
        self._make_answering(parts)
        self._make_sign_in(parts)
        self._make_console(parts)
        self._make_sockets(parts)
        self._loop = asyncio.get_running_loop()
        self._tasks: list[asyncio.Task[None]] = []
        self.desk.hear(self.wakes.recorded)

    def _make_desk(self, parts: Parts) -> None:
        """Make what belongs to people: who is here, who looks at what, the queue, the timers."""
        transcripts, settings = parts.transcripts, parts.settings
        node = secrets.token_hex(4)
        self.presence = Presence(node, self._announcing(Wake.PRESENCE))
        self.roll_caller = RollCaller(
            node, self.desk, transcripts.roll_call, self.presence, self._presence_changed
        )
        self.colleagues = Colleagues(self.desk, transcripts, self.presence)
        watching = Attendance(node, self._announcing(Wake.WATCHING))
        self.watchers = Watchers(watching, self.colleagues.name_of, self._watchers_changed)
        self.hours = OpeningHours(self.desk, transcripts.desk, parts.shop, parts.now)
        self.waiting_room = WaitingRoom(self.switchboard, self.presence, self.hours, parts.now)
        self.inbox = Inbox(
            InboxParts(
                desk=self.desk,
                presence=self.presence,
                colleagues=self.colleagues,
                hours=self.hours,
                waiting_room=self.waiting_room,
                shop=parts.shop,
                settings=settings,
                others_are_known=lambda: self.bus.connected or self.roll_caller.is_fresh,
                now=parts.now,
            )
        )
        self.called = CalledStaff(
            self.desk,
            transcripts.mentions,
            self.inbox.of,
            lambda staff: self.publish(WakeUp(Wake.MENTIONED, staff)),
        )
        self.desk_watch = DeskWatch(self.inbox, self.desk, transcripts.desk, settings, parts.now)
        self.upkeep = Upkeep(
            desk=self.desk,
            transcripts=transcripts,
            inbox=self.inbox,
            watchers=self.watchers,
            hours=self.hours,
            colleagues=self.colleagues,
            settings=settings,
        )

    def _make_answering(self, parts: Parts) -> None:
        self.worker = AnswerWorker(
            desk=self.desk,
            answerer=parts.answerer,
            shop=parts.shop,
            settings=parts.settings,
            metrics=self.metrics,
            now=parts.now,
            shows_typing=self._shows_typing,
            unheard=self._stored_unheard,
        )
        self.worker.leaves = self.wakes.turn_left

    def _make_sign_in(self, parts: Parts) -> None:
        """Make what lets staff in, and out again when their session ends."""
        checks = parts.checks or PasswordChecks(parts.settings.sign_in_hashes)
        accounts = parts.transcripts.accounts
        self.sign_in = SignIn(self.desk, accounts, checks, parts.settings, parts.now)
        self.watch = SessionWatch(self.sign_in, parts.settings)

    def _make_console(self, parts: Parts) -> None:
        """Make what admins work with: knowledge and training, in jobs that every node sees."""
        settings = parts.settings
        board, uploads = _shared_work(parts)
        self.jobs = Jobs(settings.jobs_kept, board)
        self.knowledge = KnowledgeDesk(parts.knowledge, settings, self.jobs, uploads, parts.now)
        self.knowledge.published = self._published
        self.training = TrainingWatch(parts.training)
        self.learning = TrainingDesk(
            training=parts.training,
            learnt=Learnt(parts.training, parts.knowledge),
            settings=settings,
            board=board,
            slot=_training_slot(parts),
            uploads=uploads,
            shell=parts.shell,
            now=parts.now,
        )
        self.learning.taken_over = self.training_changed
        self.uploads = Window(settings.uploads_per_hour, 3600)

    def _make_sockets(self, parts: Parts) -> None:
        """Make what every socket works with, and the limits at the door."""
        settings = parts.settings
        self.handshakes = Rate(settings.handshakes_per_second, settings.handshakes_burst)
        self.open_from_address = OpenCount(settings.sockets_per_address)
        self.shoppers = shopper_parts(
            Around(
                settings=settings,
                shop=parts.shop,
                desk=self.desk,
                switchboard=self.switchboard,
                waiting_room=self.waiting_room,
                presence=self.presence,
                hours=self.hours,
                metrics=self.metrics,
                will_take=self.worker.will_take,
            )
        )
        per_second = settings.staff_messages_per_second
        self.staff = StaffParts(
            settings=settings,
            desk=self.desk,
            switchboard=self.switchboard,
            inbox=self.inbox,
            mentions=self.called,
            watchers=self.watchers,
            knowledge=self.knowledge,
            hours=self.hours,
            metrics=self.metrics,
            frames=Rate(per_second, per_second * 6),
        )

    def _announcing(self, wake: Wake) -> Callable[[str], None]:
        return lambda line: self.publish(WakeUp(wake, line))

    async def start(self) -> None:
        """Begin: listen to the bus, answer what was left open, watch sessions and the desk."""
        self.wakes.start(
            Woken(
                desk=self.desk,
                switchboard=self.switchboard,
                inbox=self.inbox,
                called=self.called,
                watchers=self.watchers,
                knowledge=self.knowledge,
                training=self.training,
                upkeep=self.upkeep,
                look_at_sessions=self.watch.look_now,
                take_over=self.worker.take_over,
            )
        )
        await self.upkeep.refresh()
        await self.widgets.keep()
        await self.inbox.start()
        self.worker.start()
        if self.parts.outbox is not None:
            self.parts.outbox.start()
        for work in (
            self.watch.run(),
            self.desk_watch.run(),
            self.upkeep.repeat(),
            self.upkeep.forget_daily(),
            self.wakes.poll(),
            self._measure_lag(),
            self._look_at_crowd(),
            *([self.roll_caller.repeat()] if self.settings.redis_url else []),
        ):
            self._tasks.append(self._loop.create_task(work))
        self.ready = True

    async def drain(self) -> None:
        """End in order: nothing new, running answers finish, sockets are told to come again."""
        self.draining = True
        self.ready = False
        began = time.monotonic()
        await self.worker.drain(self.settings.drain_seconds)
        await self._send_away(began)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.settings.redis_url:
            await self.roll_caller.leave()
        self.inbox.close()
        self.called.close()
        self.switchboard.close()
        self.wakes.close()
        self.training.close()
        await asyncio.gather(self.knowledge.close(), self.learning.close())
        if self.parts.outbox is not None:
            await asyncio.to_thread(self.parts.outbox.close, OUTBOX_ENDS_SECONDS)
        await asyncio.to_thread(self.desk.close)  # reads end before what they read is closed
        if self.parts.shared is not None:
            await asyncio.to_thread(self.parts.shared.close)
        await asyncio.to_thread(self.parts.transcripts.close)
        await asyncio.to_thread(self.bus.close)
        self.sign_in.checks.close()
        self.parts.close()

    async def _send_away(self, began: float) -> None:
        """Close every socket with 1012, each with its own moment to come again."""
        connections = list(self.connections)
        spread = self.settings.spread_seconds
        for position, connection in enumerate(connections):
            share = position / max(1, len(connections))
            connection.restarting(retry_after_seconds=round(1 + share * spread, 2))
            if position % 100 == 99:
                await asyncio.sleep(0)
        left = self.settings.exit_seconds - 5 - (time.monotonic() - began)
        waits = [connection.outgoing.wait_closed() for connection in connections]
        try:
            async with asyncio.timeout(max(0.5, min(5.0, left))):
                await asyncio.gather(*waits)
        except TimeoutError:
            log.warning("drain.unclosed_sockets")

    async def audit(
        self, who: str, act: str, about: str = "", details: dict[str, Any] | None = None
    ) -> None:
        """Write a privileged act into the audit log; waits until it is stored."""
        await self.desk.wait(self.parts.transcripts.audit.append(who, act, about, details))

    async def staff_changed(self) -> None:
        """Have every node read accounts, skills and hours again; this one before it answers."""
        await self.upkeep.refresh()
        self.publish(WakeUp(Wake.DESK))

    def training_changed(self) -> None:
        """Have every node look at once whether something was trained."""
        self.training.refresh_soon()
        self.publish(WakeUp(Wake.KNOWLEDGE))

    def revoked(self, staff: str) -> None:
        """Have every node look at once at the sessions of its open sockets."""
        self.watch.look_now()
        self.publish(WakeUp(Wake.SIGNED_OUT, staff))

    # -- the bus -----------------------------------------------------------------------------

    def publish(self, wake_up: WakeUp) -> None:
        """Wake the other nodes; this one knows already."""
        self.wakes.publish(wake_up)

    def _published(self, version: VersionId) -> None:
        """Tell the other nodes; called from a job's thread."""
        wake_up = WakeUp(Wake.KNOWLEDGE, version)
        self._loop.call_soon_threadsafe(self.publish, wake_up)

    def _shows_typing(self, conversation: ConversationId, on: bool) -> None:
        frame = {"type": "typing", "who": "bot", "on": on}
        self.switchboard.signal_here(conversation, "shopper", frame)

    def _stored_unheard(self, conversation: ConversationId) -> None:
        self.switchboard.wake(conversation)
        self.inbox.changed(conversation)
        self.wakes.publish(WakeUp(Wake.CONVERSATION, conversation))

    def _presence_changed(self) -> None:
        self.inbox.presence_changed()

    def _watchers_changed(self, conversation: ConversationId) -> None:
        for connection in tuple(self.connections):
            if isinstance(connection, StaffConnection):
                connection.watchers_changed(conversation)

    async def _measure_lag(self) -> None:
        """Keep the longest wait of the event loop, for /metrics."""
        while True:
            began = self._loop.time()
            await asyncio.sleep(LAG_SECONDS)
            lag = self._loop.time() - began - LAG_SECONDS
            self.metrics.loop_lag_seconds.set(max(0.0, lag))

    async def _look_at_crowd(self) -> None:
        """Let messages share commits while very many pages are open."""
        while True:
            self.parts.transcripts.store.gather(gather_seconds(len(self.switchboard.listened())))
            await asyncio.sleep(CROWD_SECONDS)


def _shared_work(parts: Parts) -> tuple[JobBoard, Uploads]:
    """Where this node's jobs and uploads are, so that every other node finds them."""
    if parts.shared is not None:
        return SharedJobBoard(parts.shared), SharedUploads(parts.shared, parts.now)
    folder = parts.settings.state_folder
    return FolderJobBoard(folder / "jobs", parts.now), FolderUploads(folder / "uploads", parts.now)


def _training_slot(parts: Parts) -> TrainingSlot:
    """Of which there is one for all nodes."""
    if parts.shared is not None:
        return SharedSlot(parts.shared)
    return FolderSlot(parts.settings.state_folder / "trained" / "console")
