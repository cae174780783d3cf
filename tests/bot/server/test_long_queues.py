"""Very many shoppers wait at once: every inbox stays open, and each line ends up as it is."""

import asyncio
import itertools
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bot.conversation.commands import AsksForPerson, Begin, ShopperSays, StaffClaims
from bot.conversation.events import ClientId, ConversationId, StaffId
from bot.server.known_lines import INBOX_LINES
from bot.transcripts.open import open_transcripts
from tests.bot.server.floor import open_floor

NOON = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)


def fill_queue(folder, many, apart=timedelta(milliseconds=1)):
    """Have so many shoppers wait, one a moment after the other; gives their conversations."""
    ticks = itertools.count()
    transcripts = open_transcripts(
        f"sqlite:///{folder}/shopkeeper.sqlite3",
        now=lambda: NOON + next(ticks) * apart,
    )
    store = transcripts.store
    ids = [ConversationId(f"c{number:03}") for number in range(many)]
    begun = [
        store.begin(
            Begin(id), number.to_bytes(32, "big"), ShopperSays(ClientId(f"first-{id}"), "hello")
        )
        for number, id in enumerate(ids)
    ]
    asked = [store.submit(id, AsksForPerson()) for id in ids]
    for stored in (*begun, *asked):
        stored.result(20)
    transcripts.close()
    return ids


@contextmanager
def shop_with_queue(folder, many, apart=timedelta(milliseconds=1), **settings):
    ids = fill_queue(folder, many, apart)
    with open_floor(folder, **settings) as floor:
        yield floor, ids


class Inbox:
    """The lines as the page of somebody keeps them."""

    def __init__(self, person):
        self.person = person
        self.lines = {line["conversation"]: line for line in person.welcome["inbox"]}

    def queue(self):
        """Conversations by their place, where these are 1, 2, 3 and so on; None where not."""
        placed = sorted((line["place"], id) for id, line in self.lines.items() if "place" in line)
        whole = [place for place, _ in placed] == list(range(1, len(placed) + 1))
        return [id for _, id in placed] if whole else None

    async def until_queue_is(self, ids):
        await self.until(lambda: self.queue() == ids)

    async def until(self, holds):
        async with asyncio.timeout(20):
            while not holds():
                frame = await self.person.next(20)
                if frame["type"] == "summary":
                    self.lines[frame["summary"]["conversation"]] = frame["summary"]
                elif frame["type"] == "gone":
                    del self.lines[frame["conversation"]]

    def held(self):
        return [id for id, line in self.lines.items() if "holder" in line]


async def take(person, ids):
    for id in ids:
        await person.send(type="claim", conversation=id)


def test_inboxes_stay_open_and_in_order_when_the_first_of_300_is_taken(tmp_path):
    async def talk(floor, ids):
        async with floor.staff("mei") as mei, floor.staff("li") as li:
            inboxes = [Inbox(mei), Inbox(li)]
            assert [one.queue() for one in inboxes] == [ids, ids]
            await take(mei, ids[:1])
            for one in inboxes:
                await one.until_queue_is(ids[1:])
            return [one.held() for one in inboxes]

    with shop_with_queue(tmp_path, 300) as (floor, ids):
        assert asyncio.run(talk(floor, ids)) == [ids[:1], ids[:1]]


def test_inboxes_end_up_with_the_last_places_when_many_are_taken_in_a_row(tmp_path):
    async def talk(floor, ids):
        async with floor.staff("mei") as mei, floor.staff("li") as li:
            inboxes = [Inbox(mei), Inbox(li)]
            await asyncio.gather(take(mei, ids[:15]), take(li, reversed(ids[15:30])))
            for one in inboxes:
                await one.until_queue_is(ids[30:])
            return [sorted(one.held()) for one in inboxes]

    with shop_with_queue(tmp_path, 300) as (floor, ids):
        assert asyncio.run(talk(floor, ids)) == [ids[:30], ids[:30]]


def test_what_somebody_holds_is_in_the_inbox_however_many_wait(tmp_path):
    async def talk(floor, ids):
        async with floor.staff("mei") as mei:
            inbox = Inbox(mei)
            assert inbox.queue() == ids[:INBOX_LINES]
            await take(mei, ids[1:3])
            await inbox.until_queue_is([ids[0], *ids[3:INBOX_LINES]])
            async with floor.staff("li") as li:
                return sorted(inbox.held()), sorted(Inbox(li).held())

    with shop_with_queue(tmp_path, INBOX_LINES + 5) as (floor, ids):
        assert asyncio.run(talk(floor, ids)) == (ids[1:3], ids[1:3])


def test_row_32_who_waits_is_in_the_inbox_however_many_talks_are_held(tmp_path):
    """Few desks close every talk; what is still held must hide nobody who waits."""

    async def talk(floor):
        async with floor.shopper() as shopper, floor.staff("mei") as mei:
            await shopper.say("a person please")
            async with asyncio.timeout(20):  # ticks come, whatever becomes of the place
                await shopper.until("queue", place=1)
            inbox = Inbox(mei)
            await inbox.until(lambda: shopper.conversation in inbox.lines)
            return inbox.queue() == [shopper.conversation], len(Inbox(mei).lines)

    many = INBOX_LINES + 5
    ids = fill_queue(tmp_path, many)
    transcripts = open_transcripts(f"sqlite:///{tmp_path}/shopkeeper.sqlite3")
    claims = [transcripts.store.submit(id, StaffClaims(StaffId("li"), "Li")) for id in ids]
    for claimed in claims:
        claimed.result(20)
    transcripts.close()
    with open_floor(tmp_path, staff_away_seconds=0) as floor:
        assert asyncio.run(talk(floor)) == (True, INBOX_LINES)


def test_a_line_that_is_taken_while_another_is_told_to_be_late_is_shown_as_taken(tmp_path):
    """Both wait for long: the second is nearly late, which is told when the first is dealt with."""
    apart, limit = timedelta(seconds=20), timedelta(seconds=120)
    clock, told_late = [NOON + 4 * apart], []

    async def talk(floor, ids):
        service = floor.node.service
        tell_late = service.inbox.submit

        async def tell_late_after_the_second_was_taken(conversation, command):
            if not told_late:
                await service.desk.submit(ids[1], StaffClaims(StaffId("li"), "Li"))
            while not any(line.holder for line in service.inbox.known_lines()):
                await asyncio.sleep(0.01)
            await tell_late(conversation, command)
            told_late.append(conversation)

        service.inbox.submit = tell_late_after_the_second_was_taken
        async with floor.staff("mei") as mei:
            inbox = Inbox(mei)
            clock[0] = NOON + 2 * apart + limit
            await inbox.until(lambda: told_late)
            await mei.send(type="tick")
            await inbox.until(lambda: mei.seen[-1]["type"] == "tick")
            return inbox.lines[ids[1]]["stage"]

    settings = {"now": lambda: clock[0], "first_reply_seconds": limit.total_seconds()}
    with shop_with_queue(tmp_path, 2, apart, **settings) as (floor, ids):
        assert asyncio.run(talk(floor, ids)) == "with_staff"
        assert set(told_late) == {ids[0]}
