import pytest

from bot.server.peers import Peers
from bot.settings import load_settings

LISTED = ("https://shop.example", "https://shop.example:8443")
PEERS = Peers(load_settings(None, {}, allowed_origins=LISTED), 8080)

FOREIGN = [
    "null", "", "*", "https://shop.example/", "https://shop.example ", " https://shop.example",
    "https://Shop.example", "HTTPS://shop.example", "http://shop.example", "https://shop.example:443",
    "https://shop.example:80", "https://shop.example:8444", "https://shop.example.evil.example",
    "https://evilshop.example", "https://a.shop.example", "https://example", "https://shop",
    "https://user@shop.example", "https://shop.example@evil.example", "https://shop.example#x",
    "https://shop.example?x", "https://shop.example\\.evil.example", "https://shоp.example",
    "https://xn--shp-tmc.example", "https://shop.example.", "https://shop..example",
    "https://shop.example%00.evil.example", "//shop.example", "shop.example", "file://",
    "chrome-extension://shop.example", "https://shop.example,https://evil.example",
    "https://evil.example", "http://evil.example:8080", "http://localhost", "http://localhost:80",
    "https://localhost:8080", "http://localhost:8081", "http://127.0.0.1", "http://127.0.0.2:8080",
    "http://127.1:8080", "http://0.0.0.0:8080", "http://[::1]", "http://2130706433:8080",
    "ws://localhost:8080", "http://localhost:8080/", "http://LOCALHOST:8080",
    "http://localhost.:8080",
    "data:text/html,x", "about:blank", "https://shop.example:8443/", "https://shop.example:08443",
    "https:/shop.example", "https:///shop.example", "https://shop.example;evil",
    "undefined", "None",
]  # fmt: skip


def scope(*headers, client="203.0.113.9"):
    return {
        "client": (client, 5000),
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers],
    }


@pytest.mark.parametrize("origin", [*FOREIGN, *LISTED])
def test_only_the_exact_origins_may_connect(origin):
    assert not PEERS.origin_allowed(scope(("origin", origin)))


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"],
)
def test_the_servers_own_origins_may_connect(origin):
    assert PEERS.origin_allowed(scope(("origin", origin)))


def test_without_an_origin_or_with_two_nobody_connects():
    assert not PEERS.origin_allowed(scope())
    own = ("origin", "http://localhost:8080")
    twice = scope(own, own)
    assert not PEERS.origin_allowed(twice)


def test_behind_a_proxy_the_public_address_is_the_only_own_origin():
    peers = Peers(load_settings(None, {}, public_url="https://chat.example"), 8080)

    assert peers.origin_allowed(scope(("origin", "https://chat.example")))
    assert not peers.origin_allowed(scope(("origin", "http://localhost:8080")))


def test_forwarded_addresses_are_believed_from_trusted_proxies_alone():
    forwarded = ("x-forwarded-for", "198.51.100.7, 203.0.113.5, 10.0.0.2")
    trusting = Peers(load_settings(None, {}, trusted_proxies=("10.0.0.0/8",)), 8080)

    assert PEERS.address(scope(forwarded, client="10.0.0.1")) == "10.0.0.1"
    assert trusting.address(scope(forwarded, client="192.0.2.1")) == "192.0.2.1"
    assert trusting.address(scope(forwarded, client="10.0.0.1")) == "203.0.113.5"


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_a_proxy_beside_us_that_nobody_named_opens_nothing_that_is_for_this_machine(header):
    here = ("127.0.0.0/8",)

    assert PEERS.in_networks(scope(client="127.0.0.1"), here)
    assert not PEERS.in_networks(scope((header, "198.51.100.7"), client="127.0.0.1"), here)


def test_through_a_named_proxy_the_address_behind_it_decides():
    named = Peers(load_settings(None, {}, trusted_proxies=("127.0.0.1",)), 8080)
    inside, outside = ("x-forwarded-for", "10.0.0.9"), ("x-forwarded-for", "198.51.100.7")

    assert named.in_networks(scope(inside, client="127.0.0.1"), ("10.0.0.0/8",))
    assert not named.in_networks(scope(outside, client="127.0.0.1"), ("127.0.0.0/8",))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
        ("unknown" * 1000, "unknown" * 6 + "unk"),
    ],
)
def test_whoever_has_a_whole_network_counts_as_one(address, counted):
    assert PEERS.counted_as(scope(client=address)) == counted


def test_a_request_from_another_sites_page_is_not_from_our_own():
    assert PEERS.own_page(scope(("origin", "http://localhost:8080")))
    assert not PEERS.own_page(scope(("origin", "https://shop.example")))
    assert not PEERS.own_page(scope(("sec-fetch-site", "cross-site")))
    assert PEERS.own_page(scope())
