"""One staff member's websocket: read a frame, check the right, ask the core, send.

The cookie says who it is; the first frame must repeat the session's CSRF token, so that a page of
another site, for which the browser sends the cookie too, opens nothing. The session is looked at
again twice a second (`session_watch`), and its role at every frame.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.websockets import WebSocket

from bot.conversation.commands import Command
from bot.conversation.conversation import ConversationState
from bot.conversation.errors import Refused
from bot.conversation.events import ConversationId, Event, StaffId
from bot.errors import Forbidden, NotSignedIn, TooMany
from bot.server import frames, wire
from bot.server.audience import for_staff, iso
from bot.server.called_staff import CalledStaff
from bot.server.connection import AlreadyTold, Connection, Ended
from bot.server.conversation_view import look_into, older
from bot.server.desk import Desk, Feed
from bot.server.inbox import Inbox
from bot.server.inbox_lines import InboxLines
from bot.server.knowledge_desk import KnowledgeDesk
from bot.server.metrics import Metrics
from bot.server.opening_hours import OpeningHours
from bot.server.rates import Rate
from bot.server.refusals import refusal_of
from bot.server.sign_in import STAFF, TOUCH_SECONDS, check_csrf, check_role
from bot.server.signals import HasRead, Typing
from bot.server.staff_commands import Acting, Written, command_of, words_of
from bot.server.suggestions import suggest
from bot.server.switchboard import Listener, Switchboard
from bot.server.watchers import Watchers
from bot.settings import Settings
from bot.transcripts.accounts import Session
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.records import STAFF_READER, Recorded

MOST_FOLLOWED = 50
"""Conversations that one inbox may follow at once; an open page shows one, and a few tabs."""


@dataclass(frozen=True)
class StaffParts:
    """What every staff connection of a node shares."""

    settings: Settings
    desk: Desk
    switchboard: Switchboard
    inbox: Inbox
    mentions: CalledStaff
    watchers: Watchers
    knowledge: KnowledgeDesk
    hours: OpeningHours
    metrics: Metrics
    frames: Rate


class Watch(Protocol):
    """Ends a connection when its session does."""

    def watch(self, connection: StaffConnection) -> None:
        """Watch one more."""
        ...

    def unwatch(self, connection: StaffConnection) -> None:
        """Watch it no longer."""
        ...


class StaffConnection(Connection):
    """Serves one accepted websocket of a staff member until it ends.

    Attributes:
        digest: of the session's cookie, for the watch.
        session: as it was last looked at.
    """

    who = "staff"
    known_frames = frames.STAFF_FRAMES

    def __init__(
        self,
        websocket: WebSocket,
        digest: bytes,
        session: Session | None,
        parts: StaffParts,
        watch: Watch,
        used: Callable[[bytes], Awaitable[None]],
    ) -> None:
        super().__init__(websocket, parts.settings, parts.metrics)
        self.digest = digest
        self.session = session
        self._parts = parts
        self._desk = parts.desk
        self._watch = watch
        self._used = used
        self._used_until = 0.0
        self._listeners: dict[ConversationId, Listener] = {}
        self._holders: dict[ConversationId, StaffId | None] = {}
        self._typing_in: set[ConversationId] = set()
        self._watchers_told: dict[ConversationId, list[dict[str, Any]]] = {}
        self._lines = InboxLines(self.outgoing, self.spawn)
        self._greeted = False
        self._me = ""

    @property
    def staff(self) -> StaffId:
        """Whose connection it is."""
        return StaffId(self._signed_in().account.id)

    def follows(self, conversation: ConversationId) -> bool:
        """Whether the person looks at this conversation."""
        return conversation in self._listeners

    def tell_line(self, conversation: ConversationId, frame: str) -> None:
        """Send the newest frame about a line of the inbox, or skip it for a newer one."""
        self._lines.tell(conversation, frame)

    def watchers_changed(self, conversation: ConversationId) -> None:
        """Tell who else looks at a conversation that this person follows, if that changed."""
        if not self.follows(conversation):
            return
        watchers = self._parts.watchers.of(conversation, but=self.staff)
        if self._watchers_told.get(conversation) != watchers:
            self._watchers_told[conversation] = watchers
            self.send("watchers", conversation=conversation, watchers=watchers)

    def signed_out(self) -> None:
        """End, because the session has."""
        self.refuse(_signed_out())
        self.outgoing.close(wire.SIGNED_OUT, "signed out")

    # -- frames ------------------------------------------------------------------------------

    async def greet(self, frame: frames.Frame) -> None:
        """Answer `hello`: who you are, and the inbox."""
        hello = self.must_be(frame, frames.StaffHello)
        if self.session is None:
            raise Ended(wire.SIGNED_OUT, _signed_out())
        try:
            check_csrf(self.session, hello.csrf)
            check_role(self.session, STAFF)
        except Forbidden as refusal:
            raise Ended(wire.NOT_YOURS, refusal) from None
        account = self.session.account
        self._greeted = True
        self._me = account.id
        self._watch.watch(self)
        self._parts.inbox.enter(self, present=True)
        self.send(
            "welcome",
            me={"id": account.id, "name": account.name, "roles": sorted(account.roles)},
            epoch=self._desk.store.epoch,
            inbox=self._parts.inbox.lines(),
            staff_present=self._parts.inbox.presence.present,
            colleagues=self._parts.inbox.listed_colleagues(),
            routing=self.settings.routing,
            limits={"text_characters": self.settings.text_characters},
            desk=self._parts.hours.desk_json(self._parts.inbox.presence.present),
            storing=self._parts.inbox.stores,
        )
        self._parts.inbox.presence_changed()
        await self._parts.mentions.greet(self)

    async def take(self, frame: frames.Frame) -> None:
        """Do what a frame after `hello` asks."""
        check_role(self._signed_in(), STAFF)
        match frame:
            case frames.StaffSay() | frames.StaffNote():
                await self._write(frame)
            case frames.StaffCommand(type="leave"):
                self._leave_one(ConversationId(frame.conversation))
            case (
                frames.StaffCommand()
                | frames.StaffTransfer()
                | frames.StaffTakeOver()
                | frames.StaffTag()
            ):
                await self._act(frame)
            case frames.StaffSuggest():
                await self._suggest(frame)
            case frames.StaffOpen():
                await self._open(frame)
            case frames.StaffMore():
                await self._more(frame)
            case frames.StaffTyping():
                self._typing(frame)
            case frames.StaffSeen():
                await self._seen(frame)
            case frames.StaffMentionsSeen():
                await self._parts.mentions.see(self.staff)
            case frames.StaffPresence():
                self._parts.inbox.came(self, frame.present)
            case frames.Tick():
                self.tick()
            case _:
                raise wire.FrameRefused("`hello` was already said.", "已经打过招呼了。")

    def take_rate(self, frame: frames.Frame) -> None:
        """Refuse a frame that comes too soon; any other than a tick is a use of the session.

        Of what was written the page is told which it was: it keeps it, and says it again.
        """
        try:
            self._parts.frames.take(self.staff)
        except TooMany as refusal:
            if not isinstance(frame, Written):
                raise
            about = {"what": frame.type, "conversation": frame.conversation, "id": frame.id}
            self.refuse(refusal, **about)
            raise AlreadyTold from None
        if not isinstance(frame, frames.Tick) and self._loop.time() >= self._used_until:
            self._used_until = self._loop.time() + TOUCH_SECONDS
            self.spawn(self._used(self.digest))

    def about(self, frame: frames.Frame) -> dict[str, Any]:
        """Say which conversation cannot be opened: erased meanwhile, it must leave the screen."""
        if isinstance(frame, frames.StaffOpen):
            return {"what": frame.type, "conversation": frame.conversation}
        return {}

    def leave(self) -> None:
        """Stop listening and close the inbox."""
        for conversation in tuple(self._listeners):
            self._leave_one(conversation)
        if self._greeted:
            self._parts.inbox.went(self)
            self._watch.unwatch(self)

    # -- what the frames do ------------------------------------------------------------------

    async def _open(self, frame: frames.StaffOpen) -> None:
        conversation = ConversationId(frame.conversation)
        self._leave_one(conversation)
        if len(self._listeners) >= MOST_FOLLOWED:
            raise wire.FrameRefused(
                f"At most {MOST_FOLLOWED} conversations are followed; leave one first.",
                f"最多同时打开 {MOST_FOLLOWED} 个对话，请先关闭一个。",
            )

        def show(events: tuple[Event, ...], state: ConversationState) -> None:
            self._holders[conversation] = None if state.holder is None else state.holder.id
            for event in events:
                self.send("event", conversation=conversation, event=for_staff(event))

        def gone() -> None:
            self._leave_one(conversation)
            self.send("gone", conversation=conversation)

        feed = Feed(conversation, 0, show)
        listener = Listener("staff", feed, self._signal, self.lost, gone)
        self._listeners[conversation] = listener
        self._parts.switchboard.join(listener)
        try:
            view = await self._desk.read(look_into, self._desk.store, conversation)
        except TranscriptsError:
            self._leave_one(conversation)
            raise
        feed.sent = view.last_seq
        holder = view.line.holder
        self._holders[conversation] = None if holder is None else holder.id
        fields = view.fields(self._parts.inbox.shown(view.line), frame.last_seq)
        watchers = self._parts.watchers.of(conversation, but=self.staff)
        self._watchers_told[conversation] = watchers
        self.send("opened", conversation=conversation, **fields, watchers=watchers)
        self._parts.watchers.looks(conversation, self.staff, self, composing=False)
        await self._parts.switchboard.catch_up(listener)

    async def _more(self, frame: frames.StaffMore) -> None:
        conversation = ConversationId(frame.conversation)
        limit = min(frame.limit or self.settings.older_events, self.settings.older_events)
        events, first = await self._desk.read(
            older, self._desk.store, conversation, frame.before, limit
        )
        self.send(
            "older", conversation=conversation, events=events, before=frame.before, first=first
        )

    async def _act(self, frame: Acting) -> None:
        command = command_of(frame, self._signed_in().account, self._parts.inbox)
        await self._store(frame, command)
        self.send("done", what=frame.type, conversation=frame.conversation)
        self._parts.inbox.changed(ConversationId(frame.conversation))

    async def _write(self, frame: Written) -> None:
        command = words_of(frame, self._signed_in().account, self._parts.inbox)
        said = (await self._store(frame, command, id=frame.id)).said
        self.send(
            "accepted",
            id=frame.id,
            conversation=frame.conversation,
            seq=said.seq,
            at=iso(said.at),
        )

    async def _store(self, frame: Acting | Written, command: Command, **about: Any) -> Recorded:
        try:
            return await self._desk.submit(ConversationId(frame.conversation), command)
        except (Refused, TranscriptsError) as error:
            what = frame.type
            self.refuse(refusal_of(error), what=what, conversation=frame.conversation, **about)
            raise AlreadyTold from None

    def _typing(self, frame: frames.StaffTyping) -> None:
        conversation = ConversationId(frame.conversation)
        if not self.follows(conversation):
            return
        self._parts.watchers.looks(conversation, self.staff, self, frame.on)
        holder = self._holders.get(conversation)
        if holder == self.staff and not frame.private:
            self._parts.switchboard.typing(Typing(conversation, "shopper", frame.on))
            (self._typing_in.add if frame.on else self._typing_in.discard)(conversation)

    def _stop_typing(self, conversation: ConversationId) -> None:
        """Take back a sign that would otherwise stand for ever."""
        if conversation in self._typing_in:
            self._typing_in.discard(conversation)
            self._parts.switchboard.typing(Typing(conversation, "shopper", False))

    async def _seen(self, frame: frames.StaffSeen) -> None:
        conversation = ConversationId(frame.conversation)
        place = await self._desk.wait(
            self._desk.store.mark_seen(conversation, STAFF_READER, frame.up_to)
        )
        self._parts.switchboard.has_read(HasRead(conversation, "shopper"), place)
        self._parts.inbox.changed(conversation)
        await self._parts.mentions.see(self.staff, conversation, frame.up_to)

    async def _suggest(self, frame: frames.StaffSuggest) -> None:
        conversation = ConversationId(frame.conversation)
        found = await self._desk.read(
            suggest, self._desk.store, self._parts.knowledge, conversation, frame.text or ""
        )
        self.send("suggestions", conversation=conversation, **found)

    # -- small things ------------------------------------------------------------------------

    def _signal(self, frame: dict[str, Any]) -> None:
        self.send(**frame)

    def _leave_one(self, conversation: ConversationId) -> None:
        listener = self._listeners.pop(conversation, None)
        if listener is None:
            return
        self._parts.switchboard.leave(listener)
        self._holders.pop(conversation, None)
        self._watchers_told.pop(conversation, None)
        self._stop_typing(conversation)
        self._parts.watchers.leaves(conversation, StaffId(self._me), self)

    def _signed_in(self) -> Session:
        if self.session is None:
            raise Ended(wire.SIGNED_OUT, _signed_out())
        return self.session


def _signed_out() -> NotSignedIn:
    return NotSignedIn("The session has ended. Sign in again.", "请重新登录。", code="signed_out")
