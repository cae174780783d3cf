import hashlib
import hmac
import json
import socket
from datetime import UTC, datetime

import pytest

from bot.outbox.addresses import is_public
from bot.outbox.delivery import Delivery
from bot.outbox.errors import ChannelNotSafe, DeliveryFailed
from bot.outbox.webhook import Webhook, sign
from tests.bot.outbox.receiver import Moods, receiving

SECRET = "a secret of the two"
DELIVERY = Delivery(
    "c1:2:waiting", "waiting", "c1", datetime(2026, 3, 1, tzinfo=UTC), {"reason": "wish", "seq": 2}
)


def _webhook(url: str, **facts) -> Webhook:
    return Webhook(url, SECRET, now_seconds=lambda: 1_700_000_000.9, **facts)


def test_a_receiver_can_tell_that_it_is_us_and_which_repeat_it_is() -> None:
    with receiving() as server:
        _webhook(server.url, allow_private=True).deliver(DELIVERY)
    (got,) = server.got
    assert got.path == "/hook?shop=1"
    assert got.headers["Idempotency-Key"] == "c1:2:waiting"
    expected = hmac.new(SECRET.encode(), b"1700000000." + got.body, hashlib.sha256).hexdigest()
    assert got.headers["Shopkeeper-Signature"] == f"t=1700000000,v1={expected}"
    assert sign(SECRET, 1_700_000_000, got.body) != sign("another secret", 1_700_000_000, got.body)
    assert json.loads(got.body) == {
        "key": "c1:2:waiting",
        "kind": "waiting",
        "conversation": "c1",
        "at": "2026-03-01T00:00:00+00:00",
        "facts": {"reason": "wish", "seq": 2},
    }


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with receiving() as inside:
        moods = Moods(status=status, headers={"Location": inside.url})
        with receiving(moods) as server, pytest.raises(DeliveryFailed, match="redirects"):
            _webhook(server.url, allow_private=True).deliver(DELIVERY)
    assert inside.got == []


def test_an_address_inside_is_refused_unless_it_is_meant() -> None:
    with receiving() as server, pytest.raises(DeliveryFailed, match="webhook_allow_private"):
        _webhook(server.url).deliver(DELIVERY)
    assert server.got == []


def test_a_name_that_answers_differently_the_second_time_leads_nowhere() -> None:
    asked = []

    def flips(host: str, port: int) -> list:
        asked.append(host)
        address = "8.8.8.8" if len(asked) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with receiving() as server, pytest.raises(DeliveryFailed, match="private"):
        _webhook(server.url, resolve=flips).deliver(DELIVERY)
    assert (len(asked), server.got) == (1, [])


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    def both(host: str, port: int) -> list:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("8.8.8.8", "10.0.0.1")
        ]

    with pytest.raises(DeliveryFailed, match="private"):
        _webhook("https://hooks.example/", resolve=both).deliver(DELIVERY)


INSIDE = """
127.0.0.1 127.9.9.9 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1
255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 ff02::1 ::ffff:127.0.0.1
::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1::
::127.0.0.1 2001:db8::1 fec0::1 2001:0:4136:e378:8000:63bf:80ff:fffe nonsense
""".split()


@pytest.mark.parametrize("address", INSIDE)
def test_no_spelling_of_an_inner_address_is_taken_for_a_public_one(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_taken(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("ftp://hooks.example/", SECRET),
        ("file:///etc/passwd", SECRET),
        ("https://user:pass@hooks.example/", SECRET),
        ("https:///path", SECRET),
        ("https://hooks.example/", "short"),
    ],
)
def test_a_channel_that_is_not_safe_is_not_made(url: str, secret: str) -> None:
    with pytest.raises(ChannelNotSafe):
        Webhook(url, secret)


def test_a_receiver_that_never_answers_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(DeliveryFailed):
            _webhook(url, allow_private=True, timeout_seconds=0.2).deliver(DELIVERY)
