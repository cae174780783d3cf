"""Row 43: every route and every frame, for every kind of person, on what is theirs and what is not.

The cells come from the program's own tables of routes and frames; a route or a frame that is new
has no row here, and then the first two tests fail.
"""

import asyncio
import json
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import websockets

from bot.conversation.commands import AsksForPerson, Begin, ShopperSays, StaffClaims
from bot.conversation.events import ClientId, ConversationId, StaffId
from bot.server.frames import SHOPPER_FRAMES, STAFF_FRAMES
from bot.server.sign_in import digest_of
from tests.bot.server.floor import CHEAP, PASSWORD, Talker, open_floor, sign_in
from tests.bot.server.test_rights import ANYONE, STAFF, every_route, name_of

SECRET = "canary-5b1f-of-another-shopper"
PEOPLE = ("stranger", "shopper", "visitor", "disabled", "staff", "admin")
"""A shopper is a stranger who holds a conversation's token; a visitor signed in without a role."""

ADMIN = {
    "GET /api/staff", "POST /api/staff", "POST /api/staff/{id}/reset",
    "POST /api/staff/{id}/disable", "POST /api/staff/{id}/enable", "POST /api/staff/{id}/roles",
    "POST /api/staff/{id}/skills", "GET /api/audit", "GET /api/overview", "GET /api/openapi.json",
    "POST /api/canned", "POST /api/canned/{id}", "DELETE /api/canned/{id}", "POST /api/hours",
    "DELETE /api/hours", "GET /api/desk", "POST /api/desk/outbox/{id}/revive",
    "POST /api/desk/expire", "GET /api/figures", "GET /api/conversations/export",
    "POST /api/conversations/of-person",
    "POST /api/conversations/erase", "POST /api/knowledge/uploads",
    "POST /api/knowledge/uploads/{id}/preview", "POST /api/knowledge/uploads/{id}/dry-run",
    "POST /api/knowledge/entries/remove",
    "POST /api/knowledge/uploads/{id}/publish", "DELETE /api/knowledge/uploads/{id}",
    "GET /api/retention", "GET /api/retention/preview", "POST /api/retention",
    "DELETE /api/retention", "GET /api/audit/known",
    "GET /api/jobs/{id}", "GET /api/knowledge/versions",
    "POST /api/knowledge/versions/{id}/roll-back", "GET /api/knowledge/search",
    "POST /api/knowledge/check", "GET /api/knowledge/export",
    "GET /api/training", "POST /api/training/chats", "POST /api/training/runs",
    "GET /api/training/proposals", "POST /api/training/proposals/left-out",
    "GET /api/training/proposals/{id}/check", "GET /api/training/weeks",
    "POST /api/training/proposals/file", "POST /api/training/end",
    "POST /api/training/sets/{id}/roll-back",
}  # fmt: skip

UNKNOWN, WAITING, OTHERS, OWN = "unknown", "waiting", "others", "own"
CELLS = (UNKNOWN, WAITING, OTHERS, OWN)
"""Whose conversation a staff frame names: nobody's, one in the queue, a colleague's, one's own."""

CONVERSATION_FRAMES = {
    #                UNKNOWN       WAITING         OTHERS             OWN
    "open":         ("not_yours", "opened",       "opened",          "opened"),
    "more":         ("not_yours", "older",        "older",           "older"),
    "leave":        ("nothing",   "nothing",      "nothing",         "nothing"),
    "claim":        ("not_yours", "done",         "already_claimed", "done"),
    "release":      ("not_yours", "not_claimed",  "not_holder",      "done"),
    "hand_back":    ("not_yours", "not_claimed",  "not_holder",      "done"),
    "close":        ("not_yours", "done",         "not_holder",      "done"),
    "reopen":       ("not_yours", "wrong_stage",  "wrong_stage",     "wrong_stage"),
    "transfer":     ("not_yours", "not_claimed",  "not_holder",      "done"),
    "take_over":    ("not_yours", "not_claimed",  "done",            "done"),
    "tag":          ("not_yours", "done",         "done",            "done"),
    "suggest":      ("not_yours", "suggestions",  "suggestions",     "suggestions"),
    "say":          ("not_yours", "not_claimed",  "not_holder",      "accepted"),
    "note":         ("not_yours", "accepted",     "accepted",        "accepted"),
    "typing":       ("nothing",   "nothing",      "nothing",         "nothing"),
    "seen":         ("not_yours", "nothing",      "nothing",         "nothing"),
}  # fmt: skip
"""What an admin gets for each frame that names a conversation."""

FOR_STAFF_ALONE = {("take_over", cell): "forbidden" for cell in CELLS}
"""Where staff without the role of an admin get something else: the holder of all these is here."""

WITHOUT_CONVERSATION = {
    "hello": "bad_frame",
    "presence": "nothing",
    "mentions_seen": "nothing",
    "tick": "nothing",
}

SHOPPER_CELLS = {
    #                   before hello   before a word   in one's own talk
    "hello":           (None,          None,           "bad_frame"),
    "say":             ("hello_first", "accepted",     "accepted"),
    "seen":            ("hello_first", "not_yours",    "nothing"),
    "typing":          ("hello_first", "not_yours",    "nothing"),
    "more":            ("hello_first", "not_yours",    "older"),
    "close":           ("hello_first", "not_yours",    "nothing"),
    "leave_message":   ("hello_first", "accepted",     "accepted"),
    "go_on_with_bot":  ("hello_first", "not_yours",    "wrong_stage"),
    "rate":            ("hello_first", "not_yours",    "nothing"),
    "tick":            ("hello_first", "nothing",      "nothing"),
}  # fmt: skip

ANSWERS = ("done", "refused", "accepted", "opened", "older", "suggestions")


def fields_of(kind: str, others: dict[str, str]) -> dict[str, object]:
    """What a frame of this kind holds beside its type and conversation."""
    return {
        "hello": {"protocol": 1, "csrf": "x"},
        "more": {"before": 5},
        "transfer": {"to": others["colleague"]},
        "take_over": {"held_by": others["holder"]},
        "tag": {"add": ["seen"]},
        "say": {"id": str(uuid.uuid4()), "text": "words"},
        "note": {"id": str(uuid.uuid4()), "text": "a note"},
        "typing": {"on": True},
        "seen": {"up_to": 1},
        "presence": {"present": True},
        "leave_message": {
            "id": str(uuid.uuid4()), "text": "later, please", "contact": {"phone": "139"},
        },
        "rate": {"score": 5},
    }.get(kind, {})  # fmt: skip


@dataclass
class World:
    """A node with another shopper's conversation and people of every kind."""

    floor: object
    foreign: str
    accounts: dict[str, str]

    @property
    def store(self):
        return self.floor.parts.transcripts.store

    def talk(self, cell: str, me: str) -> str:
        """Make a conversation that stands as a cell wants it; gives its id."""
        if cell == UNKNOWN:
            return "nobody-ever-made-it"
        id = ConversationId(f"c-{uuid.uuid4().hex}")
        first = ShopperSays(ClientId(str(uuid.uuid4())), "hello")
        self.store.begin(Begin(id, "en"), digest_of(id), first).result(20)
        self.store.submit(id, AsksForPerson()).result(20)
        holder = {OTHERS: self.accounts["li"], OWN: self.accounts[me]}.get(cell)
        if holder is not None:
            self.store.submit(id, StaffClaims(StaffId(holder), "Holder")).result(20)
        return id


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rights")
    with open_floor(folder, staff_messages_per_second=10_000, signals_per_second=10_000) as floor:
        accounts = floor.parts.transcripts.accounts
        for login, roles in (("visitor", {"visitor"}), ("gone", {"staff"})):
            accounts.add(login, login, CHEAP.hash(PASSWORD), frozenset(roles)).result(20)
        ids = {account.login: account.id for account in accounts.all()}
        store = floor.parts.transcripts.store
        foreign = ConversationId("foreign-conversation")
        first = ShopperSays(ClientId(str(uuid.uuid4())), SECRET)
        begin = Begin(foreign, "en", {"title": SECRET, "url": ""})
        store.begin(begin, digest_of("its token"), first).result(20)
        yield World(floor, foreign, ids)


# -- the tables are whole -------------------------------------------------------------------------


def test_row_43_every_route_has_a_row(tmp_path) -> None:
    routes = {name_of(route) for route in every_route(tmp_path)}
    assert routes == ANYONE | STAFF | ADMIN, "give the new route its row: who may use it?"
    assert not (ANYONE & STAFF or STAFF & ADMIN or ANYONE & ADMIN)


def test_row_43_every_frame_has_a_row() -> None:
    assert set(STAFF_FRAMES) == CONVERSATION_FRAMES.keys() | WITHOUT_CONVERSATION.keys()
    assert set(SHOPPER_FRAMES) == set(SHOPPER_CELLS)
    for kind, model in STAFF_FRAMES.items():
        assert ("conversation" in model.model_fields) is (kind in CONVERSATION_FRAMES), kind
    for kind, model in SHOPPER_FRAMES.items():
        named = "conversation" in model.model_fields
        assert named is (kind == "hello"), f"{kind} lets a shopper name a conversation"


# -- routes ---------------------------------------------------------------------------------------


async def sessions_of(world, stack) -> dict[str, tuple]:
    """Sign everybody in who can; gives browser and CSRF token of each."""
    logins = {"visitor": "visitor", "disabled": "gone", "staff": "mei", "admin": "boss"}
    people = {}
    for who in PEOPLE:
        web = await stack.enter_async_context(world.floor.web())
        csrf = await sign_in(web, logins[who]) if who in logins else ""
        people[who] = (web, csrf)
    accounts = world.floor.parts.transcripts.accounts
    disabling = accounts.set_disabled(world.accounts["gone"], True)
    await asyncio.to_thread(lambda: disabling.result(20))
    return people


def expected(route: str, who: str) -> tuple[int, ...] | None:
    """The only answers that refuse; None where the person may."""
    if route in ANYONE:
        return None
    if who in ("stranger", "shopper", "disabled"):
        return (401,)
    if who == "visitor" or (route in ADMIN and who == "staff"):
        return (403,)
    return None


def ids_for(world, route: str) -> list[str]:
    """Ids to ask with: one that exists and belongs to somebody else, one that nobody has."""
    if "{id}" not in route:
        return [""]
    existing = world.foreign if "/conversations/" in route else world.accounts["li"]
    return [existing, "nobody-has-this"]


SPARED = {"POST /api/sign-in", "POST /api/sign-out", "POST /api/conversations/erase"}
"""Not sent by whoever may: they would end the sessions, or the data, of this very test."""


def test_row_43_every_route_refuses_who_may_not_and_tells_nothing(
    world, tmp_path, record_property
) -> None:
    routes = sorted(ANYONE | STAFF | ADMIN)

    async def ask_all():
        cells = {}
        async with AsyncExitStack() as stack:
            people = await sessions_of(world, stack)
            for route in routes:
                for who in PEOPLE:
                    refused = expected(route, who)
                    if refused is None and (
                        route in SPARED or ("{id}/" in route and "POST" in route)
                    ):
                        continue
                    for id in ids_for(world, route):
                        cells[route, who, id] = (refused, await ask(*people[who], who, route, id))
        return cells

    async def ask(web, csrf, who, route, id):
        method, path = route.split(" ", 1)
        path = path.replace("{id}", id).replace("{name}", "x").replace("{version}", "x")
        headers = {"X-CSRF-Token": csrf}
        if who == "shopper":
            headers["Authorization"] = "Bearer its token"
        return await web.request(method, path, headers=headers)

    cells = asyncio.run(ask_all())

    for (route, who, id), (refused, answer) in cells.items():
        cell = f"{who}: {route} with {id!r} gave {answer.status_code}"
        if refused is None:
            assert answer.status_code not in (401, 403) or route == "GET /metrics", cell
        else:
            assert answer.status_code in refused, cell
            assert SECRET not in answer.text, cell
    for route in STAFF | ADMIN:
        for who in PEOPLE:
            told = {cells[key][1].text for key in cells if key[:2] == (route, who)}
            refused = expected(route, who)
            assert refused is None or len(told) == 1, f"{who} can tell ids apart at {route}"
    record_property("cells of routes", len(cells))
    record_property("let in wrongly", 0)


# -- frames of staff ------------------------------------------------------------------------------


async def outcome(person: Talker, kind: str, **fields) -> str:
    """Send a frame and then a tick; gives what came of the frame.

    A message is answered when it is stored, which may be after the tick.
    """
    await person.send(type=kind, **fields)
    if kind != "tick":
        await person.send(type="tick")
    found, ticked = "nothing", False
    while not ticked or (kind in ("say", "leave_message") and found == "nothing"):
        frame = await person.next(20)
        ticked = ticked or frame["type"] == "tick"
        if frame["type"] == "refused":
            found = frame["code"]
        elif frame["type"] in ANSWERS and found == "nothing":
            found = frame["type"]
    return found


@pytest.mark.parametrize(("login", "role"), [("mei", "staff"), ("boss", "admin")])
def test_row_43_every_staff_frame_does_what_its_cell_says(
    world, login, role, record_property
) -> None:
    async def ask_all():
        cells = {}
        async with world.floor.staff(login) as person, world.floor.staff("li"):
            others = {"colleague": world.accounts["li"], "holder": world.accounts["li"]}
            for kind in CONVERSATION_FRAMES:
                for cell in CELLS:
                    conversation = await asyncio.to_thread(world.talk, cell, login)
                    fields = fields_of(kind, others)
                    cells[kind, cell] = await outcome(
                        person, kind, conversation=conversation, **fields
                    )
                    await person.send(type="leave", conversation=conversation)
            for kind in WITHOUT_CONVERSATION:
                cells[kind, None] = await outcome(person, kind, **fields_of(kind, others))
        return cells

    cells = asyncio.run(ask_all())

    wanted = {
        (kind, cell): answer
        for kind, row in CONVERSATION_FRAMES.items()
        for cell, answer in zip(CELLS, row, strict=True)
    }
    wanted |= {(kind, None): answer for kind, answer in WITHOUT_CONVERSATION.items()}
    if role == "staff":
        wanted |= FOR_STAFF_ALONE
    assert cells == wanted
    record_property("cells", len(cells))


@pytest.mark.parametrize("who", ["stranger", "visitor", "disabled", "without csrf", "foreign csrf"])
def test_row_43_no_staff_frame_is_served_without_the_right(world, who) -> None:
    """Each frame as the first of a socket, and after a hello that is refused."""

    async def talk(kind):
        async with world.floor.web() as web, world.floor.web() as other:
            csrf = ""
            if who in ("visitor", "without csrf", "foreign csrf"):
                csrf = await sign_in(web, "visitor" if who == "visitor" else "mei")
            if who == "foreign csrf":
                csrf = await sign_in(other, "li")
            cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
            headers = {"Cookie": cookie} if cookie else {}
            async with world.floor.socket("/ws/staff", additional_headers=headers) as socket:
                others = {"colleague": world.accounts["li"], "holder": world.accounts["li"]}
                frame = {"type": kind, **fields_of(kind, others)}
                if kind in CONVERSATION_FRAMES:
                    frame["conversation"] = world.foreign
                heard = []
                try:
                    if kind != "hello":
                        await socket.send(json.dumps(frame))
                        heard.append(await asyncio.wait_for(socket.recv(), 20))
                    hello = {"type": "hello", "protocol": 1, "csrf": csrf or "x"}
                    if who == "without csrf":
                        hello["csrf"] = "x"
                    await socket.send(json.dumps(hello))
                    while True:
                        heard.append(await asyncio.wait_for(socket.recv(), 20))
                except websockets.ConnectionClosed as end:
                    return end.rcvd.code, [json.loads(frame) for frame in heard]

    for kind in STAFF_FRAMES:
        code, heard = asyncio.run(talk(kind))
        assert code == (4001 if who in ("stranger", "disabled") else 4003), kind
        assert {frame["type"] for frame in heard} == {"refused"}, kind
        assert SECRET not in json.dumps(heard), kind


# -- frames of shoppers ---------------------------------------------------------------------------


def test_row_43_every_shopper_frame_reaches_its_own_talk_alone(world, record_property) -> None:
    others = {"colleague": "", "holder": ""}
    before = world.store.after(world.foreign, 0).events

    async def ask_all():
        cells, heard = {}, []
        for kind in SHOPPER_CELLS:
            fields = fields_of(kind, others)
            fields.pop("csrf", None)
            if kind != "hello":
                async with world.floor.socket("/ws/shopper") as socket:
                    page = Talker(socket)
                    await page.send(type=kind, **fields)
                    cells[kind, 0] = (await page.until("refused", 20))["code"]
                async with world.floor.shopper() as page:
                    cells[kind, 1] = await outcome(page, kind, **fields)
                    heard += page.seen
            async with world.floor.shopper() as page:
                await page.ask("my own talk")
                cells[kind, 2] = await outcome(page, kind, **fields)
                heard += page.seen
        return cells, heard

    cells, heard = asyncio.run(ask_all())

    wanted = {
        (kind, place): answer
        for kind, row in SHOPPER_CELLS.items()
        for place, answer in enumerate(row)
        if answer is not None
    }
    assert cells == wanted
    assert SECRET not in json.dumps(heard)
    assert world.store.after(world.foreign, 0).events == before
    record_property("cells of shopper frames", len(cells))


@pytest.mark.parametrize(
    "token", [None, "", "x", "its token ", "its toke", "own", "of a closed one", "a" * 200]
)
def test_row_43_a_foreign_conversation_is_not_opened_by_any_token(world, token) -> None:
    async def talk():
        async with world.floor.shopper() as own:
            await own.say("my own talk")
            given = own.token if token == "own" else token
            hello = {"type": "hello", "protocol": 1, "conversation": world.foreign}
            hello |= {} if given is None else {"token": given}
            async with world.floor.socket("/ws/shopper") as socket:
                page = Talker(socket)
                await page.send(**hello)
                first = await page.next(20)
                if first["code"] == "bad_frame":
                    return first, None, page.seen
                return first, await page.closed(20), page.seen

    refused, code, seen = asyncio.run(talk())

    assert (refused["code"], code) in (("not_yours", 4003), ("bad_frame", None))
    assert SECRET not in json.dumps(seen)
    assert {frame["type"] for frame in seen} == {"refused"}
