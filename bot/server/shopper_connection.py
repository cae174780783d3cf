"""One shopper's websocket: read a frame, decode it, ask the core, send.

Its right is the conversation's token, checked once; from then on the connection is bound to that
one conversation and no frame can name another. What the shopper said is acknowledged by `accepted`
in the place of its own event, so that the page sees every number once and in order.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from functools import partial
from typing import Any

from starlette.websockets import WebSocket

from bot.answering.answer import Language
from bot.conversation.commands import (
    Begin,
    Command,
    FirstWords,
    GoesOnWithBot,
    LeavesMessage,
    ShopperCloses,
    ShopperRates,
    ShopperSays,
)
from bot.conversation.conversation import ConversationState
from bot.conversation.errors import Refused
from bot.conversation.events import ClientId, ConversationId, Event, Stage
from bot.conversation.visible import has_visible
from bot.errors import TooMany
from bot.server import frames, wire
from bot.server.audience import (
    first_that_fit,
    for_shopper,
    iso,
    last_that_fit,
    list_for_shopper,
)
from bot.server.connection import AlreadyTold, Connection, Ended
from bot.server.desk import Feed
from bot.server.greeting import welcome_fields
from bot.server.rating_question import RatingQuestion
from bot.server.refusals import not_yours, put_off, refusal_of
from bot.server.shopper_parts import ShopperParts
from bot.server.sign_in import digest_of, new_token
from bot.server.signals import HasRead, Typing
from bot.server.switchboard import PAGE_EVENTS, Listener
from bot.server.turns import language_from
from bot.transcripts.errors import TranscriptsError, UnknownConversation
from bot.transcripts.records import (
    SHOPPER_READER,
    Begun,
    ComesBack,
    Missed,
    Recorded,
    ReplayLimits,
    View,
)

Signs = dict[str, dict[str, Any]]
"""Passing frames by their type: the newest of each."""


class ShopperConnection(Connection):
    """Serves one accepted websocket of a shopper until it ends."""

    who = "shopper"
    known_frames = frames.SHOPPER_FRAMES

    def __init__(self, websocket: WebSocket, address: str, parts: ShopperParts) -> None:
        super().__init__(websocket, parts.around.settings, parts.around.metrics)
        self._parts = parts
        self._address = address
        self._desk = parts.around.desk
        self._switchboard = parts.around.switchboard
        self._language: Language = "zh"
        self._page: dict[str, str] = {}
        self._listener: Listener | None = None
        self._counted: ConversationId | None = None
        self._stage = Stage.WITH_BOT
        self._types = False
        self._unaccepted: dict[str, float] = {}
        self._early: Signs | None = None
        self._rating = RatingQuestion(self.settings.rating_quiet_seconds, self._ask_rating)
        self._next_conversation = ConversationId(secrets.token_urlsafe(18))

    # -- frames ------------------------------------------------------------------------------

    async def greet(self, frame: frames.Frame) -> None:
        """Answer `hello`: welcome, and everything that was missed."""
        hello = self.must_be(frame, frames.ShopperHello)
        self._language = hello.language or "zh"
        if hello.page is not None:
            limit = self.settings.page_title_characters
            self._page = {"title": hello.page.title[:limit], "url": hello.page.url[:limit]}
        if hello.conversation is None:
            self._welcome(None)
            return
        await self._resume(hello, ConversationId(hello.conversation))

    async def take(self, frame: frames.Frame) -> None:
        """Do what a frame after `hello` asks."""
        try:
            await self._take(frame)
        except UnknownConversation:
            self._gone()

    async def _take(self, frame: frames.Frame) -> None:
        match frame:
            case frames.ShopperSay():
                await self._say(frame)
            case frames.ShopperSeen():
                self._seen(frame.up_to)
            case frames.ShopperTyping():
                self._typing(frame.on)
            case frames.ShopperMore():
                await self._more(frame)
            case frames.ShopperClose():
                await self._do("close", ShopperCloses())
            case frames.ShopperLeavesMessage():
                await self._leave_message(frame)
            case frames.ShopperGoesOn():
                await self._do("go_on_with_bot", GoesOnWithBot())
            case frames.ShopperRate():
                await self._rate(frame)
            case frames.Tick():
                self.tick()
            case _:
                raise wire.FrameRefused("`hello` was already said.", "已经打过招呼了。")

    def take_rate(self, frame: frames.Frame) -> None:
        """Refuse a frame that comes too soon."""
        if not isinstance(frame, frames.ShopperSay | frames.ShopperLeavesMessage):
            self._parts.signals.take(self)

    def about(self, frame: frames.Frame) -> dict[str, Any]:
        """Say which wish was refused: a page asks for each again, or not, in its own way."""
        if isinstance(frame, frames.ShopperClose | frames.ShopperGoesOn | frames.ShopperRate):
            return {"what": frame.type}
        return {}

    def leave(self) -> None:
        """Stop listening."""
        self._rating.close()
        if self._listener is not None:
            if self._types:  # or the sign would stand for ever
                self._types = False
                conversation = self._listener.feed.conversation
                self._switchboard.typing(Typing(conversation, "staff", False))
            self._switchboard.leave(self._listener)
            self._listener = None
        if self._counted is not None:
            self._parts.open_on_conversation.leave(self._counted)
            self._counted = None

    # -- hello -------------------------------------------------------------------------------

    async def _resume(self, hello: frames.ShopperHello, conversation: ConversationId) -> None:
        listener = self._new_listener(conversation, hello.last_seq or 0)
        early: Signs = {}
        self._early = early
        # Before reading: what is recorded from now on is kept, and shown once the right is known.
        self._switchboard.join(listener)
        try:
            missed = await self._read_missed(hello, conversation)
            self._count(conversation)
            self._listener = listener
        finally:
            if self._listener is None:
                self._switchboard.leave(listener)
        state = missed.view.state
        self._stage = state.stage
        self._language = hello.language or language_from(state.language) or "zh"
        self._welcome(state)
        self._rating.look(state, None)
        try:
            await self._send_missed(listener, missed)
        except TranscriptsError:
            self.lost()
            return
        self._early = None
        self._send_early(early, missed)
        self._send_queue_place(conversation)

    async def _read_missed(
        self, hello: frames.ShopperHello, conversation: ConversationId
    ) -> Missed:
        other_history = hello.epoch is not None and hello.epoch != self._desk.store.epoch
        last_seq = None if other_history else hello.last_seq or 0
        limits = ReplayLimits(
            self.settings.replay_events, PAGE_EVENTS, self.settings.start_over_events
        )
        page = ComesBack(digest_of(hello.token or ""), last_seq)
        try:
            missed = await self._desk.read(self._desk.store.resume, conversation, page, limits)
        except TranscriptsError:
            # Nobody can wait here for an answer that no frame would bring: the page comes again.
            raise Ended(wire.UNAVAILABLE, reason='{"retry_after": 2}') from None
        if missed is None:
            raise Ended(wire.NOT_YOURS, not_yours())
        return missed

    def _count(self, conversation: ConversationId) -> None:
        if not self._parts.open_on_conversation.enter(conversation):
            raise Ended(
                wire.TOO_MANY_CONNECTIONS,
                TooMany("Too many tabs are open on this chat.", "打开的聊天窗口太多了。"),
            )
        self._counted = conversation

    async def _send_missed(self, listener: Listener, missed: Missed) -> None:
        """Send what was missed, then what was recorded while that was read and sent."""
        await self.outgoing.drained()  # a page finds room only where the welcome is on its way
        if missed.starts_over:
            state = await self._start_over(listener, missed.view)
        else:
            state = await self._replay(listener, missed.view)
        if not listener.feed.loaded((), state):
            await self._switchboard.catch_up(listener)

    async def _start_over(self, listener: Listener, view: View) -> ConversationState:
        events = last_that_fit(view.events)
        listener.feed.sent = view.state.last_seq
        self.send(
            "start_over",
            epoch=self._desk.store.epoch,
            events=list_for_shopper(events),
            first_seq=events[0].seq if events else 0,
            last_seq=view.state.last_seq,
            stage=view.state.stage.value,
        )
        await self.outgoing.drained()
        return view.state

    async def _replay(self, listener: Listener, view: View) -> ConversationState:
        """Send what was missed, page by page, each only when the one before is on its way."""
        feed = listener.feed
        while True:
            events = first_that_fit(view.events)
            feed.sent = events[-1].seq if events else feed.sent
            more = feed.sent < view.state.last_seq
            self.send("events", events=list_for_shopper(events), more=more)
            self._tell_stage(view.state)
            await self.outgoing.drained()
            if not more or self.outgoing.closing:
                return view.state
            view = await self._desk.read(
                self._desk.store.after, feed.conversation, feed.sent, PAGE_EVENTS
            )

    def _send_early(self, early: Signs, missed: Missed) -> None:
        """Send how far staff have read, and the passing signs that came meanwhile."""
        read = early.pop("read", {"up_to": 0})
        self.send("read", up_to=max(missed.staff_read, read["up_to"]))
        for frame in early.values():
            self.send(**frame)

    def _welcome(self, state: ConversationState | None) -> None:
        around = self._parts.around
        fields = welcome_fields(
            around.shop, self.settings, self._desk.store.epoch, self._language, state
        )
        fields["desk"] = around.hours.desk_json(around.presence.present)
        conversation = fields.pop("conversation")
        self.outgoing.send(wire.encode_with_null("welcome", "conversation", conversation, fields))

    def _send_queue_place(self, conversation: ConversationId) -> None:
        place = self._parts.around.waiting_room.fields(conversation)
        if self._stage is Stage.WAITING_FOR_STAFF and place is not None:
            self.send("queue", **place)

    # -- say ---------------------------------------------------------------------------------

    async def _say(self, say: frames.ShopperSay) -> None:
        self._take_one_message(say.id)
        take = self._parts.around.will_take(say.text, say.choice)
        command = ShopperSays(ClientId(say.id), say.text, say.choice, take)
        if self._listener is None:
            await self._begin(command)
            return
        self._store(self._listener.feed.conversation, say.id, command)

    async def _leave_message(self, left: frames.ShopperLeavesMessage) -> None:
        contact = left.contact.model_dump(exclude_none=True)
        if not any(has_visible(value) for kind, value in contact.items() if kind != "name"):
            raise wire.FrameRefused(
                "Say how to reach you: an e-mail address or a phone number.",
                "请留下联系方式，例如邮箱或电话。",
                id=left.id,
            )
        self._take_one_message(left.id)
        command = LeavesMessage(ClientId(left.id), left.text, contact)
        if self._listener is None:
            await self._begin(command)
            return
        self._store(self._listener.feed.conversation, left.id, command)

    def _take_one_message(self, id: str) -> None:
        """Count one message that waits to be stored, or refuse it."""
        if len(self._unaccepted) >= self.settings.unaccepted_messages:
            raise wire.FrameRefused(
                "Wait until the messages before are accepted.",
                "请等前面的消息发送成功。",
                code="too_many_unaccepted",
                id=id,
            )
        self._put_off_when_the_store_is_behind(id)
        self._take_message_rate(id)
        self._unaccepted[id] = time.monotonic()

    def _put_off_when_the_store_is_behind(self, id: str) -> None:
        """Shut the door while what is inside is being stored; the page sends it again by itself.

        To put a message off costs nothing. To store it and then send it to people costs three
        commits, for which the answers of those who came before would have to wait.
        """
        if self._desk.under_way < self.settings.waiting_to_be_stored:
            return
        self.refuse(put_off(self._parts.come_again.seconds()), id=id)
        raise AlreadyTold

    def _store(self, conversation: ConversationId, id: str, command: Command) -> None:
        stored = self._desk.submit(conversation, command)
        stored.add_done_callback(partial(self._stored, id))

    def _take_message_rate(self, id: str) -> None:
        key = self._listener.feed.conversation if self._listener else self._next_conversation
        try:
            self._parts.messages.take(key)
            self._parts.messages_in_minute.take(key)
            if self._listener is None:
                self._parts.new_conversations.take(self._address)
        except TooMany as refusal:
            self.refuse(refusal, id=id)
            raise AlreadyTold from None

    def _stored(self, id: str, stored: asyncio.Future[Recorded]) -> None:
        """Tell what became of a message; a fresh one was acknowledged in its event's place."""
        if stored.cancelled():
            return
        error = stored.exception()
        if isinstance(error, UnknownConversation):
            self._gone()
        elif isinstance(error, Refused | TranscriptsError):
            self._unaccepted.pop(id, None)
            self.refuse(refusal_of(error), id=id)
        elif error is not None:
            self.outgoing.close(1011, "fault")
            raise error
        elif stored.result().repeated and id in self._unaccepted:
            self._accept_repeated(stored.result().said)

    def _accept_repeated(self, said: Event) -> None:
        """Accept what was stored before; what the page has not seen yet is accepted in its place.

        Another node may have stored it after this one read what the page had missed.
        """
        listener = self._listener
        if listener is not None and listener.feed.sent < said.seq:
            self._switchboard.wake(listener.feed.conversation, said.seq)
        else:
            self._accept(said)

    def _accept(self, event: Event) -> None:
        assert event.client_id is not None
        began = self._unaccepted.pop(event.client_id, None)
        if began is not None:
            self.metrics.accepted_seconds.observe(time.monotonic() - began)
        self.send("accepted", id=event.client_id, seq=event.seq, at=iso(event.at))

    async def _begin(self, first: FirstWords) -> None:
        """Begin the conversation with its first message."""
        conversation = self._next_conversation
        token = new_token()
        self._count(conversation)
        listener = self._listen(conversation, 0)
        begin = Begin(conversation, self._language, self._page)
        try:
            begun = await self._desk.begin(begin, digest_of(token), first)
        except (Refused, TranscriptsError) as error:
            self.leave()
            self._next_conversation = ConversationId(secrets.token_urlsafe(18))
            self._unaccepted.pop(first.client_id, None)
            self.refuse(refusal_of(error), id=first.client_id)
            return
        await self._begun(begun, token, listener)

    async def _begun(self, begun: Begun, token: str, listener: Listener) -> None:
        conversation = begun.recorded.state.id
        self.send("begun", conversation=conversation, token=token)
        if not begun.repeated:
            listener.feed.loaded(begun.recorded.events, begun.recorded.state)
            return
        self.leave()
        self._count(conversation)
        await self._switchboard.catch_up(self._listen(conversation, 0))

    # -- the rest ----------------------------------------------------------------------------

    def _seen(self, up_to: int) -> None:
        listener = self._begun_listener()
        conversation = listener.feed.conversation
        stored = self._desk.store.mark_seen(conversation, SHOPPER_READER, up_to)

        async def tell() -> None:
            self._switchboard.has_read(
                HasRead(conversation, "staff"), await self._desk.wait(stored)
            )

        self.spawn(tell())

    def _typing(self, on: bool) -> None:
        listener = self._begun_listener()
        self._types = on
        self._switchboard.typing(Typing(listener.feed.conversation, "staff", on))

    async def _more(self, more: frames.ShopperMore) -> None:
        listener = self._begun_listener()
        limit = min(more.limit or self.settings.older_events, self.settings.older_events)
        view = await self._desk.read(
            self._desk.store.before, listener.feed.conversation, more.before, limit
        )
        events = last_that_fit(view.events)
        first = not events or events[0].seq == 1
        self.send("older", events=list_for_shopper(events), before=more.before, first=first)

    async def _rate(self, rate: frames.ShopperRate) -> None:
        if has_visible(rate.comment):
            wire.check_text(rate.comment, self.settings)
        await self._do("rate", ShopperRates(rate.score, rate.comment))

    async def _do(self, what: str, command: Command) -> None:
        """Have something done; its event tells every page of the shopper."""
        listener = self._begun_listener()
        try:
            await self._desk.submit(listener.feed.conversation, command)
        except UnknownConversation:
            raise
        except (Refused, TranscriptsError) as error:
            self.refuse(refusal_of(error), what=what)

    def _gone(self) -> None:
        """End because the conversation was forgotten or erased while the page had it open.

        Nothing is refused: the page comes again as a stranger, with what it has not sent.
        """
        self.outgoing.close(wire.NOT_YOURS, "gone")

    def _ask_rating(self) -> None:
        self.send("ask_rating")

    # -- what is heard -----------------------------------------------------------------------

    def _begun_listener(self) -> Listener:
        if self._listener is None:
            raise not_yours()
        return self._listener

    def _listen(self, conversation: ConversationId, sent: int) -> Listener:
        self._listener = self._new_listener(conversation, sent)
        self._switchboard.join(self._listener)
        return self._listener

    def _new_listener(self, conversation: ConversationId, sent: int) -> Listener:
        feed = Feed(conversation, sent, self._show)
        return Listener("shopper", feed, self._signal, self.lost, self._gone)

    def _show(self, events: tuple[Event, ...], state: ConversationState) -> None:
        for event in events:
            if event.client_id is not None and event.client_id in self._unaccepted:
                self._accept(event)
            else:
                self.send("event", event=for_shopper(event))
        self._tell_stage(state)
        self._rating.look(state, events[-1].author)

    def _tell_stage(self, state: ConversationState) -> None:
        if state.stage is not self._stage:
            self._stage = state.stage
            self.send("stage", stage=state.stage.value)

    def _signal(self, frame: dict[str, Any]) -> None:
        if self._early is not None:  # nothing is shown before the right to it is known
            self._early[frame["type"]] = frame
        else:
            self.send(**frame)
