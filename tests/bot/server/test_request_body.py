import asyncio

import pytest

from bot.server import request_body
from bot.server.request_body import BodyTooLarge, BodyTooSlow, RequestBody

LENGTH = (b"content-length", b"100000")


class Clock:
    """A clock that stands still until it is set."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


class Sender:
    """A client that sends so many parts of a kilobyte, the clock moving on with each, then none."""

    def __init__(self, parts, seconds_each=0.0, clock=None, ends=False):
        self.left, self.sent = parts, 0
        self._each, self._clock, self._ends = seconds_each, clock, ends

    async def __call__(self):
        if self.left == 0 and not self._ends:
            await asyncio.Event().wait()
        self.left -= 1
        self.sent += 1
        if self._clock is not None:
            self._clock.seconds += self._each
        return {"type": "http.request", "body": b"x" * 1024, "more_body": self.left > 0}


def body_of(sender, clock=None, headers=(LENGTH,), limit=1 << 20):
    return RequestBody({"headers": headers}, sender, limit, clock or Clock())


async def whole(body):
    parts = 0
    while not body.is_whole:
        parts += len((await body.receive())["body"])
    return parts


def test_a_body_that_comes_at_the_rate_of_a_poor_line_is_read_whole():
    clock = Clock()
    sender = Sender(600, 1024 / request_body.LEAST_BYTES_A_SECOND, clock, ends=True)

    assert asyncio.run(whole(body_of(sender, clock))) == 600 * 1024
    assert clock.seconds > request_body.GRACE_SECONDS


def test_whoever_drips_is_ended():
    clock = Clock()
    sender = Sender(600, 1.0, clock)

    with pytest.raises(BodyTooSlow):
        asyncio.run(whole(body_of(sender, clock)))
    assert clock.seconds <= request_body.GRACE_SECONDS + 3


def test_what_is_over_the_limit_is_refused_by_its_head_or_when_it_comes():
    over = body_of(Sender(5, ends=True), headers=((b"content-length", b"9000"),), limit=4096)
    with pytest.raises(BodyTooLarge):
        over.check_length()

    chunked = body_of(
        Sender(5, ends=True), headers=((b"transfer-encoding", b"chunked"),), limit=4096
    )
    chunked.check_length()
    with pytest.raises(BodyTooLarge):
        asyncio.run(whole(chunked))


def test_a_refused_body_is_read_on_to_its_end_or_to_a_point():
    short, endless = Sender(50, ends=True), Sender(10**6, ends=True)
    read, left = body_of(short, limit=1024), body_of(endless, limit=1024)

    async def refuse_both():
        await read.read_on()
        await left.read_on()

    asyncio.run(refuse_both())

    assert read.is_whole and not left.is_whole
    assert endless.sent * 1024 == request_body.READ_ON_LEAST_BYTES + 1024


def test_a_refused_body_that_drips_is_left():
    clock = Clock()
    body = body_of(Sender(10**6, 0.2, clock), clock, limit=1024)

    asyncio.run(body.read_on())

    assert not body.is_whole
    assert clock.seconds <= request_body.READ_ON_SECONDS + 1


def test_a_body_that_waits_for_a_word_is_not_asked_for_when_it_is_refused():
    sender = Sender(5, ends=True)

    asyncio.run(body_of(sender, headers=(LENGTH, (b"expect", b"100-continue"))).read_on())

    assert sender.sent == 0


def test_a_request_without_a_body_waits_for_none():
    body = body_of(Sender(0), headers=())

    asyncio.run(body.read_on())

    assert body.is_whole
