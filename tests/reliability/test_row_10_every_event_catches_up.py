"""Row 10: whatever happens, a page that saw it happen and one that was away end up the same.

For every kind of event that there is: a conversation is led to where it can happen, then it happens
while one page looks on and another is away. Afterwards the one that looked on, the one that came
back, and one that is opened for the first time must show the same, and so must three inboxes.
A new kind needs a line in `HOW`; without one its test fails.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    BotNotices,
    Command,
    GoesOnWithBot,
    HandsBack,
    LeavesMessage,
    ReplyIsLate,
    ShopperCloses,
    ShopperRates,
    StaffClaims,
    StaffNotes,
    StaffReleases,
    StaffReopens,
    StaffSays,
    StaffTags,
    StaffTakesOver,
    StaffTransfers,
    TakeOverRight,
)
from bot.conversation.events import ClientId, ConversationId, EventKind, StaffId
from tests.bot.server.floor import Floor, open_floor
from tests.reliability.nodes import GENEROUS
from tests.reliability.page import Page
from tests.reliability.staff_page import StaffPage, staff_page
from tests.reliability.stored import settle, stored_events, violations

MEI, LI = StaffId("mei"), StaffId("li")


@dataclass
class Talk:
    """A conversation to which something is done."""

    floor: Floor
    page: Page

    async def say(self, text: str) -> None:
        """The shopper writes."""
        await self.page.say(text)
        await self.page.until_accepted()

    async def do(self, command: Command) -> None:
        """Somebody does something, as the node itself would record it."""
        conversation = ConversationId(str(self.page.conversation))

        async def submit() -> None:
            await self.floor.node.service.desk.submit(conversation, command)

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(submit(), self.floor.loop))

    async def draft_late(self) -> None:
        """The bot has an answer when a person has the conversation already."""
        self.floor.answerer.held.clear()
        self.floor.answerer.release.clear()
        await self.say("please hold")
        await asyncio.to_thread(self.floor.answerer.held.wait, 20)
        await self.do(StaffClaims(MEI, "Mei"))
        self.floor.answerer.release.set()

    async def be_late(self) -> None:
        """Nobody answers in time."""
        state = self.floor.parts.transcripts.store.state(ConversationId(self.page.conversation))
        assert state.waiting_since is not None
        await self.do(ReplyIsLate(state.waiting_since, "first_reply"))


Step = Command | str | Callable[[Talk], Awaitable[None]]
CLAIM = StaffClaims(MEI, "Mei")

HOW: dict[EventKind, tuple[list[Step], Step]] = {
    EventKind.SHOPPER_SAID: ([], "is it in stock?"),
    EventKind.BOT_ANSWERED: ([], "is it in stock?"),
    EventKind.BOT_ASKED: ([], "which one do I mean?"),
    EventKind.BOT_GAVE_UP: ([], "a person please"),
    EventKind.BOT_NOTICE: ([], BotNotices("Nobody is here just now.", "nobody_here")),
    EventKind.HANDOFF_REQUESTED: ([], AsksForPerson()),
    EventKind.STAFF_CLAIMED: ([AsksForPerson()], CLAIM),
    EventKind.STAFF_SAID: ([CLAIM], StaffSays(MEI, "Mei", ClientId("s1"), "你好 <b>!")),
    EventKind.STAFF_NOTED: ([CLAIM], StaffNotes(LI, "Li", ClientId("n1"), "a VIP", (MEI,))),
    EventKind.BOT_DRAFTED: ([], Talk.draft_late),
    EventKind.STAFF_RELEASED: ([CLAIM], StaffReleases(MEI)),
    EventKind.HANDED_BACK: ([CLAIM], HandsBack(MEI)),
    EventKind.CLOSED: ([], ShopperCloses()),
    EventKind.REOPENED: ([ShopperCloses()], StaffReopens(MEI, "Mei")),
    EventKind.STAFF_TRANSFERRED: ([CLAIM], StaffTransfers(MEI, "Mei", LI, "Li")),
    EventKind.STAFF_TOOK_OVER: (
        [CLAIM],
        StaffTakesOver(LI, "Li", MEI, TakeOverRight.HOLDER_AWAY),
    ),
    EventKind.WENT_ON_WITH_BOT: ([AsksForPerson()], GoesOnWithBot()),
    EventKind.MESSAGE_LEFT: ([], LeavesMessage(ClientId("l1"), "call me", {"phone": "123"})),
    EventKind.RATED: ([ShopperCloses()], ShopperRates(5, "谢谢")),
    EventKind.TAGGED: ([], StaffTags(MEI, "Mei", ("vip", "gift"))),
    EventKind.REPLY_LATE: ([AsksForPerson()], Talk.be_late),
}
"""For each kind of event: what happens before, and what makes it happen."""


async def take(talk: Talk, step: Step) -> None:
    """Let one step happen."""
    if isinstance(step, str):
        await talk.say(step)
    elif callable(step):
        await step(talk)
    else:
        await talk.do(step)


def same_talk(page: Page, last_seq: int = 0) -> Page:
    """Another page of the same conversation, which was shown everything up to a number."""
    other = Page(page.where, conversation=page.conversation, token=page.token, epoch=page.epoch)
    other.last_seq = last_seq
    other.shown = {seq: page.shown[seq] for seq in range(1, last_seq + 1)}
    return other


async def see_it_happen(floor: Floor, kind: EventKind, url: str) -> tuple[list[Page], list[Any]]:
    """Let it happen; gives pages that looked on, came back, and are new, and three inboxes' views.

    A view is what an inbox shows of the conversation: its events, its summary's stage and holder.
    """
    before, step = HOW[kind]
    here = Page(lambda: (f"{floor.url}/ws/shopper", floor.origin), random.Random(kind.value))
    async with here.open(), staff_page(floor.origin, "mei") as mei:
        talk = Talk(floor, here)
        await talk.say("hello, I have a question about tea")
        await settle(url, [here])
        for earlier in before:
            await take(talk, earlier)
        await settle(url, [here])
        away = same_talk(here, here.last_seq)
        conversation = str(here.conversation)
        await mei.follow(conversation)
        seen = here.last_seq
        await take(talk, step)
        async with asyncio.timeout(20):
            while kind not in {event.kind for event in stored_events(url, conversation)[seen:]}:
                await asyncio.sleep(0.01)
        await settle(url, [here])
        fresh = same_talk(here)
        async with away.open(), fresh.open(), staff_page(floor.origin, "li") as li:
            newest = here.last_seq
            for page in (away, fresh):
                await page.until(lambda page=page: page.resumed)
                await page.until_shown(newest)
            await mei.until_shown(conversation, newest)
            views = [inbox_view(mei, conversation)]
            li.events[conversation] = {
                seq: event for seq, event in mei.events[conversation].items() if seq <= seen
            }
            await li.follow(conversation, last_seq=seen)
            views.append(inbox_view(li, conversation))
            li.events.clear()
            await li.follow(conversation)
            views.append(inbox_view(li, conversation))
            assert mei.broken == li.broken == []
    return [here, away, fresh], views


def inbox_view(inbox: StaffPage, conversation: str) -> list[Any]:
    """What an inbox shows of a conversation."""
    shown = inbox.events[conversation]
    return [shown[seq] for seq in sorted(shown)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("floor")


@pytest.fixture(scope="module")
def floor(folder):
    with open_floor(folder, **GENEROUS) as floor:
        yield floor


@pytest.mark.parametrize("kind", EventKind, ids=lambda kind: kind.value)
def test_row_10_who_was_away_ends_up_with_what_the_others_saw(kind, floor, folder) -> None:
    assert kind in HOW, f"say in HOW how {kind.value} comes to be"
    url = f"sqlite:///{folder}/shopkeeper.sqlite3"
    pages, views = asyncio.run(see_it_happen(floor, kind, url))
    state = floor.parts.transcripts.store.state(ConversationId(pages[0].conversation))
    assert violations(url, pages) == []
    here, away, fresh = ([screen(page), page.stage] for page in pages)
    assert here == away == fresh
    assert here[1] == state.stage
    assert views[0] == views[1] == views[2]
    assert [event["seq"] for event in views[0]] == list(range(1, state.last_seq + 1))


def screen(page: Page) -> list[dict[str, Any]]:
    """Everything a page was told of the events; a sender is not told the turn of its own words."""
    return [
        {name: value for name, value in page.shown[seq].items() if name != "turn"}
        for seq in sorted(page.shown)
    ]
