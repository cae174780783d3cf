"""The inbox that is kept up shows what a fresh reading shows, whatever happens in what order."""

import asyncio
import random

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    Begin,
    BotAnswers,
    BotGivesUp,
    BotSpeech,
    GoesOnWithBot,
    HandsBack,
    LeavesMessage,
    ReplyIsLate,
    ShopperCloses,
    ShopperRates,
    ShopperSays,
    StaffClaims,
    StaffCloses,
    StaffNotes,
    StaffReleases,
    StaffReopens,
    StaffSays,
    StaffTags,
    StaffTransfers,
    TakeTurn,
)
from bot.conversation.errors import Refused
from bot.conversation.events import ClientId, ConversationId, HandoffReason, StaffId, Stage
from bot.server.desk import Desk
from bot.server.known_lines import INBOX_LINES, KnownLines
from bot.transcripts.errors import StorageRefused, UnknownConversation
from bot.transcripts.records import STAFF_READER

LI, MEI = StaffId("li"), StaffId("mei")
TALKS = [ConversationId(f"talk{number}") for number in range(9)]


def any_command(chance, state):
    """Something that shopper, bot or staff might do; often it is refused."""
    id = ClientId(f"m{chance.getrandbits(64)}")
    commands = [
        *[ShopperSays(id, f"words {chance.random()}", take=chance.random() < 0.5)] * 5,
        *[AsksForPerson(), GoesOnWithBot(), StaffClaims(LI, "Li"), StaffSays(LI, "Li", id, "hm")]
        * 3,
        StaffNotes(LI, "Li", id, "odd"),
        StaffReleases(LI),
        StaffTransfers(LI, "Li", MEI, "Mei"),
        HandsBack(chance.choice([LI, MEI])),
        StaffCloses(LI, "Li"),
        StaffReopens(LI, "Li"),
        StaffTags(LI, "Li", add=(chance.choice("abc"),), remove=(chance.choice("abc"),)),
        *[LeavesMessage(id, "call me", {"email": "a@shop.example"})] * 2,
        ShopperCloses(),
        ShopperRates(chance.randint(1, 5), ""),
        *[ReplyIsLate(owed, "first") for owed in [state.owed_since] if owed],
    ]
    for turn in state.open_turns[:1]:
        speech = BotSpeech("Well.", "en", mood=chance.choice(["angry", "neutral", "negative"]))
        commands += [TakeTurn(turn.ticket), BotAnswers(turn.ticket, speech)] * 3
        commands += [BotGivesUp(turn.ticket, speech, HandoffReason.LOW_CONFIDENCE)] * 6
    return chance.choice(commands)


class Node:
    """One node, as far as its inbox goes: it hears its own records, and is woken about others."""

    def __init__(self, shop, limit=INBOX_LINES, followed=lambda _: False):
        self.shop, self.store = shop, shop.transcripts.store
        self.desk = Desk(self.store)
        self.changed = set()
        self.followed = followed
        # A clock that stands: whatever is read as a whole was needed, not due.
        self.known = KnownLines(self.desk, limit, monotonic=lambda: 0.0)
        self.desk.hear(self.hear)

    def hear(self, recorded):
        self.known.note(recorded)
        self.changed.add(recorded.state.id)

    def wake(self, conversation):
        self.known.doubt(conversation)
        self.changed.add(conversation)

    async def refresh(self):
        changed, self.changed = self.changed, set()
        return await self.known.refresh(changed, self.followed)

    async def begin(self):
        for number, id in enumerate(TALKS):
            first = ShopperSays(ClientId(f"first{number}"), "hello")
            await self.desk.begin(Begin(id, "en"), bytes([number]) * 32, first)

    async def act(self, chance):
        """Do something; gives the conversation."""
        self.shop.clock.move(chance.choice([0, 0, 0.000001, 1, 60]))
        id = chance.choice(TALKS)
        if chance.random() < 0.1:
            await self.desk.wait(self.store.mark_seen(id, STAFF_READER, chance.randint(0, 40)))
            self.wake(id)
        else:
            state = await self.desk.read(self.store.state, id)
            try:
                await self.desk.submit(id, any_command(chance, state))
            except Refused:
                pass
        return id


def lines_of(node):
    return list(node.known.lines.values())


@pytest.mark.parametrize("limit", [INBOX_LINES, 4])
@pytest.mark.parametrize("seed", range(3))
def test_lines_kept_up_are_those_of_a_fresh_reading(sqlite_shop, seed, limit) -> None:
    async def live():
        chance = random.Random(seed)
        node = Node(sqlite_shop, limit)
        await node.begin()
        most = 0
        for _ in range(80):
            await node.act(chance)
            for id in chance.sample(TALKS, 3):
                node.wake(id)  # so that they are read
            refreshing = asyncio.create_task(node.refresh())
            await asyncio.gather(*(node.act(chance) for _ in range(chance.randint(1, 5))))
            await refreshing  # began before, ended whenever: it must neither miss nor count twice
            await node.refresh()
            assert lines_of(node) == list(node.store.inbox(limit))
            most = max(most, len(lines_of(node)))
        assert most > 3

    asyncio.run(live())


@pytest.mark.services
def test_lines_are_those_of_a_fresh_reading_where_two_nodes_write(postgres_url, open_shop) -> None:
    async def live():
        chance = random.Random(7)
        here, there = Node(open_shop(postgres_url)), Node(open_shop(postgres_url))
        assert not here.store.only_writer
        await here.begin()
        for _ in range(60):
            acting = chance.choice([here, there])
            id = await acting.act(chance)
            woken = there if acting is here else here
            if chance.random() < 0.5:  # else the word of it was lost on its way
                woken.wake(id)
            for node in (here, there):
                await node.refresh()
                assert lines_of(node) == list(node.store.inbox())

    asyncio.run(live())


def test_nothing_is_read_for_what_the_records_tell(sqlite_shop) -> None:
    async def live():
        node = Node(sqlite_shop)
        await node.begin()
        for id in TALKS[:3]:
            await node.desk.submit(id, AsksForPerson())
        await node.refresh()
        reads = []
        node.desk.read = lambda read, *_: reads.append(read)  # whoever reads gets nothing
        for id in TALKS[:2]:
            await node.desk.submit(id, StaffClaims(LI, "Li"))
            await node.desk.submit(id, ShopperSays(ClientId(f"more {id}"), "are you there?"))
        await node.refresh()
        assert reads == []
        assert lines_of(node) == list(node.store.inbox())
        assert [line.unread for line in lines_of(node)] == [1, 2, 2]

    asyncio.run(live())


def test_what_is_said_while_a_line_is_read_counts_once(sqlite_shop) -> None:
    async def live():
        node = Node(sqlite_shop)
        await node.begin()
        await node.refresh()
        await node.desk.submit(TALKS[0], AsksForPerson())
        read = node.desk.read

        async def read_after_a_word(*asked):
            await node.desk.submit(TALKS[0], ShopperSays(ClientId("meanwhile"), "anybody?"))
            return await read(*asked)

        node.desk.read = read_after_a_word
        await node.refresh()
        node.desk.read = read
        assert [line.unread for line in lines_of(node)] == [2]
        await node.refresh()  # what was said meanwhile is told only now
        assert lines_of(node) == list(node.store.inbox())
        assert [line.unread for line in lines_of(node)] == [2]

    asyncio.run(live())


def test_a_line_is_read_again_after_a_word_of_which_nobody_told(sqlite_shop) -> None:
    async def live():
        node = Node(sqlite_shop)
        await node.begin()
        await node.desk.submit(TALKS[0], AsksForPerson())
        await node.refresh()
        untold = ShopperSays(ClientId("untold"), "anybody?")
        await asyncio.wrap_future(node.store.submit(TALKS[0], untold))
        await node.desk.submit(TALKS[0], ShopperSays(ClientId("told"), "hello?"))
        await node.refresh()
        assert [line.unread for line in lines_of(node)] == [3]

    asyncio.run(live())


def test_what_left_the_inbox_is_told_once_more_as_it_is(sqlite_shop) -> None:
    async def live():
        node = Node(sqlite_shop, followed=lambda id: id == TALKS[2])
        await node.begin()
        await node.desk.submit(TALKS[0], AsksForPerson())
        await node.refresh()
        await node.desk.submit(TALKS[0], GoesOnWithBot())
        for id in TALKS[1:3]:  # one of them somebody looks at
            await node.desk.submit(id, ShopperSays(ClientId(f"more {id}"), "and blue?"))
        others = await node.refresh()
        assert {id: line.stage for id, line in others.items()} == {
            TALKS[0]: Stage.WITH_BOT,
            TALKS[2]: Stage.WITH_BOT,
        }
        assert lines_of(node) == []

    asyncio.run(live())


def test_what_could_not_be_read_is_read_the_next_time(sqlite_shop) -> None:
    async def live():
        node = Node(sqlite_shop)
        await node.begin()
        await node.refresh()
        for id in TALKS[:2]:
            await node.desk.submit(id, AsksForPerson())
        whole, changed = node.desk.read, set(node.changed)

        async def away(*_):
            raise StorageRefused("It could not be read just now. Try again.")

        node.desk.read = away
        with pytest.raises(StorageRefused):
            await node.refresh()
        node.desk.read = whole
        node.changed |= changed
        await node.refresh()
        assert lines_of(node) == list(node.store.inbox())

    asyncio.run(live())


def test_what_a_tool_beside_the_server_erased_is_missed_after_a_while(sqlite_shop) -> None:
    async def live():
        node = Node(sqlite_shop)
        clock = [0.0]
        node.known = KnownLines(node.desk, monotonic=lambda: clock[0])
        await node.begin()
        for id in TALKS[:2]:
            await node.desk.submit(id, AsksForPerson())
        await node.refresh()
        assert node.known.sure_in_seconds() is None
        await node.desk.wait(node.shop.transcripts.retention.erase([TALKS[0]]))  # nobody is told
        await node.desk.submit(TALKS[1], StaffClaims(LI, "Li"))
        await node.refresh()
        clock[0] += node.known.sure_in_seconds()
        await node.refresh()
        assert node.known.sure_in_seconds() is None
        assert [line.conversation for line in lines_of(node)] == [TALKS[1]]
        with pytest.raises(UnknownConversation):
            await node.desk.submit(TALKS[0], StaffClaims(LI, "Li"))

    asyncio.run(live())
