"""Who has what open, and passing signs between nodes: read strictly, forgotten in time."""

import json

import pytest

from bot.conversation.conversation import BOT, SHOPPER
from bot.conversation.events import ConversationId, Event, EventKind
from bot.server.attendance import FORGET_SECONDS, Attendance
from bot.server.presence import Presence
from bot.server.signals import HasRead, Typing, line_of, signal_from
from bot.server.suggestions import last_words
from bot.server.watchers import Watchers
from tests.bot.conversation.conftest import START


class Clock:
    moment = 0.0

    def __call__(self):
        return self.moment


def two_nodes(kind):
    """Two attendances that tell each other everything; gives both, and their clock."""
    clock, lines = Clock(), []
    here = kind("n1", lines.append, clock)
    there = kind("n2", lines.append, clock)

    def tell():
        for line in lines:
            here.heard(line)
            there.heard(line)
        lines.clear()

    return here, there, clock, tell


def test_presence_counts_people_and_not_their_tabs_on_every_node():
    here, there, _, tell = two_nodes(Presence)
    here.came("mei", "tab 1", True)
    here.came("mei", "tab 2", False)
    there.came("mei", "phone", True)
    there.came("li", "desk", False)
    tell()

    assert (here.present, there.present) == (1, 1)
    assert [here.word_for(one) for one in ("mei", "li", "zhao")] == ["present", "connected", "gone"]
    here.went("mei", "tab 1")
    there.went("mei", "phone")
    tell()
    assert [node.word_for("mei") for node in (here, there)] == ["connected", "connected"]
    here.went("mei", "tab 2")
    tell()
    assert not there.is_connected("mei")


def test_a_node_that_falls_silent_is_forgotten_and_one_that_repeats_is_not():
    here, there, clock, tell = two_nodes(Presence)
    there.came("li", "desk", True)
    tell()
    clock.moment = FORGET_SECONDS - 1
    there.repeat()
    tell()
    clock.moment = FORGET_SECONDS + 1
    here.repeat()
    assert here.is_connected("li")
    clock.moment = FORGET_SECONDS * 3
    here.repeat()
    assert not here.is_connected("li")


@pytest.mark.parametrize(
    "line", ["", "n2", "n2:", "n2::active", "n2:li:", "n2:li:king", "n1:li:active"]
)
def test_a_line_that_is_none_says_nothing(line):
    here = Attendance("n1", lambda _: None)

    assert here.heard(line) is None
    assert list(here.everybody()) == []


def test_watchers_are_told_by_conversation_and_without_oneself():
    here, there, _, tell = two_nodes(Attendance)
    changed = []
    watchers = Watchers(here, str.title, changed.append)
    other = Watchers(there, str.title, changed.append)
    one, two = ConversationId("c1"), ConversationId("c2")
    watchers.looks(one, "mei", "tab", composing=False)
    other.looks(one, "li", "desk", composing=True)
    other.looks(two, "li", "desk", composing=False)
    tell()

    assert watchers.of(one, but="mei") == [{"id": "li", "name": "Li", "composing": True}]
    assert other.of(one, but="li") == [{"id": "mei", "name": "Mei", "composing": False}]
    assert watchers.of(two, but="mei") == [{"id": "li", "name": "Li", "composing": False}]
    other.leaves(one, "li", "desk")
    tell()
    assert watchers.of(one, but="mei") == []
    assert set(changed) == {"c1", "c2"}


@pytest.mark.parametrize(
    "signal",
    [
        Typing(ConversationId("c-1_x"), "shopper", True),
        Typing(ConversationId("c"), "staff", False),
        HasRead(ConversationId("c"), "shopper"),
    ],
)
def test_a_sign_is_written_and_read_back(signal):
    assert signal_from(line_of(signal)) == signal


@pytest.mark.parametrize(
    "line",
    [
        "", "x", "[]", "{}", "null", "[" * 190, '["typing"]', '["typing","c","shopper"]',
        '["typing","c","shopper",1]', '["typing","c","admin",true]', '["typing",7,"staff",true]',
        '["read","c","staff",99]', '["event","c","shopper","words"]', '["read",null,"staff"]',
        json.dumps(["typing", "c" * 300, "staff", True]),
    ],
)  # fmt: skip
def test_a_line_of_the_bus_that_is_no_sign_is_ignored(line):
    assert signal_from(line) is None


def test_the_shoppers_last_words_end_where_somebody_answered():
    def said(author, text, kind=EventKind.SHOPPER_SAID):
        return Event(kind, ConversationId("c"), START, author, text)

    talk = (
        said(SHOPPER, "old question"),
        said(BOT, "old answer", EventKind.BOT_ANSWERED),
        said(SHOPPER, "where is"),
        said("mei", "a note", EventKind.STAFF_NOTED),
        said(SHOPPER, "my parcel?"),
        said(BOT, "", EventKind.HANDOFF_REQUESTED),
        said("mei", "I will look", EventKind.STAFF_SAID),
    )

    assert last_words(talk) == "where is\nmy parcel?"
    assert last_words(()) == ""
