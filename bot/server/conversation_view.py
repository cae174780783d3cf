"""One conversation as staff see it: its line, its events, and the packet of its handoff.

Synchronous: runs in a reading thread, for the inbox's socket and for the REST interface alike.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.conversation.conversation import ConversationState
from bot.conversation.events import ConversationId, Event
from bot.handoff.packet import given_up_in, make_packet
from bot.server.audience import last_that_fit, list_for_staff
from bot.transcripts.errors import UnknownConversation
from bot.transcripts.records import ReadMarks, Summary
from bot.transcripts.store import TranscriptStore

NEWEST_EVENTS = 300

BEFORE_HANDOFF = 100
"""Events before a handoff that its packet is made of."""


@dataclass(frozen=True)
class ConversationView:
    """What is known of a conversation at one moment."""

    line: Summary
    events: tuple[Event, ...]
    last_seq: int
    packet: dict[str, Any] | None
    read: ReadMarks
    state: ConversationState

    def fields(self, summary: dict[str, Any], after: int | None = None) -> dict[str, Any]:
        """Give the fields of `opened`; only the events after `after` when that leaves no gap.

        Args:
            summary: the line as inboxes get it.
        """
        first = self.events[0].seq if self.events else 0
        events = self.events
        if after is not None and first <= after + 1 and after <= self.last_seq:
            events = tuple(event for event in events if event.seq > after)
        return {
            "summary": summary,
            "events": list_for_staff(events),
            "first_seq": first,
            "packet": self.packet,
            "read": {"shopper": self.read.shopper, "staff": self.read.staff},
            "contact": dict(self.state.contact) or None,
            "page": dict(self.state.page) or None,
        }


def look_into(store: TranscriptStore, conversation: ConversationId) -> ConversationView:
    """Read a conversation.

    Raises:
        UnknownConversation: there is none.
    """
    line = store.summary(conversation)
    if line is None:
        raise UnknownConversation("There is no such conversation.")
    view = store.newest(conversation, NEWEST_EVENTS)
    asked = _until_handoff(store, conversation, view.events)
    given_up = given_up_in(asked)
    traces = {} if given_up is None else store.traces(conversation, of=given_up)
    packet = make_packet(asked, traces, view.state.order)
    return ConversationView(
        line=line,
        events=last_that_fit(view.events),
        last_seq=view.state.last_seq,
        packet=None if packet is None else packet.as_json(),
        read=store.read_marks(conversation),
        state=view.state,
    )


def _until_handoff(
    store: TranscriptStore, conversation: ConversationId, newest: tuple[Event, ...]
) -> tuple[Event, ...]:
    """What the packet is made of, however much was said since and is not read here."""
    if not newest or newest[0].seq == 1:
        return newest
    return store.until_handoff(conversation, BEFORE_HANDOFF)


def traces_json(store: TranscriptStore, conversation: ConversationId) -> bytes:
    """Write `{"traces": {turn: trace}}`, one after the other.

    Those of a very long talk are megabytes: written as one they held up everybody for a second.
    """
    traces = store.traces(conversation).items()
    written = (f"{json.dumps(turn)}:{json.dumps(body)}" for turn, body in traces)
    return ('{"traces":{' + ",".join(written) + "}}").encode()


def older(
    store: TranscriptStore, conversation: ConversationId, before: int, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Read events before a number; True when the very first event is among them."""
    view = store.before(conversation, before, limit)
    events = last_that_fit(view.events)
    return list_for_staff(events), not events or events[0].seq == 1
