import asyncio
import json
import socket
import uuid

import pytest
import websockets


def frame(**fields):
    return json.dumps(fields)


BAD = [
    ("", "bad_frame"),
    ("not json", "bad_frame"),
    ("[1, 2]", "bad_frame"),
    (b"\x00\xff", "bad_frame"),
    ('{"type":"say"}', "bad_id"),
    (frame(type="say", id="1", text="x"), "bad_id"),
    (frame(type="say", id=str(uuid.uuid4()), text=" "), "text_empty"),
    (frame(type="say", id=str(uuid.uuid4()), text="a" * 4001), "text_too_long"),
    (frame(type="say", id=str(uuid.uuid4()), text="a" * 100_000), "bad_frame"),
    (frame(type="say", id=str(uuid.uuid4()), text="x", conversation="c"), "bad_frame"),
    (frame(type="say", id=str(uuid.uuid4()), text="half \ud800"), "bad_frame"),
    (frame(type="claim", conversation="c"), "unknown_type"),
    (frame(type="hello", protocol=1), "bad_frame"),
    ('{"type":"tick","deep":' + "[" * 200 + "]" * 200 + "}", "bad_frame"),
    (frame(type="seen", up_to=1), "not_yours"),
    (frame(type="more", before=5), "not_yours"),
    (frame(type="typing", on=True), "not_yours"),
]


def test_every_bad_frame_is_refused_by_name_and_the_connection_lives_on(open_floor_with):
    async def talk(floor):
        codes = []
        async with floor.shopper() as shopper:
            for raw, _ in BAD:
                await shopper.socket.send(raw)
                codes.append((await shopper.until("refused"))["code"])
            return codes, await shopper.ask("and now a good one, please")

    with open_floor_with(bad_frames=100) as floor:
        codes, answer = asyncio.run(talk(floor))

    assert codes == [code for _, code in BAD]
    assert answer["text"] == "You said: and now a good one, please"


def test_nothing_is_said_before_hello(floor):
    async def talk():
        async with floor.socket("/ws/shopper") as socket:
            await socket.send(frame(type="say", id=str(uuid.uuid4()), text="x"))
            early = json.loads(await socket.recv())
            await socket.send(frame(type="hello", protocol=1))
            return early, json.loads(await socket.recv())

    early, later = asyncio.run(talk())

    assert early["code"] == "hello_first"
    assert later["type"] == "welcome"


@pytest.mark.parametrize(("sent", "code"), [(frame(type="hello", protocol=2), 4009), (None, 4108)])
def test_another_protocol_and_silence_are_closed_with_their_codes(open_floor_with, sent, code):
    async def talk(floor):
        async with floor.socket("/ws/shopper") as socket:
            if sent:
                await socket.send(sent)
            with pytest.raises(websockets.ConnectionClosed) as end:
                async with asyncio.timeout(5):
                    await socket.recv()
            return end.value.rcvd.code

    with open_floor_with(hello_seconds=0.2) as floor:
        assert asyncio.run(talk(floor)) == code


def test_too_many_bad_frames_end_the_connection(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            for _ in range(6):
                await shopper.socket.send("nonsense")
            return await shopper.closed()

    with open_floor_with(bad_frames=5) as floor:
        assert asyncio.run(talk(floor)) == 4101


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1"])
@pytest.mark.parametrize("path", ["/ws/shopper", "/ws/staff"])
def test_a_foreign_origin_gets_no_handshake(floor, origin, path):
    async def talk():
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with floor.socket(path, origin=origin):
                pass
        return refused.value.response.status_code

    assert asyncio.run(talk()) == 403


@pytest.mark.parametrize("path", ["/ws/shopper", "/ws/staff"])
def test_a_shop_that_holds_the_chat_in_a_frame_still_opens_no_socket_itself(open_floor_with, path):
    async def talk(floor):
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with floor.socket(path, origin="https://shop.example"):
                pass
        return refused.value.response.status_code

    with open_floor_with(allowed_origins=("https://shop.example",)) as floor:
        assert asyncio.run(talk(floor)) == 403


def test_a_flood_is_limited_and_says_when_to_come_again(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            answers = [await shopper.say(f"message number {n}") for n in range(5)]
            return answers

    with open_floor_with(messages_burst=3, messages_per_second=0.5) as floor:
        answers = asyncio.run(talk(floor))

    assert [answer["type"] for answer in answers] == ["accepted"] * 3 + ["refused"] * 2
    assert answers[3]["code"] == "rate_limited"
    assert 0 < answers[3]["retry_after_seconds"] <= 2


def test_only_a_few_messages_wait_to_be_stored(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.say("one to begin with")
            for _ in range(20):
                await shopper.send(type="say", id=str(uuid.uuid4()), text="quick")
            kinds = []
            while len(kinds) < 20:
                got = await shopper.until_one_of("accepted", "refused")
                kinds.append(got.get("code", "accepted"))
            return set(kinds)

    with open_floor_with(unaccepted_messages=1) as floor:
        kinds = asyncio.run(talk(floor))

    assert kinds == {"accepted", "too_many_unaccepted"}


def test_too_many_tabs_and_too_many_sockets_of_one_address_are_sent_away(open_floor_with):
    async def talk(floor):
        async with floor.shopper() as first:
            await first.say("hello from the first tab")
            known = {"conversation": first.conversation, "token": first.token}
            async with floor.shopper(**known), floor.socket("/ws/shopper") as third:
                await third.send(frame(type="hello", protocol=1, **known))
                refused = json.loads(await third.recv())
                with pytest.raises(websockets.ConnectionClosed) as tabs:
                    await third.recv()
                async with floor.shopper(), floor.socket("/ws/shopper") as fifth:
                    with pytest.raises(websockets.ConnectionClosed) as sockets:
                        await fifth.recv()
        return refused["code"], tabs.value.rcvd.code, sockets.value.rcvd.code

    with open_floor_with(sockets_per_visitor=2, sockets_per_address=3) as floor:
        assert asyncio.run(talk(floor)) == ("rate_limited", 4100, 4100)


def test_a_slow_reader_loses_its_connection_and_nothing_else(open_floor_with):
    text = "字" * 3000

    async def talk(floor):
        async with floor.shopper() as shopper:
            await shopper.say("hold my place please")
            known = {"conversation": shopper.conversation, "token": shopper.token}
            slow = await stalled_reader(floor, known)
            for number in range(60):
                await shopper.say(f"{number} {text}")
            floor.answerer.release.set()
            ended = await asyncio.to_thread(wait_for_sockets, floor, 1)
            slow.close()
            answer = await shopper.until_event("bot_answered")
        async with floor.shopper(**known) as back:
            events = []
            while True:
                page = await back.until("events")
                events += page["events"]
                if not page["more"]:
                    return ended, answer, [event["seq"] for event in events]

    with open_floor_with(queue_bytes=100_000, sends_stall_seconds=0.5) as floor:
        ended, answer, seqs = asyncio.run(talk(floor))

    assert ended
    assert answer["seq"] > 1
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= 62


async def stalled_reader(floor, known):
    """A page that says hello and then never reads again."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", floor.node.port))
    connection = await websockets.connect(
        f"{floor.url}/ws/shopper", sock=raw, origin=floor.origin, compression=None,
        max_queue=1, ping_interval=None,
    )  # fmt: skip
    await connection.send(frame(type="hello", protocol=1, **known))
    await connection.recv()
    connection.transport.pause_reading()
    return _Stalled(connection)


class _Stalled:
    def __init__(self, connection):
        self.connection = connection

    def close(self):
        self.connection.transport.abort()


def wait_for_sockets(floor, count):
    gauge = floor.node.service.metrics.sockets.labels("shopper")
    for _ in range(400):
        if gauge._value.get() == count:
            return True
        import time

        time.sleep(0.02)
    return False


def test_half_a_request_does_not_hold_a_socket_for_long(open_floor_with):
    with open_floor_with(handshake_seconds=0.2) as floor:
        with socket.create_connection(("127.0.0.1", floor.node.port)) as raw:
            raw.settimeout(5)
            raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            assert raw.recv(100) == b""


def test_an_endless_head_is_cut_off(floor):
    with socket.create_connection(("127.0.0.1", floor.node.port)) as raw:
        raw.settimeout(5)
        with pytest.raises((ConnectionError, BrokenPipeError)):
            raw.sendall(b"GET / HTTP/1.1\r\n")
            for _ in range(2000):
                raw.sendall(b"X-Long: " + b"a" * 4000 + b"\r\n")
            if raw.recv(10) == b"":
                raise ConnectionError
